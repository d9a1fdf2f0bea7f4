/** What a busy channel leaves behind: storage stays bounded, look-ups stay cheap, nothing is forgotten too early. */
import { beforeAll, describe, expect, it } from "vitest";

import type { Store } from "../../src/core/store.ts";
import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import {
  DAY_MS,
  type Day,
  dayOf,
  DAYS,
  END,
  fill,
  KEPT_MS,
  RETENTION_MS,
  retentionPromises,
  rowsOf,
  tablesOf,
} from "../contract/retention.ts";
import { created, never, to } from "../contract/said.ts";

const MESSAGES = 100_000;
const options = () => {
  let ids = 0;
  return { randomId: () => `id${(ids += 1)}`, retentionMs: RETENTION_MS };
};

describe("100,000 messages of one channel, over more than twice the retention", () => {
  let sql: Sql;
  let store: Store;
  let days: readonly Day[];
  beforeAll(async () => {
    sql = openNodeSql(":memory:");
    store = createSqliteStore(sql, options());
    await store.open();
    const size = () => sql.all<{ page_count: number }>("PRAGMA page_count")[0]!.page_count;
    days = await fill(MESSAGES, store, () => dayOf(sql, size()));
  }, 60_000);

  it("leave the tables of one hour and of the weeks of the retention, on each day", () => {
    expect(days).toHaveLength(DAYS);
    expect(Math.max(...days.map(({ tables }) => tables))).toBeLessThanOrEqual(4);
    expect(tablesOf(sql, "inbox")).toHaveLength(1);
  });

  it("leave two rows of each message that is remembered", () => {
    const rows = tablesOf(sql, "map").reduce((sum, table) => sum + rowsOf(sql, table), 0);
    const perMs = (2 * MESSAGES) / (DAYS * DAY_MS);
    expect(rows).toBeGreaterThan(0.95 * perMs * RETENTION_MS);
    expect(rows).toBeLessThan(1.05 * perMs * KEPT_MS);
  });

  it("take no more room at the end than before", () => {
    // By then tables of each age were there.
    const full = KEPT_MS / DAY_MS + 7;
    const most = (some: readonly Day[]) => Math.max(...some.map(({ size }) => size));
    expect(most(days.slice(full))).toBeLessThan(1.05 * most(days.slice(0, full)));
  });

  retentionPromises(MESSAGES, () => store);

  it("do not make a new one dear: a few probes, each by a key", async () => {
    const asked: string[] = [];
    const spy: Sql = {
      ...sql,
      all: (query, ...params) => {
        asked.push(query);
        return sql.all(query, ...params);
      },
    };
    const again = createSqliteStore(spy, options());
    await again.open();
    asked.length = 0;
    expect((await again.accept([to(created("new"))], END, never))[0]?.kind).toBe("new");
    expect(asked.length).toBeLessThanOrEqual(16);
    for (const query of new Set(asked)) {
      const plan = sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, "x");
      expect(plan.map(({ detail }) => detail)).toEqual([
        expect.stringMatching(/^SEARCH \w+ USING PRIMARY KEY \((?:k=\?|k>\? AND k<\?)\)$/u),
      ]);
    }
  });
});
