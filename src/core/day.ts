/**
 * The last day in quarters of an hour, for people who look: how much was taken in and relayed, what went wrong, how much
 * waited. Kept in memory and looked at once a minute; saved once an hour, as one row. So a restart loses an hour of it at
 * most, and nothing else depends on it.
 */
import type { Chores } from "./chores.ts";
import type { Counted, Series } from "./counts.ts";
import type { LaneId } from "./ids.ts";
import type { State } from "./state.ts";

/** A quarter of an hour in which the bridge ran; of one that is absent nothing is known. */
export interface Quarter {
  /** When it began, ms. */
  readonly at: number;
  /** Events that were stored for delivery. */
  readonly accepted: number;
  /** Deliveries done, by lane; a lane without any is absent. */
  readonly relayed: Readonly<Record<LaneId, number>>;
  /** Calls that had to be made again. */
  readonly retried: number;
  /** Deliveries given up. */
  readonly dead: number;
  /** The most that waited at one look. */
  readonly waiting: number;
}

export const QUARTER_MS = 15 * 60_000;
export const DAY_MS = 96 * QUARTER_MS;
const HOUR_MS = 4 * QUARTER_MS;
const LOOK_MS = 60_000;

/** What was counted since the start. */
type Sums = Omit<Quarter, "at" | "waiting">;

export interface Day {
  /** Oldest first, up to now. */
  quarters(): readonly Quarter[];
}

export function startDay(state: State, chores: Chores, saved: readonly Quarter[]): Day {
  let quarters = saved;
  let before = sumsOf(state.counts.series());
  let savedIn = hourOf(state.clock());

  function look(): void {
    const now = state.clock();
    const sums = sumsOf(state.counts.series());
    const at = now - (now % QUARTER_MS);
    // What a clock that was ahead has left behind is not of this day.
    const kept = quarters.filter((each) => each.at > at - DAY_MS && each.at < at);
    const own = quarters.find((each) => each.at === at);
    quarters = [...kept, grown(own, at, before, sums, state.lanes.depth())];
    before = sums;
  }

  async function lookAndSave(): Promise<number> {
    look();
    const hour = hourOf(state.clock());
    if (hour !== savedIn) await state.store.save([{ kind: "day", quarters }]);
    savedIn = hour;
    return LOOK_MS;
  }

  chores.add("look how the day goes", lookAndSave, { lazy: true });
  return {
    quarters() {
      look();
      return quarters;
    },
  };
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS);

/** The quarter with what was counted since the last look. */
function grown(
  own: Quarter | undefined,
  at: number,
  before: Sums,
  now: Sums,
  waiting: number,
): Quarter {
  const relayed: Record<LaneId, number> = { ...own?.relayed };
  for (const [lane, sum] of Object.entries(now.relayed) as [LaneId, number][]) {
    const more = sum - (before.relayed[lane] ?? 0);
    if (more > 0) relayed[lane] = (relayed[lane] ?? 0) + more;
  }
  return {
    at,
    accepted: (own?.accepted ?? 0) + now.accepted - before.accepted,
    relayed,
    retried: (own?.retried ?? 0) + now.retried - before.retried,
    dead: (own?.dead ?? 0) + now.dead - before.dead,
    waiting: Math.max(own?.waiting ?? 0, waiting),
  };
}

function sumsOf(series: readonly Series[]): Sums {
  const sum = (name: keyof Counted): number =>
    series.reduce((all, each) => (each.name === name ? all + each.value : all), 0);
  const relayed: Record<string, number> = {};
  for (const { name, labels, value } of series)
    if (name === "relayed") relayed[labels["lane"] ?? ""] = value;
  return {
    accepted: sum("accepted"),
    relayed,
    retried: sum("retried"),
    dead: sum("dead"),
  };
}
