/**
 * The Store port: coarse and awaitable. One method is one transaction; there is no read-decide-write across an await.
 * `stores/sqlite.ts` implements it for Durable Object SQL and node:sqlite.
 */
import type { Quarter } from "./day.ts";
import type { Event, Reaction } from "./event.ts";
import type { Call } from "./ports.ts";
import type {
  AccountId,
  ChannelId,
  ChannelRef,
  LaneId,
  MessageId,
  MessageRef,
  Position,
  SourceKey,
} from "./ids.ts";

/** One event that was accepted, with what is still to be delivered of it. Its content stays in the store. */
export interface Entry {
  /** `eventKey(event)`. */
  readonly key: string;
  /** Random and opaque; the delivery keys of its parts are made from it. */
  readonly id: string;
  readonly source: ChannelRef;
  /** Commit order. */
  readonly seq: number;
  /** Order in its lanes is (ord, position, seq): `ord` is `seq`, or under a gate the same number for all it holds. */
  readonly ord: number;
  readonly position: Position;
  /** When it was accepted, ms. */
  readonly at: number;
  /** Lanes that are not settled yet. */
  readonly lanes: readonly OpenLane[];
  /** Its channel is not one that we know yet: kept until `route`. */
  readonly unrouted: boolean;
  /** It was a dead letter: it stands at its lane's end, not at its source's place. */
  readonly replayed?: true;
}

/** A message of several posts, as its destination gets it. */
export interface Written {
  /** Where they go: a lane's channel may be another one since. */
  readonly channel: ChannelId;
  readonly calls: readonly Call[];
  readonly place: Placed;
}

/** Where posts stand: in the thread that this message began, or outside of one, that this message began at its source. */
export interface Placed {
  readonly thread?: MessageId;
  readonly ownThread?: MessageId;
}

/** What is known of one delivery that is not settled. */
export interface OpenLane {
  readonly lane: LaneId;
  /** Attempts that were written down before they were made. */
  readonly attempts: number;
  readonly firstTriedAt?: number;
  /** Formatting was given up. */
  readonly plain?: boolean;
  /** Its thread was given up. */
  readonly flat?: boolean;
  /** It was tried as a late one, with its time in front: its text must not change between attempts and parts. */
  readonly late?: boolean;
  /** How often its file could not be carried. */
  readonly fileTries?: number;
  /** All its calls, where some of them may have been made: names that change meanwhile must not move its cuts. */
  readonly written?: Written;
  /** Parts that are delivered already. */
  readonly done: readonly MessageId[];
  /** A call of an earlier life may have worked, the first was made then: look before the next. */
  readonly since?: number;
}

export interface Accepting {
  readonly event: Event;
  readonly lanes: readonly LaneId[];
  readonly unrouted: boolean;
  /** Set under a gate. */
  readonly ord?: number;
}

export type Accepted =
  | { readonly kind: "new"; readonly entry: Entry }
  | { readonly kind: "duplicate" }
  /** The message is one that we delivered ourselves. */
  | { readonly kind: "copy" }
  /**
   * The edit or delete was applied to its message, which had not been sent yet. `entry` and `id` are that message's;
   * `over`: entries of which nothing is to be delivered any more.
   */
  | {
      readonly kind: "folded";
      readonly entry: string;
      readonly id: string;
      readonly over: readonly string[];
    };

/** A reaction that was accepted, or its removal. */
export interface ReactionMark extends Reaction {
  /** How it ended, in each lane where it did. `sent`: there was somebody's reaction then, by a call or before it. */
  readonly ends: Readonly<Partial<Record<LaneId, "sent" | "ignored" | "dead">>>;
}

