/**
 * How far the clock has certainly come. What is old is forgotten by that, not by what the clock says now: one that leaps
 * weeks ahead for an hour must not take the message map along, and with it what tells doubles.
 */
import type { Clock } from "./ports.ts";
import type { Saved, Store } from "./store.ts";

/** A time counts once the clock has gone on from it for so long. A row a day. */
const DAY_MS = 86_400_000;

/** Times that the clock showed: `sure` a day or more before `seen`. */
export type ClockTimes = NonNullable<Saved["times"]>;

/** Tells how far the clock has certainly come; asked now and then. Rejects with `StorageError`. */
export function createSure(
  { clock, store }: { readonly clock: Clock; readonly store: Pick<Store, "save"> },
  saved: ClockTimes | undefined,
): () => Promise<number> {
  let times = saved;
  return async () => {
    const now = clock();
    const next = step(times ?? { sure: now, seen: now }, now);
    if (next !== times) await store.save([{ kind: "times", ...next }]);
    times = next;
    return times.sure;
  };
}

function step(times: ClockTimes, now: number): ClockTimes {
  const { sure, seen } = times;
  if (now - seen >= DAY_MS) return { sure: seen, seen: now };
  // It was ahead.
  return now < seen ? { sure: Math.min(sure, now), seen: now } : times;
}
