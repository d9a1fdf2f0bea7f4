import { describe, expect, it } from "vitest";

import { soleSpan } from "../../../src/core/span.ts";
import { deliveryKey, position } from "../../../src/core/ids.ts";
import type { MessageId } from "../../../src/core/ids.ts";
import {
  answer,
  event,
  HTML,
  MARA,
  ME,
  member,
  NOON,
  queryOf,
  refused,
  ROOM,
  said,
  text,
  world,
} from "./fake.ts";

const at = (ms: number) => position(`${String(ms).padStart(15, "0")}-500000`);
const HOUR = 3_600_000;
/** A page as `/messages?dir=b` gives it: newest first. */
const page = (events: readonly unknown[], end?: string, state: readonly unknown[] = []) =>
  answer(200, {
    start: "t0",
    chunk: events.toReversed(),
    state,
    ...(end === undefined ? {} : { end }),
  });
const read = (pages: Parameters<typeof world>[0], since = NOON - HOUR) => {
  const made = world(pages);
  return {
    requests: made.requests,
    page: (cursor?: string) => made.connector.history(ROOM, at(since), cursor),
  };
};
const ids = ({ events }: { readonly events: readonly object[] }) =>
  events.map((each) => ("message" in each ? each.message : each));
const places = ({ events }: { readonly events: readonly object[] }) =>
  events.map((each) => ("position" in each ? String(each.position) : ""));

describe("history", () => {
  it("is read from the end backwards, without a token the first time", async () => {
    const { page: next, requests } = read([page([text("$1")])]);
    await next();
    expect(requests.map((request) => said(request).split(" ").slice(0, 2))).toEqual([
      ["GET", `/rooms/${ROOM}/messages`],
    ]);
    const { filter = "", ...query } = queryOf(requests[0]!);
    expect(query).toEqual({ dir: "b", limit: "100" });
    expect(JSON.parse(filter)).toMatchObject({ lazy_load_members: true });
  });
  it("has each page oldest first, in the order of the timeline", async () => {
    const events = [text("$1", NOON - 3), text("$2", NOON - 2), text("$3", NOON - 1)];
    const found = await read([page(events)]).page();
    expect(ids(found)).toEqual(["$1", "$2", "$3"]);
  });
  it("keeps the timeline's order where times are the same or wrong", async () => {
    const times = [NOON - 5, NOON - 5, NOON - HOUR, NOON - 4, NOON + HOUR, NOON - 3];
    const found = await read([page(times.map((ms, n) => text(`$${n}`, ms)))]).page();
    expect(ids(found)).toEqual(["$0", "$1", "$2", "$3", "$4", "$5"]);
    expect(places(found)).toEqual([...places(found)].sort());
    expect(new Set(places(found)).size).toBe(6);
  });
  it("keeps the order from page to page", async () => {
    const { page: next, requests } = read([
      page([text("$3", NOON - 9), text("$4", NOON - 9)], "t1"),
      page([text("$1", NOON - 9), text("$2", NOON - 9)]),
    ]);
    const newest = await next();
    const older = await next(newest.next);
    expect(queryOf(requests[1]!)["from"]).toBe("t1");
    const all = [...places(older), ...places(newest)];
    expect(all).toEqual([...all].sort());
    expect(new Set(all).size).toBe(4);
    expect(older.next).toBeUndefined();
  });
  it("has names of the room", async () => {
    const found = await read([page([text("$1")], undefined, [member(MARA, "Mara")])]).page();
    expect(found.events[0]).toMatchObject({ author: { id: MARA, name: "Mara" } });
  });
  it("has the same events as the polls, by id", async () => {
    const edit = event({
      event_id: "$2",
      content: {
        msgtype: "m.text",
        body: "* new",
        "m.new_content": { msgtype: "m.text", body: "new" },
        "m.relates_to": { rel_type: "m.replace", event_id: "$1" },
      },
    });
    const made = world([page([edit])]);
    const [fromHistory] = (await made.connector.history(ROOM, at(NOON - HOUR))).events;
    const [live] = made.connector.normalizeItem(
      ROOM,
      JSON.stringify({ at: "000000000000001-000001", event: edit }),
    );
    expect({ ...fromHistory, position: "" }).toEqual({ ...live, position: "" });
  });
  it("counts what it cannot relay", async () => {
    const found = await read([page([event({ type: "m.room.encrypted", content: {} })])]).page();
    expect(found.events).toMatchObject([{ kind: "unsupported" }]);
  });
  it("is not stopped by something that is no event", async () => {
    const found = await read([page([null, text("$1"), {}, "x"])]).page();
    expect(ids(found)).toEqual(["$1"]);
  });
});

