/**
 * What happened in a chat, as plain data that a protocol's `normalize.ts` makes from a raw payload. Events carry ids
 * only: names, avatars and the targets of edits are looked up at delivery, so that accepting needs no network.
 */
import type { Content } from "./content.ts";
import type { AccountId, ChannelId, DeliveryKey, MessageId, Position, UserId } from "./ids.ts";

export interface Author {
  readonly id: UserId;
  /** Only where the payload itself carries it; otherwise the directory is asked at delivery. */
  readonly name?: string;
  readonly avatarUrl?: string;
  /** The service says that this is no person. */
  readonly bot?: true;
}

/** A file that came with a message. Its bytes stay at its service; who wants them asks its connector (`Connector.file`). */
export interface Attachment {
  /** The service's own; the same in a later edit of the message. */
  readonly id: string;
  readonly name: string;
  /** A link that people of the source platform can open. */
  readonly url?: string;
  readonly mimetype?: string;
  /** Bytes, where known. */
  readonly size?: number;
  /** Named with its link and never fetched: its bytes are elsewhere, or it has none. */
  readonly linkOnly?: true;
  /** Its event told the id only: see `Connector.describe`. */
  readonly stub?: true;
  /** Why nobody on the other side can have it. */
  readonly trouble?: string;
}

/**
 * Set when the author is this bridge itself. `key` and `instance` come from metadata that the service kept; an echo
 * whose instance is not ours means that a second bridge runs on the same bot.
 */
export interface Echo {
  readonly key?: DeliveryKey;
  readonly instance?: string;
}

interface Common {
  readonly account: AccountId;
  readonly channel: ChannelId;
  /** The message that the event is about. */
  readonly message: MessageId;
  /** Milliseconds since 1970, by the source's clock. */
  readonly sentAt: number;
  /** Order within the channel; for a new message it orders as the source itself does. */
  readonly position: Position;
  readonly echo?: Echo;
}

export interface Said {
  readonly author: Author;
  readonly content: Content;
  /** `/me waves`. */
  readonly emote?: boolean;
  readonly files?: readonly Attachment[];
}

/** A message that another one answers, as the payload of that one carries it. */
export interface Quoted {
  readonly author: Author;
  readonly content: Content;
}

/** Where a message stands beside others. */
interface Placed {
  /** The first message of the thread that this one answers in. */
  readonly thread?: MessageId;
  /** The very message that it answers, where its service lets any be answered. `outside`: in no thread. */
  readonly answers?: { readonly message: MessageId; readonly outside: boolean };
  /** What that says, where the payload itself has it. */
  readonly quoted?: Quoted;
}

export interface MessageCreated extends Common, Said, Placed {
  readonly kind: "message.created";
  /** A reply in a thread that is also shown in the channel. */
  readonly broadcast?: true;
  /** Its source never brought it: history did. */
  readonly late?: true;
}
export interface MessageEdited extends Common, Said, Placed {
  readonly kind: "message.edited";
  /** Tells two edits of one message apart; a later edit has the greater version. */
  readonly version: string;
}
export interface MessageDeleted extends Common {
  readonly kind: "message.deleted";
}
export interface ReactionAdded extends Common {
  readonly kind: "reaction.added";
  readonly author: Author;
  /** Shortcode without colons. */
  readonly emoji: string;
  readonly version: string;
}
export interface ReactionRemoved extends Common {
  readonly kind: "reaction.removed";
  readonly author: Author;
  readonly emoji: string;
  readonly version: string;
}
export interface MemberJoined extends Common {
  readonly kind: "member.joined";
  readonly author: Author;
}
export interface MemberLeft extends Common {
  readonly kind: "member.left";
  readonly author: Author;
}
export interface TopicChanged extends Common {
  readonly kind: "topic.changed";
  readonly author: Author;
  readonly topic: string;
}

export type Event =
  | MessageCreated
  | MessageEdited
  | MessageDeleted
  | ReactionAdded
  | ReactionRemoved
  | MemberJoined
  | MemberLeft
  | TopicChanged;

/** A payload that we understood and do not relay; counted by `reason`, answered as success. */
export interface Unsupported {
  readonly kind: "unsupported";
  readonly reason: string;
}

/**
 * What makes two events the same event: account, channel, message, kind and version. Never a delivery id such as
 * Slack's `event_id`: history does not carry it, so catching up would double everything.
 */
export function eventKey(event: Event): string {
  const version = "version" in event ? event.version : "";
  return [event.account, event.channel, event.message, event.kind, version].join("\u001f");
}

/** The key under which the creation of a message is remembered. */
export function createdKey(account: AccountId, channel: ChannelId, message: MessageId): string {
  return [account, channel, message, "message.created", ""].join("\u001f");
}
