/** What a relay says of itself: plain data for the status page, `/metrics` and people. */
import type { AccountId, LaneId } from "./ids.ts";
import type { State } from "./state.ts";

export interface Report {
  readonly accounts: readonly { readonly account: AccountId; readonly paused?: string }[];
  readonly lanes: readonly {
    readonly lane: LaneId;
    readonly depth: number;
    /** Age of the oldest, ms. */
    readonly oldestMs: number;
    readonly paused?: string;
  }[];
  /** Channels that are configured and cannot be found, with what to do. */
  readonly troubles: Readonly<Record<string, string>>;
  readonly unrouted: number;
  readonly counts: Readonly<Record<string, number>>;
}

export function reportOf(state: State): Report {
  const now = state.clock();
  return {
    accounts: [...state.config.accounts.keys()].map((account) => {
      const stall = state.stalls.get(account);
      return stall === undefined
        ? { account }
        : { account, paused: `${stall.reason}: ${stall.fix}` };
    }),
    lanes: [...state.lanes.all()].map((lane) => ({
      lane: lane.id,
      depth: lane.items.length,
      oldestMs: lane.items[0] === undefined ? 0 : now - lane.items[0].entry.at,
      ...(lane.pauseReason === undefined ? {} : { paused: lane.pauseReason }),
    })),
    troubles: Object.fromEntries(state.troubles),
    unrouted: state.unrouted.size,
    counts: Object.fromEntries(state.counts),
  };
}