describe("the end of history", () => {
  it("is where the room begins", async () => {
    expect(await read([page([text("$1")])]).page()).not.toHaveProperty("next");
  });
  it("is where all of a page is older than what was asked for", async () => {
    const old = [text("$1", NOON - 9 * HOUR), text("$2", NOON - 8 * HOUR)];
    expect(await read([page(old, "t1")]).page()).not.toHaveProperty("next");
  });
  it("is not where one event has an old time among newer ones", async () => {
    const slow = [text("$1", NOON - 9 * HOUR), text("$2", NOON - 1)];
    expect(await read([page(slow, "t1")]).page()).toHaveProperty("next");
  });
  it("is some minutes before what was asked for: events come late", async () => {
    const late = [text("$1", NOON - HOUR - 5 * 60_000)];
    expect(await read([page(late, "t1")]).page()).toHaveProperty("next");
  });
  it("is not where a page holds nothing that we read", async () => {
    expect(await read([page([], "t1")]).page()).toHaveProperty("next");
  });
  it("is where the same token comes again", async () => {
    const { page: next } = read([page([], "t1"), page([], "t1")]);
    const first = await next();
    expect(await next(first.next)).not.toHaveProperty("next");
  });
  it("comes for a room that nobody asked about for years", async () => {
    const old = [text("$1", NOON - 30 * 24 * HOUR)];
    expect(await read([page(old, "t1")], 0).page()).not.toHaveProperty("next");
  });
});

describe("history that cannot be read", () => {
  it.each([
    ["later when the homeserver is away", answer(502, HTML), "later"],
    ["later when reads are limited", refused(429, "M_LIMIT_EXCEEDED"), "later"],
    ["a matter of the room when we are not in it", refused(403, "M_FORBIDDEN"), "channel"],
    ["a matter of the account without a token", refused(401, "M_UNKNOWN_TOKEN"), "account"],
  ])("is %s", async (_what, reply, kind) => {
    await expect(read([reply]).page()).rejects.toMatchObject({ outcome: { kind } });
  });
});

describe("looking for an event without an answer", () => {
  const KEY = deliveryKey("lane-7");
  const ours = (id: string, key: string, more: object = {}) =>
    event({
      event_id: id,
      sender: ME,
      content: { msgtype: "m.text", body: "x", "dev.footbridge": { key, instance: "one" } },
      ...more,
    });
  const find = (pages: Parameters<typeof world>[0], known = true) => {
    const made = world(pages, { known });
    const call = { op: "create", room: ROOM, content: {} };
    const found: Promise<MessageId | undefined> = made.connector.find(
      call,
      KEY,
      soleSpan(NOON - HOUR),
      async () => false,
    );
    return { found, requests: made.requests };
  };
  it("finds it by its key", async () => {
    const events = [ours("$1", "lane-6"), ours("$2", "lane-7"), text("$3")];
    expect(await find([page(events)]).found).toBe("$2");
  });
  it("finds several events by one read", async () => {
    const made = world([page([ours("$1", "lane-6"), ours("$2", "lane-7")])], { known: true });
    const call = { op: "create", room: ROOM, content: {} };
    const own = soleSpan(NOON - HOUR);
    const span = { ...own, shared: { ...own.shared, since: 0, goesOn: true } };
    const find = (key: string) =>
      made.connector.find(call, deliveryKey(key), span, async () => false);
    expect([await find("lane-6"), await find("lane-7")]).toEqual(["$1", "$2"]);
    expect(made.requests).toHaveLength(1);
  });
  it("takes nobody else's word for it", async () => {
    expect(await find([page([ours("$1", "lane-7", { sender: MARA })])]).found).toBeUndefined();
  });
  it("looks on older pages too", async () => {
    const { found, requests } = find([page([text("$2")], "t1"), page([ours("$1", "lane-7")])]);
    expect(await found).toBe("$1");
    expect(queryOf(requests[1]!)["from"]).toBe("t1");
  });
  it("looks no further back than the call, and a while", async () => {
    const { found, requests } = find([page([text("$2", NOON - 9 * HOUR)], "t1")]);
    expect(await found).toBeUndefined();
    expect(requests).toHaveLength(1);
  });
  it("ends where the same token comes again", async () => {
    const { found, requests } = find([page([], "t1")]);
    expect(await found).toBeUndefined();
    expect(requests).toHaveLength(2);
  });
  it("does not guess while the homeserver is away", async () => {
    await expect(find([answer(502, HTML)]).found).rejects.toMatchObject({
      outcome: { kind: "later" },
    });
  });
  it("does not guess while we do not know who we are", async () => {
    await expect(find([page([ours("$1", "lane-7")])], false).found).rejects.toMatchObject({
      outcome: { kind: "later" },
    });
  });
});
