/**
 * What the core needs from outside, as types. Protocols implement `Connector`, `stores/` implement `Store`, hosts
 * implement the small impure ones. Everything impure is an argument.
 */
import type { Content, Mention } from "./content.ts";
import type { FilePost, FileSource, OutgoingFile } from "./file-ports.ts";
import type {
  Attachment,
  Author,
  Current,
  Event,
  MessageEdited,
  MessageReverted,
  Quoted,
  Unsupported,
} from "./event.ts";
import type { AccountId, ChannelId, DeliveryKey, MessageId, Position } from "./ids.ts";
import type { HeldReactions } from "./held.ts";
import type { OpenStream } from "./http-ports.ts";
import type { Reread } from "./reread-ports.ts";
import type { SocketIo } from "./socket-ports.ts";
import type { Span } from "./span.ts";
import type { Webhook } from "./webhook-ports.ts";

export type {
  Carried,
  CarryFile,
  CarryFrom,
  FileHead,
  FilePost,
  FileSource,
  OutgoingFile,
} from "./file-ports.ts";
export { NotSent } from "./http-ports.ts";
export type {
  CopyFile,
  Http,
  HttpAnswer,
  HttpRequest,
  HttpStream,
  OpenStream,
} from "./http-ports.ts";
export type { Reread } from "./reread-ports.ts";
export type { Webhook, WebhookResult } from "./webhook-ports.ts";

/** Milliseconds since 1970. */
export type Clock = () => number;
/** A number in [0, 1). */
export type Random = () => number;
/** Something that is over after so many ms, unless it is cancelled before. */
export type Wait = (ms: number) => { readonly over: Promise<void>; readonly cancel: () => void };

