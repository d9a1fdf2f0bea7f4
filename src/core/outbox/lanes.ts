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
  sourceKey,
} from "../ids.ts";
import type { Entry, OpenLane } from "../store.ts";
import { compare, isTried, type Item, itemOf, type Lane, triedFirst } from "./lane.ts";
import { freshPace, paceDue, takePace } from "./pace.ts";

/** A commit is back by then, or is asked for again. */
const FROZEN_MS = 100;

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
  const attemptedFirst = (): void => {
    for (const each of lanes.values()) triedFirst(each);
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
      const item = itemOf(entry, open, {
        now: rules.now(),
        uncertain,
        held: rules.held(entry.source),
      });
      let at = items.length;
      while (at > 0 && compare(item, items[at - 1]!) < 0) at -= 1;
      items.splice(at, 0, item);
      // History that was missed may be of a number before that of what is being tried.
      if (items.slice(at + 1).some((behind) => isTried(behind, to))) triedFirst(to);
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
