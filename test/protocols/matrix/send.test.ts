import { describe, expect, it } from "vitest";

import { plain, toText } from "../../../src/core/content.ts";
import { deliveryKey, messageId } from "../../../src/core/ids.ts";
import type { Call, Outgoing } from "../../../src/core/ports.ts";
import {
  account,
  answer,
  bodyOf,
  HTML,
  ME,
  missing,
  refused,
  ROOM,
  said,
  state,
  syncWorld,
  synced,
  world,
} from "./fake.ts";

const KEY = deliveryKey("lane-7");
type Create = Extract<Outgoing, { kind: "create" }>;
type Edit = Extract<Outgoing, { kind: "edit" }>;
const common = {
  channel: ROOM,
  author: { id: "slack.team/U1", name: "mara" },
  nick: "mara: ",
  emote: false,
  files: [],
};
const create = (text: string, more: Partial<Create> = {}): Create => ({
  kind: "create",
  ...common,
  content: plain(text),
  ...more,
});
const edit = (text: string, ...targets: string[]): Edit => ({
  kind: "edit",
  ...common,
  content: plain(text),
  targets: targets.map(messageId),
});
const LONG = Array.from({ length: 12_000 }, () => "apples").join(" ");
const render = (outgoing: Outgoing, plainOnly = false, config = account()) =>
  world([], { config }).connector.render(outgoing, plainOnly);
const contentOf = (call: Call | undefined) => call?.["content"] as Record<string, unknown>;

describe("rendering for Matrix", () => {
  it("puts the author in the text and into a profile of the message", () => {
    const [call, ...more] = render(create("hi"));
    expect(more).toEqual([]);
    expect(call).toMatchObject({ op: "create", room: ROOM });
    expect(contentOf(call)).toMatchObject({
      msgtype: "m.text",
      body: "mara: hi",
      format: "org.matrix.custom.html",
      formatted_body: "<strong data-mx-profile-fallback>mara: </strong>hi",
      "com.beeper.per_message_profile": {
        id: "slack.team/U1",
        displayname: "mara",
        has_fallback: true,
      },
    });
  });
  it("says always whom a message addresses: nobody", () => {
    for (const call of [...render(create("@room")), ...render(edit("@room", "$1"))])
      expect(contentOf(call)["m.mentions"]).toEqual({});
    expect(contentOf(render(edit("x", "$1"))[0])["m.new_content"]).toMatchObject({
      "m.mentions": {},
    });
  });
  it("makes emotes of emotes", () => {
    expect(contentOf(render(create("waves", { emote: true }))[0])).toMatchObject({
      msgtype: "m.emote",
    });
  });
  it("answers in the thread, for clients without threads too", () => {
    expect(contentOf(render(create("hi", { thread: messageId("$root") }))[0])).toMatchObject({
      "m.relates_to": {
        rel_type: "m.thread",
        event_id: "$root",
        is_falling_back: true,
        "m.in_reply_to": { event_id: "$root" },
      },
    });
  });
  it("answers a message beside any thread, as its author did", () => {
    const thread = messageId("$root");
    const relation = (outside: boolean) =>
      contentOf(
        render(create("hi", { thread, answers: { message: messageId("$2"), outside } }))[0],
      )["m.relates_to"];
    expect(relation(true)).toEqual({ "m.in_reply_to": { event_id: "$2" } });
    expect(relation(false)).toEqual({
      rel_type: "m.thread",
      event_id: "$root",
      is_falling_back: false,
      "m.in_reply_to": { event_id: "$2" },
    });
  });
  it("leaves only the formatting out in plain form", () => {
    const [call] = render(create("hi", { thread: messageId("$root") }), true);
    expect(contentOf(call)).toMatchObject({ "m.relates_to": { event_id: "$root" } });
    expect(contentOf(call)).not.toHaveProperty("formatted_body");
  });
  it("writes no HTML with HTMLDisable", () => {
    const [call] = render(create("hi"), false, account({ HTMLDisable: true }));
    expect(contentOf(call)).not.toHaveProperty("format");
  });
  it("makes an event for each part of a long message, all of them small enough", () => {
    const calls = render(create(LONG));
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls)
      expect(Buffer.byteLength(JSON.stringify(call["content"]))).toBeLessThan(60_000);
    expect(JSON.parse(JSON.stringify(calls))).toEqual(calls);
  });
  it("makes no call when there is nothing to show", () => {
    expect(render(create(""))).toEqual([]);
    expect(render(edit("", "$1"))).toEqual([]);
  });
});

