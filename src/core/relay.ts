/**
 * The relay: the one actor that owns all state of a deployment. Read it top to bottom: what it is asked, what it does
 * about it, what it says of itself. The three stages of a message are `stages/accept.ts`, `deliver.ts`, `settle.ts`.
 *
 * It starts nothing by itself: a host calls `accept` and `hand` with what comes in, `drain` after that and whenever
 * `nextDue` has come, and runs the `sources`.
 */
import { messageOf, StorageError } from "./errors.ts";
import type { Event, Unsupported } from "./event.ts";
import {
  type AccountId,
  type ChannelRef,
  type LaneId,
  laneId,
  laneParts,
  sourceKey,
} from "./ids.ts";
import { PROBE_MS } from "./outbox/delivery.ts";
import type { Item, Lane } from "./outbox/lanes.ts";
import { type Connector, CallFailed, type SourceBatch } from "./ports.ts";
import { createChores } from "./chores.ts";
import { accept } from "./stages/accept.ts";
import { catchUp, closeGate } from "./stages/catch-up.ts";
import { deliver } from "./stages/deliver.ts";
import { settle } from "./stages/settle.ts";
import {
  count,
  createState,
  hasUnknownChannels,
  lanesFor,
  learnChannel,
  type RelayDeps,
  type State,
} from "./state.ts";
import type { Fact, Saved } from "./store.ts";
import { reportOf, type Report } from "./report.ts";

/** An error of our own code that comes so often with one message is the message's. */
const MOST_FAULTS = 5;
/**
 * Lanes and jobs at once where calls are limited: each may need some calls more than its share when that ends.
 */
const LANES_PER_SHARE = 5;
/** A configured channel is looked for again this often while it cannot be found. */
const RESOLVE_AGAIN_MS = 60_000;
/** Checkpoints and sweeps: at most once a minute, for the row budget. */
const HOUSEKEEPING_MS = 60_000;

export interface Source extends ChannelRef {
  readonly run: NonNullable<Connector["source"]>;
}

export interface Relay {
  /** A verified webhook body. Resolves after the commit; rejects with `StorageError` when nothing was accepted. */
  webhook(account: AccountId, raw: unknown): Promise<void>;
  /** Stream items. Resolves after the commit. */
  hand(batch: SourceBatch): Promise<void>;
  /** The service says that it dropped events of this account. */
  gap(account: AccountId, reason: string): void;
  /** Does all that is due, up to about `calls` outbound calls. Resolves when nothing is due or the share is used. */
  drain(calls: number): Promise<void>;
  /** When `drain` has something to do next, ms; Infinity when only a new event can change that. */
  nextDue(): number;
  /** Starts nothing new; what is in flight is finished by the drain that runs it. */
  stop(): void;
  /** Streams that are to be held open: grows as channels are found. */
  sources(): readonly Source[];
  report(): Report;
}

export interface StartOptions {
  /** Read history of every channel first: true where the process was down, false where it merely slept. */
  readonly catchUp: boolean;
}

