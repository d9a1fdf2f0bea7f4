/** What the connector relies on, seen at a real homeserver; when Synapse changes its mind, one of these says so. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Client, type MatrixEvent } from "./client.ts";
import { type Rate } from "./config.ts";
import { startSynapse, type Synapse } from "./synapse.ts";
import {
  bodies,
  filterOf,
  part,
  sendPath,
  type Sync,
  sync,
  syncPath,
  text,
  V3,
} from "./requests.ts";

let synapse: Synapse;
let ada: Client;
let bot: Client;
let rooms = 0;

beforeAll(async () => {
  synapse = await startSynapse();
  ada = await synapse.createUser("ada", "Ada");
  bot = await synapse.createUser("bot", "Bot");
});
afterAll(() => synapse.close());

/** A room of a version that Gitter's rooms have, made by Ada, with the bot in it. */
async function newRoom(): Promise<{ room: string; alias: string }> {
  const name = `org_room-${(rooms += 1)}`;
  const room = await ada.createRoom({ alias: name, version: "6" });
  await bot.join(room);
  return { room, alias: `#${name}:gitter.im` };
}

describe("a room", () => {
  it("is made as #org_room:gitter.im and joined by that alias", async () => {
    const room = await ada.createRoom({ alias: "org_room" });
    expect(await bot.join("#org_room:gitter.im")).toBe(room);
    await ada.say(room, "hello");
    expect(bodies(await bot.messages(room))).toEqual(["hello"]);
  });

  it("is joined by its id with a server to go through", async () => {
    const room = await ada.createRoom({ version: "6" });
    expect(room).toMatch(/^![A-Za-z]+:gitter\.im$/u);
    const answer = await bot.call("POST", `${V3}/join/${part(room)}?via=gitter.im`, {});
    expect(answer).toMatchObject({ status: 200, body: { room_id: room } });
  });

  it("is not found by an alias that nobody made, or in other letters", async () => {
    const { alias } = await newRoom();
    for (const wrong of ["#nobody_made:gitter.im", alias.replace("org", "Org")])
      expect(
        await bot.call("GET", `${V3}/directory/room/${part(wrong)}`),
        "the directory",
      ).toMatchObject({ status: 404, body: { errcode: "M_NOT_FOUND" } });
  });

  it("refuses who was banned, with a state error to the join and a forbidden to the message", async () => {
    const { room } = await newRoom();
    await ada.ban(room, bot.userId);
    expect(await bot.call("POST", `${V3}/join/${part(room)}`, {})).toMatchObject({
      status: 403,
      body: { errcode: "M_BAD_STATE" },
    });
    expect(await bot.call("PUT", sendPath(room, "banned"), text("x"))).toMatchObject({
      status: 403,
      body: { errcode: "M_FORBIDDEN" },
    });
  });

  it("that is upgraded shows a tombstone in the timeline, is closed, and its alias leads to the new one", async () => {
    const { room, alias } = await newRoom();
    const filter = filterOf(room);
    const { next_batch: since } = await sync(bot, filter);
    const replacement = await ada.upgrade(room, "11");

    const { events } = (await sync(bot, filter, since)).rooms!.join![room]!.timeline;
    expect(events.find(({ type }) => type === "m.room.tombstone")).toMatchObject({
      state_key: "",
      sender: ada.userId,
      content: { body: "This room has been replaced", replacement_room: replacement },
    });
    expect(await bot.join(alias)).toBe(replacement);
    expect(await bot.call("PUT", sendPath(room, "late"), text("late"))).toMatchObject({
      status: 403,
      body: { errcode: "M_FORBIDDEN" },
    });
  });
});

