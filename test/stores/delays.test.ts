/** The store where every promise is kept waiting for as long as chance will have it, on its way in and out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { messageId } from "../../src/core/ids.ts";
import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { created, deleted, edited, lane, never, NOW, other, room, to } from "../contract/said.ts";

/** Turns of the event loop. */
const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

function delayed(sql: Sql, delays: readonly number[]): Sql {
  let at = 0;
  const next = () => delays[(at += 1) % delays.length]!;
  return {
    ...sql,
    commit: async (work) => {
      await turns(next());
      const done = await sql.commit(work);
      await turns(next());
      return done;
    },
  };
}

const said = fc.record({
  id: fc.constantFrom("1", "2", "3", "4"),
  kind: fc.constantFrom("created", "created", "edited", "deleted"),
  version: fc.constantFrom("e1", "e2"),
});
const eventOf = ({ id, kind, version }: { id: string; kind: string; version: string }) =>
  kind === "created" ? created(id) : kind === "edited" ? edited(id, version, "x") : deleted(id);
const delays = fc.array(fc.nat(4), { minLength: 1, maxLength: 12 });
const options = () => {
  let ids = 0;
  return { randomId: () => `id${(ids += 1)}`, retentionMs: 30 * 86_400_000 };
};

describe("the store under any delays", () => {
  it("takes each event once, and settles it once in each lane, whatever overtakes what", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(said, { minLength: 1, maxLength: 16 }),
        delays,
        async (all, waits) => {
          const sql = openNodeSql(":memory:");
          const store = createSqliteStore(delayed(sql, waits), options());
          await store.open();
          const results = await Promise.all(
            all.map((one) => store.accept([to(eventOf(one), [lane, other])], NOW, never)),
          );
          const fresh = results.flatMap(([result], index) =>
            result?.kind === "new" ? [eventKey(eventOf(all[index]!))] : [],
          );
          expect(new Set(fresh).size).toBe(fresh.length);

          const pending = (await createSqliteStore(sql, options()).open()).pending;
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
          expect((await createSqliteStore(sql, options()).open()).pending).toEqual([]);
          // What was taken stays known, and so do the copies that were made of it.
          for (const { key } of pending) {
            const event = all.map(eventOf).find((each) => eventKey(each) === key)!;
            const [again] = await store.accept([to(event)], NOW, never);
            expect(again?.kind).toBe("duplicate");
          }
          sql.close();
        },
      ),
      { numRuns: 60 },
    );
  });
});
