/** Where a channel begins that is new to the bridge. */
import { describe, expect, it } from "vitest";

import { type MessageCreated } from "../../src/core/event.ts";
import { position } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Positions are times here. */
const now = (clock: number): string => String(clock);

const saidAt = (world: World, at: number): MessageCreated => ({
  ...world.say(A, String(at), `at ${at}`, { sentAt: at }),
  position: position(String(at)),
});

/** What history knows; nothing else tells of it. */
function talk(world: World, times: readonly number[]): void {
  world.services[A]!.history = (since) => ({
    events: times
      .filter((at) => at <= world.now && position(String(at)) >= since)
      .map((at) => saidAt(world, at)),
  });
}

const every = (ms: number, from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_each, index) => from + index * ms);

/** The times of what was relayed, counted from `from`. */
const relayed = (world: World, from: number): readonly number[] =>
  world.services[B]!.posts.map((post) => Number(/at (\d+)$/u.exec(post)![1]) - from);

/** A channel of A that is only written to so far. */
async function writtenOnly(world: World): Promise<() => Promise<void>> {
  for (const kind of ["began", "checkpoint", "swept", "channel"] as const) await world.forget(kind);
  const index = world.legs.findIndex(({ account }) => account === A);
  const leg = world.legs[index]!;
  world.legs[index] = { ...leg, in: false };
  await world.crash();
  await world.run(MINUTE);
  return async () => {
    world.legs[index] = leg;
    await world.crash();
  };
}

describe("a channel that is new to the bridge", () => {
  it("begins with the bridge, however long it takes to be found", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    const from = world.now;
    talk(world, every(10 * SECOND, from - MINUTE, 18));
    await world.run(2 * MINUTE);
    isAway = false;
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual(every(10 * SECOND, 0, 12));
  });

  it("begins when it lets the bridge in: what was said there before is not for others", async () => {
    let isClosed = true;
    const world = await createWorld({ now, unresolved: () => isClosed });
    const from = world.now;
    talk(world, every(10 * SECOND, from, 30));
    await world.run(2 * MINUTE);
    isClosed = false;
    await world.run(2 * MINUTE);
    expect(Math.min(...relayed(world, from))).toBeGreaterThanOrEqual(2 * MINUTE);
  });

  it("begins when it is heard for the first time, however long it was only written to", async () => {
    const world = await createWorld({ now });
    const hear = await writtenOnly(world);
    const from = world.now;
    talk(world, every(HOUR, from, 100));
    await world.run(72 * HOUR + MINUTE);
    await hear();
    await world.run(2 * HOUR);
    expect(Math.min(...relayed(world, from), 1e12)).toBeGreaterThanOrEqual(73 * HOUR);
    expect(world.services[B]!.posts.length).toBeGreaterThan(0);
  });

  it("has its beginning as soon as it is found, so that a crash before its source opens loses nothing", async () => {
    const world = await createWorld({ now, source: { kind: "channel", run: async () => {} } });
    const begun = String(world.now);
    await world.run(MINUTE);
    const { began, checkpoints } = await world.open();
    expect([...began]).toEqual([
      ["talk.a/id-town", begun],
      ["talk.b/id-town", begun],
    ]);
    expect([...checkpoints]).toEqual([...began]);
  });

  it("is swept from its beginning on where a short life ended before its history was read", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    const from = world.now;
    const said = [MINUTE, 28 * MINUTE];
    world.services[A]!.history = () => {
      throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: MINUTE });
    };
    await world.run(30 * MINUTE);
    isAway = false;
    await world.run(MINUTE);
    talk(
      world,
      said.map((at) => from + at),
    );
    for (let lives = 0; lives < 20; lives += 1) {
      await world.evict();
      await world.run(5 * MINUTE);
    }
    expect(relayed(world, from)).toEqual(said);
  });

  it("keeps its order where something is heard while it is being found", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: (account) => isAway && account === A });
    const from = world.now;
    talk(world, [from + 3 * SECOND]);
    await world.run(8 * SECOND);
    await world.accept(saidAt(world, world.now));
    let isHeard = false;
    world.slow = async () => {
      if (isHeard || !world.log.includes('found "town" in talk.a')) return;
      isHeard = true;
      await world.accept(saidAt(world, from + 9 * SECOND));
    };
    isAway = false;
    await world.run(2 * MINUTE);
    expect(relayed(world, from)).toEqual([3 * SECOND, 8 * SECOND, 9 * SECOND]);
  });

  it("begins an hour before it is found at most, as the clock may have been far behind at the start", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    await world.run(20 * SECOND);
    world.now += 30 * 24 * HOUR;
    const set = world.now;
    talk(world, every(40 * MINUTE, set - 20 * HOUR, 31));
    isAway = false;
    await world.run(10 * MINUTE);
    expect(relayed(world, set)).toEqual([-40 * MINUTE, 0]);
  });

  it("begins no later than now, also where the clock was ahead at the start", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    await world.run(20 * SECOND);
    world.now -= 10 * MINUTE;
    await world.run(20 * SECOND);
    isAway = false;
    await world.run(2 * MINUTE);
    const from = world.now;
    talk(world, [from + 10 * SECOND]);
    await world.run(20 * SECOND);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual([10 * SECOND]);
  });

  it("begins with the next start where an earlier program knew it and gave it no beginning", async () => {
    const world = await createWorld({ now });
    for (const kind of ["began", "checkpoint", "swept"] as const) await world.forget(kind);
    await world.crash();
    await world.run(MINUTE);
    const from = world.now;
    talk(world, [from + SECOND]);
    await world.run(5 * SECOND);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual([SECOND]);
  });
});
