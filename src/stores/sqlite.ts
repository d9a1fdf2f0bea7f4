/** The Store port on SQLite. One relay is its only writer, so it may remember which tables there are. */
import { messageOf, StorageError } from "../core/errors.ts";
import type { Store } from "../core/store.ts";
import { createSqliteTables } from "./sqlite-tables.ts";
import type { Sql } from "./sql.ts";
import { createStore, type StoreOptions } from "./store.ts";
import { runAtOnce } from "./work.ts";

export function createSqliteStore(sql: Sql, options: StoreOptions): Store {
  const tables = createSqliteTables(sql);
  return createStore(
    tables,
    {
      async commit(work) {
        try {
          return await sql.commit(() => runAtOnce(work()));
        } catch (error) {
          tables.reload();
          throw new StorageError(`the store did not take a write: ${messageOf(error)}`, {
            cause: error,
          });
        }
      },
      /** A disk that cannot be read is the disk's fault, not the message's. */
      async read(work) {
        try {
          return runAtOnce(work());
        } catch (error) {
          throw new StorageError(`the store could not be read: ${messageOf(error)}`, {
            cause: error,
          });
        }
      },
    },
    options,
  );
}
