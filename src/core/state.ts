/** Everything that the stages share, and what can be asked of it. One per relay; all of it can be rebuilt from the store. */
import { type Asking, createAsking } from "./asking.ts";
import type { Config } from "./config/config.ts";
import type { Routing } from "./config/routing.ts";
import { type Counted, type Counts, createCounts } from "./counts.ts";
import type { Event } from "./event.ts";
import {
  type AccountId,
  type ChannelId,
  type ChannelRef,
  type LaneId,
  laneId,
  type Position,
  type SourceKey,
  sourceKey,
} from "./ids.ts";
import { createGates, type Gates } from "./outbox/gate.ts";
import { createLanes, type Lanes } from "./outbox/lanes.ts";
import type { MediaLinks } from "./media.ts";
import type { Clock, Connector, Logger, Random, Wait } from "./ports.ts";
import { createLoops, type Loops } from "./rules/loops.ts";
import { createPeople, type People } from "./rules/mentions.ts";
import type { Quote } from "./rules/thread.ts";
import type { SourceState } from "./sources.ts";
import type { Alive, Store, SweepTimes } from "./store.ts";

export interface RelayDeps {
  readonly config: Config;
  readonly routing: Routing;
  readonly connectors: ReadonlyMap<AccountId, Connector>;
  readonly store: Store;
  readonly clock: Clock;
  readonly wait: Wait;
  readonly random: Random;
  readonly log: Logger;
  /** Outbound calls made so far by all connectors; a drain stops when its share is used. */
  readonly calls: () => number;
  /** Links to files for services that take none; absent where people cannot reach this bridge. */
  readonly links?: MediaLinks;
  /** Where a host counts too; absent: the relay's own. */
  readonly counts?: Counts;
}

/** When something of an account was last written, and into which lane. */
export interface Written {
  readonly at: number;
  readonly lane: LaneId;
}

/** An account that nothing works with at present. */
export interface Stall {
  /** When it began, ms. */
  since: number;
  until: number;
  reason: string;
  fix: string;
  /** Probes that were made in vain, and when the last one was counted, ms. */
  probes: number;
  probedAt: number;
  /** A call that works does not end it. */
  firm?: boolean;
  /** Whether the probe that is being made has called anything yet. */
  isCalled?: boolean;
}

/** A call that did not work. */
export interface Failure {
  /** ms */
  readonly at: number;
  readonly reason: string;
}

/** Something that was tried and has not worked yet. */
export interface Waiting {
  /** When it failed first, ms. */
  since: number;
  reason: string;
}

/** A service asked for time, ms. Asked for it in a second lane meanwhile, it means the whole account. */
export interface Limit {
  readonly lane: LaneId;
  readonly until: number;
  readonly all: boolean;
}

export interface State extends RelayDeps {
  readonly lanes: Lanes;
  readonly gates: Gates;
  /** Ids of configured channels, by lane. */
  readonly channels: Map<LaneId, ChannelId>;
  /** Configured names of a source channel. */
  readonly names: Map<SourceKey, string[]>;
  readonly stalls: Map<AccountId, Stall>;
  /** The last failure of each account, since the start. */
  readonly failures: Map<AccountId, Failure>;
  /** Accounts that could not be signed in to yet, and configured channels that could not be looked for. */
  readonly unsigned: Map<AccountId, Waiting>;
  readonly unfound: Map<LaneId, Waiting>;
  readonly limits: Map<AccountId, Limit>;
  readonly checkpoints: Map<SourceKey, Position>;
  /** Where each channel began for us. */
  readonly began: Map<SourceKey, Position>;
  /** When each channel's history was last looked through for what its source had not brought: see `audit.ts`. */
  readonly swept: Map<SourceKey, SweepTimes>;
  /** Old threads that go on, for histories: see `alive.ts`. */
  readonly alive: Map<SourceKey, Alive>;
  /** Checkpoints that changed since they were saved. */
  readonly dirty: Set<SourceKey>;
  /** How far the sources of whole accounts have come, and which of that is not saved. */
  readonly cursors: Map<AccountId, string>;
  readonly dirtyCursors: Set<AccountId>;
  /** Channels with a gap that was not read yet: their checkpoint must not move past it. */
  readonly gaps: Map<SourceKey, number>;
  gapNumber: number;
  readonly unrouted: Map<string, ChannelRef>;
  /** Finds and joins a channel anew that cannot be written to; set by `channels.ts`. */
  lookAgain: (lane: LaneId) => void;
  /** Told of each new message in a configured channel; set by `rereads.ts`. */
  heard: (event: Event) => void;
  /** Configured channels that cannot be found, and what to do. */
  readonly troubles: Map<LaneId, string>;
  /** When a channel told that another one has its place; it is looked for. */
  readonly movedAt: Map<LaneId, number>;
  /** Since when a service says that there is no such channel. */
  readonly missingSince: Map<LaneId, number>;
  readonly counts: Counts;
  /** The newest writes of an account into two lanes, so that one lane can be measured by another. */
  readonly written: Map<AccountId, readonly Written[]>;
  readonly loops: Loops;
  readonly asking: Asking;
  readonly people: People;
  /** What replies outside their threads answer, by source and message; undefined where nobody can tell. */
  readonly quotes: Map<string, Quote | undefined>;
  /** How each stream or poll does, by its key. */
  readonly sources: Map<string, SourceState>;
  /** What is to be said once in `AdminChannel`. */
  readonly remarks: string[];
  /** `AdminChannel` cannot be written to. */
  silence: Waiting | undefined;
  /** Ids of other instances that post as the same bot and give way to this one. */
  readonly rivals: Set<string>;
  /** When a second bridge to which this one gives way posted last, ms. */
  rivalAt?: number;
  /** As far as is known without asking the store. */
  deadLetters: number;
  /** Our own id, which our posts carry. */
  readonly instance: string;
  /** When this relay began, by the clock as it is now, ms. */
  startedAt: number;
  lastSeq: number;
}

