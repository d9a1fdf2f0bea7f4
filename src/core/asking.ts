/**
 * What a message's own service is asked while the message is made ready: names, quotes, what its files are called. It can
 * go without. All questions to an account are waited for together: a service that is away, or does not answer, must not
 * hold up each of its messages anew, and with them what others say in the lanes.
 */
import type { AccountId } from "./ids.ts";
import { CallFailed, type Clock, type Wait } from "./ports.ts";

/** From when the first question of an outage was asked, ms. */
const PATIENCE_MS = 5_000;
/** So long after the last question that failed, whoever asked, it is another outage, ms. */
const FORGET_MS = 60_000;
/** In an outage one question at a time may find out that it is over, ms. */
const TRIAL_MS = 1_000;

/**
 * The answer to a question, or `without` where it is not waited for. Throws `CallFailed` where it is to be asked again soon.
 */
export type Ask = <T, const W>(
  account: AccountId,
  question: () => Promise<T>,
  without: W,
) => Promise<T | W>;

export interface Asking {
  readonly ask: Ask;
  /** For what cannot go without: waits for each answer, and throws whenever there is none. */
  readonly insist: Ask;
  /** For how many ms the account's service is still asked again. */
  leftMs(account: AccountId): number;
}

interface Outage {
  readonly since: number;
  last: number;
}

export function createAsking(clock: Clock, wait: Wait): Asking {
  const outages = new Map<AccountId, Outage>();
  /** When the questions that have no answer yet were asked. */
  const open = new Map<AccountId, Set<{ readonly at: number }>>();

  /** Undefined where the account's service works, or a clock went back. */
  const outageOf = (account: AccountId, now: number): Outage | undefined => {
    const outage = outages.get(account);
    if (outage === undefined || now < outage.last) return undefined;
    return now - outage.last < FORGET_MS ? outage : undefined;
  };
  const sinceOf = (account: AccountId, now: number): number => {
    const outage = outageOf(account, now);
    if (outage !== undefined) return outage.since;
    const [oldest] = open.get(account) ?? [];
    return Math.min(now, oldest?.at ?? now);
  };
  const leftMs = (account: AccountId): number => {
    const now = clock();
    return Math.max(0, sinceOf(account, now) + PATIENCE_MS - now);
  };
  const failed = (account: AccountId, askedAt: number): void => {
    const now = clock();
    const since = outageOf(account, now)?.since ?? Math.min(askedAt, now);
    outages.set(account, { since, last: now });
  };
  const opened = (account: AccountId): (() => void) => {
    const questions = open.get(account) ?? new Set();
    open.set(account, questions);
    const question = { at: clock() };
    questions.add(question);
    return () => void questions.delete(question);
  };
  /** Never rejects. */
  const answerTo = async <T>(account: AccountId, question: () => Promise<T>) => {
    const close = opened(account);
    try {
      return { kind: "told" as const, value: await question() };
    } catch (error) {
      return { kind: "failed" as const, error };
    } finally {
      close();
    }
  };

  return {
    leftMs,
    async insist(account, question) {
      const askedAt = clock();
      try {
        return await question();
      } catch (error) {
        if (error instanceof CallFailed) failed(account, askedAt);
        throw error;
      }
    },
    async ask(account, question, without) {
      const askedAt = clock();
      const isFirst = (open.get(account)?.size ?? 0) === 0;
      const waitMs = Math.max(leftMs(account), isFirst ? TRIAL_MS : 0);
      const answer = answerTo(account, question);
      const { over, cancel } = wait(waitMs);
      const got = await Promise.race([answer, over]);
      cancel();
      if (got === undefined) {
        failed(account, askedAt);
        // It works again, or is only slow now and then; a slow one must not be waited for each time.
        void answer.then(({ kind }) => {
          const tookMs = clock() - askedAt;
          if (kind === "told" && tookMs >= 0 && tookMs < PATIENCE_MS) outages.delete(account);
        });
        return without;
      }
      if (got.kind === "told") return got.value;
      const { error } = got;
      if (!(error instanceof CallFailed)) throw error;
      failed(account, askedAt);
      if (leftMs(account) > 0) throw error;
      return without;
    },
  };
}
