/** The Store port on SQLite. One relay is its only writer, so it may remember which tables there are. */
import type { Mover } from "../core/move.ts";
import type { Store } from "../core/store.ts";
import { asFailure } from "./failure.ts";
import { createSqliteTables, type SqliteTables } from "./sqlite-tables.ts";
import type { Sql } from "./sql.ts";
import { createMover } from "./move.ts";
import { createStore, type Engine, type StoreOptions } from "./store.ts";
import { runAtOnce, type Work } from "./work.ts";

export function createSqliteStore(sql: Sql, options: StoreOptions): Store {
  const tables = createSqliteTables(sql);
  return createStore(tables, createEngine(sql, tables), options);
}

/** For the same data while no relay uses it. */
export function createSqliteMover(sql: Sql): Mover {
  const tables = createSqliteTables(sql);
  return createMover(tables, createEngine(sql, tables));
}

function createEngine(sql: Sql, tables: SqliteTables): Engine {
  /** A commit failed: which tables there are has to be looked up. Not at once, as a disk that fails cannot be read either. */
  let isStale = false;
  const run = <T>(work: () => Work<T>): T => {
    if (isStale) tables.reload();
    isStale = false;
    return runAtOnce(work());
  };
  return {
    async commit(work) {
      try {
        return await sql.commit(() => run(work));
      } catch (error) {
        isStale = true;
        throw asFailure("the store did not take a write", error);
      }
    },
    /** A disk that cannot be read is the disk's fault, not the message's. */
    async read(work) {
      try {
        return run(work);
      } catch (error) {
        throw asFailure("the store could not be read", error);
      }
    },
  };
}
