/**
 * Threads that go on long after they began. Where replies are no part of a channel's history, their thread is found by its
 * first message while that is young. An older one is remembered as long as it is answered, and asked for by itself.
 */
import type { Event, MessageCreated, Unsupported } from "./event.ts";
import { type MessageId, type Position, type SourceKey, sourceKey } from "./ids.ts";
import type { Connector } from "./ports.ts";
import type { State } from "./state.ts";

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
/** Of a channel, the newest: each is a call of every reading of its history. */
const MOST = 50;

/** Those of these events that show an old thread to be alive, where that is not written down yet. */
export const revivals = (
  state: State,
  events: readonly (Event | Unsupported)[],
): readonly MessageCreated[] =>
  events.flatMap((event) =>
    event.kind === "message.created" && isNews(state, event) ? [event] : [],
  );

function isNews(state: State, event: MessageCreated): boolean {
  const { thread, account, sentAt } = event;
  const key = sourceKey(event);
  if (thread === undefined || !state.names.has(key)) return false;
  const begunAt = state.connectors.get(account)?.saidAt?.(thread);
  if (begunAt === undefined || sentAt - begunAt < OLD_MS) return false;
  const noted = state.alive.get(key)?.get(thread);
  return noted === undefined || Math.abs(state.clock() - noted) >= AGAIN_MS;
}

/** Writes them down: before their replies count as heard. Rejects with `StorageError`. */
export async function noteAlive(state: State, replies: readonly MessageCreated[]): Promise<void> {
  const now = state.clock();
  const changed = new Set(replies.map(sourceKey));
  const change = (at: number | undefined): void => {
    for (const key of changed) {
      const threads = new Map(state.alive.get(key));
      for (const { thread, ...reply } of replies) {
        if (thread === undefined || sourceKey(reply) !== key) continue;
        if (at === undefined) threads.delete(thread);
        else threads.set(thread, at);
      }
      state.alive.set(key, newest(threads, now));
    }
  };
  // At once: another commit may write the same row meanwhile.
  change(now);
  const facts = [...changed].map(
    (at) => ({ kind: "alive", at, threads: state.alive.get(at)! }) as const,
  );
  try {
    await state.store.save(facts);
  } catch (error) {
    // So that it is tried again.
    change(undefined);
    throw error;
  }
}

const newest = (threads: ReadonlyMap<MessageId, number>, now: number): Map<MessageId, number> =>
  new Map(
    [...threads]
      .filter(([, at]) => Math.abs(now - at) < KEPT_MS)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST),
  );

/** Old threads that may have been answered since a position. */
export function aliveSince(
  state: State,
  connector: Connector,
  key: SourceKey,
  since: Position,
): readonly MessageId[] {
  const threads = [...(state.alive.get(key) ?? [])];
  return threads.flatMap(([thread, at]) => (connector.now(at + ALIVE_MS) >= since ? [thread] : []));
}
