/**
 * What happens to a delivery after an outcome: the whole retry policy in one pure function.
 *
 *   queued -> (call) -> settled | retry at a time | uncertain, look first | dead
 */
import type { Outcome, Random } from "../ports.ts";
import { backoffMs } from "./backoff.ts";

/** A delivery is given up after this long, paused time not counted. */
export const GIVE_UP_AFTER_MS = 72 * 3_600_000;
/** Look for an uncertain post after 1 s and 3 s, then post it again: services show a post within a second or two. */
export const LOOK_AFTER_MS = [1_000, 2_000] as const;
/** A stalled account or paused channel is tried again this often, so that it resumes by itself. */
export const PROBE_MS = 30_000;
/** Probes become rarer, as each is a row written, but a repair is noticed within this time. */
const MOST_PROBE_MS = 5 * 60_000;
/** How long to wait after so many probes in vain. */
export const probeAfterMs = (probes: number): number =>
  Math.min(MOST_PROBE_MS, PROBE_MS * 2 ** Math.min(probes, 16));

/** The first time soon; a service that keeps failing is not pressed harder than by a plain retry. */
const lookAfterMs = (attempts: number, random: Random): number =>
  attempts <= 1 ? LOOK_AFTER_MS[0] : Math.max(LOOK_AFTER_MS[0], backoffMs(attempts, random));

export interface Tries {
  readonly attempts: number;
  readonly firstTriedAt: number;
  readonly plain: boolean;
  /** Outside its thread. */
  readonly flat: boolean;
}

export type Next =
  | { readonly kind: "settle" }
  | {
      readonly kind: "retry";
      readonly dueAt: number;
      readonly plain: boolean;
      readonly flat: boolean;
    }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "look"; readonly dueAt: number }
  | { readonly kind: "stall-account"; readonly until: number; readonly fix: string }
  | { readonly kind: "pause-lane"; readonly until: number; readonly fix: string }
  | { readonly kind: "dead"; readonly reason: string };

export function afterOutcome(outcome: Outcome, tries: Tries, now: number, random: Random): Next {
  switch (outcome.kind) {
    case "done":
      return { kind: "settle" };
    case "rejected":
      if (outcome.flatHelps === true && !tries.flat)
        return { kind: "retry", dueAt: now, plain: tries.plain, flat: true };
      if (outcome.plainHelps === true && !tries.plain)
        return { kind: "retry", dueAt: now, plain: true, flat: tries.flat };
      if (outcome.moot === true) return { kind: "ignored", reason: outcome.reason };
      return { kind: "dead", reason: outcome.reason };
    case "later":
      if (now - tries.firstTriedAt > GIVE_UP_AFTER_MS)
        return { kind: "dead", reason: outcome.reason };
      return {
        kind: "retry",
        dueAt: now + backoffMs(tries.attempts, random, outcome.retryAfterMs),
        plain: tries.plain,
        flat: tries.flat,
      };
    case "uncertain":
      if (now - tries.firstTriedAt > GIVE_UP_AFTER_MS)
        return { kind: "dead", reason: outcome.reason };
      return { kind: "look", dueAt: now + lookAfterMs(tries.attempts, random) };
    case "account":
      return { kind: "stall-account", until: now + PROBE_MS, fix: outcome.fix };
    case "channel":
      return { kind: "pause-lane", until: now + PROBE_MS, fix: outcome.fix };
  }
}
