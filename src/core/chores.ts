/** What a relay does besides relaying: a list of named jobs with a due time, run by the same drains as the lanes. */
import { messageOf } from "./errors.ts";
import { backoffMs, heededMs } from "./outbox/backoff.ts";
import { CallFailed, type Clock, type Logger, type Random } from "./ports.ts";

/** Resolves with the milliseconds after which it wants to run again; undefined when it is done. */
export type Job = () => Promise<number | undefined>;

export interface JobOptions {
  /** Runs when something else is done; wakes nobody. */
  readonly lazy?: boolean;
  /** Not before this time, ms. */
  readonly dueAt?: number;
  /** Others wait for it now: where a service asked for time, it asks again as soon as that is over, in front of the lanes. */
  readonly first?: () => boolean;
}

export interface Chores {
  /** Adds a job, or makes an existing one of this name due now. */
  add(name: string, job: Job, options?: JobOptions): void;
  /** Forgets a job; one that runs is finished and not run again. */
  remove(name: string): void;
  /** The clock went back by so many ms. */
  shift(back: number): void;
  due(now: number): (() => Promise<void>)[];
  nextDue(): number;
}

interface Chore {
  job: Job;
  dueAt: number;
  running: boolean;
  failures: number;
  again: boolean;
  lazy: boolean;
  first: () => boolean;
  /** It failed, or the service asked for time: however often it is asked for. */
  notBefore: number;
}

/** A job that failed is not made again sooner, ms. */
const PAUSE_MS = 1_000;

/** At least, ms: what is left of a limit may be next to nothing, and what is asked then may make it longer for a second. */
const PROMPT_MS = 250;
const promptMs = (wait: number): number => Math.min(heededMs(wait), Math.max(PROMPT_MS, wait));

export function createChores(clock: Clock, random: Random, log: Logger): Chores {
  const chores = new Map<string, Chore>();
  const run = async (name: string, chore: Chore): Promise<void> => {
    chore.running = true;
    let again: number | undefined;
    try {
      again = await chore.job();
      chore.failures = 0;
    } catch (error) {
      chore.failures += 1;
      const wait =
        error instanceof CallFailed && error.outcome.kind === "later"
          ? error.outcome.retryAfterMs
          : undefined;
      const isFirst = wait !== undefined && chore.first();
      again = isFirst ? promptMs(wait) : backoffMs(chore.failures, random, wait);
      chore.notBefore = clock() + (wait === undefined ? PAUSE_MS : again);
      // Spread, or all that were refused together come again together.
      if (wait !== undefined && !isFirst) again += Math.floor(random() * 1_000);
      log.warn(`${name} failed and is tried again`, { reason: messageOf(error), inMs: again });
    } finally {
      chore.running = false;
    }
    if (chore.again) again = 0;
    chore.again = false;
    if (again !== undefined) chore.dueAt = Math.max(clock() + again, chore.notBefore);
    else if (chores.get(name) === chore) chores.delete(name);
  };
  return {
    add(name, job, { lazy = false, dueAt = 0, first = () => false } = {}) {
      const known = chores.get(name);
      if (known === undefined)
        chores.set(name, {
          job,
          dueAt,
          running: false,
          failures: 0,
          again: false,
          lazy,
          first,
          notBefore: 0,
        });
      else if (known.running) known.again = true;
      else known.dueAt = Math.max(dueAt, known.notBefore);
    },
    remove: (name) => void chores.delete(name),
    shift(back) {
      for (const chore of chores.values()) {
        chore.dueAt -= back;
        chore.notBefore -= back;
      }
    },
    due: (now) =>
      [...chores].flatMap(([name, chore]) =>
        chore.running || chore.dueAt > now ? [] : [() => run(name, chore)],
      ),
    nextDue: () =>
      Math.min(
        Infinity,
        ...[...chores.values()]
          .filter((each) => !each.running && !each.lazy)
          .map((each) => each.dueAt),
      ),
  };
}
