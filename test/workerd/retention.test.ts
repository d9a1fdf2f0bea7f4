/** The channel of `test/stores/retention.test.ts` on Durable Object SQL, with less said in it: that is slower here. */
import { env, runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";

import { durableSql } from "../../src/hosts/cloudflare/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import {
  copyOf,
  DAY_MS,
  type Day,
  dayOf,
  END,
  fill,
  idOf,
  KEPT_MS,
  RETENTION_MS,
  saidOf,
  tablesOf,
} from "../contract/retention.ts";
import { created, never, to } from "../contract/said.ts";

const bindings = env as unknown as { STORE: DurableObjectNamespace };

const MESSAGES = 10_000;
const { aged } = saidOf(MESSAGES);

it("keeps what many messages leave behind bounded, and known for the retention", async () => {
  const stub = bindings.STORE.getByName(crypto.randomUUID());
  await runInDurableObject(stub, async (_object, { storage }) => {
    const sql = durableSql(storage);
    const options = { randomId: () => crypto.randomUUID(), retentionMs: RETENTION_MS };
    const store = createSqliteStore(sql, options);
    await store.open();
    const days = await fill(MESSAGES, store, () => dayOf(sql, storage.sql.databaseSize));
    expect(Math.max(...days.map(({ tables }) => tables))).toBeLessThanOrEqual(4);
    expect(tablesOf(sql, "inbox")).toHaveLength(1);
    const full = KEPT_MS / DAY_MS + 7;
    const most = (some: readonly Day[]) => Math.max(...some.map(({ size }) => size));
    expect(most(days.slice(full))).toBeLessThan(1.05 * most(days.slice(0, full)));
    const again = aged(0, RETENTION_MS).map((number) => to(created(idOf(number))));
    const kinds = (await store.accept(again, END, never)).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["duplicate"]));
    for (const number of aged(KEPT_MS, days.length * DAY_MS))
      expect(await store.original(copyOf(number))).toBeUndefined();
  });
}, 60_000);
