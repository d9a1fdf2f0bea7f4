/** The store where every promise is kept waiting for as long as chance will have it, on its way in and out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { type LaneId, messageId } from "../../src/core/ids.ts";
import type { Store } from "../../src/core/store.ts";
import {
  always,
  created,
  deleted,
  edited,
  lane,
  lettersIn,
  never,
  NOW,
  other,
  room,
  to,
} from "./said.ts";

/** The next wait, in turns of the event loop. */
export type Wait = () => Promise<void>;

/** An empty database of its own. */
export interface DelayedStore {
  /** A store whose commits wait before and after. */
  readonly store: Store;
  /** The same data without waits, opened again. */
  again(): Promise<Store>;
  close(): void | Promise<void>;
}

/** Turns of the event loop. */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const said = fc.record({
  id: fc.constantFrom("1", "2", "3", "4"),
  kind: fc.constantFrom("created", "created", "edited", "deleted"),
  version: fc.constantFrom("e1", "e2"),
});
const eventOf = ({ id, kind, version }: { id: string; kind: string; version: string }) =>
  kind === "created" ? created(id) : kind === "edited" ? edited(id, version, "x") : deleted(id);
const delays = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 });

/** What a lane does with a message, in its order; other lanes and messages have theirs at the same time. */
const steps = fc.array(
  fc.constantFrom("attempt", "part", "last", "ignored", "dead", "replay", "discard"),
  { minLength: 1, maxLength: 6 },
);
/** First a message is said, changed before anybody tried to send it, or taken back. */
const story = fc.record({
  says: fc.array(said, { minLength: 1, maxLength: 4 }),
  lanes: fc.tuple(steps, steps),
});
type Story = typeof story extends fc.Arbitrary<infer Each> ? Each : never;
type Runs = <T>(all: readonly (() => Promise<T>)[]) => Promise<readonly T[]>;

const together: Runs = (all) => Promise.all(all.map((run) => run()));
const inTurn: Runs = async (all) => {
  const results = [];
  for (const run of all) results.push(await run());
  return results;
};

/** Goes through one message's story; what its steps came to. */
async function live(store: Store, id: string, { says, lanes }: Story, run: Runs) {
  const told: unknown[] = [];
  for (const one of says) {
    const event = eventOf({ ...one, id });
    const [accepted] = await store.accept([to(event, [lane, other])], NOW, always);
    told.push(accepted?.kind === "folded" ? accepted.over : accepted?.kind);
  }
  const inLanes = [lane, other].map((at, index) => () => inLane(store, id, at, lanes[index]!));
  return [told, await run(inLanes)];
}

async function inLane(store: Store, id: string, at: LaneId, all: Story["lanes"][0]) {
  const key = eventKey(created(id));
  const told: unknown[] = [];
  const letters = async () =>
    (await lettersIn(store)).flatMap((letter) =>
      letter.lane === at && letter.event.message === id ? [letter.id] : [],
    );
  // Only what was taken in is sent.
  if ((await store.load(key)) === undefined) return told;
  for (const [index, does] of all.entries()) {
    const copy = { ...room, message: messageId(`${id}-${at}-${index}`) };
    switch (does) {
      case "attempt":
        await store.attempt(key, { lane: at, attempts: index + 1, firstTriedAt: NOW, done: [] });
        break;
      case "part":
      case "last":
        await store.settle(key, at, { kind: "part", last: does === "last", copy }, NOW);
        break;
      case "ignored":
        await store.settle(key, at, { kind: "ignored", reason: "nothing to show" }, NOW);
        break;
      case "dead":
        await store.settle(key, at, { kind: "dead", reason: "too long" }, NOW);
        break;
      case "replay":
        told.push((await store.replay(await letters(), NOW)).length);
        break;
      case "discard":
        told.push((await store.discard(await letters())).length);
        break;
    }
  }
  return told;
}

/** All that a store knows of these messages, without what depends on the order of commits. */
async function stateOf(store: Store, ids: readonly string[]) {
  const { pending, deadLetters } = await store.open();
  const letters = await lettersIn(store);
  const source = (id: string) => ({ ...created(id), message: messageId(id) });
  return {
    pending: pending
      .map(({ key, lanes, replayed }) => JSON.stringify({ key, lanes, replayed }))
      .toSorted(),
    deadLetters,
    letters: letters
      .map(({ lane: at, reason, event }) => JSON.stringify({ at, reason, event }))
      .toSorted(),
    said: await Promise.all(ids.map((id) => store.load(eventKey(created(id))))),
    copies: await Promise.all(ids.map((id) => store.allCopies(source(id)))),
    deleted: await Promise.all(ids.map((id) => store.deleted(source(id)))),
  };
}

export function delayPromises(
  name: string,
  make: (wait: Wait) => Promise<DelayedStore>,
  numRuns = 60,
): void {
  describe(`the store on ${name} under any delays`, () => {
    it("takes each event once, and settles it once in each lane, whatever overtakes what", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(said, { minLength: 1, maxLength: 16 }),
          delays,
          async (all, waits) => {
            let at = 0;
            const { store, again, close } = await make(() =>
              turns(waits[(at += 1) % waits.length]!),
            );
            await store.open();
            const results = await Promise.all(
              all.map((one) => store.accept([to(eventOf(one), [lane, other])], NOW, never)),
            );
            const fresh = results.flatMap(([result], index) =>
              result?.kind === "new" ? [eventKey(eventOf(all[index]!))] : [],
            );
            expect(new Set(fresh).size).toBe(fresh.length);

            const pending = (await (await again()).open()).pending;
            expect(pending.map(({ key }) => key).sort()).toEqual(fresh.sort());
            expect(new Set(pending.map(({ seq }) => seq)).size).toBe(pending.length);

            await Promise.all(
              pending.flatMap(({ key }, index) =>
                [lane, other].map((at) =>
                  store.settle(
                    key,
                    at,
                    {
                      kind: "part",
                      last: true,
                      copy: { ...room, message: messageId(`${index}-${at}`) },
                    },
                    NOW,
                  ),
                ),
              ),
            );
            expect((await (await again()).open()).pending).toEqual([]);
            // What was taken stays known, and so do the copies that were made of it.
            for (const { key } of pending) {
              const event = all.map(eventOf).find((each) => eventKey(each) === key)!;
              const [known] = await store.accept([to(event)], NOW, never);
              expect(known?.kind).toBe("duplicate");
            }
            await close();
          },
        ),
        { numRuns },
      );
    });

    it("knows of each message and lane what it would know had all come one after another", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(story, { minLength: 2, maxLength: 5 }),
          delays,
          async (stories, waits) => {
            const ids = stories.map((_story, index) => String(index + 1));
            let at = 0;
            const delayed = await make(() => turns(waits[(at += 1) % waits.length]!));
            await delayed.store.open();
            const all = (store: Store, run: Runs) =>
              run(stories.map((each, index) => () => live(store, ids[index]!, each, run)));
            const told = await all(delayed.store, together);
            const plain = await make(async () => undefined);
            await plain.store.open();
            const expected = await all(plain.store, inTurn);
            expect(told).toEqual(expected);
            expect(await stateOf(await delayed.again(), ids)).toEqual(
              await stateOf(await plain.again(), ids),
            );
            await delayed.close();
            await plain.close();
          },
        ),
        { numRuns: Math.ceil(numRuns / 2) },
      );
    });
  });
}
