/**
 * What happened in a chat, as plain data that a protocol's `normalize.ts` makes from a raw payload. Events carry ids
 * only: names, avatars and the targets of edits are looked up at delivery, so that accepting needs no network.
 */
import type { Content } from "./content.ts";
import {
  type AccountId,
  type ChannelId,
  type DeliveryKey,
  type MessageId,
  messageId,
  type MessageRef,
  type Position,
  type UserId,
  userId,
} from "./ids.ts";

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

/** What a message says at present. */
export interface Current extends Said, Placed {
  /** It was edited, and that counts still. */
  readonly edited: boolean;
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
/** The edit that counted was taken back: what the message says now is to be asked (`Connector.current`). */
export interface MessageReverted extends Common {
  readonly kind: "message.reverted";
  /** Who edited it. */
  readonly author: Author;
  /** Tells two of one message apart. */
  readonly version: string;
}
export interface MessageDeleted extends Common {
  readonly kind: "message.deleted";
}
interface Reacted extends Common {
  /** Who reacted, also where somebody else took that back. */
  readonly author: Author;
  /** Unicode without variation selectors; what has none as the service has it, a shortcode between colons. */
  readonly emoji: string;
  /**
   * Orders what one person does with one emoji at one message, as text; a reaction and its removal may have the same.
   * Empty where it is not known when: history shows only that the reaction is there.
   */
  readonly version: string;
}
export interface ReactionAdded extends Reacted {
  readonly kind: "reaction.added";
  /** The reaction's own id, where it has one and a deletion may name only that. */
  readonly reaction?: MessageId;
}
export interface ReactionRemoved extends Reacted {
  readonly kind: "reaction.removed";
}
/** `message` is an id of the happening: there is no message. */
interface CameOrWent extends Common {
  readonly author: Author;
  /** Who did the same next, before it was told: one line tells of all. */
  readonly others?: readonly Author[];
}
export interface MemberJoined extends CameOrWent {
  readonly kind: "member.joined";
}
export interface MemberLeft extends CameOrWent {
  readonly kind: "member.left";
}
export interface TopicChanged extends Common {
  readonly kind: "topic.changed";
  readonly author: Author;
  /** Plain text; empty where it was cleared. */
  readonly topic: string;
  /** It is Slack's purpose of a channel, beside its topic. */
  readonly purpose?: true;
}

export type Event =
  | MessageCreated
  | MessageEdited
  | MessageReverted
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
  return [event.account, event.channel, event.message, event.kind, toldApart(event)].join("\u001f");
}

function toldApart(event: Event): string {
  if ("emoji" in event) return reactionVersion(event);
  if (event.kind === "message.edited") return editVersion(event, event.version);
  return event.kind === "message.reverted" ? event.version : "";
}

/** A service may pass on edits by anybody: those of one person are ordered among themselves. */
const editVersion = ({ author }: Said, version: string): string =>
  [author.id, version].join("\u001e");

/** What the keys of all edits of a message by this author begin with; what is behind it is the version. */
export function editsKey(said: MessageRef & Said): string {
  const { account, channel, message } = said;
  return [account, channel, message, "message.edited", editVersion(said, "")].join("\u001f");
}

const reactionVersion = ({ emoji, author, version }: Reacted): string =>
  [emoji, author.id, version].join("\u001e");

/** The key of a reaction, or of its removal, taken apart; undefined where it is something else's. */
export function reactionOfKey(key: string): Reaction | undefined {
  const [account, channel, message, kind, version = ""] = key.split("\u001f");
  const [emoji, user, at] = version.split("\u001e");
  if (kind !== "reaction.added" && kind !== "reaction.removed") return undefined;
  if (message === undefined || emoji === undefined || user === undefined || at === undefined)
    return undefined;
  return {
    account: account as AccountId,
    channel: channel as ChannelId,
    message: messageId(message),
    added: kind === "reaction.added",
    emoji,
    user: userId(user),
    version: at,
  };
}

/** What a key says of a reaction. */
export interface Reaction extends MessageRef {
  readonly added: boolean;
  readonly emoji: string;
  readonly user: UserId;
  readonly version: string;
}

/** Account, channel, message. */
const FIELDS_OF_MESSAGE = 3;

/** The `createdKey` of the message that an event is about, or is. */
export function aboutKey(key: string): string {
  const about = key.split("\u001f").slice(0, FIELDS_OF_MESSAGE);
  return [...about, "message.created", ""].join("\u001f");
}

/** The key under which the creation of a message is remembered. */
export function createdKey(account: AccountId, channel: ChannelId, message: MessageId): string {
  return [account, channel, message, "message.created", ""].join("\u001f");
}
