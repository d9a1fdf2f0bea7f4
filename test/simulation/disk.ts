/**
 * The disk: SQLite in memory behind the store's driver, with commits that take their time, fail, or are cut off by the
 * end of the process. As in `hosts/node/drivers.ts`, what is asked for meanwhile shares one commit.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

import type { Sql, Val } from "../../src/stores/sql.ts";
import type { Life } from "./life.ts";
import type { Step } from "./steps.ts";
import type { World } from "./world.ts";

export interface Disk {
  /** The disk as one life of the bridge has it: silent as soon as that is over. */
  open(life: Life): Sql;
  close(): void;
}

interface Waiting {
  readonly steps: readonly Step[];
  readonly work: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** A disk that is busy with something else. */
const SLOW_MS = 4_000;

export function createDisk(world: World): Disk {
  const { time, faults, random, journal } = world;
  const db = new DatabaseSync(":memory:");
  const statements = new Map<string, StatementSync>();
  const prepare = (query: string): StatementSync => {
    let statement = statements.get(query);
    if (statement === undefined) {
      statement = db.prepare(query);
      statements.set(query, statement);
    }
    return statement;
  };

  const flush = (life: Life, batch: readonly Waiting[]): void => {
    if (isKilled("before", batch)) return;
    if (world.diskIsFull !== undefined || faults.takeKind("disk", "error")) {
      world.diskIsFull?.felt();
      life.diskErrors += 1;
      journal.note("disk: a commit failed");
      world.book.upsets.push(time.now());
      const what = world.diskIsFull === undefined ? "disk I/O error" : "database or disk is full";
      for (const { failed } of batch) failed(new Error(what));
      return;
    }
    const settled: (() => void)[] = [];
    db.exec("BEGIN");
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
    if (isKilled("after", batch)) return;
    for (const settle of settled) settle();
  };
  /** What shares a commit is there or not there as one: a kill is on the same side of all its steps. */
  const isKilled = (side: "before" | "after", batch: readonly Waiting[]): boolean => {
    const steps = [...new Set(batch.flatMap(({ steps: own }) => own))];
    const aimed = steps.find((step) => world.killIf(`${side} ${step}`));
    const isOver =
      aimed !== undefined || world.killIf(`${side} a commit`, `${side} ${steps.join(", ")}`);
    if (isOver)
      for (const step of steps) if (step !== aimed) faults.alsoHit(`kill ${side} ${step}`);
    return isOver;
  };

  return {
    open(life) {
      let queue: Waiting[] = [];
      return {
        all: <Row extends object>(query: string, ...params: Val[]) => {
          if (life.alive && faults.takeKind("disk", "unreadable")) {
            life.diskErrors += 1;
            journal.note("disk: a read failed");
            world.book.upsets.push(time.now());
            throw new Error("disk I/O error");
          }
          return prepare(query).all(...params) as Row[];
        },
        run(query, ...params) {
          if (/^(CREATE|DROP)/u.test(query)) {
            if (query.startsWith("DROP")) statements.clear();
            db.exec(query);
          } else prepare(query).run(...params);
        },
        commit: <T>(work: () => T) =>
          new Promise<T>((resolve, reject) => {
            if (!life.alive) return;
            let result: T;
            if (life.steps.length === 0) world.broken.push("a commit is of no known step");
            queue.push({
              steps: life.steps,
              work: () => {
                result = work();
              },
              done: () => resolve(result),
              failed: reject,
            });
            if (queue.length > 1) return;
            const isSlow = faults.takeKind("disk", "slow");
            const tookMs = isSlow ? SLOW_MS : random.network.int(0, 6);
            if (isSlow) {
              journal.note("disk: a commit is slow");
              world.book.slowCommits.push({ from: time.now(), until: time.now() + tookMs });
            }
            time.after(tookMs, () => {
              const batch = queue;
              queue = [];
              if (life.supersededAt <= time.now()) {
                life.diskErrors += 1;
                for (const { failed } of batch) failed(new Error("superseded"));
              } else if (life.alive) flush(life, batch);
            });
          }),
      };
    },
    close: () => db.close(),
  };
}
