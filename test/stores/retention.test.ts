/** What a busy channel leaves behind: storage stays bounded, look-ups stay cheap, nothing is forgotten too early. */
import { beforeAll, describe, expect, it } from "vitest";

import type { Event } from "../../src/core/event.ts";
import type { Store } from "../../src/core/store.ts";
import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import {
  copyOf,
  DAY_MS,
  type Day,
  DAYS,
  DEAD_EVERY,
  END,
  fill,
  idOf,
  KEPT_MS,
  RETENTION_MS,
  rowsOf,
  saidOf,
  tablesOf,
} from "../contract/retention.ts";
import { created, lane, never, to } from "../contract/said.ts";

const MESSAGES = 100_000;
const { aged, timeOf } = saidOf(MESSAGES);

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
    days = await fill(MESSAGES, sql, store, size);
  }, 60_000);

  const accept = async (event: Event): Promise<string | undefined> =>
    (await store.accept([to(event)], END, never))[0]?.kind;

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

  it("are known for the retention, as are their copies", async () => {
    for (const number of aged(0, RETENTION_MS)) {
      const copy = copyOf(number);
      expect(await accept(created(idOf(number)))).toBe("duplicate");
      expect(await accept({ ...created(""), ...copy })).toBe("copy");
      expect(await store.original(copy)).toMatchObject({ message: idOf(number) });
      expect(await store.copies(created(idOf(number)), lane)).toEqual([copy.message]);
    }
  });

  it("are forgotten after it", async () => {
    for (const number of aged(KEPT_MS, DAYS * DAY_MS)) {
      expect(await store.original(copyOf(number))).toBeUndefined();
      expect(await store.copies(created(idOf(number)), lane)).toBeUndefined();
    }
  });

  it("are dead letters for the retention where they were given up, each with its event", async () => {
    const dead = (await store.deadLetters()).map(({ event }) => Number(event.message));
    const all = Array.from({ length: MESSAGES / DEAD_EVERY }, (_each, index) => index * DEAD_EVERY);
    const owed = all.filter((number) => timeOf(number) >= END - RETENTION_MS);
    expect(owed.length).toBeGreaterThan(40);
    expect(dead).toEqual(expect.arrayContaining(owed));
    expect(Math.min(...dead.map(timeOf))).toBeGreaterThanOrEqual(END - KEPT_MS);
  });

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
