/**
 * Threads that go on long after they began. Where replies are no part of a channel's history, their thread is found by its
 * first message while that is young. An older one is remembered as long as it is answered, and asked for by itself.
 */
import type { Event, MessageCreated, Unsupported } from "./event.ts";
import { type MessageId, type Position, type SourceKey, sourceKey } from "./ids.ts";
import type { Connector } from "./ports.ts";
import type { State } from "./state.ts";
import type { Fact } from "./store.ts";

const DAY_MS = 24 * 3_600_000;
/**
 * What is answered so long after it began is remembered. A history finds by its first message what began in the eight days
 * before it: seven in which a thread counts as alive, and this one.
 */
const OLD_MS = DAY_MS;
/** It is written down again so often: each time is a row. */
const AGAIN_MS = DAY_MS;
/** For seven days after a reply, which may be a day younger than what is written down. */
const ALIVE_MS = 7 * DAY_MS + AGAIN_MS;
/** Histories are read up to seven days later. */
const KEPT_MS = ALIVE_MS + 7 * DAY_MS;
/** Of a channel, the newest: a limit for the row that they are kept in. */
const MOST = 500;

/** Old threads that events show to be alive, to be written down with them. */
export interface Revived {
  readonly facts: readonly Fact[];
  /** They were not: histories ask for these threads all the same, and the next reply is to write them down. */
  failed(): void;
}

const NONE: Revived = { facts: [], failed: () => undefined };

/** They count as written down at once, as another commit may write the same row meanwhile. */
export function revive(state: State, events: readonly (Event | Unsupported)[]): Revived {
  const replies = events.flatMap((event) =>
    event.kind === "message.created" && isNews(state, event) ? [event] : [],
  );
  if (replies.length === 0) return NONE;
  const now = state.clock();
  const mark = (at: number): void => {
    for (const reply of replies) {
      const key = sourceKey(reply);
      const threads = new Map(state.alive.get(key)).set(reply.thread!, at);
      state.alive.set(key, newest(threads, now));
    }
  };
  mark(now);
  const keys = [...new Set(replies.map(sourceKey))];
  return {
    facts: keys.map((at) => ({ kind: "alive", at, threads: state.alive.get(at)! })),
    failed: () => mark(now - AGAIN_MS),
  };
}

function isNews(state: State, event: MessageCreated): boolean {
  const { thread, account, sentAt } = event;
  const key = sourceKey(event);
  if (thread === undefined || !state.names.has(key)) return false;
  const begunAt = state.connectors.get(account)?.saidAt?.(thread);
  if (begunAt === undefined || sentAt - begunAt < OLD_MS) return false;
  const noted = state.alive.get(key)?.get(thread);
  return noted === undefined || Math.abs(state.clock() - noted) >= AGAIN_MS;
}

const newest = (threads: ReadonlyMap<MessageId, number>, now: number): Map<MessageId, number> =>
  new Map(
    [...threads]
      .filter(([, at]) => Math.abs(now - at) < KEPT_MS)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST),
  );

/** Old threads that may have been answered since a position, the newest first. */
export function aliveSince(
  state: State,
  connector: Connector,
  key: SourceKey,
  since: Position,
): readonly MessageId[] {
  const threads = [...(state.alive.get(key) ?? [])];
  return threads.flatMap(([thread, at]) => (connector.now(at + ALIVE_MS) >= since ? [thread] : []));
}