export interface Logger {
  /** What goes as it should, message by message: off unless asked for. */
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** A value that must never be printed. `reveal()` only where it goes on the wire. */
export interface Secret {
  reveal(): string;
  toString(): "[secret]";
  toJSON(): "[secret]";
}

/** What came of one call to a service. The classes are the retry policy: see `outbox/delivery.ts`. */
export type Outcome =
  /** It is there. `message` is its id where the call made one. */
  | { readonly kind: "done"; readonly message?: MessageId }
  /**
   * This delivery can never succeed as it is. `plainHelps`: the service disliked the formatting; `flatHelps`: the thread.
   * `moot`: nobody can mend it and nothing is to be kept for that: what was to be changed is gone or closed to changes, or
   * nobody's words are lost with it.
   */
  | {
      readonly kind: "rejected";
      readonly reason: string;
      readonly plainHelps?: boolean;
      readonly flatHelps?: boolean;
      readonly moot?: boolean;
    }
  /** Certainly not done; try again. `limited`: too much was asked of the service, which does not say when to come again. */
  | {
      readonly kind: "later";
      readonly reason: string;
      readonly retryAfterMs?: number;
      readonly limited?: true;
    }
  /** Nothing works with this account until `fix` is done. */
  | { readonly kind: "account"; readonly reason: string; readonly fix: string }
  /** Nothing can be written to this channel until `fix` is done. */
  | { readonly kind: "channel"; readonly reason: string; readonly fix: string }
  /** The call may or may not have worked. `made`: it did, but which message it made is still to be found out. */
  | { readonly kind: "uncertain"; readonly reason: string; readonly made?: true };

/** Who said something, for destinations that show authors of their own. */
export interface OutgoingAuthor {
  /** Account and user: the same for everything that this person says. */
  readonly id: string;
  /** The name, with `ReplaceNicks` and `StripNick` applied, without `RemoteNickFormat`. */
  readonly name: string;
}

/** One event as a destination sees it: names looked up, rules applied, targets resolved. */
export type Outgoing =
  | {
      readonly kind: "create";
      readonly channel: ChannelId;
      readonly author: OutgoingAuthor;
      /** Ready to show: `RemoteNickFormat` is applied. */
      readonly nick: string;
      readonly avatarUrl?: string;
      readonly content: Content;
      /** The content without the marks that the relay put in front; absent where there are none. */
      readonly said?: Content;
      readonly emote: boolean;
      readonly files: readonly OutgoingFile[];
      /** First message of the thread, in the destination's own ids. */
      readonly thread?: MessageId;
      /** The very message that it answers. `outside`: beside the thread, where the destination can do that. */
      readonly answers?: { readonly message: MessageId; readonly outside: boolean };
      /** Also to be shown outside of it, where the destination can do that. */
      readonly broadcast?: true;
    }
  | {
      readonly kind: "edit";
      readonly channel: ChannelId;
      /** Its posts, but for those that carry files. */
      readonly targets: readonly MessageId[];
      readonly filePosts?: readonly FilePost[];
      /** Where new parts go: the first message of the thread that the others are in. */
      readonly thread?: MessageId;
      readonly author: OutgoingAuthor;
      readonly avatarUrl?: string;
      readonly nick: string;
      readonly content: Content;
      readonly emote: boolean;
      readonly files: readonly OutgoingFile[];
    }
  | {
      readonly kind: "delete";
      readonly channel: ChannelId;
      /** The channel is one that the lane's own replaced: where it lets nothing be deleted any more, that is that. */
      readonly former?: true;
      readonly targets: readonly MessageId[];
      readonly filePosts?: readonly FilePost[];
    }
  /** Said by the bridge itself: no author. */
  | { readonly kind: "notice"; readonly channel: ChannelId; readonly content: Content }
  | {
      readonly kind: "topic";
      readonly channel: ChannelId;
      readonly topic: string;
      /** Where the service has such a thing beside topics; others show it only. */
      readonly purpose: boolean;
      /** Tells of it too. */
      readonly notice?: Content;
    }
  | ({ readonly kind: "react" } & OutgoingReaction)
  | ({ readonly kind: "unreact" } & OutgoingReaction);

/** The bridge's own reaction, which stands for everybody's on the other side: one for each emoji and message. */
export interface OutgoingReaction {
  readonly channel: ChannelId;
  readonly target: MessageId;
  /** As events have it. */
  readonly emoji: string;
}

/** One network write, made by a connector's `render` and carried out by its `call`. Plain JSON. */
export type Call = Readonly<Record<string, unknown>>;

/** A user as people see them. */
export interface Profile {
  readonly name: string;
  readonly fullName?: string;
  /** The name that is unique there, where `name` is not it. */
  readonly userName?: string;
  /** A web address, or the service's own id of a picture (`Connector.face`). */
  readonly avatarUrl?: string;
}

/** What became of a configured channel name. */
export type Resolution =
  | { readonly kind: "found"; readonly channel: ChannelId }
  | { readonly kind: "later"; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: "missing"; readonly reason: string; readonly fix: string };

/** One page of a channel's history, oldest first. */
export interface HistoryPage {
  readonly events: readonly (Event | Unsupported)[];
  /** Ask again with this cursor; absent on the last page. */
  readonly next?: string;
  /** Where history shows who holds which reaction, and not who did what when. */
  readonly reactions?: HeldReactions;
}

/** Thrown by reads (`identify`, `history`, `find`, `profile`) with the class of what went wrong. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly outcome: Exclude<Outcome, { kind: "done" }>;
  constructor(outcome: Exclude<Outcome, { kind: "done" }>) {
    super(outcome.reason);
    this.outcome = outcome;
  }
}

/** Hex of HMAC-SHA256 over the parts one after the other. */
export type Hmac = (secret: string, parts: readonly (string | Uint8Array)[]) => Promise<string>;

/** What a stream source may do; the host gives it. */
export interface SourceIo {
  readonly open: OpenStream;
  /** Resolves early when the source is to stop. */
  sleep(ms: number): Promise<void>;
  /** True once the source is to stop: return soon, at the latest after the running read. */
  stopped(): boolean;
  readonly random: Random;
  readonly clock: Clock;
  /** Hands raw items to the relay; resolves after the commit. `opened` asks for a look at history first. */
  hand(batch: SourceBatch): Promise<void>;
  readonly log: Logger;
  /** Tells the status page how the stream does. */
  state(state: "open" | "closed", reason?: string): void;
}

/** What a source may do that brings the events of all channels of its account. */
export interface AccountIo extends SourceIo {
  /** The channels that are to be heard: grows as they are found. */
  channels(): readonly ChannelId[];
  /** Where an earlier run had come to; undefined the first time. */
  cursor(): string | undefined;
  /**
   * All that came up to here was handed over. It is stored within a minute, and not before every gap that was told by
   * then is read: after a crash some of it comes twice, none of it is missed.
   */
  reached(cursor: string): Promise<void>;
  /** Milliseconds to leave between two polls that brought something: where connections are counted. */
  readonly pollGapMs: number;
  /** To be told of each call that is made beside `open`: present where calls are counted. */
  readonly calling?: () => void;
}

/** How a connector receives what no webhook brings: runs until `io.stopped()`. */
export type Source =
  /** One connection per channel, held open. */
  | { readonly kind: "channel"; run(channel: ChannelId, io: SourceIo): Promise<void> }
  /** One for the whole account, by long polls. */
  | { readonly kind: "account"; run(io: AccountIo): Promise<void> }
  /** One for the whole account that the service sends over what it would send to a webhook. */
  | { readonly kind: "socket"; run(io: SocketIo): Promise<void> };

export interface SourceBatch {
  readonly account: AccountId;
  readonly channel: ChannelId;
  /** Something may have been missed: close the gate and read history before anything live goes out. */
  readonly opened: boolean;
  /** The channel has gone to another place: find it anew by its configured name. */
  readonly moved?: boolean;
  /** Raw items, to be normalised inside the relay by `Connector.normalizeItem`. */
  readonly items: readonly string[];
}

/** One protocol's implementation, for one account. */
export interface Connector {
  readonly account: AccountId;
  readonly protocol: string;
  /** Whether there are reactions there. */
  readonly reacts: boolean;
  /** Milliseconds between posts in one channel after a burst of 5; 0 = unpaced. */
  readonly sendIntervalMs: number;
  /**
   * Asks the service who we are and remembers it, so that our own posts are known. The answer is stored and given back
   * to `remember` at the next start, before any event is normalised.
   */
  identify(): Promise<string>;
  remember(identity: string): void;
  /** What the bridge itself is called there, as far as is known: nobody else is shown under these names. */
  ownNames?(): readonly string[];
  /** Finds a channel by its name in the configuration and joins it where the platform allows. */
  resolve(name: string): Promise<Resolution>;
  /** A verified webhook body or a stream item to events. Never throws. */
  normalize(raw: unknown): readonly (Event | Unsupported)[];
  normalizeItem(channel: ChannelId, item: string): readonly (Event | Unsupported)[];
  /**
   * The same for an item that can be told without reading what somebody says in it, such as our own posts; undefined for
   * all others. Asked where CPU is short, before an item is handed on. May be asked again for the same item.
   */
  glance?(channel: ChannelId, item: string): readonly (Event | Unsupported)[] | undefined;
  /**
   * Events after `since` (with some overlap; the relay knows doubles), oldest first: one page, by one call. Where
   * pages come newest first, the relay sorts them. `alive`: threads that may have been answered since, however old they
   * are. Throws `CallFailed`.
   */
  history(
    channel: ChannelId,
    since: Position,
    cursor?: string,
    alive?: readonly MessageId[],
  ): Promise<HistoryPage>;
  /**
   * When a message was said, ms. Present where a history finds the replies of a thread only if that is young, or among
   * `alive`.
   */
  saidAt?(message: MessageId): number;
  /** The position that means "now", for a channel that is new to us. */
  now(clock: number): Position;
  /** Name and avatar of an author; falls back to what the event carried. Cached. Throws `CallFailed`. */
  profile(author: Author): Promise<Profile>;
  /**
   * Whether an edit comes from its message's author. Absent where the service itself lets nobody else edit. Cached.
   * Throws `CallFailed`.
   */
  ownEdit?(event: MessageEdited): Promise<boolean>;
  /** What a message says after an edit of it was taken back; undefined where it is gone. Throws `CallFailed`. */
  current?(event: MessageReverted): Promise<Current | undefined>;
  /** What a message says, for a quote; undefined where there is nothing to read. Throws `CallFailed`. */
  said?(channel: ChannelId, message: MessageId): Promise<Quoted | undefined>;
  /** What `[[user]]` calls the mentioned person, where that is not the id. */
  personOf?(mention: Mention): string | undefined;
  /** Asks for what a file's event did not tell. Throws `CallFailed`. */
  describe?(file: Attachment): Promise<Attachment>;
  /**
   * Where a file of this account's service is, at that service's own hosts only. Throws `CallFailed` where it cannot be
   * had. Absent where files are links from the start.
   */
  file?(file: Attachment): Promise<FileSource>;
  /**
   * Where somebody's face is, in a size for chats: of a `Profile.avatarUrl` that is no web address. Throws `CallFailed`.
   */
  face?(id: string): Promise<FileSource>;
  /** Fills in labels of mentions and channel links. Cached. Throws `CallFailed`. */
  label(content: Content): Promise<Content>;
  /** Whether a picture at that address can be somebody's face there; absent: every one at http or https. */
  showsFace?(url: string): boolean;
  /**
   * The calls that carry out one delivery: one per part. Pure. Empty: nothing to show. `plainOnly`: the same parts without
   * formatting.
   */
  render(outgoing: Outgoing, plainOnly: boolean): readonly Call[];
  /** Whether a call makes a new message: an edit that grew makes some too. Such a call is looked for when uncertain. */
  posts(call: Call): boolean;
  /** The message that a call takes away; undefined for all other calls. */
  removes(call: Call): MessageId | undefined;
  /**
   * For so long after a call, the service takes the same call with the same key for the same: an uncertain one is simply
   * repeated. 0 or absent: never.
   */
  readonly repeatableMs?: number;
  /**
   * The id of the file that a call carries over, undefined for every other call. Present where the service takes files;
   * elsewhere a file is a link in the text.
   */
  carries?(call: Call): string | undefined;
  /**
   * One network write, after so many tries in vain to carry its file. `sure` is awaited before a step that people see and that may come long
   * after the first: it rejects where another life has this one's place. Never throws but for that.
   */
  call(call: Call, key: DeliveryKey, tries?: number, sure?: () => Promise<void>): Promise<Outcome>;
  /**
   * Looks for what an uncertain call may have written in a span of time. What stands in front of the text, and the thread,
   * may have been others when the call was made. `known` tells ids that the message map has already. Throws `CallFailed`.
   */
  find(
    call: Call,
    key: DeliveryKey,
    span: Span,
    known: (message: MessageId) => Promise<boolean>,
  ): Promise<MessageId | undefined>;
  /** Present where events come by webhook. */
  readonly webhook?: Webhook;
  /** Present where events come by stream or poll. */
  readonly source?: Source;
  /** Present where neither tells of edits and deletions. */
  readonly reread?: Reread;
}
