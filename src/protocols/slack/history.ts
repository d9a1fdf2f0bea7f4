/**
 * History since a position, oldest first. Slack gives pages newest first; they are collected before they are handed on,
 * so that order holds. Replies are not in a channel's history but for those also sent to it.
 */
import type { AccountId, ChannelId, Position } from "../../core/ids.ts";
import type { HistoryPage } from "../../core/ports.ts";
import type { Client } from "./client.ts";
import { parseMessage } from "./events.ts";
import type { Identity } from "./identity.ts";
import { tsOf } from "./ids.ts";
import { normalizeMessage } from "./normalize.ts";
import { nextCursor } from "./send.ts";

/** The most that one request gives to an internal app. */
const PAGE = 200;

export async function readHistory(
  client: Client,
  account: AccountId,
  channel: ChannelId,
  identity: Identity | undefined,
  since: Position,
): Promise<HistoryPage> {
  const pages: HistoryPage["events"][] = [];
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
      return message === undefined ? [] : normalizeMessage(account, channel, identity, message);
    });
    pages.push(events.reverse());
    cursor = nextCursor(body);
  } while (cursor !== undefined);
  return { events: pages.reverse().flat() };
}