/** How a delivery ended, or one part of it. */
export type Settlement =
  /** `copy` is the message that the call made; absent for edits and deletes. */
  | (Placed & {
      readonly kind: "part";
      readonly copy?: MessageRef;
      /** The id of the file that it carries. */
      readonly file?: string;
      readonly last: boolean;
      readonly late?: true;
      readonly written?: Written;
      /** With the last part of an edit: posts of its message that it took away. */
      readonly gone?: readonly MessageId[];
    })
  | { readonly kind: "ignored"; readonly reason: string }
  /** `since`: a call may have worked after all, the first was made then; a replay looks before it posts. */
  | { readonly kind: "dead"; readonly reason: string; readonly since?: number };

/** Sweeps of a channel: see `audit.ts`. */
export interface SweepTimes {
  /** When the last one began that was made to its end, ms. */
  readonly doneAt: number;
  /** When the last one began, ms. */
  readonly triedAt: number;
}

/** Old threads that are answered, and when that was last written down, ms: see `alive.ts`. */
export type Alive = ReadonlyMap<MessageId, number>;

/** Small facts that outlive the process. */
export interface Saved {
  /** Random id of this bridge, made once. */
  readonly instance: string;
  readonly identities: ReadonlyMap<AccountId, string>;
  /** Channel ids by account and name as configured: `slack.x general`. */
  readonly channels: ReadonlyMap<string, ChannelId>;
  readonly checkpoints: ReadonlyMap<SourceKey, Position>;
  /** Where each channel began for us: what was said before is never relayed. */
  readonly began: ReadonlyMap<SourceKey, Position>;
  /** When each channel's history was last looked through for what its source had not brought. */
  readonly swept: ReadonlyMap<SourceKey, SweepTimes>;
  readonly alive: ReadonlyMap<SourceKey, Alive>;
  /** Channels that were told to have missed something, and whose history is not read yet. */
  readonly gaps: readonly SourceKey[];
  /** How far the sources of whole accounts had come. */
  readonly cursors: ReadonlyMap<AccountId, string>;
  /** Times that the clock showed: see `sure.ts`. Absent before the first. */
  readonly times?: { readonly sure: number; readonly seen: number };
  /** What was told in `AdminChannel` and is not over: see `admin/admin.ts`. */
  readonly told: ReadonlyMap<string, string>;
  /** What was saved of the last day: see `day.ts`. Absent before the first time. */
  readonly day?: readonly Quarter[];
  /** How many there are. */
  readonly deadLetters: number;
  /** Everything accepted and not settled, in lane order. */
  readonly pending: readonly Entry[];
}

export type Fact =
  | { readonly kind: "identity"; readonly account: AccountId; readonly identity: string }
  | {
      readonly kind: "channel";
      readonly account: AccountId;
      readonly name: string;
      readonly channel: ChannelId;
    }
  | { readonly kind: "checkpoint"; readonly at: SourceKey; readonly position: Position }
  | { readonly kind: "cursor"; readonly account: AccountId; readonly cursor: string }
  | { readonly kind: "began"; readonly at: SourceKey; readonly position: Position }
  | ({ readonly kind: "swept"; readonly at: SourceKey } & SweepTimes)
  | { readonly kind: "alive"; readonly at: SourceKey; readonly threads: Alive }
  | { readonly kind: "told"; readonly troubles: readonly (readonly [string, string])[] }
  | { readonly kind: "day"; readonly quarters: readonly Quarter[] }
  | { readonly kind: "times"; readonly sure: number; readonly seen: number }
  | { readonly kind: "gap"; readonly at: SourceKey; readonly open: boolean };

export interface DeadLetter {
  readonly id: string;
  readonly lane: LaneId;
  readonly at: number;
  readonly reason: string;
  readonly event: Event;
}

/** A part of all dead letters. */
export interface LetterPage {
  readonly most: number;
  /** The last one of the page before. */
  readonly before?: Pick<DeadLetter, "at" | "id">;
}

/** What a sweep did. */
export interface Swept {
  /** There is more to do. */
  readonly more: boolean;
  /** Dead letters that went with their time. */
  readonly letters: number;
}

