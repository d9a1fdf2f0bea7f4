/** The order of a lane in which something was tried, whatever gates sort in other lanes of its source. */
import { describe, expect, it } from "vitest";

import { accountId, channelId, laneId, position } from "../../src/core/ids.ts";
import { createLanes } from "../../src/core/outbox/lanes.ts";
import type { Entry } from "../../src/core/store.ts";

const NOW = 1_000_000;
const source = { account: accountId("talk.a"), channel: channelId("A-town") };
const [near, far] = ["talk.b", "talk.c"].map((account) => laneId(accountId(account), "town"));

const entry = (seq: number): Entry => ({
  key: `k${seq}`,
  id: `i${seq}`,
  source,
  seq,
  ord: seq,
  position: position(String(seq).padStart(4, "0")),
  at: NOW,
  lanes: [],
  unrouted: false,
});

function lanesWith(held: () => boolean = () => false) {
  return createLanes({ intervalMs: () => 0, stalledUntil: () => 0, held, now: () => NOW });
}

describe("a lane in which something was tried", () => {
  it.each([
    ["and failed", { attempts: 3, done: [] }],
    ["and is there in part", { attempts: 0, done: [{ message: undefined }] }],
  ])(
    "%s keeps that in front when a gate sorts what waits elsewhere since long before",
    (_, open) => {
      const lanes = lanesWith();
      lanes.add(entry(25), { lane: far!, attempts: 0, done: [] }, false);
      lanes.add(entry(58), { lane: near!, ...open } as never, false);
      lanes.add(entry(60), { lane: near!, attempts: 0, done: [] }, false);
      expect(lanes.regroup(source)).toBe(25);
      const next = lanes.next(lanes.get(near!)!, NOW);
      expect(next).toMatchObject({ entry: { seq: 58 } });
    },
  );

  it("keeps that in front of what comes later under an earlier number", () => {
    const lanes = lanesWith();
    lanes.add(entry(19), { lane: near!, attempts: 1, done: [] }, true);
    lanes.add({ ...entry(21), ord: 18 }, { lane: near!, attempts: 0, done: [] }, false);
    expect(lanes.next(lanes.get(near!)!, NOW + 5_000)).toMatchObject({ entry: { seq: 19 } });
  });

  it("keeps what is being tried in front as well", () => {
    const lanes = lanesWith();
    lanes.add(entry(25), { lane: far!, attempts: 0, done: [] }, false);
    lanes.add(entry(58), { lane: near!, attempts: 0, done: [] }, false);
    const lane = lanes.get(near!)!;
    lane.running = lanes.next(lane, NOW) as never;
    lanes.add(entry(60), { lane: near!, attempts: 0, done: [] }, false);
    lanes.regroup(source);
    lane.running = undefined;
    expect(lanes.next(lane, NOW)).toMatchObject({ entry: { seq: 58 } });
    // Which was not made in the end: it is sorted with the others again, under a number that a store takes.
    expect(lanes.regroup(source)).toBe(24);
  });
});

describe("what a gate holds", () => {
  it("is written down before its first attempt, as another life may have begun meanwhile", () => {
    let isHeld = true;
    const lanes = lanesWith(() => isHeld);
    lanes.add(entry(1), { lane: near!, attempts: 0, done: [] }, false);
    isHeld = false;
    expect(lanes.next(lanes.get(near!)!, NOW)).toMatchObject({ waited: true });
  });

  it("is written down where the gate was closed after it came, too", () => {
    let isHeld = false;
    const lanes = lanesWith(() => isHeld);
    lanes.add(entry(1), { lane: near!, attempts: 0, done: [] }, false);
    isHeld = true;
    expect(lanes.next(lanes.get(near!)!, NOW)).toBe(Infinity);
    isHeld = false;
    expect(lanes.next(lanes.get(near!)!, NOW)).toMatchObject({ waited: true });
  });
});
