/**
 * Wrong admin tokens: each is answered late, and the log says how many came without a line for each. Nobody is locked out,
 * as that would be a way to lock out the operator: what stops guessing is a long token.
 */
import type { Clock, Logger } from "../core/ports.ts";

const LATE_MS = 1_000;
const MINUTE_MS = 60_000;

/** To be waited for before a wrong token is answered. */
export type OnGuess = () => Promise<void>;

export function createGuesses(deps: {
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
  readonly log: Logger;
}): OnGuess {
  let since = -Infinity;
  let times = 0;
  return async () => {
    const now = deps.clock();
    if (now - since >= MINUTE_MS) [since, times] = [now, 0];
    times += 1;
    // The first, the tenth, the hundredth of a minute.
    if (/^10*$/u.test(String(times)))
      deps.log.warn("wrong admin tokens were given", { times, inMs: now - since });
    await deps.pause(LATE_MS);
  };
}
