/**
 * The lanes in memory: what waits for each destination channel, in order, and what may run now. One delivery of a lane
 * is in flight at a time. Everything here can be rebuilt from the store.
 */
import { aboutKey } from "../event.ts";
import {
  type AccountId,
  type ChannelRef,
  type LaneId,
  laneParts,
  laneTag,
  type MessageId,
  sourceKey,
} from "../ids.ts";
import type { Entry, OpenLane, Written } from "../store.ts";
import { LOOK_AFTER_MS } from "./delivery.ts";
import { freshPace, type Pace, paceDue, takePace } from "./pace.ts";

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
  /** How often its names could not be looked up: nothing was asked of its destination then. */
  unnamed: number;
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
  /** An edit whose message is not there yet, or nobody tells whose it is, and a file behind its text let others pass. */
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

/** A commit is back by then, or is asked for again. */
const FROZEN_MS = 100;

const compare = (a: Item, b: Item): number => {
  if (a.ord !== b.ord) return a.ord - b.ord;
  if (a.entry.position !== b.entry.position) return a.entry.position < b.entry.position ? -1 : 1;
  return a.entry.seq - b.entry.seq;
};

export interface Lanes {
  add(entry: Entry, open: OpenLane, uncertain: boolean): void;
  remove(lane: Lane, item: Item): void;
  drop(key: string): void;
  get(lane: LaneId): Lane | undefined;
  all(): IterableIterator<Lane>;
  /** The item of a lane that may run at `now`, or the time to ask again (Infinity: when something changes). */
  next(lane: Lane, now: number): Item | number;
  spendPace(lane: Lane, now: number): void;
  /**
   * Sorts all that waits of a source and was never attempted by the source's own position, and says under which `ord`,
   * so that a gate can let more in among it. Undefined when nothing waits.
   */
  regroup(source: ChannelRef): number | undefined;
  /**
   * What was attempted stands at the head of its lane, whatever order the store knows of it: a gate may have sorted it in
   * memory only.
   */
  attemptedFirst(): void;
  /** Entries that were never attempted in any lane may take a fold. */
  untouched(key: string): boolean;
  /** While a fold into it is being committed an entry is not delivered, nor what stands behind it. */
  freeze(key: string): void;
  thaw(key: string): void;
  /** The clock went back by so many ms. */
  shift(back: number): void;
  depth(): number;
}

export interface LaneRules {
  intervalMs(account: AccountId): number;
  /** Nothing of the account may be called before this time. */
  stalledUntil(account: AccountId): number;
  held(source: ChannelRef): boolean;
  now(): number;
}