export function startRelay(deps: RelayDeps, saved: Saved, options: StartOptions): Relay {
  const state = createState(deps);
  const chores = createChores(deps.clock, deps.random, deps.log);
  const sources = new Map<LaneId, Source>();
  restore(state, saved);
  for (const [account, connector] of deps.connectors) prepare(account, connector);
  chores.add("housekeeping", housekeeping, { lazy: true });
  let stopped = false;
  let turn = 0;

  /** Who are we there, and which of the configured channels are which. */
  function prepare(account: AccountId, connector: Connector): void {
    const identity = saved.identities.get(account);
    if (identity !== undefined) connector.remember(identity);
    // A token may belong to another bot since.
    if (identity === undefined || options.catchUp)
      chores.add(`sign in to ${account}`, () => identify(account, connector));
    for (const { channel: name } of state.routing.legs(account)) {
      if (!state.channels.has(laneId(account, name)))
        chores.add(`find "${name}" in ${account}`, () => resolve(account, connector, name));
      else follow(account, connector, name, options.catchUp);
    }
  }

  async function identify(account: AccountId, connector: Connector): Promise<number | undefined> {
    try {
      const identity = await connector.identify();
      connector.remember(identity);
      await state.store.save([{ kind: "identity", account, identity }]);
      state.stalls.delete(account);
      return undefined;
    } catch (error) {
      if (error instanceof CallFailed && error.outcome.kind === "account") {
        const { reason, fix } = error.outcome;
        if (!state.stalls.has(account)) deps.log.error(`${account} is paused: ${reason}`, { fix });
        state.stalls.set(account, { until: deps.clock() + RESOLVE_AGAIN_MS / 2, reason, fix });
        return RESOLVE_AGAIN_MS / 2;
      }
      throw error;
    }
  }

  async function resolve(
    account: AccountId,
    connector: Connector,
    name: string,
  ): Promise<number | undefined> {
    const found = await connector.resolve(name);
    const lane = state.lanes.get(laneId(account, name));
    switch (found.kind) {
      case "found":
        await state.store.save([{ kind: "channel", account, name, channel: found.channel }]);
        // What comes live from now on must not pass what waited for this.
        state.gates.close({ account, channel: found.channel }, state.lastSeq + 1);
        learnChannel(state, account, name, found.channel);
        deps.log.info(`found "${name}" in ${account}`);
        if (lane !== undefined) [lane.pausedUntil, lane.pauseReason] = [0, undefined];
        try {
          await routeUnrouted(account);
        } finally {
          state.gates.open({ account, channel: found.channel });
        }
        follow(account, connector, name, true);
        return undefined;
      case "later":
        return found.retryAfterMs ?? 5_000;
      case "missing":
        deps.log.error(`"${name}" in ${account}: ${found.reason}`, { fix: found.fix });
        state.troubles.set(laneId(account, name), `${found.reason}: ${found.fix}`);
        return RESOLVE_AGAIN_MS;
    }
  }

  /** Starts hearing a channel that is known by id. */
  function follow(
    account: AccountId,
    connector: Connector,
    name: string,
    fromHistory: boolean,
  ): void {
    state.troubles.delete(laneId(account, name));
    const leg = state.routing.legs(account).find((each) => each.channel === name);
    const channel = state.channels.get(laneId(account, name));
    if (channel === undefined || leg?.in !== true) return;
    const source = { account, channel };
    if (connector.source !== undefined)
      sources.set(laneId(account, name), { ...source, run: connector.source });
    else if (fromHistory) {
      closeGate(state, source);
      readHistory(source);
    }
  }

  function readHistory(source: ChannelRef): void {
    const connector = state.connectors.get(source.account);
    if (connector === undefined) return;
    chores.add(`read history of ${sourceKey(source)}`, async () => {
      await catchUp(state, connector, source);
      return undefined;
    });
  }

  /** Events of an account were dropped, by it or by us. */
  function readGap(account: AccountId, reason: string): void {
    deps.log.warn(`${account} missed events; history is read`, { reason });
    const own = [...state.names.keys()].filter((key) => key.startsWith(`${account}/`));
    for (const key of own) {
      const source = { account, channel: laneParts(key as string as LaneId).name } as ChannelRef;
      closeGate(state, source);
      readHistory(source);
    }
  }

  /** Events that came before their channel's id was known. */
  async function routeUnrouted(account: AccountId): Promise<void> {
    const all = !hasUnknownChannels(state, account);
    for (const [key, source] of state.unrouted) {
      if (source.account !== account) continue;
      const lanes = lanesFor(state, source);
      if (lanes.length === 0 && !all) continue;
      // Before the await: another channel of the account may be found meanwhile.
      state.unrouted.delete(key);
      const entry = await state.store.route(key, lanes, deps.clock()).catch((error: unknown) => {
        state.unrouted.set(key, source);
        throw error;
      });
      if (entry !== undefined) for (const open of entry.lanes) state.lanes.add(entry, open, false);
    }
  }

  async function housekeeping(): Promise<number> {
    for (const account of deps.connectors.keys()) await routeUnrouted(account);
    const facts: Fact[] = [...state.dirty].flatMap((at) => {
      const position = state.checkpoints.get(at);
      return position === undefined ? [] : [{ kind: "checkpoint", at, position }];
    });
    state.dirty.clear();
    if (facts.length > 0) await state.store.save(facts);
    await state.store.sweep(deps.clock());
    return HOUSEKEEPING_MS;
  }

  /** Sets a message aside; when even that fails, the item stays and is tried again. */
  async function giveUp(lane: Lane, item: Item, reason: string): Promise<void> {
    await settle(state, lane, item, { kind: "dead", reason }).catch((error: unknown) => {
      item.dueAt = deps.clock() + 60_000;
      deps.log.error("a dead letter was not stored and is tried again", {
        reason: messageOf(error),
      });
    });
  }

  /** The next thing that is due; lanes take turns, so that a share of calls does not always go to the first ones. */
  function nextTask(more: () => boolean): (() => Promise<void>) | undefined {
    const now = deps.clock();
    const [job] = chores.due(now);
    if (job !== undefined) return job;
    const lanes = [...state.lanes.all()];
    for (let step = 0; step < lanes.length; step += 1) {
      const lane = lanes[(turn + step) % lanes.length]!;
      if (typeof state.lanes.next(lane, now) === "number") continue;
      turn = (turn + step + 1) % lanes.length;
      return () => runLane(lane, more);
    }
    return undefined;
  }

  /** One runner per lane, whoever starts it. */
  async function runLane(lane: Lane, more: () => boolean): Promise<void> {
    for (;;) {
      const item = more() ? state.lanes.next(lane, deps.clock()) : Infinity;
      if (typeof item === "number") return;
      lane.running = item;
      // One probe for an account that stands: its other lanes wait for what that finds.
      const stall = state.stalls.get(lane.account);
      if (stall !== undefined) stall.until = deps.clock() + PROBE_MS;
      try {
        await deliver(state, lane, item);
      } catch (error) {
        // The store or our own code failed: nothing is lost, the item stays and is looked for before it is repeated.
        item.faults += 1;
        if (!(error instanceof StorageError) && item.faults >= MOST_FAULTS) {
          deps.log.error("a message was given up", { lane: lane.id, reason: messageOf(error) });
          await giveUp(lane, item, messageOf(error));
          continue;
        }
        item.dueAt = deps.clock() + 1_000 * item.faults;
        item.looked ??= 0;
        item.waited = true;
        count(state, "internal errors");
        deps.log.error("a delivery was interrupted and is tried again", {
          lane: lane.id,
          reason: messageOf(error),
        });
      } finally {
        lane.running = undefined;
      }
    }
  }

  return {
    async webhook(account, raw) {
      const connector = state.connectors.get(account);
      if (connector === undefined) return;
      try {
        await accept(state, connector.normalize(raw));
      } catch (error) {
        // It comes again, but later ones may come first: history puts them in order.
        readGap(account, messageOf(error));
        throw error;
      }
    },
    async hand(batch) {
      const connector = state.connectors.get(batch.account);
      if (connector === undefined) return;
      if (batch.opened) {
        closeGate(state, batch);
        readHistory(batch);
      }
      const events: (Event | Unsupported)[] = batch.items.flatMap((item) => [
        ...connector.normalizeItem(batch.channel, item),
      ]);
      await accept(state, events);
    },
    gap: readGap,
    async drain(calls) {
      const until = deps.calls() + calls;
      const more = () => !stopped && deps.calls() < until;
      const most = calls === Infinity ? Infinity : LANES_PER_SHARE;
      const active = new Set<Promise<void>>();
      for (;;) {
        const task = more() && active.size < most ? nextTask(more) : undefined;
        if (task !== undefined) {
          const running = task().finally(() => active.delete(running));
          active.add(running);
        } else if (active.size > 0) await Promise.race(active);
        else return;
      }
    },
    stop() {
      stopped = true;
    },
    nextDue() {
      const now = deps.clock();
      const due = [...state.lanes.all()].map((lane) => {
        const next = state.lanes.next(lane, now);
        return typeof next === "number" ? next : now;
      });
      return Math.min(chores.nextDue(), ...due);
    },
    sources: () => [...sources.values()],
    report: () => reportOf(state),
  };
}

function restore(state: State, saved: Saved): void {
  for (const [key, channel] of saved.channels) {
    const space = key.indexOf(" ");
    const account = key.slice(0, space) as AccountId;
    const name = key.slice(space + 1);
    if (state.routing.legs(account).some((leg) => leg.channel === name))
      learnChannel(state, account, name, channel);
  }
  for (const [at, position] of saved.checkpoints) state.checkpoints.set(at, position);
  // Any of these may have been in flight when the process ended: the first of each lane and source.
  const first = new Set<string>();
  for (const entry of saved.pending) {
    state.lastSeq = Math.max(state.lastSeq, entry.seq);
    if (entry.unrouted) state.unrouted.set(entry.key, entry.source);
    for (const open of entry.lanes) {
      const head = `${open.lane} ${sourceKey(entry.source)}`;
      state.lanes.add(entry, open, open.attempts > 0 || !first.has(head));
      first.add(head);
    }
  }
  // Rows of a gate that was closed twice have several `ord`s; positions tell the order all the same.
  for (const entry of saved.pending) state.lanes.regroup(entry.source);
}
