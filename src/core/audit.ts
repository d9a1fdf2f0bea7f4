/**
 * The audit sweep: now and then the last half hour of each channel is read from its history, and what its source never
 * brought is accepted late. Sources do lose things: webhooks that are dropped for good, events that a stream skipped. What
 * could not be swept, as the bridge was down or was put out of the channel, is swept later.
 */
import { aliveSince } from "./alive.ts";
import type { Chores } from "./chores.ts";
import { type AccountId, channelId, type Position, type SourceKey } from "./ids.ts";
import { heededMs } from "./outbox/backoff.ts";
import { CallFailed, type Connector } from "./ports.ts";
import { acceptAll, LONGEST_GAP_MS } from "./stages/catch-up.ts";
import { acceptHeld } from "./stages/held.ts";
import { count, type State } from "./state.ts";
import type { SweepTimes } from "./store.ts";

/** How far back a sweep looks: more than the time between two sweeps of a channel. */
const WINDOW_MS = 40 * 60_000;
/** A channel is swept this often. */
const EVERY_MS = 15 * 60_000;
/** Channels take turns: each sweep is calls that deliveries wait for. */
const PACE_MS = 60_000;
/** What is younger may still be on its way. */
const YOUNG_MS = 120_000;
/** Our clock may be ahead by so much, and what is swept by it is not. */
const SKEW_MS = 10 * 60_000;
/** For so long a source that is closed is expected to open again, and to have its history read in order. */
const CLOSED_MS = 60 * 60_000;
/** When a channel was swept is saved this often in a life of the bridge: each time is a row. */
const SAVE_MS = 30 * 60_000;

/** A sweep that is being made, page by page, so that deliveries have their turn. */
interface Sweep {
  readonly key: SourceKey;
  readonly connector: Connector;
  readonly since: Position;
  readonly begunAt: number;
  readonly cursor?: string;
  /** This page could not be read once. */
  readonly failed: boolean;
  /** That it begins was written down. */
  readonly saved: boolean;
}

