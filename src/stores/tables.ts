/**
 * The rows of one store, as its transactions use them. `sqlite-tables.ts` keeps them in a table for each hour and week,
 * `postgres/tables.ts` in one table of each kind.
 */
import type { LaneId } from "../core/ids.ts";
import type { Entry, LetterPage, Swept } from "../core/store.ts";
import type { Ends, InboxRow } from "./rows.ts";
import type { Work } from "./work.ts";

/** A letter as it is kept; `event` is JSON. */
export interface DeadRow {
  readonly id: string;
  readonly lane: LaneId;
  readonly at: number;
  readonly reason: string;
  readonly event: string;
}

export interface Tables {
  readMap(key: string): Work<{ readonly week: number; readonly value: string } | undefined>;
  /** Whether something of a key between these two was accepted. */
  between(after: string, before: string): Work<boolean>;
  /** Keys of the events between these two: what was accepted, and what became of something. */
  eventKeys(from: string, before: string): Work<ReadonlySet<string>>;
  /** The last inbox row of a key between these two, of what was accepted in this hour or the one before at least. */
  lastBetween(after: string, before: string): Work<InboxRow | undefined>;
  /** How the lanes of each event with a key between these two ended so far. */
  rowsBetween(after: string, before: string): Work<ReadonlyMap<string, Ends>>;
  /** Into the week of `now`, or into the one where the row is already. */
  writeMap(key: string, value: string, now: number, week?: number): Work<void>;
  readInbox(key: string): Work<{ readonly hour: number; readonly row: InboxRow } | undefined>;
  /** Inbox rows of a key between these two. */
  inboxBetween(
    after: string,
    before: string,
  ): Work<readonly { readonly hour: number; readonly k: string; readonly event: string }[]>;
  insertInbox(row: InboxRow): Work<void>;
  updateInbox(
    hour: number,
    key: string,
    fields: Partial<Pick<InboxRow, "event" | "lanes" | "unrouted">>,
  ): Work<void>;
  deleteInbox(hour: number, key: string): Work<void>;
  /** How the lanes of an event ended so far. */
  endsOf(key: string): Work<{ readonly ends: Ends; readonly week: number | undefined }>;
  /** All that is not settled, and the greatest number that was ever given. */
  openEntries(): Work<{ readonly entries: readonly Entry[]; readonly lastSeq: number }>;
  /** Drops inboxes that are over and settled, and maps and letters of the time before `forgetBefore`. */
  sweep(now: number, forgetBefore: number): Work<Swept>;

  /** Makes or upgrades the tables. Throws where they are a newer program's. */
  open(): Work<void>;
  facts(): Work<ReadonlyMap<string, string>>;
  saveFact(key: string, value: string): Work<void>;

  /** Newest first. */
  letters(page: LetterPage): Work<readonly DeadRow[]>;
  countLetters(): Work<number>;
  lettersOf(lane: LaneId): Work<readonly DeadRow[]>;
  letter(id: string): Work<DeadRow | undefined>;
  /** Does nothing where there is one of that id. */
  addLetter(row: DeadRow): Work<void>;
  changeLetter(id: string, event: string): Work<void>;
  dropLetter(id: string): Work<void>;
}
