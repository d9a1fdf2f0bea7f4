/**
 * The relay: the one actor that owns all state of a deployment. Read it top to bottom: what it is asked, what it does
 * about it, what it says of itself. The three stages of a message are `stages/accept.ts`, `deliver.ts`, `settle.ts`.
 *
 * It starts nothing by itself: a host calls `accept` and `hand` with what comes in, `drain` after that and whenever
 * `nextDue` has come, and runs the `sources`.
 */
import { messageOf, StorageError } from "./errors.ts";
import type { Event, Unsupported } from "./event.ts";
import { type AccountId, type MessageRef, sourceKey } from "./ids.ts";
import type { Item, Lane } from "./outbox/lane.ts";
import type { SourceBatch } from "./ports.ts";
import { startAdmin } from "./admin/admin.ts";
import { startAudit } from "./audit.ts";
import { createChannels, type RunningSource } from "./channels.ts";
import { createChores } from "./chores.ts";
import { watchClock } from "./clock.ts";
import { startDay } from "./day.ts";
import { createLetters, type Letters } from "./letters.ts";
import { startRereads } from "./rereads.ts";
import { noted } from "./sources.ts";
import { createSure } from "./sure.ts";
import { retreat, saveCheckpoints } from "./checkpoints.ts";
import { overhear } from "./stages/accept.ts";
import { acceptAll } from "./stages/catch-up.ts";
import { deliver } from "./stages/deliver.ts";
import { reserveProbe } from "./stages/probe.ts";
import { settle } from "./stages/settle.ts";
import { count, createState, learnChannel, type RelayDeps, type State } from "./state.ts";
import type { Fact, Saved } from "./store.ts";
import { reportOf, type Report } from "./report.ts";

/** An error of our own code that comes so often with one message is the message's. */
const MOST_FAULTS = 5;
/**
 * Lanes and jobs at once where calls are limited: each may need some calls more than its share when that ends.
 */
const LANES_PER_SHARE = 5;
/** Checkpoints and sweeps: at most once a minute, for the row budget. */
const HOUSEKEEPING_MS = 60_000;
/** Between two parts of one sweep. */
const SWEEP_ON_MS = 1_000;

export interface Relay {
  /** A verified webhook body. Resolves after the commit; rejects with `StorageError` when nothing was accepted. */
  webhook(account: AccountId, raw: unknown): Promise<void>;
  /** Stream items. Resolves after the commit. */
  hand(batch: SourceBatch): Promise<void>;
  /**
   * Hears stream items at once that need neither a write nor a call, such as our own posts, without reading what anybody
   * says. False, and nothing was done: they are to be handed. `nextDue` may be sooner afterwards.
   */
  overhear(batch: SourceBatch): boolean;
  /** The service says that it dropped events of this account. Resolves once that is remembered. */
  gap(account: AccountId, reason: string): Promise<void>;
  /** Does all that is due, up to about `calls` outbound calls. Resolves when nothing is due or the share is used. */
  drain(calls: number): Promise<void>;
  /** When `drain` has something to do next, ms; Infinity when only a new event can change that. */
  nextDue(): number;
  /** Starts nothing new; what is in flight is finished by the drain that runs it. */
  stop(): void;
  /** Streams and polls that are to be kept going: grows as channels are found. */
  sources(): readonly RunningSource[];
  report(): Report;
  /** Whether a file's message is one of a configured channel and was not deleted. */
  shows(message: MessageRef): Promise<boolean>;
  /** Messages that were given up. */
  readonly letters: Letters;
}

/** The calls that one drain may make. */
interface Share {
  left(): number;
  /** It is used, although some are left: the next needs more than those. */
  end(): void;
}

export interface StartOptions {
  /** Read history of every channel first: true where the process was down, false where it merely slept. */
  readonly catchUp: boolean;
}

