/**
 * The requests an account has left: Gitter allows 100 in a fixed window of 60 s, for all rooms and all kinds together,
 * and says in every answer how many remain. Nothing tells how long to wait but the end of the window.
 */
import type { HttpAnswer } from "../../core/ports.ts";

/** Longest wait we believe in: one window. A clock that is wrong on either side must not stop us for longer. */
const WINDOW_MS = 60_000;
/** Shortest wait after a 429, so that a clock of theirs that is behind does not make us knock without pause. */
const MIN_WAIT_MS = 1000;
/** Part of the window that writes leave for look-ups, history and room names. */
const KEPT_FOR_READS = 0.3;
/** Part of the window that looks for changes leave for all else. */
const KEPT_FROM_SPARE = 0.6;

export interface Budget {
  readonly limit: number;
  readonly remaining: number;
  /** End of the window, by the service's clock. */
  readonly resetAtMs: number;
}

export const fullBudget: Budget = { limit: 100, remaining: 100, resetAtMs: 0 };

/** The headers of an answer, whole or streaming. */
type Headers = Pick<HttpAnswer, "header">;

const numberIn = (answer: Headers, name: string): number | undefined => {
  const value = answer.header(name)?.trim() ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
};

/** What an answer says about the window. Answers overtake each other: in one window the smaller number is newer. */
export function noteAnswer(budget: Budget, answer: HttpAnswer, nowMs: number): Budget {
  const limit = numberIn(answer, "x-ratelimit-limit") ?? budget.limit;
  if (answer.status === 429)
    return { limit, remaining: 0, resetAtMs: nowMs + limitedForMs(answer, nowMs) };
  const remaining = numberIn(answer, "x-ratelimit-remaining");
  const reset = numberIn(answer, "x-ratelimit-reset");
  if (remaining === undefined || reset === undefined) return budget;
  const resetAtMs = Math.min(reset, nowMs + WINDOW_MS);
  if (resetAtMs > budget.resetAtMs + MIN_WAIT_MS) return { limit, remaining, resetAtMs };
  if (resetAtMs < budget.resetAtMs - MIN_WAIT_MS) return budget;
  return { ...budget, limit, remaining: Math.min(remaining, budget.remaining) };
}

/** After a 429: until `X-RateLimit-Reset`, which is in milliseconds (there is no `Retry-After`). */
export function limitedForMs(answer: Headers, nowMs: number): number {
  const resetAtMs = numberIn(answer, "x-ratelimit-reset") ?? nowMs + WINDOW_MS;
  return Math.min(WINDOW_MS, Math.max(MIN_WAIT_MS, resetAtMs - nowMs));
}

/** What a request is for: a spare one is a read that can wait for any other. */
export type Use = "read" | "write" | "spare";
const KEPT: Readonly<Record<Use, number>> = {
  read: 0,
  write: KEPT_FOR_READS,
  spare: KEPT_FROM_SPARE,
};

/** How long a request has to wait; undefined when it may go now. */
export function waitMs(budget: Budget, use: Use, nowMs: number): number | undefined {
  const leftMs = budget.resetAtMs - nowMs;
  const kept = Math.floor(budget.limit * KEPT[use]);
  if (leftMs <= 0 || budget.remaining > kept) return undefined;
  return Math.min(WINDOW_MS, leftMs);
}

/** One request left for the service: counted before the answer says so, as several may be under way. */
export const spend = (budget: Budget): Budget => ({
  ...budget,
  remaining: Math.max(0, budget.remaining - 1),
});
