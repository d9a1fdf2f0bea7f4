import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId, deliveryKey, messageId } from "../../../src/core/ids.ts";
import { soleSpan } from "../../../src/core/span.ts";
import type { Call, Outgoing } from "../../../src/core/ports.ts";
import { answer, fixtures, IDENTITY, ME, NOON, ROOM, world } from "./fake.ts";

const ID = "5fdb3a10c4d5e6f708192101";
const OTHER = "5fdb3a2bc4d5e6f708192102";
const KEY = deliveryKey("k");
const create = (text: string, thread?: string): Outgoing => ({
  kind: "create",
  channel: channelId(ROOM),
  author: { id: "slack.a/U1", name: "mara" },
  nick: "mara: ",
  content: plain(text),
  emote: false,
  files: [],
  ...(thread === undefined ? {} : { thread: messageId(thread) }),
});
const edit = (text: string, ...targets: string[]): Outgoing => ({
  kind: "edit",
  channel: channelId(ROOM),
  targets: targets.map(messageId),
  author: { id: "slack.a/U1", name: "mara" },
  nick: "mara: ",
  content: plain(text),
  emote: false,
  files: [],
});
const render = (outgoing: Outgoing, plainOnly = false) =>
  world([]).connector.render(outgoing, plainOnly);
const post: Call = { op: "create", room: ROOM, text: "mara: hi", said: "hi" };
const callWith = (status: number, call: Call, body?: unknown) =>
  signedIn([answer(status, body)]).connector.call(call, KEY);

describe("rendering for Gitter", () => {
  it("makes one plain call a part", () => {
    expect(render(create("hi"))).toEqual([post]);
    const parts = render(create(`${"a".repeat(4000)}\n${"b".repeat(4000)}`));
    expect(parts.map((call) => call["op"])).toEqual(["create", "create"]);
    expect(JSON.parse(JSON.stringify(parts))).toEqual(parts);
  });
  it("answers in the thread, in plain form too", () => {
    const reply = { ...post, parentId: ID };
    expect(render(create("hi", ID))).toEqual([reply]);
    expect(render(create("hi", ID), true)).toEqual([reply]);
  });
  it("puts what an edit adds into the thread of its message", () => {
    const longer = { ...edit(`${"a".repeat(4000)}\n${"b".repeat(4000)}`, ID), thread: OTHER };
    expect(render(longer as Outgoing).map((call) => call["parentId"])).toEqual([undefined, OTHER]);
  });
  it("edits part by part, deletes what is left over and posts what is new", () => {
    expect(render(edit("hi", ID, OTHER))).toEqual([
      { op: "edit", room: ROOM, message: ID, text: "mara: hi" },
      { op: "delete", room: ROOM, message: OTHER },
    ]);
    const longer = render(edit(`${"a".repeat(4000)}\n${"b".repeat(4000)}`, ID));
    expect(longer.map((call) => call["op"])).toEqual(["edit", "create"]);
  });
  it("has no reactions", () => {
    const at = { channel: channelId(ROOM), target: messageId(ID), emoji: "👍" };
    expect(render({ kind: "react", ...at })).toEqual([]);
    expect(render({ kind: "unreact", ...at })).toEqual([]);
  });
  it("tells of a topic, then sets it, as long as the service takes it", () => {
    const channel = channelId(ROOM);
    const topic = { kind: "topic" as const, channel, topic: "a".repeat(4_097), purpose: false };
    expect(render({ ...topic, notice: plain("Ann did it") })).toEqual([
      { op: "create", room: ROOM, text: "Ann did it" },
      { op: "topic", room: ROOM, topic: "a".repeat(4_096) },
    ]);
    expect(render({ ...topic, purpose: true })).toEqual([]);
  });
  it("deletes every part", () => {
    const targets = [ID, OTHER].map(messageId);
    expect(render({ kind: "delete", channel: channelId(ROOM), targets })).toEqual([
      { op: "delete", room: ROOM, message: ID },
      { op: "delete", room: ROOM, message: OTHER },
    ]);
  });
  it("makes no call when there is nothing to show", () => {
    expect(render(create(""))).toEqual([]);
  });
});