describe("a transaction id", () => {
  it("makes one event, however often and however close together it is sent, also after a restart or a crash", async () => {
    const { room } = await newRoom();
    const put = () =>
      bot.must<{ event_id: string }>("PUT", sendPath(room, "delivery-1"), text("once"));
    const first = await Promise.all([put(), put(), put()]);
    await synapse.restart();
    const second = await put();
    await synapse.kill();
    await synapse.restart();
    const third = await put();
    expect(new Set([...first, second, third].map(({ event_id: id }) => id)).size).toBe(1);
    expect(bodies(await ada.messages(room))).toEqual(["once"]);
  });

  it("is the device's own: another one of the same account makes another event", async () => {
    const { room } = await newRoom();
    const login = (deviceId?: string) =>
      bot.must<{ device_id: string; access_token: string }>("POST", `${V3}/login`, {
        type: "m.login.password",
        identifier: { type: "m.id.user", user: "bot" },
        password: "bot-password",
        ...(deviceId === undefined ? {} : { device_id: deviceId }),
      });
    const clientOf = ({
      device_id: deviceId,
      access_token: token,
    }: Awaited<ReturnType<typeof login>>) =>
      synapse.clientOf({ userId: bot.userId, deviceId, token });
    const sameDevice = clientOf(await login(bot.deviceId));
    const otherDevice = clientOf(await login());

    const first = await bot.say(room, "x", { txnId: "shared" });
    expect(await sameDevice.say(room, "x", { txnId: "shared" })).toBe(first);
    expect(await otherDevice.say(room, "x", { txnId: "shared" })).not.toBe(first);
  });

  it("and a content field of our own come back in /sync and /messages, the id to its device alone", async () => {
    const { room } = await newRoom();
    const filter = filterOf(room);
    const { next_batch: since } = await sync(bot, filter);
    const ours = { key: "k1", instance: "i1" };
    await bot.say(room, "own", { txnId: "echo-1", content: { "dev.footbridge": ours } });

    const synced = (await sync(bot, filter, since)).rooms!.join![room]!.timeline.events.at(-1);
    for (const event of [synced, (await bot.timeline(room)).at(-1)])
      expect(event).toMatchObject({
        content: { body: "own", "dev.footbridge": ours },
        unsigned: { transaction_id: "echo-1" },
      });
    const seenByAda = (await ada.timeline(room)).at(-1)!;
    expect(seenByAda.content["dev.footbridge"]).toEqual(ours);
    expect(seenByAda.unsigned).not.toHaveProperty("transaction_id");
  });
});