export function startRelay(given: RelayDeps, saved: Saved, options: StartOptions): Relay {
  const watched = watchClock(given.clock);
  const deps = { ...given, clock: watched.clock };
  const state = createState(deps, saved.instance);
  const chores = createChores(deps.clock, deps.random, deps.log);
  watched.follow(wentBack);
  restore(state, saved, options);
  const channels = createChannels(state, chores, saved, options);
  chores.add("housekeeping", housekeeping, { lazy: true });
  const sure = createSure(deps, saved.times);
  startAudit(state, chores);
  startRereads(state, chores);
  const day = startDay(state, chores, saved.day ?? []);
  const admin = startAdmin(state, chores, () => channels.sources(), saved.told);
  let stopped = false;
  let turn = 0;

  /** Times that were set by a clock that was ahead would hold everything up until it has come there once more. */
  function wentBack(back: number): void {
    deps.log.warn("the clock went back; what waits for a time goes with it", { ms: back });
    chores.shift(back);
    state.lanes.shift(back);
    for (const stall of state.stalls.values()) {
      stall.since -= back;
      stall.until -= back;
      stall.probedAt -= back;
    }
    for (const waiting of [...state.unsigned.values(), ...state.unfound.values()])
      waiting.since -= back;
    for (const [key, source] of state.sources)
      state.sources.set(key, { ...source, since: source.since - back });
    state.startedAt -= back;
    state.limits.clear();
    // What was written before would look like what works now.
    state.written.clear();
  }

  async function housekeeping(): Promise<number> {
    for (const account of deps.connectors.keys()) await channels.routeUnrouted(account);
    await saveCheckpoints(state, state.dirty, cursorsToSave());
    if ((await sweepOn()) !== undefined) chores.add("sweep the rest", sweepOn);
    return HOUSEKEEPING_MS;
  }

  /** Again soon after an hour in which much was said. */
  const sweepOn = async (): Promise<number | undefined> => {
    const { more, letters } = await state.store.sweep(deps.clock(), await sure());
    state.deadLetters -= letters;
    return more ? SWEEP_ON_MS : undefined;
  };

  /** A cursor must not be ahead of a gap: the gap is only found again from before it. */
  function cursorsToSave(): Fact[] {
    const gaps = [...state.gaps.keys()];
    return [...state.dirtyCursors].flatMap((account): Fact[] => {
      const cursor = state.cursors.get(account);
      if (cursor === undefined || gaps.some((key) => key.startsWith(`${account}/`))) return [];
      state.dirtyCursors.delete(account);
      return [{ kind: "cursor", account, cursor }];
    });
  }

  /** Sets a message aside; when even that fails, the item stays and is tried again. */
  async function giveUp(lane: Lane, item: Item, reason: string): Promise<void> {
    const tried = item.attempts > 0 ? { since: item.firstTriedAt ?? item.uncertainSince } : {};
    await settle(state, lane, item, { kind: "dead", reason, ...tried }).catch((error: unknown) => {
      item.dueAt = deps.clock() + 60_000;
      deps.log.error("a dead letter was not stored and is tried again", {
        id: item.entry.id,
        lane: lane.id,
        reason: messageOf(error),
      });
    });
  }

  /** The next thing that is due; lanes take turns, so that a share of calls does not always go to the first ones. */
  function nextTask(share: Share): (() => Promise<void>) | undefined {
    const now = deps.clock();
    const [job] = chores.due(now);
    if (job !== undefined) return job;
    const lanes = [...state.lanes.all()];
    for (let step = 0; step < lanes.length; step += 1) {
      const lane = lanes[(turn + step) % lanes.length]!;
      if (typeof state.lanes.next(lane, now) === "number") continue;
      turn = (turn + step + 1) % lanes.length;
      return () => runLane(lane, share);
    }
    return undefined;
  }

  /** One runner per lane, whoever starts it. */
  async function runLane(lane: Lane, share: Share): Promise<void> {
    for (;;) {
      const item = share.left() > 0 ? state.lanes.next(lane, deps.clock()) : Infinity;
      if (typeof item === "number") return;
      lane.running = item;
      const release = reserveProbe(state, lane.account);
      try {
        if ((await deliver(state, lane, item, share.left)) === "full") return share.end();
      } catch (error) {
        // The store or our own code failed: nothing is lost, the item stays and is looked for before it is repeated.
        // A store that fails is no message's fault.
        if (!(error instanceof StorageError)) item.faults += 1;
        if (item.faults >= MOST_FAULTS) {
          await giveUp(lane, item, messageOf(error));
          continue;
        }
        item.dueAt = deps.clock() + 1_000 * (item.faults + 1);
        item.looked ??= 0;
        item.uncertainUntil = deps.clock();
        item.waited = true;
        count(state, "internal_errors", { lane: lane.id });
        deps.log.error("a delivery was interrupted and is tried again", {
          id: item.entry.id,
          lane: lane.id,
          reason: messageOf(error),
        });
      } finally {
        lane.running = undefined;
        release();
      }
    }
  }

  return {
    async webhook(account, raw) {
      const connector = state.connectors.get(account);
      if (connector === undefined) return;
      const events = connector.normalize(raw);
      try {
        await acceptAll(state, account, events);
      } catch (error) {
        retreat(state, events);
        // It comes again, but later ones may come first: history puts them in order.
        void channels.gap(account, messageOf(error)).catch(() => undefined);
        throw error;
      }
    },
    async hand(batch) {
      const connector = state.connectors.get(batch.account);
      if (connector === undefined) return;
      if (batch.opened) channels.opened(batch);
      if (batch.moved === true) channels.moved(batch);
      const events: (Event | Unsupported)[] = batch.items.flatMap((item) => [
        ...connector.normalizeItem(batch.channel, item),
      ]);
      await acceptAll(state, sourceKey(batch), events).catch((error: unknown) => {
        retreat(state, events);
        throw error;
      });
    },
    overhear(batch) {
      const connector = state.connectors.get(batch.account);
      if (connector?.glance === undefined || batch.opened || batch.moved === true) return false;
      const events: (Event | Unsupported)[] = [];
      for (const item of batch.items) {
        const seen = connector.glance(batch.channel, item);
        if (seen === undefined) return false;
        events.push(...seen);
      }
      return overhear(state, events);
    },
    gap: channels.gap,
    async drain(calls) {
      let until = deps.calls() + calls;
      const share: Share = {
        left: () => (stopped ? 0 : until - deps.calls()),
        end: () => void (until = deps.calls()),
      };
      const most = calls === Infinity ? Infinity : LANES_PER_SHARE;
      const active = new Set<Promise<void>>();
      for (;;) {
        const task = share.left() > 0 && active.size < most ? nextTask(share) : undefined;
        if (task !== undefined) {
          const running = task().finally(() => active.delete(running));
          active.add(running);
        } else if (active.size > 0) await Promise.race(active);
        else return admin.look();
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
    sources: () => channels.sources().map((source) => noted(state, source)),
    report: () => reportOf(state, channels.sources(), day),
    shows: async (message) =>
      state.names.has(sourceKey(message)) && !(await state.store.deleted(message)),
    letters: createLetters(state),
  };
}

function restore(state: State, saved: Saved, { catchUp }: StartOptions): void {
  for (const [key, channel] of saved.channels) {
    const space = key.indexOf(" ");
    const account = key.slice(0, space) as AccountId;
    const name = key.slice(space + 1);
    const legs = state.routing.legs(account).filter((leg) => leg.channel === name);
    // One that was only written to until now is as new as one that is not found.
    const isNew = legs.some((leg) => leg.in) && !saved.began.has(sourceKey({ account, channel }));
    if (legs.length > 0 && !isNew) learnChannel(state, account, name, channel);
  }
  for (const [at, position] of saved.checkpoints) state.checkpoints.set(at, position);
  for (const [at, position] of saved.began) state.began.set(at, position);
  for (const [at, swept] of saved.swept) state.swept.set(at, swept);
  for (const [at, threads] of saved.alive) state.alive.set(at, threads);
  for (const [account, cursor] of saved.cursors) state.cursors.set(account, cursor);
  state.deadLetters = saved.deadLetters;
  // Any may have been in flight that was the first of its lane and source once: what stands before it was accepted later.
  const least = new Map<string, number>();
  for (const entry of saved.pending) {
    state.lastSeq = Math.max(state.lastSeq, entry.seq);
    if (entry.unrouted) state.unrouted.set(entry.key, entry.source);
    for (const open of entry.lanes) {
      const head = `${open.lane} ${sourceKey(entry.source)}`;
      const before = least.get(head) ?? Infinity;
      state.lanes.add(entry, open, open.attempts > 0 || entry.seq < before);
      least.set(head, Math.min(before, entry.seq));
    }
  }
  // Rows of a gate that was closed twice have several `ord`s; positions tell the order all the same.
  const sources = new Map(saved.pending.map(({ source }) => [sourceKey(source), source]));
  for (const source of sources.values()) state.lanes.regroup(source);
  state.lanes.attemptedFirst();
  // Time in which nobody ran is no time in which it was tried.
  if (catchUp)
    for (const { items } of state.lanes.all())
      for (const item of items) item.firstTriedAt = undefined;
}
