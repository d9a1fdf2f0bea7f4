/** What a relay says of itself: plain data for the status page, `/metrics` and people. */
import { type AccountId, type LaneId, laneId, laneParts, type SourceKey } from "./ids.ts";
import type { RunningSource } from "./channels.ts";
import type { Series } from "./counts.ts";
import type { Gateway } from "./config/config.ts";
import type { Day, Quarter } from "./day.ts";
import type { Loop } from "./rules/loops.ts";
import { type Failure, type Stall, stallOf, type State, type Waiting } from "./state.ts";

/** Which configuration file is in use. */
export interface ConfigReport {
  readonly file: string;
  /** When it was taken over, ms. */
  readonly since: number;
  /** It changed then, and cannot be used as it is now; what it said before counts. */
  readonly refused?: { readonly since: number; readonly errors: readonly string[] };
}

export interface Report {
  /** Where the file is read while the bridge runs. */
  readonly config?: ConfigReport;
  readonly accounts: readonly {
    readonly account: AccountId;
    /** Why, and what to do, as one text. */
    readonly paused?: string;
    /** The same by parts, and since when, ms. */
    readonly stall?: Pick<Stall, "since" | "reason" | "fix">;
    /** Since the start; it may be over. */
    readonly lastError?: Failure;
    /** It could not be signed in to yet, since when (ms) and why; it is tried again all the time. */
    readonly unsigned?: Readonly<Waiting>;
  }[];
  /** Absent where none is known: a replica that does not relay. */
  readonly gateways?: readonly Gateway[];
  /** The last day, oldest first. */
  readonly day?: readonly Quarter[];
  readonly lanes: readonly {
    readonly lane: LaneId;
    readonly depth: number;
    /** Age of the oldest, ms. */
    readonly oldestMs: number;
    readonly paused?: string;
  }[];
  /** Channels that are configured and cannot be found, with what to do. */
  readonly troubles: Readonly<Record<string, string>>;
  /** Those that could not be looked for yet, as the service did not answer; that is tried again all the time. */
  readonly unfound?: readonly (Readonly<Waiting> & { readonly lane: LaneId })[];
  /** Messages that go round and are not relayed, by gateway and the channel that they come from. */
  readonly loops?: readonly (Pick<Loop, "gateway" | "kind" | "name" | "since"> & {
    readonly from: LaneId;
  })[];
  /** `AdminChannel` cannot be written to, since when (ms) and why. */
  readonly silence?: Readonly<Waiting>;
  readonly unrouted: number;
  /** Streams and polls; closed until they say that they are open. */
  readonly sources: readonly {
    readonly source: string;
    readonly open: boolean;
    /** How long it has been so, ms. */
    readonly forMs: number;
    readonly reason?: string;
  }[];
  /** Messages that were given up and are kept. */
  readonly deadLetters: number;
  /** When the process or object started, ms: the counts begin there. */
  readonly startedAt: number;
  /** Sums by counter; `series` has them by label. */
  readonly counts: Readonly<Record<string, number>>;
  readonly series: readonly Series[];
  /** Where several replicas share the work: whether this one relays. */
  readonly leads?: boolean;
}

export function reportOf(state: State, sources: readonly RunningSource[], day?: Day): Report {
  const now = state.clock();
  const series = state.counts.series();
  const counts: Record<string, number> = {};
  for (const { name, value } of series) counts[name] = (counts[name] ?? 0) + value;
  return {
    accounts: [...state.config.accounts.keys()].map((account) => {
      const stall = stallOf(state, account);
      const lastError = state.failures.get(account);
      const unsigned = state.unsigned.get(account);
      return {
        account,
        ...(stall === undefined ? {} : stalled(stall)),
        ...(lastError === undefined ? {} : { lastError }),
        ...(unsigned === undefined ? {} : { unsigned }),
      };
    }),
    gateways: state.config.gateways,
    ...(day === undefined ? {} : { day: day.quarters() }),
    lanes: [...state.lanes.all()].map((lane) => ({
      lane: lane.id,
      depth: lane.items.length,
      oldestMs: lane.items[0] === undefined ? 0 : now - lane.items[0].entry.at,
      ...(lane.pauseReason === undefined ? {} : { paused: lane.pauseReason }),
    })),
    troubles: Object.fromEntries(state.troubles),
    unfound: [...state.unfound]
      .filter(([lane]) => !state.channels.has(lane) && !state.troubles.has(lane))
      .map(([lane, { since, reason }]) => ({ lane, since, reason })),
    loops: state.loops.current(now).map(({ gateway, channel, kind, name, since }) => {
      const from = laneOf(state, channel);
      return { gateway, from, kind, name, since };
    }),
    ...(state.silence === undefined ? {} : { silence: { ...state.silence } }),
    unrouted: state.unrouted.size,
    sources: sources.map(({ key }) => {
      const { open, since, reason } = state.sources.get(key) ?? {
        open: false,
        since: state.startedAt,
      };
      const why = reason === undefined ? {} : { reason };
      return { source: key, open, forMs: Math.max(0, now - since), ...why };
    }),
    deadLetters: state.deadLetters,
    startedAt: state.startedAt,
    counts,
    series,
  };
}

/** How a source channel is called in the configuration. */
function laneOf({ names }: State, channel: SourceKey): LaneId {
  const { account, name } = laneParts(channel);
  return laneId(account, names.get(channel)?.[0] ?? name);
}

const stalled = ({ since, reason, fix }: Stall) => ({
  paused: `${reason}: ${fix}`,
  stall: { since, reason, fix },
});
