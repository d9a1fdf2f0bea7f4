/**
 * Dead letters, inside one transaction: taken back into the inbox, thrown away, and kept true to what became of their
 * message meanwhile. A letter that is taken back becomes an entry of its own: its key is its event's with the lane and a
 * number behind it, its id stays, so that what an earlier call may have written is found under the same delivery keys.
 */
import {
  createdKey,
  type Event,
  eventKey,
  type MessageCreated,
  type MessageEdited,
} from "../core/event.ts";
import { type LaneId, laneTag } from "../core/ids.ts";
import type { Entry } from "../core/store.ts";
import { withEdit } from "./accept.ts";
import { type Ends, type InboxRow, type Lanes, toEntry } from "./rows.ts";
import { inboxTable } from "./schema.ts";
import type { Sql } from "./sql.ts";
import type { Tables } from "./tables.ts";

export interface DeadContext {
  readonly tables: Tables;
  readonly sql: Sql;
  readonly now: number;
}

export interface DeadRow {
  readonly id: string;
  readonly lane: LaneId;
  readonly at: number;
  readonly reason: string;
  readonly event: string;
}

/** What a dead letter is called: short, and safe on a command line. */
export const letterId = (id: string, lane: LaneId): string => `${id}-${laneTag(lane)}`;
const entryId = ({ id, lane }: DeadRow): string => {
  const end = [`-${laneTag(lane)}`, `.${lane}`].find((each) => id.endsWith(each)) ?? "";
  return id.slice(0, id.length - end.length);
};

const SEP = "\u001f";
const replayPrefix = (key: string, lane: LaneId): string => `${key}${SEP}${lane}${SEP}`;

/** The letters of these ids that are there, in the order in which they died. */
export const lettersOf = (sql: Sql, ids: readonly string[]): DeadRow[] =>
  [...new Set(ids)]
    .flatMap((id) => sql.all<DeadRow>("SELECT * FROM dead WHERE id = ?", id))
    .map((row) => ({ row, position: (JSON.parse(row.event) as Event).position }))
    .sort((a, b) => a.row.at - b.row.at || (a.position < b.position ? -1 : 1))
    .map(({ row }) => row);

export const dropLetter = (sql: Sql, id: string): void =>
  sql.run("DELETE FROM dead WHERE id = ?", id);

/** Moves a letter back into the inbox, behind all that was accepted before. */
export function replayOne(
  { tables, sql, now }: DeadContext,
  row: DeadRow,
  nextSeq: () => number,
): Entry {
  const { lane } = row;
  const event = JSON.parse(row.event) as Event;
  const base = eventKey(event);
  // The key under which it died: the event's own, or that of the last replay.
  let number = 1;
  let died = tables.endsOf(base);
  for (; ; number += 1) {
    const before = tables.endsOf(`${replayPrefix(base, lane)}${number}`);
    if (before.week === undefined) break;
    died = before;
  }
  const created = event.kind === "message.created";
  const first = tables.endsOf(base);
  // A message's own row has the posts that its edits added, too.
  const { ids = [] } = (created ? first.ends[lane] : undefined) ?? died.ends[lane] ?? {};
  const since = died.ends[lane]?.since;
  if (created && first.ends[lane] === undefined) {
    // Older than the retention: its copies are to be found again from here on.
    first.ends[lane] = { s: "dead", ids: [] };
    tables.writeMap(`e${base}`, JSON.stringify(first.ends), now, first.week);
  }
  const key = `${replayPrefix(base, lane)}${number}`;
  const ends: Ends = { [lane]: { s: "sent", ids, open: true } };
  const lanes: Lanes = [{ lane, n: 0, ...(since === undefined ? {} : { since }) }];
  const seq = nextSeq();
  const fresh: InboxRow = {
    k: key,
    id: entryId(row),
    seq,
    ord: seq,
    pos: event.position,
    at: now,
    unrouted: 0,
    // It carries its time, whatever its age; where a part is there already, that one is the first to be read.
    event: created && ids.length === 0 ? JSON.stringify({ ...event, late: true }) : row.event,
    lanes: JSON.stringify(lanes),
  };
  tables.writeMap(`e${key}`, JSON.stringify(ends), now);
  tables.insertInbox(fresh);
  dropLetter(sql, row.id);
  return toEntry(fresh, ends);
}

/**
 * An edit or delete was settled in a lane where its message is dead, or waits once more behind it: the letter is to say
 * what its author says now, and what its author took back is never sent.
 */
export function followLetter(context: DeadContext, key: string, lane: LaneId): void {
  const [account, channel, message, kind] = key.split(SEP);
  if (kind !== "message.edited" && kind !== "message.deleted") return;
  const { tables, sql, now } = context;
  const first = createdKey(account as never, channel as never, message as never);
  if (tables.endsOf(first).ends[lane]?.s !== "dead") return;
  const edit = kind === "message.edited" ? eventOf(tables, key) : undefined;
  if (kind === "message.edited" && edit === undefined) return;

  const letters = sql.all<DeadRow>("SELECT * FROM dead WHERE lane = ?", lane);
  for (const row of letters.filter((each) => eventKey(JSON.parse(each.event) as Event) === first)) {
    const text = edit === undefined ? undefined : merge(row.event, edit);
    if (edit === undefined) dropLetter(sql, row.id);
    else if (text !== undefined) sql.run("UPDATE dead SET event = ? WHERE id = ?", text, row.id);
  }
  const prefix = replayPrefix(first, lane);
  for (const hour of tables.hours())
    for (const row of sql.all<{ k: string; event: string }>(
      `SELECT k, event FROM ${inboxTable(hour)} WHERE k > ? AND k < ?`,
      prefix,
      `${prefix}~`,
    )) {
      const { ends, week } = tables.endsOf(row.k);
      const end = ends[lane];
      if (end?.open !== true) continue;
      const text = edit === undefined ? undefined : merge(row.event, edit);
      if (text !== undefined) tables.updateInbox(hour, row.k, { event: text });
      if (edit !== undefined) continue;
      // The lane finds its event gone and goes on.
      sql.run(`DELETE FROM ${inboxTable(hour)} WHERE k = ?`, row.k);
      const ended: Ends = { ...ends, [lane]: { s: "ignored", ids: end.ids } };
      tables.writeMap(`e${row.k}`, JSON.stringify(ended), now, week);
    }
}

const eventOf = (tables: Tables, key: string): MessageEdited | undefined => {
  const found = tables.readInbox(key);
  return found === undefined ? undefined : (JSON.parse(found.row.event) as MessageEdited);
};

function merge(message: string, edit: MessageEdited): string | undefined {
  const merged = withEdit(JSON.parse(message) as MessageCreated, edit);
  return merged === undefined ? undefined : JSON.stringify(merged);
}
