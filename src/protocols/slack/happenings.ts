/** What happens in a channel and is no message: who comes and goes, topics and purposes. */
import { toText } from "../../core/content.ts";
import type { Event, Unsupported } from "../../core/event.ts";
import { type AccountId, type ChannelId, channelId, messageId, userId } from "../../core/ids.ts";
import type { Message } from "./events.ts";
import { fromMrkdwn } from "./from-mrkdwn.ts";
import { type Identity, isOwn } from "./identity.ts";
import { isTs, positionOf, tsMs } from "./ids.ts";

/** `member_joined_channel` and `member_left_channel`. The `channel_join` notices say the same again, without being sure to come. */
export function normalizeMember(
  account: AccountId,
  identity: Identity | undefined,
  event: Message,
): Event | Unsupported {
  const { type, user, channel, event_ts: ts } = event;
  if (!user || !channel || !isTs(ts))
    return { kind: "unsupported", reason: `slack: ${type} without a member` };
  return {
    kind: type === "member_joined_channel" ? "member.joined" : "member.left",
    account,
    channel: channelId(channel),
    message: messageId(`${ts}-${user}`),
    sentAt: tsMs(ts),
    position: positionOf(ts),
    author: { id: userId(user) },
    ...(user === identity?.user ? { echo: {} } : {}),
  };
}

const TOPICS: Readonly<Record<string, "topic" | "purpose">> = {
  channel_topic: "topic",
  group_topic: "topic",
  channel_purpose: "purpose",
  group_purpose: "purpose",
};

/** A notice of a new topic or purpose; undefined where a message is none. */
export function normalizeTopic(
  account: AccountId,
  channel: ChannelId,
  identity: Identity | undefined,
  message: Message,
): Event | undefined {
  const field = TOPICS[message.subtype ?? ""];
  const text = field === undefined ? undefined : message[field];
  if (typeof text !== "string" || !isTs(message.ts) || !message.user) return undefined;
  return {
    kind: "topic.changed",
    account,
    channel,
    message: messageId(message.ts),
    sentAt: tsMs(message.ts),
    position: positionOf(message.ts),
    author: { id: userId(message.user) },
    topic: text === "" ? "" : toText({ type: "root", children: fromMrkdwn(text) }),
    ...(field === "purpose" ? { purpose: true } : {}),
    ...(isOwn(message, identity) ? { echo: {} } : {}),
  };
}
