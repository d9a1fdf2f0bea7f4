/** The bridge's clock, which people and programs set. */
import type { Clock } from "./ports.ts";

/** Less than this is how clocks are set all the time, ms. */
const STEP_MS = 1_000;

/**
 * The same clock. That it went back, by so many ms, is told before anybody is told the time again: what is due by the new time
 * must not be taken for set by the old one.
 */
export function watchClock(clock: Clock, wentBack: (ms: number) => void): Clock {
  let seenAt = clock();
  return () => {
    const now = clock();
    const back = seenAt - now;
    seenAt = now;
    if (back >= STEP_MS) wentBack(back);
    return now;
  };
}
