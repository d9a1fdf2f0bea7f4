/** When to try again. Full jitter: many lanes that failed together must not come back together. */
import type { Random } from "../ports.ts";

const FIRST_MS = 1_000;
/** Longer would make a repaired service wait; shorter would press a sick one. */
const LONGEST_MS = 300_000;
/** More than a day is asked for by mistake. */
const LONGEST_ASKED_MS = 86_400_000;

/** How long a `Retry-After` is waited for: 0 would be a hot loop that writes a row at each turn. */
export const heededMs = (retryAfterMs: number): number =>
  Math.min(LONGEST_ASKED_MS, Math.max(1_000, retryAfterMs));

/** Milliseconds to wait before attempt number `attempt` + 1; a `Retry-After` of the service wins. */
export function backoffMs(attempt: number, random: Random, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return heededMs(retryAfterMs);
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return Math.max(100, Math.floor(random() * ceiling));
}
