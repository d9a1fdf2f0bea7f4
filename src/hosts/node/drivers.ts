/** node:sqlite behind the store's driver: WAL, every commit on disk before it counts, and group commit. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

import type { Sql, Val } from "../../stores/sql.ts";

export interface NodeSql extends Sql {
  close(): void;
}

interface Waiting {
  readonly work: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * All commits asked for in one turn of the event loop share one fsync: with `synchronous=FULL` that is the difference
 * between some hundreds and many thousands of webhooks a second. Each runs in a savepoint, so that one that throws takes
 * only itself back.
 */
export function openNodeSql(file: string): NodeSql {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  const statements = new Map<string, StatementSync>();
  const prepare = (query: string): StatementSync => {
    let statement = statements.get(query);
    if (statement === undefined) {
      statement = db.prepare(query);
      statements.set(query, statement);
    }
    return statement;
  };
  let queue: Waiting[] = [];

  const flush = (): void => {
    const batch = queue;
    queue = [];
    const settled: (() => void)[] = [];
    try {
      db.exec("BEGIN IMMEDIATE");
      for (const { work, done, failed } of batch) {
        db.exec("SAVEPOINT one");
        try {
          work();
          db.exec("RELEASE one");
          settled.push(done);
        } catch (error) {
          db.exec("ROLLBACK TO one; RELEASE one");
          settled.push(() => failed(error));
        }
      }
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      for (const { failed } of batch) failed(error);
      return;
    }
    for (const settle of settled) settle();
  };

  return {
    all: <Row extends object>(query: string, ...params: Val[]) =>
      prepare(query).all(...params) as Row[],
    run(query, ...params) {
      // Statements that make or drop tables are one-off: caching them would keep dropped tables locked.
      if (/^(CREATE|DROP)/u.test(query)) {
        if (query.startsWith("DROP")) statements.clear();
        db.exec(query);
      } else prepare(query).run(...params);
    },
    commit: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        let result: T;
        queue.push({
          work: () => {
            result = work();
          },
          done: () => resolve(result),
          failed: reject,
        });
        if (queue.length === 1) setImmediate(flush);
      }),
    close: () => db.close(),
  };
}
