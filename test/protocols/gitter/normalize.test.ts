import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import type { Event, Unsupported } from "../../../src/core/event.ts";
import { accountId, channelId } from "../../../src/core/ids.ts";
import {
  normalizeLine,
  normalizeMessage,
  normalizeOwnLine,
} from "../../../src/protocols/gitter/normalize.ts";
import { fixtures, ROOM } from "./fake.ts";

const place = { account: accountId("gitter.orchard"), channel: channelId(ROOM) };
const read = (name: string, me?: string) =>
  normalizeMessage(me === undefined ? place : { ...place, me }, fixtures[name]);
const text = (event: Event | Unsupported | undefined) =>
  event !== undefined && "content" in event ? toText(event.content) : undefined;

describe("normalising a Gitter message", () => {
  it("makes a creation with its author, time and place in the room", () => {
    const [event, ...more] = read("plain");
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      kind: "message.created",
      account: "gitter.orchard",
      channel: ROOM,
      message: "5fdb3a10c4d5e6f708192101",
      sentAt: 1_608_202_768_412,
      position: "001608202768412-5fdb3a10c4d5e6f708192101",
      author: {
        id: "5f1a2b3c4d5e6f7081920a01",
        name: "mara-dev",
        avatarUrl: "https://avatars.example/mara-dev?s=128",
      },
    });
    expect(text(event)).toBe("ship it, see #12 @ivo");
    expect(event).not.toHaveProperty("echo");
  });
  it("keeps the ids of the mentioned", () => {
    expect(JSON.stringify(read("plain")[0])).toContain("5f1a2b3c4d5e6f7081920a02");
  });
  it("knows its own posts by their author", () => {
    expect(read("plain", "5f1a2b3c4d5e6f7081920a01")[0]).toMatchObject({ echo: {} });
  });
  it("makes an edited message a creation and an edit, as it cannot know whether the first was seen", () => {
    const [created, edited] = read("editedReply");
    expect(created).toMatchObject({
      kind: "message.created",
      thread: "5fdb3a10c4d5e6f708192101",
    });
    expect(edited).toMatchObject({
      kind: "message.edited",
      message: "5fdb3a2bc4d5e6f708192102",
      version: "2020-12-17T11:01:10.500Z",
      sentAt: 1_608_202_870_500,
    });
    expect(edited).toHaveProperty("thread", "5fdb3a10c4d5e6f708192101");
  });
  it("reads /me without the name that the web client puts in front", () => {
    const [event] = read("emote");
    expect(event).toMatchObject({ kind: "message.created", emote: true });
    expect(text(event)).toBe("waves");
  });
  it("leaves the name where nobody said /me", () => {
    const [event] = normalizeMessage(place, { ...fixtures["emote"], status: undefined });
    expect(text(event)).toBe("@mara-dev waves");
    expect(event).not.toHaveProperty("emote");
  });
  it("names people of Matrix by their display name", () => {
    expect(read("fromMatrix")[0]).toMatchObject({
      author: { id: "matrix-alice:matrix.org", name: "Alice" },
    });
  });
  it("takes a message whose author is gone", () => {
    expect(read("nobody")[0]).toMatchObject({ author: { id: "unknown", name: "unknown" } });
  });
  it("does not relay an empty text", () => {
    expect(read("blanked")).toEqual([{ kind: "unsupported", reason: "empty text" }]);
  });
  it("takes the time from the id when `sent` is none", () => {
    expect(normalizeMessage(place, { ...fixtures["plain"], sent: 7 })[0]).toMatchObject({
      sentAt: 1_608_202_768_000,
    });
  });
  it("counts junk as unsupported", () => {
    for (const line of ["", " ", "{", "null", "[]", '{"id":"x","text":"y"}', '{"text":"y"}'])
      expect(normalizeLine(place, line)[0]).toMatchObject({ kind: "unsupported" });
  });
  it("never throws", () => {
    const odd = fc.record(
      {
        id: fc.constantFrom<unknown>("5fdb3a10c4d5e6f708192101", "x", 7),
        text: fc.oneof(fc.string({ unit: "grapheme" }), fc.anything()),
        sent: fc.anything(),
        editedAt: fc.oneof(fc.string(), fc.anything()),
        fromUser: fc.anything(),
        status: fc.anything(),
        parentId: fc.anything(),
        mentions: fc.oneof(fc.array(fc.anything()), fc.anything()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(odd, (raw) => {
        expect(normalizeMessage(place, raw).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a glance at a line", () => {
  const ME = "5f1a2b3c4d5e6f7081920a01";
  const glance = (raw: unknown, me = ME) => normalizeOwnLine({ ...place, me }, JSON.stringify(raw));
  it("knows our own post by its author, as an object or as an id", () => {
    const { message, position } = read("plain")[0] as Event;
    const own = [{ kind: "message.created", message, position, echo: {} }];
    expect(glance(fixtures["plain"])).toMatchObject(own);
    expect(glance({ ...(fixtures["plain"] as object), fromUser: ME })).toMatchObject(own);
  });
  it("leaves what anybody else says unread", () => {
    expect(glance(fixtures["plain"], "5f1a2b3c4d5e6f7081920aff")).toBeUndefined();
    expect(glance({ ...(fixtures["plain"] as object), fromUser: null })).toBeUndefined();
    expect(normalizeOwnLine(place, JSON.stringify(fixtures["plain"]))).toBeUndefined();
    expect(normalizeOwnLine({ ...place, me: ME }, "half a li")).toBeUndefined();
  });
});