describe("/sync", () => {
  it("that is limited leaves a gap, which /messages fills backwards from prev_batch down to since", async () => {
    const { room } = await newRoom();
    const filter = filterOf(room, 3);
    const { next_batch: since } = await sync(bot, filter);
    for (let index = 0; index < 10; index += 1) await ada.say(room, `n${index}`);
    const { timeline } = (await sync(bot, filter, since)).rooms!.join![room]!;
    expect(timeline.limited).toBe(true);
    expect(bodies(timeline.events)).toEqual(["n7", "n8", "n9"]);

    const pages: unknown[][] = [];
    for (let from: string | undefined = timeline.prev_batch; from !== undefined;) {
      const page: { chunk: MatrixEvent[]; end?: string } = await bot.must(
        "GET",
        `${V3}/rooms/${part(room)}/messages?dir=b&from=${part(from)}&to=${part(since)}&limit=3`,
      );
      pages.push(bodies(page.chunk));
      from = page.end;
    }
    // The last page that has events has an `end` too; the empty one after it has none.
    expect(pages).toEqual([["n6", "n5", "n4"], ["n3", "n2", "n1"], ["n0"], []]);
  });

  it("refuses a since that is no token, with 400 or, when it looks like one, with 500", async () => {
    const { room } = await newRoom();
    const withSince = (since: string) => bot.call("GET", syncPath(filterOf(room), since));
    for (const since of ["garbage", ""])
      expect(await withSince(since)).toMatchObject({
        status: 400,
        body: { errcode: "M_UNKNOWN", error: "Invalid stream token" },
      });
    expect(await withSince("t1-2_3")).toMatchObject({
      status: 500,
      body: { errcode: "M_UNKNOWN", error: "Internal server error" },
    });
  });

  it("takes a since from the future without a word, and gives an earlier one back", async () => {
    const { room } = await newRoom();
    const filter = filterOf(room);
    const { next_batch: now } = await sync(bot, filter);
    const future = now.replace(/^s\d+/u, "s99999999");
    await ada.say(room, "unseen");
    const answer = await bot.must<Sync>("GET", syncPath(filter, future));
    expect(answer.rooms?.join).toBeUndefined();
    expect(Number(/^s(?<n>\d+)/u.exec(answer.next_batch)?.groups?.["n"])).toBeLessThan(99_999_999);
  });

  it("is answered from a cache when the very same one comes again, unless the answer was empty", async () => {
    const { room } = await newRoom();
    const filter = filterOf(room);
    const { next_batch: start } = await sync(bot, filter);
    expect((await sync(bot, filter, start)).next_batch).toBe(start);
    await ada.say(room, "one");
    const first = await sync(bot, filter, start);
    await ada.say(room, "two");
    const again = await sync(bot, filter, start);
    expect(again.next_batch).toBe(first.next_batch);
    expect(bodies(again.rooms!.join![room]!.timeline.events)).toEqual(["one"]);
    const { timeline } = (await sync(bot, filter, first.next_batch)).rooms!.join![room]!;
    expect(bodies(timeline.events)).toEqual(["two"]);
  });

  it("takes a filter as JSON and as the id of a stored one, and refuses an unknown id", async () => {
    const { room } = await newRoom();
    const { filter_id: id } = await bot.must<{ filter_id: string }>(
      "POST",
      `${V3}/user/${part(bot.userId)}/filter`,
      filterOf(room, 1),
    );
    for (const filter of [id, filterOf(room, 1)]) {
      const { join } = (await sync(bot, filter)).rooms!;
      // Other rooms may be named (one with an unread mention is), but nothing is said of them.
      const told = Object.entries(join!).filter(([, { timeline }]) => timeline.events.length > 0);
      expect(told.map(([id]) => id)).toEqual([room]);
      expect(join![room]!.timeline.events).toHaveLength(1);
    }
    for (const [unknown, error] of [
      ["99999", "No such filter"],
      ["abc", "Invalid filter ID"],
    ] as const)
      expect(await bot.call("GET", syncPath(unknown))).toMatchObject({
        status: 400,
        body: { errcode: "M_INVALID_PARAM", error },
      });
    expect(await bot.call("GET", syncPath("{oops"))).toMatchObject({
      status: 400,
      body: { errcode: "M_NOT_JSON" },
    });
  });

  it("has in `state` the members that speak, once for each device unless asked to repeat them", async () => {
    const { room } = await newRoom();
    const cat = await synapse.createUser("cat", "Cat");
    const silent = await synapse.createUser("silent");
    await cat.join(room);
    await silent.join(room);
    const filter = filterOf(room, 1);
    let { next_batch: since } = await sync(ada, filter);
    const membersWith = async (filter: unknown, body: string) => {
      await cat.say(room, body);
      const answer = await sync(ada, filter, since);
      since = answer.next_batch;
      return answer.rooms!.join![room]!.state.events.map((event) => [
        event.state_key,
        event.content,
      ]);
    };
    const catIsIn = [cat.userId, { membership: "join", displayname: "Cat" }];
    expect(await membersWith(filter, "one")).toEqual([catIsIn]);
    expect(await membersWith(filter, "two")).toEqual([]);
    const state = { ...filter.room.state, include_redundant_members: true };
    const redundant = { ...filter, room: { ...filter.room, state } };
    expect(await membersWith(redundant, "three")).toEqual([catIsIn]);
  });

  it("delivers an edit by someone else than the author as it is: the receiver must refuse it", async () => {
    const { room } = await newRoom();
    const mal = await synapse.createUser("mal", "Mal");
    await mal.join(room);
    const filter = filterOf(room);
    const { next_batch: since } = await sync(bot, filter);
    const original = await ada.say(room, "original");
    await mal.say(room, "forged", { edit: original });

    const { events } = (await sync(bot, filter, since)).rooms!.join![room]!.timeline;
    expect(events.at(-1)).toMatchObject({
      sender: mal.userId,
      content: {
        "m.new_content": { body: "forged" },
        "m.relates_to": { rel_type: "m.replace", event_id: original },
      },
    });
    expect(bodies(await bot.messages(room))).toEqual(["original"]);
  });

  it("shows a kick as the room's leaving, with the bot's own member event", async () => {
    const { room } = await newRoom();
    const filter = filterOf(room);
    const { next_batch: since } = await sync(bot, filter);
    await ada.kick(room, bot.userId);
    const { join, leave } = (await sync(bot, filter, since)).rooms!;
    expect(join).toBeUndefined();
    expect(leave![room]!.timeline.events.at(-1)).toMatchObject({
      type: "m.room.member",
      state_key: bot.userId,
      sender: ada.userId,
      content: { membership: "leave" },
    });
  });
});

