import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import { createSqliteMover, createSqliteStore } from "../../src/stores/sqlite.ts";
import { moveContract } from "../contract/move.ts";

let ids = 0;
moveContract("node:sqlite", async () => {
  const sql = openNodeSql(":memory:");
  const options = { randomId: () => `id${(ids += 1)}`, retentionMs: 30 * 86_400_000 };
  return { store: createSqliteStore(sql, options), mover: createSqliteMover(sql) };
});
