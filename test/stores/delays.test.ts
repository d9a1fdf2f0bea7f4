import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { delayPromises } from "../contract/delays.ts";

const options = () => {
  let ids = 0;
  return { randomId: () => `id${(ids += 1)}`, retentionMs: 30 * 86_400_000 };
};

delayPromises("node:sqlite", async (wait) => {
  const sql = openNodeSql(":memory:");
  const delayed: typeof sql = {
    ...sql,
    commit: async (work) => {
      await wait();
      const done = await sql.commit(work);
      await wait();
      return done;
    },
  };
  return {
    store: createSqliteStore(delayed, options()),
    again: async () => createSqliteStore(sql, options()),
    close: () => sql.close(),
  };
});