export function createLanes(rules: LaneRules): Lanes {
  const lanes = new Map<LaneId, Lane>();
  const lane = (id: LaneId): Lane => {
    let found = lanes.get(id);
    if (found === undefined) {
      const { account } = laneParts(id);
      found = {
        id,
        tag: laneTag(id),
        account,
        items: [],
        running: undefined,
        settledAt: 0,
        pausedUntil: 0,
        probes: 0,
        pauseReason: undefined,
        pace: freshPace(rules.now()),
      };
      lanes.set(id, found);
    }
    return found;
  };
  /** By key: how many folds into it are on their way. */
  const frozen = new Map<string, number>();
  const stands = (item: Item, { running }: Lane): boolean =>
    item.attempts > 0 || item.part > 0 || item === running;
  const attemptedFirst = (): void => {
    for (const each of lanes.values()) {
      const { items } = each;
      for (const item of items.filter((one) => stands(one, each))) {
        const source = sourceKey(item.entry.source);
        const least = items.reduce(
          (so, other) =>
            !stands(other, each) && sourceKey(other.entry.source) === source
              ? Math.min(so, other.ord)
              : so,
          Infinity,
        );
        // Before the first number of the others, behind all numbers below.
        if (least <= item.ord) item.ord = least - 0.5;
      }
      items.sort(compare);
    }
  };
  const touched = (item: Item) => item.attempts > 0 || item.looked !== undefined || item.part > 0;
  const itemsOf = function* (key: string) {
    for (const each of lanes.values())
      for (const item of each.items) if (item.entry.key === key) yield { lane: each, item };
  };
  return {
    add(entry, open, uncertain) {
      const to = lane(open.lane);
      const { items } = to;
      const since = open.since ?? open.firstTriedAt ?? entry.at;
      const item: Item = {
        entry,
        open,
        ord: entry.ord,
        part: open.done.length,
        attempts: open.attempts,
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
        uncertainUntil: uncertain || open.since !== undefined ? rules.now() : undefined,
        // Services show a post within a second or two.
        dueAt: uncertain ? rules.now() + LOOK_AFTER_MS[0] : 0,
        // Another life may begin before the gate opens.
        waited: rules.held(entry.source),
        parked: false,
        faults: 0,
        found: undefined,
        failed: 0,
        failedSince: 0,
        suspect: false,
      };
      let at = items.length;
      while (at > 0 && compare(item, items[at - 1]!) < 0) at -= 1;
      items.splice(at, 0, item);
      // History that was missed may be of a number before that of what is being tried.
      if (items.slice(at + 1).some((behind) => stands(behind, to))) attemptedFirst();
    },
    remove(from, item) {
      const index = from.items.indexOf(item);
      if (index >= 0) from.items.splice(index, 1);
    },
    drop(key) {
      for (const each of lanes.values()) {
        const index = each.items.findIndex((item) => item.entry.key === key);
        if (index >= 0) each.items.splice(index, 1);
      }
    },
    get: (id) => lanes.get(id),
    all: () => lanes.values(),
    next(from, now) {
      if (from.running !== undefined) return Infinity;
      let soonest = Infinity;
      const passed = new Set<string>();
      for (const item of from.items) {
        if (rules.held(item.entry.source)) {
          item.waited = true;
          continue;
        }
        const { key } = item.entry;
        // What is about the same message keeps its order; the message itself may be what all of it waits for.
        if (passed.size > 0 && aboutKey(key) !== key && passed.has(aboutKey(key))) {
          item.waited = true;
          continue;
        }
        if (frozen.has(key)) {
          soonest = Math.min(soonest, now + FROZEN_MS);
          break;
        }
        const due = Math.max(
          item.dueAt,
          from.pausedUntil,
          rules.stalledUntil(from.account),
          item.parked ? 0 : paceDue(from.pace, rules.intervalMs(from.account), now),
        );
        if (due <= now) {
          // Not the head that is looked for after a crash: its attempt must be written.
          if (passed.size > 0) item.waited = true;
          return item;
        }
        soonest = Math.min(soonest, due);
        item.waited = true;
        // Only a parked item lets those behind it pass that are about others: that is what "in order" means.
        if (!item.parked) break;
        passed.add(aboutKey(key));
      }
      return soonest;
    },
    spendPace(from, now) {
      from.pace = takePace(from.pace, rules.intervalMs(from.account), now);
    },
    regroup(source) {
      const wanted = sourceKey(source);
      const waiting = [...lanes.values()].flatMap((each) =>
        each.items.filter(
          (item) =>
            sourceKey(item.entry.source) === wanted &&
            item.entry.replayed !== true &&
            // The head that is looked for after a crash too: what was missed before it comes first.
            item.attempts === 0 &&
            item.part === 0 &&
            each.running !== item,
        ),
      );
      if (waiting.length === 0) return undefined;
      // What was being tried may have stood between two numbers, which no store takes.
      const ord = Math.floor(waiting.reduce((least, item) => Math.min(least, item.ord), Infinity));
      for (const item of waiting)
        if (item.ord !== ord) {
          // The store knows another order, and another head.
          item.ord = ord;
          item.waited = true;
        }
      // It may be another lane's, and less than that of what this one is trying.
      attemptedFirst();
      return ord;
    },
    attemptedFirst,
    freeze: (key) => void frozen.set(key, (frozen.get(key) ?? 0) + 1),
    thaw(key) {
      const left = (frozen.get(key) ?? 0) - 1;
      if (left > 0) frozen.set(key, left);
      else frozen.delete(key);
    },
    untouched(key) {
      for (const { lane: each, item } of itemsOf(key))
        if (touched(item) || each.running === item) return false;
      return true;
    },
    shift(back) {
      for (const each of lanes.values()) {
        each.pausedUntil -= back;
        each.pace = { ...each.pace, at: each.pace.at - back };
        for (const item of each.items) {
          item.dueAt -= back;
          item.uncertainSince -= back;
          item.failedSince -= back;
          if (item.uncertainUntil !== undefined) item.uncertainUntil -= back;
          if (item.firstTriedAt !== undefined) item.firstTriedAt -= back;
        }
      }
    },
    depth: () => [...lanes.values()].reduce((sum, each) => sum + each.items.length, 0),
  };
}
