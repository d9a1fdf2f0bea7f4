/** node:sqlite behind the store's driver: WAL, every commit on disk before it counts, and group commit. */
import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

import { messageOf } from "../../core/errors.ts";
import type { Sql, Val } from "../../stores/sql.ts";

export interface NodeSql extends Sql {
  close(): void;
}

interface Waiting {
  readonly work: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A little more than SQLite's log ever holds between two checkpoints (1,000 pages). */
const LOG_BYTES = 4.5 * 1_048_576;

/**
 * All commits asked for in one turn of the event loop share one fsync: with `synchronous=FULL` that is the difference
 * between some hundreds and many thousands of webhooks a second. Each runs in a savepoint, so that one that throws takes
 * only itself back.
 */
export function openNodeSql(file: string): NodeSql {
  if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file);
  // Exclusive: a second process on the same data would relay everything twice under the same name.
  db.exec("PRAGMA busy_timeout = 5000; PRAGMA locking_mode = EXCLUSIVE;");
  try {
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT;");
  } catch (error) {
    db.close();
    if (!/locked|busy/iu.test(messageOf(error))) throw error;
    throw new Error(
      `${file} is in use: another Footbridge runs on the same data; stop it, or give this one a DATA_DIR of its own`,
      { cause: error },
    );
  }
  // The first read makes the log.
  db.exec("SELECT 1 FROM sqlite_master");
  if (file !== ":memory:") layOut(`${file}-wal`);
  const statements = new Map<string, StatementSync>();
  const prepare = (query: string): StatementSync => {
    let statement = statements.get(query);
    if (statement === undefined) {
      statement = db.prepare(query);
      statements.set(query, statement);
    }
    return statement;
  };
  const [savepoint, release] = [db.prepare("SAVEPOINT one"), db.prepare("RELEASE one")];
  let queue: Waiting[] = [];

  const flush = (): void => {
    const batch = queue;
    queue = [];
    const settled: (() => void)[] = [];
    try {
      db.exec("BEGIN IMMEDIATE");
      for (const { work, done, failed } of batch) {
        savepoint.run();
        try {
          work();
          release.run();
          settled.push(done);
        } catch (error) {
          // A full disk takes the whole transaction back, not only this part of it.
          if (!db.isTransaction) throw error;
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

/**
 * Fills SQLite's log with zeros, which are no frames of it, up to the size that it will have. To overwrite a file is one
 * write; to make it longer is one more, of the file system's own journal, which waits for whatever else is written: that
 * took half as long again at each commit, and ten times as long at some.
 */
function layOut(log: string): void {
  try {
    const fd = openSync(log, "r+");
    try {
      const zeros = new Uint8Array(65_536);
      for (let { size } = fstatSync(fd); size < LOG_BYTES;)
        size += writeSync(fd, zeros, 0, Math.min(zeros.length, LOG_BYTES - size), size);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // A full disk, say: commits are slower, and will tell what is wrong.
  }
}