/** A world whose connector knows who it is, without which it posts nothing. */
function signedIn(replies: Parameters<typeof world>[0]): ReturnType<typeof world> {
  const made = world(replies);
  made.connector.remember(IDENTITY);
  return made;
}

describe("a room's topic", () => {
  const call = { op: "topic", room: ROOM, topic: "apples" };
  it("is set", async () => {
    expect(await callWith(200, call, {})).toEqual({ kind: "done" });
  });
  it("that only admins may set holds up no message", async () => {
    expect(await callWith(403, call)).toMatchObject({ kind: "rejected", moot: true });
  });
  it("is tried again while the service is away", async () => {
    expect((await callWith(503, call)).kind).not.toBe("rejected");
  });
});

describe("calling Gitter", () => {
  it("posts nothing before it knows who it is: its own posts would come back", async () => {
    const { connector, requests } = world([]);
    expect(await connector.call(post, KEY)).toMatchObject({ kind: "later" });
    expect(requests).toEqual([]);
  });

  it("posts, and knows the new message's id", async () => {
    const { connector, requests } = signedIn([answer(200, fixtures["plain"])]);
    expect(await connector.call({ ...post, parentId: OTHER }, KEY)).toEqual({
      kind: "done",
      message: ID,
    });
    expect(requests[0]).toMatchObject({
      method: "POST",
      url: `http://127.0.0.1:4002/v1/rooms/${ROOM}/chatMessages`,
      body: JSON.stringify({ text: "mara: hi", parentId: OTHER }),
    });
  });
  it("does not know of a post whose answer holds no message", async () => {
    expect(await callWith(200, post, "oops")).toMatchObject({ kind: "uncertain" });
  });
  it("goes outside of the thread when a reply is refused, as it is written", async () => {
    const refused = await callWith(400, { ...post, parentId: OTHER });
    expect(refused).toMatchObject({ kind: "rejected", flatHelps: true });
    expect(refused).not.toHaveProperty("plainHelps");
    expect(await callWith(400, post)).not.toHaveProperty("flatHelps");
  });
  it("edits with PUT, and says why an old message cannot be", async () => {
    const call = { op: "edit", room: ROOM, message: ID, text: "x" };
    const { connector, requests } = world([answer(200, fixtures["plain"])]);
    expect(await connector.call(call, KEY)).toEqual({ kind: "done", message: ID });
    expect(requests[0]).toMatchObject({
      method: "PUT",
      url: `http://127.0.0.1:4002/v1/rooms/${ROOM}/chatMessages/${ID}`,
      body: '{"text":"x"}',
    });
    expect(await callWith(400, call)).toMatchObject({
      kind: "rejected",
      reason: expect.stringContaining("10 minutes") as string,
      moot: true,
    });
    expect(await callWith(404, call)).toMatchObject({ kind: "rejected", moot: true });
    expect(await callWith(403, call)).not.toHaveProperty("moot");
  });
  it("tells what a call takes away", () => {
    const { connector } = world([]);
    expect(connector.removes({ op: "delete", room: ROOM, message: ID })).toBe(ID);
    expect(connector.removes({ op: "edit", room: ROOM, message: ID, text: "x" })).toBeUndefined();
  });
  it("pauses no room for one message that cannot be changed", async () => {
    for (const status of [403, 404])
      expect(
        await callWith(status, { op: "edit", room: ROOM, message: ID, text: "x" }),
      ).toMatchObject({ kind: "rejected" });
    expect(await callWith(403, { op: "delete", room: ROOM, message: ID })).toMatchObject({
      kind: "rejected",
    });
    expect(await callWith(403, post)).toMatchObject({ kind: "channel" });
  });
  it("takes a message that is gone for deleted", async () => {
    const call = { op: "delete", room: ROOM, message: ID };
    expect(await callWith(204, call, "")).toEqual({ kind: "done" });
    expect(await callWith(404, call)).toEqual({ kind: "done" });
  });
  it("sends no id that the service would answer with a 500", async () => {
    const { connector, requests } = world([answer(200)]);
    for (const call of [
      { op: "edit", room: ROOM, message: "1.2", text: "x" },
      { op: "delete", room: "C1", message: ID },
      { op: "dance" },
    ])
      expect(await connector.call(call, KEY)).toMatchObject({ kind: "rejected" });
    expect(requests).toEqual([]);
  });
});