export function startAudit(state: State, chores: Chores): void {
  const savedAt = new Map<SourceKey, number>();
  let running: Sweep | undefined;
  /** When a service asked for time, and for how much, ms: other accounts go on. */
  const asked = new Map<AccountId, { readonly at: number; readonly forMs: number }>();
  /** Since when the channel of the running one is busy otherwise, ms. */
  let waitsSince: number | undefined;

  const channels = () =>
    [...state.names].flatMap(([key, names]) => {
      const account = [...state.connectors.keys()].find((each) => key.startsWith(`${each}/`));
      const connector = account === undefined ? undefined : state.connectors.get(account);
      const began = state.began.get(key);
      if (connector === undefined || began === undefined) return [];
      const legs = state.routing.legs(connector.account);
      const isHeard = legs.some((leg) => leg.in && names.includes(leg.channel));
      return isHeard ? [{ key, connector, began }] : [];
    });

  /** What a clock that was ahead has left behind says nothing. */
  function triedAt(key: SourceKey): number {
    const at = state.swept.get(key)?.triedAt ?? 0;
    return at > state.clock() ? 0 : at;
  }

  /**
   * Counted from the last one, not from the start: a bridge that sleeps between two webhooks may never be awake for so long.
   */
  const dueAt = ({ key }: { key: SourceKey }): number => triedAt(key) + EVERY_MS;

  /**
   * Its history can be read, and nobody else is to read it. One whose source stays closed is not waited for: it may never open
   * again, and until then a gap is only held, or read without an end.
   */
  const isFree = ({ key, connector: { account } }: Pick<Sweep, "key" | "connector">): boolean => {
    const known = [key, account].flatMap((source) => state.sources.get(source) ?? []);
    const closed = known.find(({ open }) => !open);
    const isBusy =
      closed === undefined ? state.gaps.has(key) : state.clock() - closed.since < CLOSED_MS;
    return !isBusy && !state.stalls.has(account) && !isWithin(asked.get(account));
  };

  /** Not so where the clock went back. */
  function isWithin(time: { readonly at: number; readonly forMs: number } | undefined): boolean {
    const passedMs = state.clock() - (time?.at ?? -Infinity);
    return passedMs >= 0 && passedMs < (time?.forMs ?? 0);
  }

  /** The one that was not looked at for the longest time. */
  const next = () =>
    channels()
      .filter(isFree)
      .sort((a, b) => dueAt(a) - dueAt(b))[0];

  /**
   * The first one is written down before its first page, too: should that end the process, the next one begins with another
   * channel.
   */
  async function begin(): Promise<Sweep | undefined> {
    const now = state.clock();
    const first = next();
    if (first === undefined || dueAt(first) > now) return undefined;
    const { key, connector, began } = first;
    const doneAt = state.swept.get(key)?.doneAt ?? now - EVERY_MS;
    const swept = { doneAt, triedAt: now };
    state.swept.set(key, swept);
    const saved = savedAt.size === 0;
    if (saved) await save(key, swept);
    const at = (ms: number): Position => connector.now(ms);
    const from = at(Math.min(now - WINDOW_MS, doneAt - YOUNG_MS - SKEW_MS));
    // What was said before the bridge came is nobody's loss.
    const since = [from, began, at(now - LONGEST_GAP_MS)].reduce((a, b) => (a > b ? a : b));
    return { key, connector, since, begunAt: now, failed: false, saved };
  }

  const save = (at: SourceKey, swept: SweepTimes): Promise<void> =>
    state.store.save([{ kind: "swept", at, ...swept }]);

  /** Reads one page; resolves with what is left to do. Throws what `history` throws. */
  async function readPage(sweep: Sweep): Promise<Sweep | undefined> {
    const { key, connector, since, begunAt } = sweep;
    const until = begunAt - YOUNG_MS;
    const channel = channelId(key.slice(connector.account.length + 1));
    const alive = aliveSince(state, connector, key, since);
    const page = await connector.history(channel, since, sweep.cursor, alive);
    const { events, next, reactions } = page;
    const wanted = events.flatMap((event) => {
      if (event.kind === "unsupported" || event.sentAt > until || event.position < since) return [];
      return [event.kind === "message.created" ? { ...event, late: true as const } : event];
    });
    const source = { account: connector.account, channel };
    note(key, await acceptAll(state, key, wanted));
    if (reactions !== undefined) note(key, await acceptHeld(state, source, reactions));
    if (next !== undefined) return { ...sweep, cursor: next, failed: false };
    await end(sweep);
    return undefined;
  }

  /** At once: what is accepted is known to the next sweep, and a later page may fail. */
  function note(source: SourceKey, missed: number): void {
    if (missed === 0) return;
    count(state, "missed_by_source", { source }, missed);
    state.log.warn("a sweep of history found what the source did not bring; it is relayed late", {
      source,
      missed,
    });
  }

  async function end({ key, begunAt }: Sweep): Promise<void> {
    const swept = { doneAt: begunAt, triedAt: begunAt };
    const now = state.clock();
    if (Math.abs(now - (savedAt.get(key) ?? -Infinity)) >= SAVE_MS) {
      await save(key, swept);
      savedAt.set(key, now);
    }
    state.swept.set(key, swept);
  }

  /**
   * Others have their turn first, in the next life too. Where the service is only busy the sweep goes on with this page once
   * more: a long one would otherwise never come to its end.
   */
  async function fail(sweep: Sweep, { outcome }: CallFailed): Promise<number> {
    const { key, connector } = sweep;
    state.log.warn("a sweep of history failed; it is made later", {
      source: key,
      reason: outcome.reason,
    });
    const swept = state.swept.get(key);
    if (swept !== undefined && !sweep.saved) await save(key, swept);
    if (outcome.kind !== "later") return PACE_MS;
    if (!sweep.failed) running = { ...sweep, failed: true };
    const { retryAfterMs } = outcome;
    if (retryAfterMs !== undefined)
      asked.set(connector.account, {
        at: state.clock(),
        forMs: heededMs(retryAfterMs),
      });
    return PACE_MS;
  }

  /** One whose channel is busy otherwise waits for that, but not for long: others have their turn. */
  function waits(): boolean {
    if (running === undefined || isFree(running)) waitsSince = undefined;
    else waitsSince ??= state.clock();
    if (waitsSince === undefined) return false;
    if (Math.abs(state.clock() - waitsSince) < EVERY_MS) return true;
    running = undefined;
    return false;
  }

  const job = async (): Promise<number> => {
    if (waits()) return PACE_MS;
    const sweep = running ?? (await begin());
    running = undefined;
    try {
      if (sweep !== undefined) running = await readPage(sweep);
    } catch (error) {
      if (sweep === undefined || !(error instanceof CallFailed)) throw error;
      return fail(sweep, error);
    }
    if (running !== undefined) return 0;
    const due = next();
    // Each may be busy for the moment, or there is none.
    if (due === undefined) return channels().length > 0 ? PACE_MS : EVERY_MS;
    return Math.max(PACE_MS, dueAt(due) - state.clock());
  };

  const known = channels();
  const first = Math.max(
    Math.min(...known.map(dueAt)),
    ...known.map(({ key }) => triedAt(key) + PACE_MS),
  );
  chores.add("look for what sources missed", job, { dueAt: known.length === 0 ? 0 : first });
}