describe("what people read", () => {
  it("is in order, with edits in place and without what was redacted", async () => {
    const { room } = await newRoom();
    const first = await ada.say(room, "frist");
    const second = await bot.say(room, "second", { html: "<b>second</b>", replyTo: first });
    await ada.say(room, "in the thread", { thread: first });
    await bot.react(room, first, "+1");
    await ada.say(room, "first", { edit: first });
    await bot.redact(room, second);
    expect(bodies(await ada.messages(room))).toEqual(["first", "in the thread"]);
  });
});

describe("a message that Synapse cannot take", () => {
  it("is refused for its size with 413, and for a lone surrogate with a 500 that no repetition mends", async () => {
    const { room } = await newRoom();
    expect(await bot.call("PUT", sendPath(room, "big"), text("x".repeat(66_000)))).toMatchObject({
      status: 413,
      body: { errcode: "M_TOO_LARGE" },
    });
    for (let time = 0; time < 2; time += 1)
      expect(await bot.call("PUT", sendPath(room, "half"), text("a\ud83d"))).toMatchObject({
        status: 500,
        body: { errcode: "M_UNKNOWN" },
      });
  });
});

describe("a token", () => {
  it("that was revoked is unknown, and that is no soft logout", async () => {
    const gone = await synapse.createUser("gone");
    const leaver = await synapse.createUser("leaver");
    await synapse.revoke(gone);
    await leaver.logout();
    for (const client of [gone, leaver])
      expect(await client.call("GET", syncPath({ presence: { types: [] } }))).toMatchObject({
        status: 401,
        body: { errcode: "M_UNKNOWN_TOKEN", soft_logout: false },
      });
  });

  it("that ran out is unknown too, and that is a soft logout", async () => {
    const { access_token: token } = await synapse.admin.must<{ access_token: string }>(
      "POST",
      `/_synapse/admin/v1/users/${part(ada.userId)}/login`,
      { valid_until_ms: 1 },
    );
    const late = synapse.clientOf({ userId: ada.userId, deviceId: "", token });
    expect(await late.call("GET", `${V3}/account/whoami`)).toMatchObject({
      status: 401,
      body: { errcode: "M_UNKNOWN_TOKEN", soft_logout: true },
    });
  });
});

describe("a rate limit", () => {
  it("answers 429 with the wait in the body and rounded up to seconds in the header, and lets a repeated transaction pass", async () => {
    const slow: Rate = { per_second: 0.02, burst_count: 2 };
    const { room } = await newRoom();
    await synapse.setRateLimits({ message: slow });
    try {
      const sent = [await bot.say(room, "1", { txnId: "l1" }), await bot.say(room, "2")];
      const { status, headers, body } = await bot.call<{ retry_after_ms: number }>(
        "PUT",
        sendPath(room, "l3"),
        text("3"),
      );
      expect(status).toBe(429);
      expect(body).toMatchObject({ errcode: "M_LIMIT_EXCEEDED" });
      expect(body.retry_after_ms).toBeGreaterThan(1_000);
      expect(headers.get("retry-after")).toBe(String(Math.ceil(body.retry_after_ms / 1_000)));
      expect(await bot.say(room, "1", { txnId: "l1" })).toBe(sent[0]);
    } finally {
      await synapse.setRateLimits({});
    }
    expect(bodies(await ada.messages(room))).toEqual(["1", "2"]);
  });
});
