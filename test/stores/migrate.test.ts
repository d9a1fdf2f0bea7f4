/** How the tables of a store become a newer program's. */
import { describe, expect, it } from "vitest";

import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import { migrate } from "../../src/stores/schema.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";

const versionOf = (sql: Sql) =>
  sql.all<{ v: string }>("SELECT v FROM meta WHERE k = 'version'")[0]?.v;
/** A store as this program leaves it. */
async function made() {
  const sql = openNodeSql(":memory:");
  await createSqliteStore(sql, { randomId: () => "id", retentionMs: 1 }).open();
  return sql;
}
const first = () => {
  throw new Error("it was made long ago");
};

describe("an upgrade of the tables", () => {
  it("takes the steps that are new, in order, and writes down how far it came", async () => {
    const sql = await made();
    const taken: string[] = [];
    migrate(sql, [first, first, () => taken.push("three"), () => taken.push("four")]);
    expect([taken, versionOf(sql)]).toEqual([["three", "four"], "4"]);
    migrate(sql, [first, first, first, first]);
  });

  it("is taken back whole when a step fails", async () => {
    const sql = await made();
    const steps = [
      first,
      first,
      () => sql.run("CREATE TABLE new (k TEXT)"),
      () => {
        throw new Error("disk full");
      },
    ];
    await expect(sql.commit(() => migrate(sql, steps))).rejects.toThrow("disk full");
    expect(versionOf(sql)).toBe("2");
    expect(sql.all("SELECT name FROM sqlite_master WHERE name = 'new'")).toEqual([]);
  });

  it("touches nothing of a newer program's data, and says what to do", async () => {
    const sql = await made();
    sql.run("UPDATE meta SET v = '7' WHERE k = 'version'");
    expect(() => migrate(sql)).toThrow(
      "the data is of version 7, this program knows 2: run the newer program again",
    );
    expect(versionOf(sql)).toBe("7");
  });
});
