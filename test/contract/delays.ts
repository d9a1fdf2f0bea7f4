/** The store where every promise is kept waiting for as long as chance will have it, on its way in and out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { messageId } from "../../src/core/ids.ts";
import type { Store } from "../../src/core/store.ts";
import { created, deleted, edited, lane, never, NOW, other, room, to } from "./said.ts";

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
  });
}
