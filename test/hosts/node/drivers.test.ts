/** The node host's database file: what makes its commits fast must not be what makes them doubtful. */
import { copyFileSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { openNodeSql } from "../../../src/hosts/node/drivers.ts";

const fileIn = () => join(mkdtempSync(join(tmpdir(), "footbridge-")), "test.sqlite");

/** What is on the disk now, as after a kill. */
function asAfterKill(file: string): string {
  const copy = fileIn();
  for (const end of ["", "-wal"]) copyFileSync(file + end, copy + end);
  return copy;
}

describe("the log of commits", () => {
  it("is as long from the start as it gets, so that no commit makes a file longer", async () => {
    const file = fileIn();
    const sql = openNodeSql(file);
    const sizes = () => ["", "-wal"].map((end) => statSync(file + end).size);
    await sql.commit(() => sql.run("CREATE TABLE t (v TEXT)"));
    const before = sizes();
    for (let row = 0; row < 200; row += 1)
      await sql.commit(() => sql.run("INSERT INTO t VALUES (?)", "x".repeat(300)));
    expect(sizes()).toEqual(before);
    sql.close();
  });

  it("is read after a kill, the unused rest of it notwithstanding", async () => {
    const file = fileIn();
    const sql = openNodeSql(file);
    const first = asAfterKill(file);
    await sql.commit(() => sql.run("CREATE TABLE t (v TEXT)"));
    for (const row of ["a", "b"]) await sql.commit(() => sql.run("INSERT INTO t VALUES (?)", row));
    const second = asAfterKill(file);
    sql.close();

    const empty = openNodeSql(first);
    expect(empty.all("SELECT name FROM sqlite_master")).toEqual([]);
    await empty.commit(() => empty.run("CREATE TABLE t (v TEXT)"));
    empty.close();
    const again = openNodeSql(second);
    expect(again.all("SELECT v FROM t")).toMatchObject([{ v: "a" }, { v: "b" }]);
    await again.commit(() => again.run("INSERT INTO t VALUES ('c')"));
    const third = openNodeSql(asAfterKill(second));
    expect(third.all("SELECT v FROM t")).toHaveLength(3);
    for (const each of [again, third]) each.close();
  });
});
