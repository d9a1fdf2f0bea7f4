/** One message, read for a quote of it. */
import type { Quoted } from "../../core/event.ts";
import type { ChannelId, MessageId } from "../../core/ids.ts";
import type { Client } from "./client.ts";
import { parseMessage } from "./events.ts";
import { saidOf } from "./normalize.ts";

/** A thread begins with its first message, whether anybody has answered it or not. Throws `CallFailed`. */
export async function readSaid(
  client: Client,
  channel: ChannelId,
  message: MessageId,
): Promise<Quoted | undefined> {
  const { messages } = await client.read("conversations.replies", {
    channel,
    ts: message,
    limit: 1,
  });
  const first: unknown = Array.isArray(messages) ? messages[0] : undefined;
  const found = parseMessage(first);
  return found?.ts !== message || found.subtype === "tombstone" ? undefined : saidOf(found);
}