/** What is known to have become of a message. */
export interface Seen {
  /** The version of its newest edit; absent where there is none. */
  readonly edited?: string;
  readonly deleted: boolean;
}

/** A dead letter that is to be delivered again. */
export interface Replayed {
  /** The letter's. */
  readonly id: string;
  readonly entry: Entry;
}

export interface Store {
  /** Makes or upgrades the tables and reads what is to be known in memory. */
  open(): Promise<Saved>;
  /**
   * Dedupes, folds and inserts, in the order given, in one commit. `mayFold` says whether a delivery was certainly
   * never attempted; it is asked inside the transaction. A deletion that names a reaction is taken as its removal. `facts`
   * are saved in that commit.
   * Rejects with `StorageError` when nothing was written.
   */
  accept(
    batch: readonly Accepting[],
    now: number,
    mayFold: (key: string) => boolean,
    facts?: readonly Fact[],
  ): Promise<readonly Accepted[]>;
  /** The event of an entry; undefined when it is settled and gone. */
  load(key: string): Promise<Event | undefined>;
  /** Gives an unrouted entry its lanes; none means that it is not wanted. Undefined when there is nothing left to do. */
  route(key: string, lanes: readonly LaneId[], now: number): Promise<Entry | undefined>;
  /** Writes down an attempt before it is made. */
  attempt(key: string, lane: OpenLane): Promise<void>;
  settle(key: string, lane: LaneId, settlement: Settlement, now: number): Promise<void>;
  /** The ids under which a message was delivered to a lane; empty when it was not, undefined when it is not known. */
  copies(source: MessageRef, lane: LaneId): Promise<readonly MessageId[] | undefined>;
  /** The same for all lanes where it is settled. */
  allCopies(source: MessageRef): Promise<ReadonlyMap<LaneId, readonly MessageId[]> | undefined>;
  /** The first message of the thread into which a message was delivered; undefined where it is in none. */
  threadOf(source: MessageRef, lane: LaneId): Promise<MessageId | undefined>;
  /** The first message of the thread that a message is in at its source, where it was delivered outside of one. */
  ownThreadOf(source: MessageRef, lane: LaneId): Promise<MessageId | undefined>;
  /** Which of these carry a file, by id: the file's id. */
  files(source: MessageRef, lane: LaneId): Promise<ReadonlyMap<MessageId, string>>;
  /** The message that this one is a copy of. */
  original(copy: MessageRef): Promise<MessageRef | undefined>;
  /** The messages of a channel that were accepted, those whose ids are this one or greater as text. */
  seen(source: ChannelRef, from: MessageId): Promise<ReadonlyMap<MessageId, Seen>>;
  /** Whether a message was deleted where it was said, as far as is remembered. */
  deleted(message: MessageRef): Promise<boolean>;
  /** All that people did with reactions at a message, in no order. */
  reactions(message: MessageRef): Promise<readonly ReactionMark[]>;
  save(facts: readonly Fact[]): Promise<void>;
  /** The newest first, those that are older than `before` where that is given: what there is may be much. */
  deadLetters(page: LetterPage): Promise<readonly DeadLetter[]>;
  /**
   * Moves dead letters back into the inbox, each as an entry of its own for its one lane, behind all that was accepted
   * before. Parts that were delivered stay so. Ids that are not there are passed over.
   */
  replay(ids: readonly string[], now: number): Promise<readonly Replayed[]>;
  /** Throws dead letters away for good; their messages stay known. */
  discard(ids: readonly string[]): Promise<readonly Pick<DeadLetter, "id" | "lane">[]>;
  /**
   * Drops what is settled or older than the retention, a part at a time; call it about once a minute, and soon again when
   * there is more. `sure`: a time that has certainly passed, where `now` may be wrong; maps and dead letters
   * are as old as they are then.
   */
  sweep(now: number, sure?: number): Promise<Swept>;
}