export function createState(deps: RelayDeps, instance: string): State {
  const stalls = new Map<AccountId, Stall>();
  const limits = new Map<AccountId, Limit>();
  const gates = createGates();
  return {
    ...deps,
    gates,
    stalls,
    failures: new Map(),
    unsigned: new Map(),
    unfound: new Map(),
    limits,
    lanes: createLanes({
      intervalMs: (account) => deps.connectors.get(account)?.sendIntervalMs ?? 0,
      stalledUntil: (account) => {
        const limit = limits.get(account);
        return Math.max(stalls.get(account)?.until ?? 0, limit?.all === true ? limit.until : 0);
      },
      held: (source) => gates.closed(source),
      now: deps.clock,
    }),
    channels: new Map(),
    names: new Map(),
    checkpoints: new Map(),
    began: new Map(),
    swept: new Map(),
    alive: new Map(),
    dirty: new Set(),
    cursors: new Map(),
    dirtyCursors: new Set(),
    gaps: new Map(),
    gapNumber: 0,
    unrouted: new Map(),
    lookAgain: () => undefined,
    heard: () => undefined,
    troubles: new Map(),
    movedAt: new Map(),
    missingSince: new Map(),
    counts: deps.counts ?? createCounts(),
    written: new Map(),
    loops: createLoops(),
    asking: createAsking(deps.clock, deps.wait),
    people: createPeople(deps.config.users),
    quotes: new Map(),
    sources: new Map(),
    remarks: [],
    silence: undefined,
    rivals: new Set(),
    deadLetters: 0,
    instance,
    startedAt: deps.clock(),
    lastSeq: 0,
  };
}

/** Why nothing works with an account. A firm stall is over at its time, although nothing may have been due since. */
export function stallOf(state: State, account: AccountId): Stall | undefined {
  const stall = state.stalls.get(account);
  return stall?.firm === true && stall.until <= state.clock() ? undefined : stall;
}

/** Counts for `/metrics`: see `counts.ts` for what there is to count. */
export function count<Name extends keyof Counted>(
  state: State,
  name: Name,
  labels: Counted[Name],
  by = 1,
): void {
  state.counts.add(name, labels, by);
}

/** Learns which id a configured channel has. */
export function learnChannel(
  state: State,
  account: AccountId,
  name: string,
  channel: ChannelId,
): void {
  state.channels.set(laneId(account, name), channel);
  const key = sourceKey({ account, channel });
  const names = state.names.get(key) ?? [];
  if (!names.includes(name)) state.names.set(key, [...names, name]);
}

/** A channel that is missing for so long is not one that events come from. */
const MISSING_MS = 3_600_000;

/** True while a configured channel of the account has no id yet, and may be one that is heard already. */
export function hasUnknownChannels(state: State, account: AccountId): boolean {
  const now = state.clock();
  return state.routing.legs(account).some((leg) => {
    const lane = laneId(account, leg.channel);
    const missing = now - (state.missingSince.get(lane) ?? now) > MISSING_MS;
    return leg.in && !state.channels.has(lane) && !missing;
  });
}

/** The lanes that an event of this channel goes to. */
export function lanesFor(state: State, source: ChannelRef): LaneId[] {
  const names = state.names.get(sourceKey(source)) ?? [];
  const lanes = names.flatMap((name) =>
    state.routing.destinations(source.account, name).map((to) => laneId(to.account, to.channel)),
  );
  return [...new Set(lanes)];
}
