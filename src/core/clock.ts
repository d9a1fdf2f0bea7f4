/** The bridge's clock, which people and programs set. */
import type { Clock } from "./ports.ts";

/** Less than this is how clocks are set all the time, ms. */
const STEP_MS = 1_000;

export interface Watched {
  readonly clock: Clock;
  /**
   * That it went back, by so many ms, is told before anybody is told the time again: what is due by the new time must not be
   * taken for set by the old one.
   */
  follow(wentBack: (ms: number) => void): void;
}

export function watchClock(given: Clock): Watched {
  let seenAt = -Infinity;
  let tell: ((ms: number) => void) | undefined;
  return {
    clock() {
      const now = given();
      const back = seenAt - now;
      seenAt = now;
      if (back >= STEP_MS) tell?.(back);
      return now;
    },
    follow: (wentBack) => void (tell = wentBack),
  };
}