describe("looking for a post without an answer", () => {
  const ours = { ...fixtures["plain"], text: "mara: hi", fromUser: { id: ME, username: "bridge" } };
  const find = (messages: readonly unknown[], known: readonly string[] = [], call = post) => {
    const { connector, requests } = world([answer(200, messages)]);
    connector.remember(IDENTITY);
    const found = connector.find(call, KEY, soleSpan(NOON - 5_000), async (id) =>
      known.includes(id),
    );
    return { found, requests };
  };
  it("finds our own message that says the same", async () => {
    const { found, requests } = find([fixtures["plain"], ours]);
    expect(await found).toBe(ID);
    // 30 s before that, and replies too.
    expect(requests[0]?.url).toContain("afterId=5fdb3a0d0000000000000000&includeThreads=true");
  });
  it("finds several posts by one read", async () => {
    const { connector, requests } = world([
      answer(200, [ours, { ...ours, id: OTHER, text: "mara: ho" }]),
    ]);
    connector.remember(IDENTITY);
    const own = soleSpan(NOON - 5_000);
    const span = { ...own, shared: { ...own.shared, since: 0, goesOn: true } };
    const unknown = async () => false;
    const [other] = render(create("ho"));
    expect(await connector.find(post, KEY, span, unknown)).toBe(ID);
    expect(await connector.find(other!, deliveryKey("other"), span, unknown)).toBe(OTHER);
    expect(requests).toHaveLength(1);
  });
  it("passes by what is older, though it is read for others", async () => {
    const { connector } = world([answer(200, [ours])]);
    connector.remember(IDENTITY);
    const own = soleSpan(NOON + 60_000);
    const span = { ...own, shared: { ...own.shared, from: NOON - 60_000, goesOn: true } };
    expect(await connector.find(post, KEY, span, async () => false)).toBeUndefined();
  });
  it("passes by what the map knows, what others wrote and other texts", async () => {
    expect(await find([ours], [ID]).found).toBeUndefined();
    expect(await find([{ ...ours, fromUser: { id: OTHER } }]).found).toBeUndefined();
    expect(await find([{ ...ours, text: "mara: ho" }]).found).toBeUndefined();
  });
  it("knows it by what was said, under another name, with a mark in front, in or outside its thread", async () => {
    const said = { ...create("(in a thread) [2026-11-23 09:05 UTC] *#hi*"), said: plain("*#hi*") };
    const [call] = render(said);
    for (const text of ["U024BE7LH: \\*#hi\\*", "mara: [2026-11-23 09:05 UTC] \\*#hi\\*"])
      for (const parent of [{}, { parentId: OTHER }])
        expect(await find([{ ...ours, ...parent, text }], [], call as typeof post).found).toBe(ID);
    const other = [{ ...ours, text: "mara: \\*#hi\\* ho" }];
    expect(await find(other, [], call as typeof post).found).toBeUndefined();
  });
  it("knows a part of a long text though it was cut a little elsewhere", async () => {
    const words = Array.from({ length: 900 }, (_each, index) => `word${index}`).join(" ");
    const parts = render(create(words));
    const [, earlier] = render({ ...create(words), nick: "a much longer name: " } as Outgoing);
    const there = [{ ...ours, text: earlier!["text"] }];
    expect(parts).toHaveLength(2);
    expect(await find(there, [], parts[1] as typeof post).found).toBe(ID);
    expect(await find(there, [], parts[0] as typeof post).found).toBeUndefined();
  });
  it("finds the second of two that are the same", async () => {
    expect(await find([ours, { ...ours, id: OTHER }], [ID]).found).toBe(OTHER);
  });
  it("asks nobody about edits and deletions, which may be repeated", async () => {
    const { found, requests } = find([], [], { op: "delete", room: ROOM, message: ID });
    expect(await found).toBeUndefined();
    expect(requests).toEqual([]);
  });
  it("does not guess while it does not know itself", async () => {
    const { connector } = world([answer(200, [ours])]);
    await expect(
      connector.find(post, KEY, soleSpan(NOON), async () => false),
    ).rejects.toMatchObject({
      outcome: { kind: "later" },
    });
  });
});
