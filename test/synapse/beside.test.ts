/** What people do beside talk: reactions, files, `/me`, topics, coming and going; a real homeserver, both hosts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { HOSTS, until } from "./bridge.ts";
import { download, upload } from "./media.ts";
import { reactionsTo } from "./requests.ts";
import {
  atMatrix,
  atSlack,
  byBridge,
  matrixMessage,
  matrixShows,
  meet,
  type Meeting,
  promote,
  slackMessage,
  slackShows,
} from "./rooms.ts";
import { startSynapse, type Synapse } from "./synapse.ts";

const SETTINGS = "ShowJoinPart=true\nShowTopicChange=true\nSyncTopic=true";
/** Every byte there is, more often than one piece of a stream holds. */
const BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_each, index) => index)).repeat(
  1_000,
);
/** A PNG of one pixel: of anything else Synapse makes no small picture. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

let synapse: Synapse;
beforeAll(async () => {
  synapse = await startSynapse();
});
afterAll(() => synapse.close());

describe.each(HOSTS)("beside talk, between Slack and org/room through %s", (_name, org, start) => {
  let meeting: Meeting;
  beforeAll(async () => {
    const settings = { settings: SETTINGS };
    meeting = await meet(synapse, { start, org, rooms: ["marks", "house"], ...settings });
  });
  afterAll(() => meeting?.close());
  const slack = () => meeting.bridge.sandbox.slack;
  const marks = () => meeting.rooms["marks"]!;
  const house = () => meeting.rooms["house"]!;

  it("shows several people's reaction at Slack once, until the last takes it back", async () => {
    const { channel, room } = marks();
    const said = slack().say("ada", channel, "cake today");
    await matrixShows(meeting, marks(), "cake today");
    const { eventId } = await matrixMessage(meeting, marks(), "cake today");
    const shown = () => reactionsTo(meeting.mara, room, eventId);
    const own = (key: string) => `${meeting.bot.userId} ${key}`;
    slack().react("ada", channel, said.ts, "tada");
    slack().react("ben", channel, said.ts, "tada");
    slack().react("ada", channel, said.ts, "tada", false);
    // What comes behind it tells that it is dealt with.
    slack().react("ben", channel, said.ts, "heart");
    await until("both show", async () => (await shown()).length === 2, shown);
    expect(await shown()).toEqual([own("❤\ufe0f"), own("🎉")]);
    slack().react("ben", channel, said.ts, "tada", false);
    await until("one is gone", async () => (await shown()).length === 1, shown);
    expect(await shown()).toEqual([own("❤\ufe0f")]);
  });

  it("shows a room's reactions at Slack, at copies too, until the last is redacted", async () => {
    const { channel, room } = marks();
    const atSlackHeld = (text: string) =>
      (slackMessage(meeting, marks(), text).reactions ?? []).map(
        ({ name, users }) => `${name} ${users.join(" ")}`,
      );
    const event = await meeting.mara.say(room, "shall we");
    slack().say("ben", channel, "the original");
    await slackShows(meeting, marks(), "shall we");
    await matrixShows(meeting, marks(), "the original");
    const copy = (await matrixMessage(meeting, marks(), "the original")).eventId;
    const first = await meeting.mara.react(room, event, "👍🏼");
    const second = await meeting.ivo.react(room, event, "👍🏼");
    await meeting.ivo.react(room, copy, "🚀");
    await until("the rocket flies", () => atSlackHeld("the original").length > 0);
    expect(atSlackHeld("shall we")).toEqual(["+1::skin-tone-3 U0FOOTBRIDGE"]);
    expect(atSlackHeld("the original")).toEqual(["rocket U0FOOTBRIDGE"]);
    await meeting.mara.redact(room, first);
    await meeting.mara.say(room, "one is left");
    await slackShows(meeting, marks(), "one is left");
    expect(atSlackHeld("shall we")).toHaveLength(1);
    await meeting.ivo.redact(room, second);
    await until("none is left", () => atSlackHeld("shall we").length === 0);
  });

  it("carries a file of Slack into the room byte by byte, behind its text", async () => {
    const { channel } = marks();
    slack().upload("ada", channel, { name: "plan.png", bytes: BYTES }, { text: "the plan" });
    await matrixShows(meeting, marks(), "plan.png");
    const { content } = await matrixMessage(meeting, marks(), "plan.png");
    expect(content).toMatchObject({
      msgtype: "m.image",
      filename: "plan.png",
      info: { mimetype: "image/png", size: BYTES.length },
    });
    expect(await download(meeting.mara, synapse.url, String(content["url"]))).toBe(BYTES);
    const order = (await byBridge(meeting, marks().room)).map(({ body }) => body);
    expect(order.indexOf("Ada: the plan")).toBeLessThan(order.indexOf("Ada: plan.png"));
  });

  it("carries a file of the room into Slack byte by byte, and takes it away again", async () => {
    const { channel, room } = marks();
    const url = await upload(meeting.mara, synapse.url, "map.png", "image/png", BYTES);
    const shared = () =>
      slack()
        .messages(channel)
        .find(({ files }) => files?.[0]?.["name"] === "map.png");
    const event = await meeting.mara.say(room, "map.png", {
      msgtype: "m.image",
      content: { url, info: { mimetype: "image/png", size: BYTES.length } },
    });
    await until("the map is shared", () => shared() !== undefined);
    const id = String(shared()?.files?.[0]?.["id"]);
    expect(shared()?.text).toBe("Mara");
    expect(slack().state.files.get(id)?.bytes).toBe(BYTES);
    await meeting.mara.redact(room, event);
    await until("the map is gone", () => shared() === undefined);
    expect(slack().state.files.get(id)?.isDeleted).toBe(true);
  });

  it("shows a /me of each as one on the other side", async () => {
    const { channel, room } = marks();
    slack().say("ben", channel, "waves from Slack", { emote: true });
    await meeting.mara.say(room, "waves from Matrix", { msgtype: "m.emote" });
    await matrixShows(meeting, marks(), "waves from Slack");
    await slackShows(meeting, marks(), "waves from Matrix");
    const { content } = await matrixMessage(meeting, marks(), "waves from Slack");
    expect(content["msgtype"]).toBe("m.emote");
    const { username, blocks } = slackMessage(meeting, marks(), "waves from Matrix");
    expect(username).toBe("Mara");
    expect(JSON.stringify(blocks)).toContain('"italic":true');
  });

  it("shows the earlier text again where an edit is taken back", async () => {
    const { room } = marks();
    const event = await meeting.mara.say(room, "no regrets");
    await slackShows(meeting, marks(), "no regrets");
    const edit = await meeting.mara.say(room, "some regrets", { edit: event });
    await slackShows(meeting, marks(), "some regrets");
    await meeting.mara.redact(room, edit);
    expect(await slackShows(meeting, marks(), "no regrets")).toEqual(["Mara: no regrets"]);
    expect(atSlack(meeting, marks(), "some regrets")).toEqual([]);
  });

  it("shows Slack the face of somebody in the room", async () => {
    const { room } = marks();
    const { mara } = meeting;
    const png = Buffer.from(PIXEL, "base64").toString("latin1");
    const face = await upload(mara, synapse.url, "me.png", "image/png", png);
    const faced = { membership: "join", displayname: "Mara", avatar_url: face };
    await mara.setState(room, "m.room.member", faced, mara.userId);
    await mara.say(room, "with my face");
    await slackShows(meeting, marks(), "with my face");
    const { icons } = slackMessage(meeting, marks(), "with my face");
    const [link = ""] = Object.values(icons ?? {});
    const answer = await meeting.bridge.media(link);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it("tells of topics and sets them where the bridge may", async () => {
    const { channel, room } = house();
    const topic = async () =>
      (await meeting.mara.state(room)).find(({ type }) => type === "m.room.topic");
    slack().describe("ada", channel, "topic", "apples &amp; pears");
    slack().say("ada", channel, "behind the topic");
    await matrixShows(meeting, house(), "behind the topic");
    expect(await atMatrix(meeting, house(), "topic to")).toEqual([
      "Ada changed the topic to: apples & pears",
    ]);
    expect(await topic()).toBeUndefined();

    await promote(meeting, house());
    slack().describe("ben", channel, "topic", "cherries");
    await until("the topic is set", async () => (await topic()) !== undefined);
    expect(await topic()).toMatchObject({
      sender: meeting.bot.userId,
      content: { topic: "cherries" },
    });
    await meeting.mara.setState(room, "m.room.topic", { topic: "plums" });
    const atSlackTopic = () => slack().state.channels.get("C0PAIR1")?.topic;
    await until("the topic is set at Slack", () => atSlackTopic() === "plums", atSlackTopic);
    await slackShows(meeting, house(), "Mara changed the topic to: plums");
    // What the bridge sets itself is told nowhere.
    expect(await atMatrix(meeting, house(), "plums")).toEqual([]);
    expect(atSlack(meeting, house(), "Bridge changed")).toEqual([]);
  });

  it("tells who comes and goes, in both directions, and not of itself or of new names", async () => {
    const { channel, room } = house();
    slack().member("cleo", channel, true);
    await matrixShows(meeting, house(), "cleo joined");
    slack().member("cleo", channel, false);
    await matrixShows(meeting, house(), "cleo left");
    const kim = await synapse.createUser(`kim-${org}`, "Kim");
    await kim.join(room);
    await slackShows(meeting, house(), "Kim joined");
    // In this room at once: a profile's change comes to its rooms when Synapse has time for it.
    const renamed = { membership: "join", displayname: "Kim the Great" };
    await kim.setState(room, "m.room.member", renamed, kim.userId);
    await kim.say(room, "my new name");
    await slackShows(meeting, house(), "Kim the Great: my new name");
    await kim.leave(room);
    await slackShows(meeting, house(), "Kim the Great left");
    const told = atSlack(meeting, house(), "U0FOOTBRIDGE: ").filter((text) =>
      /joined|left/u.test(text),
    );
    expect(told).toEqual(["U0FOOTBRIDGE: Kim joined", "U0FOOTBRIDGE: Kim the Great left"]);
    expect(await atMatrix(meeting, house(), "cleo")).toEqual(["cleo joined", "cleo left"]);
  });
});
