/** Promises of the core for inputs that nobody thought of. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { accountId, channelId, laneId, position } from "../../src/core/ids.ts";
import { afterOutcome, GIVE_UP_AFTER_MS } from "../../src/core/outbox/delivery.ts";
import { createLanes } from "../../src/core/outbox/lanes.ts";
import { createSlots } from "../../src/core/outbox/slots.ts";
import type { Outcome } from "../../src/core/ports.ts";
import type { Entry } from "../../src/core/store.ts";
import { A, B, createWorld } from "./world.ts";

const NOW = 1_750_000_000_000;
const ids = fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 12 });

describe("accepting", () => {
  it("relays each message once and in the order of its first coming, however often and mixed it comes", async () => {
    const comings = ids.chain((all) =>
      fc.array(fc.constantFrom(...all), { minLength: all.length, maxLength: 40 }),
    );
    await fc.assert(
      fc.asyncProperty(comings, fc.integer({ min: 1, max: 5 }), async (coming, batch) => {
        const world = await createWorld();
        for (let at = 0; at < coming.length; at += batch) {
          const events = coming.slice(at, at + batch).map((id) => world.say(A, `${id}`));
          await world.relay.webhook(A, events);
        }
        await world.run();
        const first = [...new Set(coming)].map((id) => `create <ann> text ${id}`);
        expect(world.services[B]!.posts).toEqual(first);
      }),
      { numRuns: 60 },
    );
  });

  it("sorts all that one gate lets in, whatever came live and what from history", async () => {
    await fc.assert(
      fc.asyncProperty(ids, fc.func(fc.boolean()), async (all, isLive) => {
        const world = await createWorld();
        await world.accept(world.say(A, "0"));
        await world.run();
        const [live, missed] = [true, false].map((wanted) =>
          all.filter((id) => isLive(id) === wanted),
        ) as [number[], number[]];
        world.services[A]!.history = () => ({ events: missed.map((id) => world.say(A, `${id}`)) });
        await world.relay.gap(A, "told");
        for (const id of live) await world.accept(world.say(A, `${id}`));
        await world.run();
        const sorted = [...all].sort((a, b) => a - b);
        expect(world.services[B]!.posts.slice(1)).toEqual(
          sorted.map((id) => `create <ann> text ${id}`),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("loses nothing, doubles nothing and keeps the order over crashes at any moment", async () => {
    const step = fc.constantFrom("say", "crash", "uncertain", "later", "run");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const world = await createWorld();
        let said = 0;
        for (const each of steps) {
          if (each === "say") await world.accept(world.say(A, `${(said += 1)}`));
          else if (each === "crash") await world.crash();
          else if (each === "run") await world.run(500);
          else
            world.services[B]!.script.push(() =>
              each === "later"
                ? { kind: "later", reason: "busy" }
                : { kind: "uncertain", reason: said % 2 === 0 ? "after the effect" : "cut" },
            );
        }
        await world.run(3_600_000);
        const all = Array.from(
          { length: said },
          (_each, index) => `create <ann> text ${index + 1}`,
        );
        // What waited long carries its time.
        const posts = world.services[B]!.posts.map((post) => post.replace(/\[.* UTC\] /u, ""));
        expect(posts).toEqual(all);
      }),
      { numRuns: 150 },
    );
  });
});

const outcome: fc.Arbitrary<Exclude<Outcome, { kind: "done" }>> = fc.oneof(
  fc.record({
    kind: fc.constant("rejected" as const),
    reason: fc.string(),
    plainHelps: fc.boolean(),
    flatHelps: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("later" as const), reason: fc.string() }),
  fc.record({
    kind: fc.constant("later" as const),
    reason: fc.string(),
    retryAfterMs: fc.nat(10_000_000),
  }),
  fc.record({ kind: fc.constant("account" as const), reason: fc.string(), fix: fc.string() }),
  fc.record({ kind: fc.constant("channel" as const), reason: fc.string(), fix: fc.string() }),
  fc.record({ kind: fc.constant("uncertain" as const), reason: fc.string() }),
);
const tries = fc.record({
  attempts: fc.integer({ min: 1, max: 10_000 }),
  firstTriedAt: fc.integer({ min: NOW - 2 * GIVE_UP_AFTER_MS, max: NOW }),
  plain: fc.boolean(),
  flat: fc.boolean(),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("what follows from an outcome", () => {
  it("is never a call in the past, nor before the service's own time", () => {
    fc.assert(
      fc.property(outcome, tries, random, (came, tried, chance) => {
        const next = afterOutcome(came, tried, NOW, () => chance);
        const at = "dueAt" in next ? next.dueAt : "until" in next ? next.until : NOW;
        const asked = "retryAfterMs" in came ? came.retryAfterMs : 0;
        expect(at).toBeGreaterThanOrEqual(
          NOW + (next.kind === "retry" && !("plainHelps" in came) ? asked : 0),
        );
        expect(at).toBeLessThan(Infinity);
      }),
    );
  });

  it("is giving up only where the service refuses for good, or after 72 hours", () => {
    fc.assert(
      fc.property(outcome, tries, random, (came, tried, chance) => {
        const next = afterOutcome(came, tried, NOW, () => chance);
        if (next.kind !== "dead") return;
        const refused =
          came.kind === "rejected" &&
          (tried.plain || !came.plainHelps) &&
          (tried.flat || !came.flatHelps);
        expect(refused || NOW - tried.firstTriedAt > GIVE_UP_AFTER_MS).toBe(true);
      }),
    );
  });

  it("is never a repetition of a call that may have worked without a look", () => {
    fc.assert(
      fc.property(tries, random, (tried, chance) => {
        const next = afterOutcome({ kind: "uncertain", reason: "" }, tried, NOW, () => chance);
        expect(["look", "dead"]).toContain(next.kind);
      }),
    );
  });
});

describe("a lane", () => {
  const entry = (seq: number, ord: number, at: number): Entry => ({
    key: `k${seq}`,
    id: `i${seq}`,
    source: { account: accountId("talk.a"), channel: channelId("c") },
    seq,
    ord,
    position: position(String(at).padStart(4, "0")),
    at: NOW,
    lanes: [],
    unrouted: false,
  });

  it("gives out what it holds in one order, whatever order it came in, and one at a time", () => {
    const rows = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(50), fc.nat(1_000)), {
      selector: ([, , seq]) => seq,
      maxLength: 30,
    });
    fc.assert(
      fc.property(rows, (all) => {
        const lanes = createLanes({
          intervalMs: () => 0,
          stalledUntil: () => 0,
          held: () => false,
          now: () => NOW,
        });
        const id = laneId(accountId("talk.b"), "town");
        for (const [ord, at, seq] of all)
          lanes.add(entry(seq, ord, at), { lane: id, attempts: 0, done: [] }, false);
        const given: number[] = [];
        const lane = lanes.get(id);
        if (lane === undefined) return;
        for (const _each of all) {
          const item = lanes.next(lane, NOW);
          if (typeof item === "number") throw new Error("nothing was due");
          lane.running = item;
          expect(lanes.next(lane, NOW)).toBe(Infinity);
          lane.running = undefined;
          given.push(item.entry.seq);
          lanes.remove(lane, item);
        }
        const sorted = [...all].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
        expect(given).toEqual(sorted.map(([, , seq]) => seq));
      }),
    );
  });
});

describe("slots", () => {
  it("are never more than there are, and in the end everybody had one", async () => {
    const who = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(who, fc.nat(4), async (callers, kept) => {
        const slots = createSlots({ total: 5, share: 2 });
        slots.keep(kept);
        let most = 0;
        await Promise.all(
          callers.map(async (caller) => {
            const release = await slots.acquire(accountId(`talk.${caller}`));
            most = Math.max(most, slots.inUse());
            await Promise.resolve();
            release();
          }),
        );
        expect(most).toBeLessThanOrEqual(Math.max(2, 5 - kept));
        expect(slots.inUse()).toBe(0);
      }),
    );
  });
});
