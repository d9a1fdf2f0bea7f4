/**
 * The audit sweep: now and then the last half hour of each channel is read from its history, and what its source never
 * brought is accepted late. Sources do lose things: webhooks that are dropped for good, events that a stream skipped.
 */
import type { Chores } from "./chores.ts";
import { sourceKey } from "./ids.ts";
import type { Position, SourceKey } from "./ids.ts";
import type { Connector } from "./ports.ts";
import { accept } from "./stages/accept.ts";
import { count, type State } from "./state.ts";

/** How far back a sweep looks: more than the time between two sweeps of a channel. */
const WINDOW_MS = 40 * 60_000;
/** A channel is swept this often. */
const EVERY_MS = 15 * 60_000;
/** Channels take turns: each sweep is calls that deliveries wait for. */
const PACE_MS = 60_000;
/** What is younger may still be on its way. */
const YOUNG_MS = 120_000;
/** A window of more pages is a gap's, not a sweep's. */
const MOST_PAGES = 60;

export function startAudit(state: State, chores: Chores): void {
  const swept = new Map<SourceKey, number>();
  const startedAt = state.clock();

  /** The channel that was not swept for the longest time. */
  const next = () => {
    const channels = [...state.names.keys()].flatMap((key) => {
      const slash = key.indexOf("/");
      const account = [...state.connectors.keys()].find((each) => each === key.slice(0, slash));
      const connector = account === undefined ? undefined : state.connectors.get(account);
      const isHeard = state.routing
        .legs(account ?? ("" as never))
        .some((leg) => leg.in && state.names.get(key)?.includes(leg.channel) === true);
      return connector !== undefined && isHeard && state.checkpoints.has(key)
        ? [{ key, connector }]
        : [];
    });
    channels.sort((a, b) => (swept.get(a.key) ?? 0) - (swept.get(b.key) ?? 0));
    return { first: channels[0], count: channels.length };
  };

  chores.add(
    "look for what sources missed",
    async () => {
      const { first, count: channels } = next();
      if (first !== undefined) {
        swept.set(first.key, state.clock());
        const { key, connector } = first;
        if (!state.gaps.has(key) && !state.stalls.has(connector.account))
          await sweep(state, connector, key, startedAt);
      }
      return Math.max(PACE_MS, Math.floor(EVERY_MS / Math.max(1, channels)));
    },
    { dueAt: startedAt + EVERY_MS },
  );
}

/** Throws what `history` throws. */
async function sweep(
  state: State,
  connector: Connector,
  key: SourceKey,
  startedAt: number,
): Promise<void> {
  const channel = [...state.channels.values()].find(
    (each) => sourceKey({ account: connector.account, channel: each }) === key,
  );
  if (channel === undefined) return;
  // What was said before the bridge came is nobody's loss.
  const began: Position = state.began.get(key) ?? connector.now(startedAt);
  const window = connector.now(state.clock() - WINDOW_MS);
  const since = window > began ? window : began;
  let cursor: string | undefined;
  let missed = 0;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { events, next } = await connector.history(channel, since, cursor);
    const old = state.clock() - YOUNG_MS;
    const wanted = events.flatMap((event) => {
      if (event.kind === "unsupported" || event.sentAt > old || event.position < since) return [];
      return [event.kind === "message.created" ? { ...event, late: true as const } : event];
    });
    missed += await accept(state, wanted);
    cursor = next;
    if (cursor === undefined) break;
  }
  if (missed === 0) return;
  count(state, "missed_by_source", { source: key }, missed);
  state.log.warn("a sweep of history found what the source did not bring; it is relayed late", {
    source: key,
    missed,
  });
}
