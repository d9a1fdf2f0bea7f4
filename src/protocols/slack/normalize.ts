/** An `event_callback` envelope to events with ids only. Subtypes are an allow-list: what we do not know is not relayed. */
import * as v from "valibot";

import type {
  Attachment,
  Author,
  Echo,
  Event,
  MessageCreated,
  Said,
  Unsupported,
} from "../../core/event.ts";
import {
  type AccountId,
  channelId,
  type ChannelId,
  deliveryKey,
  messageId,
  userId,
} from "../../core/ids.ts";
import { contentOf } from "./content.ts";
import { envelopeSchema, type Message, parseMessage } from "./events.ts";
import { attachmentOf } from "./files.ts";
import { normalizeMember, normalizeTopic } from "./happenings.ts";
import { type Identity, isAuthor, isOwn } from "./identity.ts";
import { isTs, positionOf, tsMs } from "./ids.ts";
import { normalizeReaction } from "./reactions.ts";

const unsupported = (reason: string): readonly Unsupported[] => [{ kind: "unsupported", reason }];
const SAID = new Set(["", "bot_message", "me_message", "thread_broadcast", "file_share"]);

export function normalize(
  account: AccountId,
  identity: Identity | undefined,
  raw: unknown,
): readonly (Event | Unsupported)[] {
  const envelope = v.safeParse(envelopeSchema, raw);
  if (!envelope.success) return unsupported("slack: not an event we can read");
  const { event, api_app_id: app } = envelope.output;
  if (event.type === "reaction_added" || event.type === "reaction_removed")
    return [normalizeReaction(account, identity, event)];
  if (event.type === "member_joined_channel" || event.type === "member_left_channel")
    return [normalizeMember(account, identity, event)];
  if (event.type !== "message")
    return unsupported(`slack: ${event.type ?? "event without a type"}`);
  if (event.channel == null || event.channel === "")
    return unsupported("slack: message without a channel");
  // The envelope names our app: a mark of our own posts that `auth.test` does not give.
  const me = identity === undefined || app == null ? identity : { ...identity, app };
  return normalizeMessage(account, channelId(event.channel), me, event);
}

/** A message as events and history carry it; in history the channel is not part of it. */
export function normalizeMessage(
  account: AccountId,
  channel: ChannelId,
  identity: Identity | undefined,
  message: Message,
): readonly (Event | Unsupported)[] {
  const at = { account, channel };
  const subtype = message.subtype ?? "";
  if (subtype === "message_changed") return changed(at, identity, message);
  if (subtype === "message_deleted") return deleted(at, identity, message);
  // Documented bug: `message_replied` comes without its subtype, with the parent inside.
  if (subtype === "" && message.message !== undefined) return unsupported("slack: message_replied");
  const topic = normalizeTopic(account, channel, identity, message);
  if (topic !== undefined) return [topic];
  if (!SAID.has(subtype)) return unsupported(`slack: ${subtype}`);
  if (!isTs(message.ts)) return unsupported("slack: message without a ts");
  const said = saidOf(message);
  if (said === undefined) return unsupported("slack: message without content");
  return [
    {
      kind: "message.created",
      ...at,
      message: messageId(message.ts),
      sentAt: tsMs(message.ts),
      position: positionOf(message.ts),
      ...echoOf(message, identity),
      ...said,
      ...placeOf(message),
    },
  ];
}

/** The thread that a message is in; a reply that is also sent to the channel carries what it answers. */
function placeOf(message: Message): Pick<MessageCreated, "thread" | "quoted" | "broadcast"> {
  const { ts, thread_ts: thread } = message;
  if (thread == null || thread === ts) return {};
  const quoted = saidOf(parseMessage(message["root"]) ?? {});
  return {
    thread: messageId(thread),
    ...(message.subtype === "thread_broadcast" ? { broadcast: true } : {}),
    ...(quoted === undefined ? {} : { quoted }),
  };
}

/** The newest edit of a message, as history shows it; undefined where it was never edited. */
export function editOf(event: Event | Unsupported, message: Message): Event | undefined {
  const version = message.edited?.ts;
  if (event.kind !== "message.created" || !isTs(version)) return undefined;
  const { broadcast: _, ...said } = event;
  return {
    ...said,
    kind: "message.edited",
    sentAt: tsMs(version),
    position: positionOf(version),
    version,
  };
}

interface At {
  readonly account: AccountId;
  readonly channel: ChannelId;
}

/** A deleted parent of a thread, as it stays in history. */
export const deletedIn = (at: At, message: Message): Event | undefined =>
  message.subtype === "tombstone" && isTs(message.ts) ? deletion(at, message.ts, {}) : undefined;

/**
 * Fires for many things that are no edit: unfurled links, reply counters, pins, a reply that is sent to its channel later. An
 * edit changes what is shown.
 */
