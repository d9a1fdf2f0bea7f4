/** A token bucket as data: a burst of 5, then one post per interval. */
export interface Pace {
  readonly tokens: number;
  readonly at: number;
}

/** Posts that may follow one another at once; Slack tolerates short bursts, then asks for one a second. */
const BURST = 5;

export const freshPace = (now: number): Pace => ({ tokens: BURST, at: now });

const refill = (pace: Pace, intervalMs: number, now: number): number =>
  Math.min(BURST, pace.tokens + Math.max(0, now - pace.at) / intervalMs);

/** When the next post may go; `now` or earlier means at once. */
export function paceDue(pace: Pace, intervalMs: number, now: number): number {
  if (intervalMs <= 0) return now;
  const tokens = refill(pace, intervalMs, now);
  return tokens >= 1 ? now : now + Math.ceil((1 - tokens) * intervalMs);
}

export function takePace(pace: Pace, intervalMs: number, now: number): Pace {
  if (intervalMs <= 0) return pace;
  return { tokens: refill(pace, intervalMs, now) - 1, at: now };
}
