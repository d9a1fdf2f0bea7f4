/**
 * History since a position, oldest first. Slack gives pages newest first; they are collected before they are handed on,
 * so that order holds. Replies are not in a channel's history: they are read for the parents that are in it. Replies to
 * older parents, and in a gap with very many threads to the older of them, are not found.
 */
import type { AccountId, ChannelId, Position } from "../../core/ids.ts";
import { HISTORY_CALLS, type HistoryPage } from "../../core/ports.ts";
import type { Client } from "./client.ts";
import { parseMessage } from "./events.ts";
import type { Identity } from "./identity.ts";
import { isTs, tsOf } from "./ids.ts";
import { normalizeMessage } from "./normalize.ts";
import { nextCursor } from "./send.ts";

/** As many as Slack advises for one request. */
const PAGE = 200;

export async function readHistory(
  client: Client,
  account: AccountId,
  channel: ChannelId,
  identity: Identity | undefined,
  since: Position,
): Promise<HistoryPage> {
  const pages: HistoryPage["events"][] = [];
  const parents: string[] = [];
  let cursor: string | undefined;
  do {
    const body = await client.read("conversations.history", {
      channel,
      oldest: tsOf(since),
      inclusive: true,
      limit: PAGE,
      include_all_metadata: true,
      cursor,
    });
    const messages = Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : [];
    const events = messages.flatMap((raw) => {
      const message = parseMessage(raw);
      if (message === undefined) return [];
      if (isTs(message.ts) && message["reply_count"] !== undefined) parents.push(message.ts);
      return normalizeMessage(account, channel, identity, message);
    });
    pages.push(events.reverse());
    cursor = nextCursor(body);
  } while (cursor !== undefined);
  const replies: HistoryPage["events"][number][] = [];
  // Each thread costs a call: the newest ones get what is left.
  for (const ts of parents.slice(0, Math.max(0, HISTORY_CALLS - pages.length)))
    replies.push(...(await readReplies(client, account, channel, identity, ts)));
  const events = [...pages.reverse().flat(), ...replies];
  const orderOf = (each: HistoryPage["events"][number]) =>
    each.kind === "unsupported" ? "" : each.position;
  return { events: events.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1)) };
}

/** All replies of one thread. The first message of every answer is the parent, which history has already. */
async function readReplies(
  client: Client,
  account: AccountId,
  channel: ChannelId,
  identity: Identity | undefined,
  ts: string,
): Promise<HistoryPage["events"]> {
  const events: HistoryPage["events"][number][] = [];
  let cursor: string | undefined;
  do {
    const body = await client.read("conversations.replies", {
      channel,
      ts,
      limit: PAGE,
      include_all_metadata: true,
      cursor,
    });
    const messages = Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : [];
    for (const raw of messages) {
      const message = parseMessage(raw);
      if (message === undefined || message.ts === ts) continue;
      events.push(...normalizeMessage(account, channel, identity, message));
    }
    cursor = nextCursor(body);
  } while (cursor !== undefined);
  return events;
}