describe("rendering an edit", () => {
  it("replaces the event, with a star for clients that know no edits", () => {
    const [call] = render(edit("new", "$1"));
    expect(call).toMatchObject({ op: "edit", room: ROOM });
    expect(contentOf(call)).toMatchObject({
      body: "* mara: new",
      "m.new_content": { msgtype: "m.text", body: "mara: new" },
      "m.relates_to": { rel_type: "m.replace", event_id: "$1" },
    });
    expect(contentOf(call)["m.new_content"]).not.toHaveProperty("m.relates_to");
  });
  it("that grew posts what is new", () => {
    const calls = render(edit(LONG, "$1"));
    expect(calls.map((call) => call["op"])).toEqual([
      "edit",
      ...calls.slice(1).map(() => "create"),
    ]);
    expect(calls.map((call) => world([]).connector.posts(call))).toEqual([
      false,
      ...calls.slice(1).map(() => true),
    ]);
  });
  it("that shrank deletes what is left over", () => {
    expect(render(edit("new", "$1", "$2", "$3")).slice(1)).toEqual([
      { op: "delete", room: ROOM, message: "$2" },
      { op: "delete", room: ROOM, message: "$3" },
    ]);
  });
  it("keeps all letters of a long message", () => {
    const letters = render(edit(LONG, "$1"))
      .map((call) => contentOf(call)["m.new_content"] ?? contentOf(call))
      .map((content) => String((content as Record<string, unknown>)["body"]))
      .map((body) => body.replace(/^mara: /u, ""))
      .join(" ");
    expect(letters.replaceAll(/\s+/gu, " ").trim()).toBe(toText(plain(LONG)));
  });
});

describe("rendering a deletion", () => {
  it("deletes every part", () => {
    const targets = ["$1", "$2"].map(messageId);
    expect(render({ kind: "delete", channel: ROOM, targets })).toEqual([
      { op: "delete", room: ROOM, message: "$1" },
      { op: "delete", room: ROOM, message: "$2" },
    ]);
  });
});

const sent = answer(200, { event_id: "$new" });
const post = render(create("hi"))[0]!;
const inThread = render(create("hi", { thread: messageId("$root") }))[0]!;
const replacing = render(edit("new", "$1"))[0]!;
const gone: Call = { op: "delete", room: ROOM, message: "$1" };
const callWith = (reply: Parameters<typeof world>[0][number], call: Call) =>
  world([reply]).connector.call(call, KEY);

