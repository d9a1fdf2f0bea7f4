/** The node host's database file: what makes its commits fast must not be what makes them doubtful. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { eventKey } from "../../../src/core/event.ts";
import { openNodeSql } from "../../../src/hosts/node/drivers.ts";
import { createSqliteStore } from "../../../src/stores/sqlite.ts";
import { created, NOW, to } from "../../contract/said.ts";

const DRIVERS = join(import.meta.dirname, "../../../src/hosts/node/drivers.ts");

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

describe("a full disk", () => {
  it("takes nothing, says so, and takes everything again when there is room", async () => {
    const sql = openNodeSql(fileIn());
    const store = createSqliteStore(sql, { randomId: () => "an-id", retentionMs: 9 * 86_400_000 });
    await store.open();
    await store.accept([to(created("1"))], NOW, () => false);
    const pages = sql.all<{ page_count: number }>("PRAGMA page_count")[0]!.page_count;
    sql.all(`PRAGMA max_page_count = ${pages}`);
    const many = Array.from({ length: 500 }, (_each, index) => to(created(`full${index}`)));
    await expect(store.accept(many, NOW, () => false)).rejects.toThrow(
      /the store did not take a write: .*full/u,
    );
    // What was there is still there, and nothing of what was refused.
    expect(await store.load(eventKey(created("1")))).toBeDefined();
    expect(await store.load(eventKey(created("full0")))).toBeUndefined();
    sql.all(`PRAGMA max_page_count = ${pages * 100}`);
    const accepted = await store.accept(many, NOW, () => false);
    expect(accepted.filter(({ kind }) => kind === "new")).toHaveLength(500);
    sql.close();
  });
});

describe("a second process on the same data", () => {
  it("is refused, and told what to do", () => {
    const file = fileIn();
    const sql = openNodeSql(file);
    // Another connection waits as another process would.
    const second = spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `import { openNodeSql } from ${JSON.stringify(DRIVERS)};
         try { openNodeSql(${JSON.stringify(file)}) } catch (error) { console.log(error.message) }`,
      ],
      { encoding: "utf8" },
    );
    expect(second.stdout).toMatch(/is in use: another Footbridge .* a DATA_DIR of its own/u);
    sql.close();
  });
});
