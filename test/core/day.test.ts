/** The last day in quarters of an hour, and what the report tells of accounts. */
import { describe, expect, it } from "vitest";

import { QUARTER_MS, type Quarter } from "../../src/core/day.ts";
import type { Outcome } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const HOUR_MS = 4 * QUARTER_MS;
const day = (world: World): readonly Quarter[] => world.relay.report().day ?? [];
/** As cron and timers do: the clock goes on and somebody looks what is due. */
async function live(world: World, ms: number): Promise<void> {
  for (const end = world.now + ms; world.now < end;) {
    await world.run(Math.min(60_000, end - world.now));
    await world.relay.drain(Infinity);
  }
}
const refused = (): Outcome => ({ kind: "rejected", reason: "no" });
const revoked = (): Outcome => ({ kind: "account", reason: "token_revoked", fix: "a new token" });

describe("the last day", () => {
  it("has in each quarter of an hour what was taken in, relayed by lane and given up", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(A, "2"));
    await live(world, QUARTER_MS);
    world.services[A]!.script.push(refused);
    await world.accept(world.say(B, "3"));
    await live(world, 1);
    const quarters = day(world);
    expect(quarters.at(-2)).toMatchObject({
      accepted: 2,
      relayed: { "talk.b/town": 2 },
      dead: 0,
    });
    expect(quarters.at(-1)).toMatchObject({ accepted: 1, relayed: {}, dead: 1 });
    expect(quarters.at(-1)!.at - quarters.at(-2)!.at).toBe(QUARTER_MS);
  });

  it("has the most that waited", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(revoked);
    for (const id of ["1", "2", "3"]) await world.accept(world.say(A, id));
    await world.relay.drain(Infinity);
    expect(day(world).at(-1)?.waiting).toBe(3);
    await live(world, 60_000);
    expect(world.services[B]!.posts).toHaveLength(3);
    expect(day(world).at(-1)?.waiting).toBe(3);
    await live(world, QUARTER_MS);
    expect(day(world).at(-1)?.waiting).toBe(0);
  });

  it("goes no further back than a day, whatever is known", async () => {
    const world = await createWorld();
    await live(world, 30 * HOUR_MS);
    expect(day(world)).toHaveLength(96);
  });

  it("survives a start but for what came since the last full hour, and begins anew with what is counted", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await live(world, HOUR_MS);
    const before = day(world).filter(({ accepted }) => accepted > 0);
    await world.crash();
    expect(day(world).filter(({ accepted }) => accepted > 0)).toEqual(before);
    expect(before).toHaveLength(1);
  });

  it("is saved once an hour, however much is said", async () => {
    const world = await createWorld();
    const saved = async () => JSON.stringify((await world.open()).day);
    const states = new Set<string>();
    for (let minute = 0; minute < 180; minute += 1) {
      await world.accept(world.say(A, `${minute}`));
      await world.run(60_000);
      states.add(await saved());
    }
    // None yet, then three times.
    expect(states.size).toBe(4);
  });

  it("forgets what a clock that was ahead has written", async () => {
    const world = await createWorld();
    world.now += 7 * 24 * HOUR_MS;
    await world.accept(world.say(A, "1"));
    await live(world, QUARTER_MS);
    world.now -= 7 * 24 * HOUR_MS;
    await live(world, QUARTER_MS);
    expect(day(world).every(({ at }) => at <= world.now)).toBe(true);
  });
});

describe("what the report tells of an account", () => {
  it("is since when it is paused, why and what to do, however often it was tried since", async () => {
    const world = await createWorld();
    const since = world.now;
    world.services[B]!.script.push(...Array.from({ length: 99 }, () => revoked));
    await world.accept(world.say(A, "1"));
    await world.run(HOUR_MS);
    const [, account] = world.relay.report().accounts;
    expect(account).toMatchObject({
      account: B,
      paused: "token_revoked: a new token",
      stall: { reason: "token_revoked", fix: "a new token" },
    });
    expect(account!.stall!.since - since).toBeLessThan(1_000);
  });

  it("is its last error, also once that is over", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "later", reason: "service_unavailable" }));
    await world.accept(world.say(A, "1"));
    await world.run(HOUR_MS);
    const [first, second] = world.relay.report().accounts;
    expect(first).toEqual({ account: A });
    expect(second).toMatchObject({ lastError: { reason: "service_unavailable" } });
    expect(second?.stall).toBeUndefined();
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("comes with the gateways that it belongs to", async () => {
    const world = await createWorld();
    const [gateway] = world.relay.report().gateways ?? [];
    expect(gateway).toMatchObject({
      name: "main",
      legs: [
        { account: A, channel: "town" },
        { account: B, channel: "town" },
      ],
    });
  });
});
