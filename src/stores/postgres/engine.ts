/**
 * How PostgreSQL does the store's work: one session, one thing after the other, so that every read sees all writes that
 * were asked for before it, and what waits together shares a commit. Each transaction first makes sure that the lease is
 * still this replica's; a takeover waits for those that have begun.
 */
import { messageOf, StorageError } from "../../core/errors.ts";
import { asFailure } from "../failure.ts";
import type { Engine } from "../store.ts";
import { runWaiting, type Work } from "../work.ts";
import type { Session } from "./session.ts";

export interface PostgresEngine extends Engine {
  /** Resolves with the reason when nothing can be written any more: the lease or the session is gone. */
  readonly over: Promise<Error>;
  /** Nothing more is asked of the database. */
  end(reason: string): void;
}

interface Asked {
  readonly reads: boolean;
  run(): Promise<void>;
  done(): void;
  /** With whatever it failed: its own work, alone. */
  refused(error: unknown): void;
  /** The store's fault, or nobody knows. */
  failed(error: unknown): void;
}

/** A value that PostgreSQL does not take: SQLSTATE class 22. */
const isRefusedValue = (error: unknown): boolean =>
  error instanceof Error && "code" in error && /^22[0-9A-Z]{3}$/u.test(String(error.code));

/** `fence` throws where the lease is another's; it runs first in each transaction. */
export function createEngine(session: Session, fence: () => Promise<void>): PostgresEngine {
  const { promise: over, resolve: end } = Promise.withResolvers<Error>();
  const queue: Asked[] = [];
  let isFlushing = false;
  let ended: Error | undefined;
  const finish = (reason: Error): void => {
    if (ended !== undefined) return;
    ended = reason;
    end(reason);
    // What runs fails by itself, and nothing more is taken on.
    for (const each of queue.splice(0)) each.failed(reason);
  };
  void session.ended.then(finish);

  async function commitAll(group: readonly Asked[]): Promise<void> {
    const settled: (() => void)[] = [];
    try {
      // Not waited for: what it would fail with, the fence fails with too.
      session.query("BEGIN").catch(() => undefined);
      await fence();
      for (const each of group) {
        session.query("SAVEPOINT one").catch(() => undefined);
        try {
          await each.run();
          session.query("RELEASE one").catch(() => undefined);
          settled.push(() => each.done());
        } catch (error) {
          await session.query("ROLLBACK TO one");
          settled.push(() => each.refused(error));
        }
      }
      await session.query("COMMIT");
    } catch (error) {
      // Whether it was committed is known to nobody here: memory is to be built anew from the rows.
      finish(error instanceof Error ? error : new Error(messageOf(error)));
      session.query("ROLLBACK").catch(() => undefined);
      for (const { failed } of group) failed(error);
      return;
    }
    for (const settle of settled) settle();
  }

  async function flush(): Promise<void> {
    while (queue.length > 0) {
      const { reads } = queue[0]!;
      const other = queue.findIndex((each) => each.reads !== reads);
      const group = queue.splice(0, other < 0 ? queue.length : other);
      if (!reads) await commitAll(group);
      else
        await Promise.all(
          group.map((each) =>
            each.run().then(
              () => each.done(),
              (error: unknown) => each.refused(error),
            ),
          ),
        );
    }
    isFlushing = false;
  }

  const ask =
    (reads: boolean, what: string) =>
    <T>(work: () => Work<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        const failed = (error: unknown): void =>
          reject(new StorageError(`${what}: ${messageOf(error)}`, { cause: error }));
        if (ended !== undefined) return failed(ended);
        let result: T;
        queue.push({
          reads,
          run: async () => {
            result = await runWaiting(work());
          },
          done: () => resolve(result),
          // A session that ends fails in many ways.
          refused: (error) =>
            ended === undefined
              ? reject(isRefusedValue(error) ? error : asFailure(what, error))
              : failed(error),
          failed,
        });
        if (isFlushing) return undefined;
        isFlushing = true;
        // What is asked for in the same turn shares the commit.
        void Promise.resolve().then(flush);
        return undefined;
      });

  return {
    commit: ask(false, "the store did not take a write"),
    read: ask(true, "the store could not be read"),
    over,
    end: (reason) => finish(new Error(reason)),
  };
}
