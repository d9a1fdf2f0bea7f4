import { describe, expect, it } from "vitest";

import { position } from "../../../src/core/ids.ts";
import {
  before,
  behind,
  isAlias,
  isEventId,
  isRoomId,
  isUserId,
  positionMs,
  positionOf,
  serverOf,
} from "../../../src/protocols/matrix/ids.ts";
import { NOON } from "./fake.ts";

const NOW = NOON + 60_000;
/** Positions of events that came in this order. */
const live = (...times: readonly number[]) => {
  let last: ReturnType<typeof behind> | undefined;
  return times.map((ms) => {
    last = behind(last, ms, NOW);
    return positionOf(last);
  });
};
/** Positions of the same events, read from the newest backwards. */
const past = (...times: readonly number[]) => {
  let next: ReturnType<typeof before> | undefined;
  return times
    .toReversed()
    .map((ms) => {
      next = before(next, ms, NOW);
      return positionOf(next);
    })
    .toReversed();
};

describe.each([
  ["live", live],
  ["from history", past],
])("positions of a timeline, %s", (_how, positions) => {
  it.each([
    ["rising times", [NOON, NOON + 1, NOON + 2]],
    ["one millisecond", [NOON, NOON, NOON, NOON]],
    ["a slow clock between right ones", [NOON, NOON - 9_000_000, NOON + 1]],
    ["a clock that is ahead", [NOON, NOON + 9_000_000, NOON + 1]],
    ["times before 1970", [-5, NOON, -1]],
    ["the same time a thousand times", Array.from({ length: 1_000 }, () => NOON)],
  ])("keep its order with %s", (_what, times) => {
    const found = positions(...times);
    expect(found).toEqual([...found].sort());
    expect(new Set(found).size).toBe(times.length);
  });
});

describe("a position", () => {
  it("is the event's time where that fits", () => {
    expect(live(NOON)).toEqual(["001608202800000-500000"]);
    expect(live(NOON, NOON)[1]).toBe("001608202800000-500001");
    expect(past(NOON, NOON)[0]).toBe("001608202800000-499999");
  });
  it("is never far in the future, where it would hide what follows", () => {
    expect(live(NOW + 1_000_000)).toEqual(live(NOW + 300_000));
  });
  it("is the event's time too where our own clock is some minutes behind", () => {
    expect(positionMs(live(NOW + 240_000)[0]!)).toBe(NOW + 240_000);
  });
  it("gives its time back, and 0 where it is not ours", () => {
    expect(positionMs(positionOf(behind(undefined, NOON, NOW)))).toBe(NOON);
    expect(positionMs(position("1608202800.000100"))).toBe(0);
  });
});

describe("Matrix ids", () => {
  it("are told apart by their sign", () => {
    expect(isUserId("@mara:example.org:8448")).toBe(true);
    expect(isAlias("#orchard_cider:gitter.im")).toBe(true);
    expect(isRoomId("!abc:example.org")).toBe(true);
    expect(isEventId("$abc")).toBe(true);
  });
  it("of rooms of version 12 have no server", () => {
    expect(isRoomId("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM")).toBe(true);
    expect(serverOf("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM")).toBeUndefined();
  });
  it("are not taken with blanks, without a server or without a sign", () => {
    expect(["@mara", "mara:example.org", "@ma ra:example.org", "@mara:"].some(isUserId)).toBe(
      false,
    );
    expect(["#room", "room:example.org", "#a b:example.org"].some(isAlias)).toBe(false);
    expect(["!", "abc", "! a:b"].some(isRoomId)).toBe(false);
    expect(["$", "abc", "$a b"].some(isEventId)).toBe(false);
  });
  it("name their server behind the first colon", () => {
    expect(serverOf("#room:example.org:8448")).toBe("example.org:8448");
  });
});
