/**
 * History since a position, one call a page. Slack gives it newest first; the relay sorts all of a gap. Replies are not
 * in a channel's history: after it, the parents of eight days are looked through for threads that were answered since, and
 * those are read, with the older ones that the relay knows to be alive.
 */
import type { Event, Unsupported } from "../../core/event.ts";
import type { AccountId, ChannelId, MessageId, Position } from "../../core/ids.ts";
import type { HeldReactions } from "../../core/held.ts";
import { CallFailed, type HistoryPage } from "../../core/ports.ts";
import { parseJson } from "../call.ts";
import type { Client, Json } from "./client.ts";
import { type Message, parseMessage } from "./events.ts";
import type { Identity } from "./identity.ts";
import { isTs, positionOf, tsAt, tsMs, tsOf } from "./ids.ts";
import { deletedIn, editOf, normalizeMessage } from "./normalize.ts";
import { heldAt } from "./reactions.ts";
import { nextCursor } from "./send.ts";

/** As many as Slack advises for one request. */
const PAGE = 200;
/** Threads whose first message is older are not looked for: see `core/alive.ts`. */
const THREADS_MS = 8 * 24 * 3_600_000;
/** Of older ones that the relay knows the newest so many are read: each is a call. */
const MOST_OLD = 50;
/** So many answered threads are read of one gap, the newest of them. */
const MOST_THREADS = 500;

/** What is to be read next. */
interface Cursor {
  readonly step: "messages" | "parents" | "replies";
  readonly page?: string;
  /** Threads with answers since, newest first. */
  readonly threads: readonly string[];
}

/** What happened so shortly before a page is left to its own event: clocks differ, and events take their time. */
const FRESH_MS = 5 * 60_000;

export interface Where {
  readonly account: AccountId;
  readonly channel: ChannelId;
  readonly identity: Identity | undefined;
  /** When the page is asked for, ms. */
  readonly now: number;
}

/** Throws `CallFailed`. */
export async function readHistory(
  client: Client,
  where: Where,
  since: Position,
  cursor?: string,
  alive: readonly MessageId[] = [],
): Promise<HistoryPage> {
  const at: Cursor =
    cursor === undefined ? { step: "messages", threads: [] } : (parseJson(cursor) as Cursor);
  const oldest = tsOf(since);
  const range = {
    messages: { oldest, inclusive: true },
    parents: { oldest: tsAt(tsMs(oldest) - THREADS_MS), latest: oldest },
    replies: { oldest, ts: at.threads[0] },
  }[at.step];
  const method = at.step === "replies" ? "conversations.replies" : "conversations.history";
  const args = { channel: where.channel, ...range, limit: PAGE, include_all_metadata: true };
  const body = await client.read(method, { ...args, cursor: at.page }).catch(unlessGone);
  const list: readonly unknown[] = Array.isArray(body["messages"]) ? body["messages"] : [];
  const messages = list.flatMap((raw): Message[] => {
    const message = parseMessage(raw);
    return message === undefined ? [] : [message];
  });
  const old = alive
    .filter((thread) => isTs(thread) && tsMs(thread) < tsMs(oldest) - THREADS_MS)
    .slice(0, MOST_OLD);
  const next = nextStep(at, nextCursor(body), messages, { oldest, old });
  const events =
    at.step === "parents" ? [] : messages.flatMap((message) => eventsOf(message, where, at));
  events.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const reactions = heldIn(messages, where, at);
  return {
    events,
    ...(reactions === undefined ? {} : { reactions }),
    ...(next === undefined ? {} : { next: JSON.stringify(next) }),
  };
}

/** A thread of which nothing is left has no replies. */
function unlessGone(error: unknown): Json {
  if (error instanceof CallFailed && error.outcome.kind === "rejected" && error.outcome.flatHelps)
    return {};
  throw error;
}

const orderOf = (each: Event | Unsupported): string =>
  each.kind === "unsupported" ? "" : each.position;

/** Our own reactions stand for others': without knowing which they are, none can be told. */
function heldIn(
  messages: readonly Message[],
  { identity, now }: Where,
  { step }: Cursor,
): HeldReactions | undefined {
  if (identity === undefined) return undefined;
  // What began eight days before is read for its threads: there only what is shown counts, not what is missing.
  const shown =
    step === "parents" ? messages.filter(({ reactions }) => reactions != null) : messages;
  return {
    asOf: tsAt(now - FRESH_MS),
    messages: shown.flatMap((message) => heldAt(message, identity.user) ?? []),
  };
}

/** An edited message is both: its creation, which is known or was missed, and its newest edit. */
function eventsOf(message: Message, where: Where, at: Cursor): (Event | Unsupported)[] {
  // The first message of every answer is the parent, which history has already.
  if (at.step === "replies" && message.ts === at.threads[0]) return [];
  const gone = deletedIn(where, message);
  if (gone !== undefined) return [gone];
  const events = normalizeMessage(where.account, where.channel, where.identity, message);
  return [...events, ...events.flatMap((event) => editOf(event, message) ?? [])];
}

function nextStep(
  at: Cursor,
  page: string | undefined,
  messages: readonly Message[],
  { oldest, old }: { readonly oldest: string; readonly old: readonly string[] },
): Cursor | undefined {
  if (at.step === "replies") {
    if (page !== undefined) return { ...at, page };
    const threads = at.threads.slice(1);
    return threads.length === 0 ? undefined : { step: "replies", threads };
  }
  const answered = messages.flatMap((message) => {
    const latest = message["latest_reply"];
    // Where a parent does not say when it was last answered, its thread is read.
    const isNew = isTs(latest) ? positionOf(latest) >= positionOf(oldest) : at.step === "messages";
    return isTs(message.ts) && message["reply_count"] !== undefined && isNew ? [message.ts] : [];
  });
  const found = [...at.threads, ...answered].slice(0, MOST_THREADS);
  if (page !== undefined) return { step: at.step, page, threads: found };
  if (at.step === "messages") return { step: "parents", threads: found };
  const threads = [...found, ...old];
  return threads.length === 0 ? undefined : { step: "replies", threads };
}
