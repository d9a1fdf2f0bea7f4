/**
 * What a message's own service is asked while the message is made ready: names, quotes, what its files are called. It can
 * go without. A service that is away, or does not answer, must not hold up each of its messages anew, and with them what
 * others say in the lanes.
 */
import type { AccountId } from "./ids.ts";
import { CallFailed, type Clock, type Wait } from "./ports.ts";

/** How long the first questions of an outage are waited for, ms. */
const PATIENCE_MS = 5_000;
/** So long after the last question that failed, whoever asked, it is another outage, ms. */
const FORGET_MS = 60_000;
/** In an outage answers are waited for once in so long, and for how long then, ms. */
const TRIAL_EVERY_MS = 10_000;
const TRIAL_MS = 1_000;

/**
 * The answer to a question, or `without` where it is not waited for. Throws `CallFailed` where it is to be asked again soon.
 * `leastMs`: it is waited for so long in any case.
 */
export type Ask = <T, const W>(
  account: AccountId,
  question: () => Promise<T>,
  without: W,
  leastMs?: number,
) => Promise<T | W>;

export interface Asking {
  readonly ask: Ask;
  /** For what cannot go without: waits for each answer, and throws whenever there is none. */
  readonly insist: Ask;
  /** The account's service does not answer; one that refuses a question, or all of an account's, does. */
  isOut(account: AccountId): boolean;
  /** For how many ms the account's service is still asked again. */
  leftMs(account: AccountId): number;
}

interface Outage {
  since: number;
  last: number;
  /** What failed last was refused: there is nothing to be waited for. */
  refuses: boolean;
  /** When answers were last waited for once more. */
  trialAt: number;
}

export function createAsking(clock: Clock, wait: Wait): Asking {
  const outages = new Map<AccountId, Outage>();

  /** Undefined where the account's service works, or a clock went back. */
  const outageOf = (account: AccountId, now: number): Outage | undefined => {
    const outage = outages.get(account);
    if (outage === undefined || now < outage.last) return undefined;
    return now - outage.last < FORGET_MS ? outage : undefined;
  };
  const leftMs = (account: AccountId): number => {
    const now = clock();
    const since = outageOf(account, now)?.since ?? now;
    return Math.max(0, since + PATIENCE_MS - now);
  };
  /** All that is asked within a trial is waited for to its end: the copies of one message are to show the same name. */
  const waitMs = (account: AccountId): number => {
    const left = leftMs(account);
    const now = clock();
    const outage = outageOf(account, now);
    if (left > 0 || outage === undefined) return left;
    if (now - outage.trialAt >= TRIAL_EVERY_MS) outage.trialAt = now;
    return Math.max(0, outage.trialAt + TRIAL_MS - now);
  };
  const failed = (account: AccountId, askedAt: number, refuses?: boolean): void => {
    const now = clock();
    const outage = outageOf(account, now);
    const since = Math.min(askedAt, outage?.since ?? now);
    outages.set(account, {
      since,
      last: now,
      refuses: refuses ?? outage?.refuses ?? false,
      trialAt: outage?.trialAt ?? since,
    });
  };
  const within = async <T>(answer: Promise<T>, ms: number): Promise<T | void> => {
    const { over, cancel } = wait(ms);
    try {
      return await Promise.race([answer, over]);
    } finally {
      cancel();
    }
  };

  return {
    isOut: (account) => outageOf(account, clock())?.refuses === false,
    leftMs,
    async insist(account, question) {
      const askedAt = clock();
      try {
        return await question();
      } catch (error) {
        if (error instanceof CallFailed && isOutage(error))
          failed(account, askedAt, isRefusal(error));
        throw error;
      }
    },
    async ask(account, question, without, leastMs = 0) {
      const askedAt = clock();
      const answer = answerTo(question);
      // What is known already says nothing of the service.
      const known = (await atOnce(answer)) ?? (await within(answer, 0));
      if (known?.kind === "told") return known.value;
      const got = known ?? (await within(answer, Math.max(leastMs, waitMs(account))));
      if (got === undefined) {
        failed(account, askedAt);
        // It works again; a slow one must not be waited for each time.
        void answer.then((late) => {
          const tookMs = clock() - askedAt;
          const outage = outages.get(account);
          if (late.kind === "failed" && outage !== undefined)
            outage.refuses = late.error instanceof CallFailed && isRefusal(late.error);
          if (late.kind === "told" && tookMs >= 0 && tookMs < PATIENCE_MS) outages.delete(account);
        });
        return without;
      }
      if (got.kind === "told") {
        outages.delete(account);
        return got.value;
      }
      const { error } = got;
      if (!(error instanceof CallFailed)) throw error;
      if (!isOutage(error)) return without;
      failed(account, askedAt, isRefusal(error));
      if (leftMs(account) > 0) throw error;
      return without;
    },
  };
}

/** Turns of promises within which what is known is told, as a rule: a timer for each name would cost more. */
const TURNS = 20;

async function atOnce<T>(answer: Promise<T>): Promise<T | undefined> {
  const told: T[] = [];
  void answer.then((value) => told.push(value));
  for (let turn = 0; turn < TURNS && told.length === 0; turn += 1) await Promise.resolve();
  return told[0];
}

/** Whether more than this question would fail. */
export const isOutage = ({ outcome }: CallFailed): boolean =>
  outcome.kind !== "rejected" && outcome.kind !== "channel";

const isRefusal = ({ outcome }: CallFailed): boolean => outcome.kind === "account";

type Settled<T> =
  | { readonly kind: "told"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown };

/** Never rejects. */
async function answerTo<T>(question: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { kind: "told", value: await question() };
  } catch (error) {
    return { kind: "failed", error };
  }
}