function changed(
  at: At,
  identity: Identity | undefined,
  outer: Message,
): readonly (Event | Unsupported)[] {
  const now = parseMessage(outer.message);
  const was = parseMessage(outer.previous_message);
  if (now === undefined || !isTs(now.ts))
    return unsupported("slack: message_changed without a message");
  // A deleted parent of a thread stays as a tombstone.
  if (now.subtype === "tombstone")
    return [deletion(at, now.ts, echoOf(was ?? now, identity), outer.event_ts)];
  const echo = echoOf(now, identity);
  if (!SAID.has(now.subtype ?? ""))
    return unsupported(`slack: message_changed ${now.subtype ?? ""}`);
  const stamp = now.edited?.ts ?? undefined;
  const isNew = stamp !== undefined && stamp !== was?.edited?.ts;
  const differs = was === undefined ? isNew : !sameContent(now, was);
  // A deleted file, or an app's edit, changes a message without a new `edited`: then the event's own time tells it apart.
  const version = isNew ? stamp : (outer.event_ts ?? outer.ts ?? undefined);
  if (!differs || !isTs(version)) return unsupported("slack: message_changed that is no edit");
  const said = saidOf(now);
  // The file that it was is deleted: what is left says so to Slack's own people.
  if (said === undefined && was !== undefined && filesOf(was).length > 0)
    return [deletion(at, now.ts, echo, outer.event_ts)];
  if (said === undefined) return unsupported("slack: message_changed without content");
  return [
    {
      kind: "message.edited",
      ...at,
      message: messageId(now.ts),
      sentAt: tsMs(version),
      position: positionOf(version),
      version,
      ...echo,
      ...said,
      ...(now.thread_ts != null && now.thread_ts !== now.ts
        ? { thread: messageId(now.thread_ts) }
        : {}),
    },
  ];
}

/** Whether people see the same: unfolded links, block ids and texts for notifications are not seen. */
const sameContent = (a: Message, b: Message): boolean =>
  JSON.stringify(contentOf(a)) === JSON.stringify(contentOf(b)) && fileIds(a) === fileIds(b);
const fileIds = (message: Message): string =>
  filesOf(message)
    .map(({ id }) => id)
    .join();

function deleted(
  at: At,
  identity: Identity | undefined,
  outer: Message,
): readonly (Event | Unsupported)[] {
  if (!isTs(outer.deleted_ts)) return unsupported("slack: message_deleted without deleted_ts");
  const was = parseMessage(outer.previous_message);
  const echo = was === undefined ? {} : echoOf(was, identity);
  return [deletion(at, outer.deleted_ts, echo, outer.event_ts)];
}

/** `when`: its own time, behind that of the edits before it; history does not tell it. */
const deletion = (at: At, ts: string, echo: { echo?: Echo }, when?: string | null): Event => ({
  kind: "message.deleted",
  ...at,
  message: messageId(ts),
  sentAt: tsMs(ts),
  position: positionOf(isTs(when) ? when : ts),
  ...echo,
});

function echoOf(message: Message, identity: Identity | undefined): { echo?: Echo } {
  if (!isOwn(message, identity)) return {};
  // Others can write our metadata too: what it says counts where the author is this bot.
  const payload = isAuthor(message, identity) ? message.metadata?.event_payload : undefined;
  const key = payload?.["key"];
  const instance = payload?.["instance"];
  return {
    echo: {
      ...(typeof key === "string" ? { key: deliveryKey(key) } : {}),
      ...(typeof instance === "string" ? { instance } : {}),
    },
  };
}

export function saidOf(message: Message): Said | undefined {
  const files = filesOf(message);
  const content = contentOf(message);
  if (content.children.length === 0 && files.length === 0) return undefined;
  return {
    author: authorOf(message),
    content,
    ...(message.subtype === "me_message" ? { emote: true } : {}),
    ...(files.length > 0 ? { files } : {}),
  };
}

function authorOf(message: Message): Author {
  // A post under a name of its own is by that name, not by the bot user behind it.
  const id =
    (message.username ? message.bot_id : undefined) ?? message.user ?? message.bot_id ?? "unknown";
  const profile = message.user_profile;
  const name =
    message.username || message.bot_profile?.name || profile?.display_name || profile?.real_name;
  const avatarUrl =
    message.icons?.image_72 ??
    message.icons?.image_64 ??
    message.icons?.image_48 ??
    message.bot_profile?.icons?.image_72 ??
    profile?.image_72;
  return {
    id: userId(id),
    ...(name ? { name } : {}),
    ...(avatarUrl ? { avatarUrl } : {}),
    ...(message.bot_id ? { bot: true as const } : {}),
  };
}

/** Deleted files have nothing to show. */
const filesOf = (message: Message): readonly Attachment[] =>
  (message.files ?? []).flatMap((raw) => attachmentOf(raw) ?? []);
