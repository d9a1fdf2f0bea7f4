/**
 * The audit sweep: now and then the last half hour of each channel is read from its history, and what its source never
 * brought is accepted late. Sources do lose things: webhooks that are dropped for good, events that a stream skipped. What
 * could not be swept, as the bridge was down or was put out of the channel, is swept later.
 */
import type { Chores } from "./chores.ts";
import { channelId, type Position, type SourceKey } from "./ids.ts";
import type { Connector } from "./ports.ts";
import { accept } from "./stages/accept.ts";
import { LONGEST_GAP_MS } from "./stages/catch-up.ts";
import { acceptHeld } from "./stages/held.ts";
import { count, type State } from "./state.ts";

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
/** How far a channel is swept is saved this often: each time is a row. */
const SAVE_MS = 30 * 60_000;

/** A sweep that is being made, page by page, so that deliveries have their turn. */
interface Sweep {
  readonly key: SourceKey;
  readonly connector: Connector;
  readonly since: Position;
  /** What was said later is left alone, ms. */
  readonly until: number;
  readonly cursor?: string;
}

/** `saved`: how far each channel had been swept. */
export function startAudit(
  state: State,
  chores: Chores,
  saved: ReadonlyMap<SourceKey, Position>,
): void {
  /** When a channel's last sweep began, and how far it was swept whole. */
  const begun = new Map<SourceKey, number>();
  const swept = new Map(saved);
  const savedAt = new Map<SourceKey, number>();
  const startedAt = state.clock();
  let running: Sweep | undefined;

  const channels = () =>
    [...state.names].flatMap(([key, names]) => {
      const account = [...state.connectors.keys()].find((each) => key.startsWith(`${each}/`));
      const connector = account === undefined ? undefined : state.connectors.get(account);
      if (connector === undefined || !state.checkpoints.has(key)) return [];
      const legs = state.routing.legs(connector.account);
      const isHeard = legs.some((leg) => leg.in && names.includes(leg.channel));
      return isHeard ? [{ key, connector }] : [];
    });

  /** For the channel that was not looked at for the longest time. */
  function begin(): Sweep | undefined {
    const [first] = channels().sort((a, b) => (begun.get(a.key) ?? 0) - (begun.get(b.key) ?? 0));
    if (first === undefined) return undefined;
    const { key, connector } = first;
    const now = state.clock();
    begun.set(key, now);
    if (state.gaps.has(key) || state.stalls.has(connector.account)) return undefined;
    const at = (ms: number): Position => connector.now(ms);
    // What was said before the bridge came is nobody's loss.
    const began = state.began.get(key) ?? at(startedAt);
    const from = earlier(at(now - WINDOW_MS), swept.get(key) ?? began);
    const since = [from, began, at(now - LONGEST_GAP_MS)].reduce((a, b) => (a > b ? a : b));
    return { key, connector, since, until: now - YOUNG_MS };
  }

  /** Reads one page; resolves with what is left to do. Throws what `history` throws. */
  async function readPage(sweep: Sweep): Promise<Sweep | undefined> {
    const { key, connector, since, until } = sweep;
    const channel = channelId(key.slice(connector.account.length + 1));
    const { events, next, reactions } = await connector.history(channel, since, sweep.cursor);
    const wanted = events.flatMap((event) => {
      if (event.kind === "unsupported" || event.sentAt > until || event.position < since) return [];
      return [event.kind === "message.created" ? { ...event, late: true as const } : event];
    });
    const source = { account: connector.account, channel };
    note(key, await accept(state, wanted));
    if (reactions !== undefined) note(key, await acceptHeld(state, source, reactions));
    if (next !== undefined) return { ...sweep, cursor: next };
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

  async function end({ key, connector, until }: Sweep): Promise<void> {
    const position = connector.now(until - SKEW_MS);
    if (state.clock() - (savedAt.get(key) ?? 0) >= SAVE_MS) {
      await state.store.save([{ kind: "swept", at: key, position }]);
      savedAt.set(key, state.clock());
    }
    swept.set(key, position);
  }

  chores.add(
    "look for what sources missed",
    async () => {
      const sweep = running ?? begin();
      // One that fails is begun anew when its channel has its turn again.
      running = undefined;
      if (sweep !== undefined) running = await readPage(sweep);
      if (running !== undefined) return 0;
      return Math.max(PACE_MS, Math.floor(EVERY_MS / Math.max(1, channels().length)));
    },
    { dueAt: startedAt + EVERY_MS },
  );
}

const earlier = (a: Position, b: Position): Position => (b < a ? b : a);