describe("posting", () => {
  it("puts the event under its key, by which the homeserver knows a repeated one", async () => {
    const { connector, requests } = world([sent]);
    expect(await connector.call(post, KEY)).toEqual({ kind: "done", message: "$new" });
    expect(requests.map(said)).toEqual([`PUT /rooms/${ROOM}/send/m.room.message/lane-7`]);
    await connector.call(post, KEY);
    expect(requests[1]).toEqual(requests[0]);
  });
  it("marks the event with the key and our instance", async () => {
    const { connector, requests } = world([sent]);
    await connector.call(post, KEY);
    expect(bodyOf(requests[0]!)).toEqual({
      ...contentOf(post),
      "dev.footbridge": { key: "lane-7", instance: "one" },
    });
  });
  it("waits until we know who we are: our own events would come back", async () => {
    const { connector, requests } = world([sent], { known: false });
    expect(await connector.call(post, KEY)).toMatchObject({ kind: "later" });
    expect(requests).toEqual([]);
  });
  it("may go without its thread where the homeserver refuses that", async () => {
    expect(await callWith(refused(400, "M_UNKNOWN"), inThread)).toMatchObject({
      kind: "rejected",
      flatHelps: true,
    });
  });
  it("is moot as an edit of an event that the room does not know", async () => {
    const change = { op: "edit", room: ROOM, content: { "m.relates_to": { event_id: "$1" } } };
    expect(await callWith(refused(400, "M_UNKNOWN"), change)).toMatchObject({ moot: true });
    expect(await callWith(refused(400, "M_BAD_JSON"), change)).not.toHaveProperty("moot");
  });
  it("tells what a call takes away", () => {
    const { connector } = world([]);
    expect(connector.removes({ op: "delete", room: ROOM, message: "$1" })).toBe("$1");
    expect(connector.removes(post)).toBeUndefined();
  });
  it("is rejected where there was no thread to leave out", async () => {
    expect(await callWith(refused(400, "M_BAD_JSON"), post)).not.toHaveProperty("flatHelps");
  });
  it.each([
    ["later where posts are limited", refused(429, "M_LIMIT_EXCEEDED"), "later"],
    ["uncertain without an answer", new Error("timeout"), "uncertain"],
    ["uncertain with a 502", answer(502, HTML), "uncertain"],
    ["uncertain where the answer holds no event", answer(200, {}), "uncertain"],
    ["uncertain where the answer is a page", answer(200, HTML), "uncertain"],
    ["a matter of the room where we may not write", refused(403, "M_FORBIDDEN"), "channel"],
    ["a matter of the room where there is none", missing, "channel"],
    ["a matter of the account where the token ended", refused(401, "M_UNKNOWN_TOKEN"), "account"],
    ["a matter of the account where a page is in its place", answer(404, HTML), "account"],
  ])("is %s", async (_what, reply, kind) => {
    expect(await callWith(reply, post)).toMatchObject({ kind });
  });
  it("tries plain text where an event is too large", async () => {
    expect(await callWith(refused(413, "M_TOO_LARGE"), post)).toMatchObject({
      kind: "rejected",
      plainHelps: true,
    });
  });
  it.each([
    { op: "dance" },
    { op: "create", room: "C1", content: {} },
    { op: "delete", room: ROOM, message: "1.2" },
    {},
  ])("asks nobody about a call that it does not know: %j", async (call) => {
    const { connector, requests } = world([sent]);
    expect(await connector.call(call, KEY)).toMatchObject({ kind: "rejected" });
    expect(requests).toEqual([]);
  });
  it("stops in a room that turned out to be encrypted", async () => {
    const encryption = state("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
    const made = syncWorld([{ body: synced("s1", { [ROOM]: { events: [encryption] } }) }]);
    await made.run();
    const before = made.requests.length;
    expect(await made.connector.call(post, KEY)).toMatchObject({ kind: "channel" });
    expect(made.requests).toHaveLength(before);
  });
  it("looks again whether a room is encrypted where no poll tells", async () => {
    const encryption = answer(200, { algorithm: "m.megolm.v1.aes-sha2" });
    const { connector, clock } = world([missing, sent, encryption], { clear: false });
    expect(await connector.call(post, KEY)).toMatchObject({ kind: "done" });
    clock.now += 11 * 60_000;
    expect(await connector.call(post, KEY)).toMatchObject({ kind: "channel" });
  });
  it("may be repeated for a while, as the homeserver remembers keys", async () => {
    // Synapse keeps whole answers for 30 minutes.
    expect(await repeatable("D", "D")).toBeLessThan(30 * 60_000);
    expect(await repeatable("D", "D")).toBeGreaterThan(60_000);
  });
});

/** For how long calls may be repeated by one who was this device and now is that one. */
async function repeatable(was: string, is: string) {
  const { connector } = world([answer(200, { user_id: ME, device_id: is })], { known: false });
  connector.remember(JSON.stringify({ user_id: ME, device_id: was }));
  await connector.identify();
  return connector.repeatableMs;
}

describe("a new token", () => {
  it("has its own keys: what the old one sent must be looked for", async () => {
    expect(await repeatable("old", "new")).toBe(0);
  });
  it("may be there at each start: nothing is repeated before that is asked", () => {
    expect(world([]).connector.repeatableMs).toBe(0);
  });
});

describe("editing", () => {
  it("is an event under its own key", async () => {
    const { connector, requests } = world([sent]);
    expect(await connector.call(replacing, KEY)).toMatchObject({ kind: "done" });
    expect(requests.map(said)).toEqual([`PUT /rooms/${ROOM}/send/m.room.message/lane-7`]);
  });
  it("is never sent without what it replaces", async () => {
    const { connector, requests } = world([refused(400, "M_UNKNOWN"), sent]);
    expect(await connector.call(replacing, KEY)).toMatchObject({ kind: "rejected" });
    expect(requests).toHaveLength(1);
  });
});

describe("deleting", () => {
  it("redacts under its key", async () => {
    const { connector, requests } = world([sent]);
    expect(await connector.call(gone, KEY)).toEqual({ kind: "done" });
    expect(requests.map(said)).toEqual([`PUT /rooms/${ROOM}/redact/$1/lane-7`]);
    expect(requests[0]?.body).toBe("{}");
  });
  it("is done where there is no such event", async () => {
    expect(await callWith(missing, gone)).toEqual({ kind: "done" });
  });
  it("is not done because a proxy says that there is no such page", async () => {
    expect(await callWith(answer(404, HTML), gone)).toMatchObject({ kind: "account" });
  });
  it("that is refused holds up nothing else in the room", async () => {
    expect(await callWith(refused(403, "M_FORBIDDEN"), gone)).toMatchObject({ kind: "rejected" });
  });
  it.each([
    [refused(429, "M_LIMIT_EXCEEDED"), "later"],
    [new Error("timeout"), "uncertain"],
    [refused(401, "M_UNKNOWN_TOKEN"), "account"],
  ])("passes on what the client says: %#", async (reply, kind) => {
    expect(await callWith(reply, gone)).toMatchObject({ kind });
  });
});
