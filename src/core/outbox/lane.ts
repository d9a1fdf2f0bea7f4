/** One lane: what waits for a destination channel, and in which order. */
import type { AccountId, LaneId, MessageId } from "../ids.ts";
import { sourceKey } from "../ids.ts";
import type { Entry, OpenLane, Written } from "../store.ts";
import { LOOK_AFTER_MS } from "./delivery.ts";
import type { Pace } from "./pace.ts";

/** `isEdit`: the calls change what is there. Such are never stored, as an edit begins anew after a crash. */
export type Kept = Written & { readonly isEdit?: boolean };

export interface Item {
  readonly entry: Entry;
  readonly open: OpenLane;
  /** The entry's, until a gate sorts it anew. */
  ord: number;
  /** Parts that are delivered. */
  part: number;
  attempts: number;
  /** Attempts in vain to carry the file of its next part, for what may be the file's fault. */
  fileTries: number;
  /** How often its names could not be looked up: nothing was asked of its destination then. */
  unnamed: number;
  /** Since when it is tried, ms, but for what was paused; or since when its service was asked in vain. */
  firstTriedAt: number | undefined;
  plain: boolean;
  /** It goes outside its thread. */
  flat: boolean;
  /** It left its thread behind its first part: what it answers is not quoted in the middle. */
  unquoted: boolean;
  /** All its calls where there are several, so that each part is cut where the first one was. */
  written: Kept | undefined;
  /** Whether its text has its time in front; undefined while that is open. */
  late: boolean | undefined;
  /** Times that an uncertain call was looked for; undefined when nothing is uncertain. */
  looked: number | undefined;
  /** Looks that failed one after another. */
  blind: number;
  /** When the call that became uncertain was made, ms. */
  uncertainSince: number;
  /** When it ended without an answer, at the latest; undefined while that is not known. */
  uncertainUntil: number | undefined;
  /**
   * A call that makes a message may have been made in an earlier life, the first one then, ms. Parts of an edit that make
   * none may come before it, and leave nothing in the store.
   */
  lostSince: number | undefined;
  dueAt: number;
  /** It had to wait for a timer: the attempt is written before the call. */
  waited: boolean;
  /** Times that our own code or the store failed with it. */
  faults: number;
  /** An edit whose message is not there yet, or of which its service tells nothing, lets others pass. */
  parked: boolean;
  /** The message that an uncertain call made, as its echo told. */
  found: MessageId | undefined;
  /** Failures since `failedSince` that were neither limits nor pauses. */
  failed: number;
  failedSince: number;
  /** It failed so often, while others did not, that it is at fault itself. */
  suspect: boolean;
}

export interface Lane {
  readonly id: LaneId;
  /** Of its delivery keys. */
  readonly tag: string;
  readonly account: AccountId;
  readonly items: Item[];
  /** The item whose call is being made. */
  running: Item | undefined;
  /** When what became of one of its items was committed last, ms. */
  settledAt: number;
  pausedUntil: number;
  /** Probes that were made in vain. */
  probes: number;
  /** Why it is paused and what to do. */
  pauseReason: string | undefined;
  pace: Pace;
}

interface Circumstances {
  readonly now: number;
  /** It may have been sent in an earlier life. */
  readonly uncertain: boolean;
  /** The gate of its source is closed. */
  readonly held: boolean;
}

export function itemOf(entry: Entry, open: OpenLane, at: Circumstances): Item {
  const { now, uncertain, held } = at;
  const since = open.since ?? open.firstTriedAt ?? entry.at;
  return {
    entry,
    open,
    ord: entry.ord,
    part: open.done.length,
    attempts: open.attempts,
    fileTries: open.fileTries ?? 0,
    unnamed: 0,
    firstTriedAt: open.firstTriedAt,
    plain: open.plain ?? false,
    flat: open.flat ?? false,
    unquoted: false,
    written: open.written,
    late: open.attempts > 0 || open.done.length > 0 ? open.late === true : undefined,
    looked: uncertain || open.since !== undefined ? 0 : undefined,
    uncertainSince: since,
    lostSince: uncertain || open.since !== undefined ? since : undefined,
    blind: 0,
    uncertainUntil: uncertain || open.since !== undefined ? now : undefined,
    // Services show a post within a second or two.
    dueAt: uncertain ? now + LOOK_AFTER_MS[0] : 0,
    // Another life may begin before the gate opens.
    waited: held,
    parked: false,
    faults: 0,
    found: undefined,
    failed: 0,
    failedSince: 0,
    suspect: false,
  };
}

/** The order of a lane, but for what was tried. */
export const compare = (a: Item, b: Item): number => {
  if (a.ord !== b.ord) return a.ord - b.ord;
  if (a.entry.position !== b.entry.position) return a.entry.position < b.entry.position ? -1 : 1;
  return a.entry.seq - b.entry.seq;
};

/** Something of it was tried, or is. */
export const isTried = (item: Item, { running }: Lane): boolean =>
  item.attempts > 0 || item.part > 0 || item === running;

/**
 * What was tried stands before all that was not of its source, whatever number that has: a gate sorts what waits under
 * one number, which may be another lane's and less than its own.
 */
export function triedFirst(lane: Lane): void {
  const { items } = lane;
  for (const item of items.filter((each) => isTried(each, lane))) {
    const source = sourceKey(item.entry.source);
    const least = items.reduce(
      (so, other) =>
        !isTried(other, lane) && sourceKey(other.entry.source) === source
          ? Math.min(so, other.ord)
          : so,
      Infinity,
    );
    // Before the first number of the others, behind all numbers below.
    if (least <= item.ord) item.ord = least - 0.5;
  }
  items.sort(compare);
}
