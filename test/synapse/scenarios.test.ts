/** What people would do between Slack and Gitter as it is today: a real homeserver, unchanged against both hosts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HOSTS, until } from "./bridge.ts";
import { V3 } from "./requests.ts";
import {
  atMatrix,
  atSlack,
  byBridge,
  matrixMessage,
  matrixShows,
  meet,
  type Meeting,
  numbered,
  promote,
  slackMessage,
  slackShows,
} from "./rooms.ts";
import { startSynapse, type Synapse } from "./synapse.ts";

let synapse: Synapse;
beforeAll(async () => {
  synapse = await startSynapse();
});
afterAll(() => synapse.close());

describe.each(HOSTS)("chat between Slack and org/room through %s", (_name, org, start) => {
  let meeting: Meeting;
  beforeAll(async () => {
    meeting = await meet(synapse, {
      start,
      org,
      rooms: ["chat", "gap", "moved", "sealed", "closing", "limits", "revoked"],
      sealed: ["sealed"],
    });
  });
  afterAll(() => meeting?.close());
  const slack = () => meeting.bridge.sandbox.slack;
  const chat = () => meeting.rooms["chat"]!;

  it("relays a message each way under its author's name, and none from before it came", async () => {
    await meeting.mara.say(chat().room, "good morning", { html: "<b>good</b> morning" });
    slack().say("ben", chat().channel, "good evening");
    expect(await slackShows(meeting, chat(), "good morning")).toEqual(["Mara: good morning"]);
    expect(JSON.stringify(slackMessage(meeting, chat(), "good morning").blocks)).toContain(
      '{"type":"text","text":"good","style":{"bold":true}}',
    );
    expect(await matrixShows(meeting, chat(), "good evening")).toEqual(["Ben: good evening"]);
    const { content } = await matrixMessage(meeting, chat(), "good evening");
    expect(content["com.beeper.per_message_profile"]).toMatchObject({ displayname: "Ben" });
    expect(atSlack(meeting, chat(), "long before")).toEqual([]);
  });

  it("keeps threads and replies together, whichever side they began on", async () => {
    const { room, channel } = chat();
    const fromSlack = slack().say("ada", channel, "a root at Slack");
    const fromMatrix = await meeting.mara.say(room, "a root at Matrix");
    await matrixShows(meeting, chat(), "a root at Slack");
    await slackShows(meeting, chat(), "a root at Matrix");
    const copyAtMatrix = await matrixMessage(meeting, chat(), "a root at Slack");
    const copyAtSlack = slackMessage(meeting, chat(), "a root at Matrix");

    slack().say("ben", channel, "slack in its own", { thread: fromSlack.ts });
    slack().say("ben", channel, "slack in the other", { thread: copyAtSlack.ts });
    await meeting.mara.say(room, "matrix in its own", { thread: fromMatrix });
    await meeting.mara.say(room, "matrix in the other", { thread: copyAtMatrix.eventId });
    const reply = await meeting.ivo.say(room, "matrix replies", { replyTo: copyAtMatrix.eventId });
    await meeting.mara.say(room, "a reply to a reply", { replyTo: reply });

    await matrixShows(meeting, chat(), "slack in", 2);
    await slackShows(meeting, chat(), "matrix in", 2);
    await slackShows(meeting, chat(), "matrix replies");
    await slackShows(meeting, chat(), "a reply to a reply");
    const threadAtMatrix = async (text: string) =>
      (await matrixMessage(meeting, chat(), text)).content["m.relates_to"];
    const threadAtSlack = (text: string) => slackMessage(meeting, chat(), text).thread_ts;
    expect(await threadAtMatrix("slack in its own")).toMatchObject({
      rel_type: "m.thread",
      event_id: copyAtMatrix.eventId,
    });
    expect(await threadAtMatrix("slack in the other")).toMatchObject({
      rel_type: "m.thread",
      event_id: fromMatrix,
    });
    expect(threadAtSlack("matrix in its own")).toBe(copyAtSlack.ts);
    expect(threadAtSlack("matrix in the other")).toBe(fromSlack.ts);
    expect(threadAtSlack("matrix replies")).toBe(fromSlack.ts);
    expect(threadAtSlack("a reply to a reply")).toBe(fromSlack.ts);
  });

  it("edits each way", async () => {
    const { room, channel } = chat();
    const atMara = await meeting.mara.say(room, "matrix typpo");
    const atBen = slack().say("ben", channel, "slack typpo");
    await slackShows(meeting, chat(), "matrix typpo");
    await matrixShows(meeting, chat(), "slack typpo");
    await meeting.mara.say(room, "matrix typo", { edit: atMara });
    slack().edit(channel, atBen.ts, "slack typo");
    expect(await slackShows(meeting, chat(), "matrix typo")).toEqual(["Mara: matrix typo"]);
    expect(await matrixShows(meeting, chat(), "slack typo")).toEqual(["Ben: slack typo"]);
    expect(atSlack(meeting, chat(), "typpo")).toEqual([]);
    expect(await atMatrix(meeting, chat(), "typpo")).toEqual([]);
  });

  it("deletes each way", async () => {
    const { room, channel } = chat();
    const atMara = await meeting.mara.say(room, "matrix secret");
    const atBen = slack().say("ben", channel, "slack secret");
    await slackShows(meeting, chat(), "matrix secret");
    await matrixShows(meeting, chat(), "slack secret");
    await meeting.mara.redact(room, atMara);
    slack().remove(channel, atBen.ts);
    await until("both are gone", async () => {
      const atRoom = await atMatrix(meeting, chat(), "slack secret");
      return atSlack(meeting, chat(), "matrix secret").length + atRoom.length === 0;
    });
  });

  it("pings nobody with @room or @channel", async () => {
    const { channel } = chat();
    // With the power to do it, so that only its own words can keep it from doing it.
    await promote(meeting, chat());
    slack().say("ben", channel, "hey @room and <!channel>, come all");
    await matrixShows(meeting, chat(), "come all");
    const { content } = await matrixMessage(meeting, chat(), "come all");
    expect(content["m.mentions"]).toEqual({});
    expect(JSON.stringify(content)).not.toContain("@room");
    const { notifications } = await meeting.ivo.must<{ notifications: readonly unknown[] }>(
      "GET",
      `${V3}/notifications?only=highlight`,
    );
    expect(notifications).toEqual([]);
  });

  it("does not relay a stranger's edit of somebody's message", async () => {
    const { room } = chat();
    const original = await meeting.mara.say(room, "the original");
    await slackShows(meeting, chat(), "the original");
    await meeting.ivo.say(room, "the forgery", { edit: original });
    await meeting.mara.say(room, "after the forger");
    await slackShows(meeting, chat(), "after the forger");
    expect(atSlack(meeting, chat(), "the original")).toEqual(["Mara: the original"]);
    expect(atSlack(meeting, chat(), "the forgery")).toEqual([]);
  });

  it("refuses an encrypted room loudly, and one that becomes encrypted, and relays nothing of them", async () => {
    const { bridge, mara, rooms } = meeting;
    const [sealed, closing] = [rooms["sealed"]!, rooms["closing"]!];
    slack().say("ben", sealed.channel, "not for this room");
    expect((await bridge.status()).troubles[`gitter.rooms/${org}/sealed`]).toContain("encrypted");
    expect(bridge.log.some((line) => line.includes("sealed") && line.includes("encrypted"))).toBe(
      true,
    );

    await mara.say(closing.room, "open still");
    await slackShows(meeting, closing, "open still");
    await mara.setState(closing.room, "m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
    await until("it is told", () =>
      bridge.log.some((line) => line.includes("encrypted") && line.includes(closing.room)),
    );
    await bridge.restart();
    await mara.say(closing.room, "in clear by mistake");
    slack().say("ben", closing.channel, "not for this room either");
    const paused = async () =>
      JSON.stringify((await bridge.status()).lanes.filter(({ lane }) => lane.endsWith("closing")));
    await until("its lane stands", async () => (await paused()).includes("encrypted"), paused);
    expect(await byBridge(meeting, sealed.room)).toEqual([]);
    expect(await byBridge(meeting, closing.room)).toEqual([]);
    expect(atSlack(meeting, closing, "in clear")).toEqual([]);
  });

  it("relays what was said while it was down, in order and once", async () => {
    const gap = meeting.rooms["gap"]!;
    await meeting.mara.say(gap.room, "down 0");
    slack().say("ben", gap.channel, "away 0");
    await slackShows(meeting, gap, "down 0");
    await matrixShows(meeting, gap, "away 0");
    await meeting.bridge.kill();
    for (const text of numbered("down", 1, 6)) await meeting.mara.say(gap.room, text);
    for (const text of numbered("away", 1, 6)) slack().say("ben", gap.channel, text);
    await meeting.bridge.start();
    for (const text of numbered("down", 6, 9)) await meeting.mara.say(gap.room, text);
    for (const text of numbered("away", 6, 9)) slack().say("ben", gap.channel, text);
    expect(await slackShows(meeting, gap, "Mara: down", 9)).toEqual(numbered("Mara: down", 0, 9));
    expect(await matrixShows(meeting, gap, "Ben: away", 9)).toEqual(numbered("Ben: away", 0, 9));
    // Neither is news to it what was said before it came.
    expect(atSlack(meeting, gap, "long before")).toEqual([]);
  });

  it("fills a limited timeline from history, in order and without doubles", async () => {
    const gap = meeting.rooms["gap"]!;
    await meeting.bridge.kill();
    for (const text of numbered("many", 0, 130)) await meeting.mara.say(gap.room, text);
    await meeting.bridge.start();
    for (const text of numbered("many", 130, 140)) await meeting.mara.say(gap.room, text);
    expect(await slackShows(meeting, gap, "many", 140)).toEqual(numbered("Mara: many", 0, 140));
  });

  it("outlives a restart of the homeserver", async () => {
    const gap = meeting.rooms["gap"]!;
    for (const text of numbered("hs", 0, 5)) slack().say("ben", gap.channel, text);
    await synapse.stop();
    for (const text of numbered("hs", 5, 10)) slack().say("ben", gap.channel, text);
    await synapse.restart();
    for (const text of numbered("srv", 0, 10)) await meeting.mara.say(gap.room, text);
    expect(await matrixShows(meeting, gap, "hs", 10)).toEqual(numbered("Ben: hs", 0, 10));
    expect(await slackShows(meeting, gap, "srv", 10)).toEqual(numbered("Mara: srv", 0, 10));
  });

  it("follows a room's upgrade, also one that happened while it was down", async () => {
    const { bridge, mara, rooms } = meeting;
    const moved = rooms["moved"]!;
    const old = moved.room;
    moved.room = await mara.upgrade(old, "11");
    await mara.say(moved.room, "new house 0");
    await slackShows(meeting, moved, "new house 0");
    slack().say("ben", moved.channel, "guest 0");
    await matrixShows(meeting, moved, "guest 0");

    await bridge.kill();
    moved.room = await mara.upgrade(moved.room, "12");
    await mara.say(moved.room, "new house 1");
    slack().say("ben", moved.channel, "guest 1");
    await bridge.start();
    expect(await matrixShows(meeting, moved, "guest 1")).toEqual(["Ben: guest 1"]);
    await mara.say(moved.room, "new house 2");
    expect(await slackShows(meeting, moved, "new house", 3)).toEqual(
      numbered("Mara: new house", 0, 3),
    );
    expect((await byBridge(meeting, old)).map(({ body }) => body)).toEqual([]);
  });

  it("waits as long as a rate limit says and loses nothing", async () => {
    const limits = meeting.rooms["limits"]!;
    await synapse.setRateLimits({ message: { per_second: 1, burst_count: 1 } });
    try {
      for (const text of numbered("slow", 0, 8)) slack().say("ben", limits.channel, text);
      expect(await matrixShows(meeting, limits, "slow", 8)).toEqual(numbered("Ben: slow", 0, 8));
      // Nothing was uncertain: each of these was refused for its number.
      const { series } = await meeting.bridge.status();
      const refused = series.find(
        ({ name, labels }) => name === "calls" && labels["class"] === "later",
      );
      expect(refused?.value).toBeGreaterThan(0);
    } finally {
      await synapse.setRateLimits({});
    }
  });

  it("stands with its fix told when its token is revoked, and goes on with a new one", async () => {
    const { bridge, bot, mara, rooms } = meeting;
    const revoked = rooms["revoked"]!;
    await synapse.revoke(bot);
    slack().say("ben", revoked.channel, "kept 0");
    const paused = async () =>
      (await bridge.status()).accounts.find(({ account }) => account === "gitter.rooms")?.paused;
    await until("the account stands", async () => (await paused()) !== undefined, paused);
    expect(await paused()).toContain("M_UNKNOWN_TOKEN");
    expect(await paused()).toContain("MATTERBRIDGE_GITTER_ROOMS_TOKEN");
    await bridge.kill();
    for (const text of numbered("kept", 1, 4)) slack().say("ben", revoked.channel, text);
    for (const text of numbered("held", 0, 4)) await mara.say(revoked.room, text);
    await bridge.start(await synapse.newToken(bot));
    expect(await matrixShows(meeting, revoked, "kept", 4)).toEqual(numbered("Ben: kept", 0, 4));
    expect(await slackShows(meeting, revoked, "held", 4)).toEqual(numbered("Mara: held", 0, 4));
    expect(await paused()).toBeUndefined();
  });
});
