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
import type { DeadRow, Tables } from "./tables.ts";
import type { Work } from "./work.ts";

export interface DeadContext {
  readonly tables: Tables;
  readonly now: number;
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
export function* lettersOf(tables: Tables, ids: readonly string[]): Work<DeadRow[]> {
  const rows: { row: DeadRow; position: string }[] = [];
  for (const id of new Set(ids)) {
    const row = yield* tables.letter(id);
    if (row !== undefined) rows.push({ row, position: (JSON.parse(row.event) as Event).position });
  }
  return rows
    .sort((a, b) => a.row.at - b.row.at || (a.position < b.position ? -1 : 1))
    .map(({ row }) => row);
}

/** Moves a letter back into the inbox, behind all that was accepted before. */
export function* replayOne(
  { tables, now }: DeadContext,
  row: DeadRow,
  nextSeq: () => number,
): Work<Entry> {
  const { lane } = row;
  const event = JSON.parse(row.event) as Event;
  const base = eventKey(event);
  // The key under which it died: the event's own, or that of the last replay.
  let number = 1;
  let died = yield* tables.endsOf(base);
  for (; ; number += 1) {
    const before = yield* tables.endsOf(`${replayPrefix(base, lane)}${number}`);
    if (before.week === undefined) break;
    died = before;
  }
  const created = event.kind === "message.created";
  const first = yield* tables.endsOf(base);
  // A message's own row has the posts that its edits added, too.
  const { ids = [] } = (created ? first.ends[lane] : undefined) ?? died.ends[lane] ?? {};
  // It goes on as it began: with its time in front or not, cut where it was cut.
  const { since, late, written } = died.ends[lane] ?? {};
  if (created && first.ends[lane] === undefined) {
    // Older than the retention: its copies are to be found again from here on.
    first.ends[lane] = { s: "dead", ids: [] };
    yield* tables.writeMap(`e${base}`, JSON.stringify(first.ends), now, first.week);
  }
  const key = `${replayPrefix(base, lane)}${number}`;
  const ends: Ends = { [lane]: { s: "sent", ids, open: true } };
  const lanes: Lanes = [
    {
      lane,
      n: 0,
      ...(since === undefined ? {} : { since }),
      ...(late === undefined ? {} : { late }),
      ...(written === undefined ? {} : { written }),
    },
  ];
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
  yield* tables.writeMap(`e${key}`, JSON.stringify(ends), now);
  yield* tables.insertInbox(fresh);
  yield* tables.dropLetter(row.id);
  return toEntry(fresh, ends);
}

/**
 * An edit or delete was settled in a lane where its message is dead, or waits once more behind it: the letter is to say
 * what its author says now, and what its author took back is never sent.
 */
export function* followLetter({ tables, now }: DeadContext, key: string, lane: LaneId): Work<void> {
  const [account, channel, message, kind] = key.split(SEP);
  if (kind !== "message.edited" && kind !== "message.deleted") return;
  const first = createdKey(account as never, channel as never, message as never);
  if ((yield* tables.endsOf(first)).ends[lane]?.s !== "dead") return;
  const edit = kind === "message.edited" ? yield* eventOf(tables, key) : undefined;
  if (kind === "message.edited" && edit === undefined) return;

  const letters = yield* tables.lettersOf(lane);
  for (const row of letters.filter((each) => eventKey(JSON.parse(each.event) as Event) === first)) {
    const text = edit === undefined ? undefined : merge(row.event, edit);
    if (edit === undefined) yield* tables.dropLetter(row.id);
    else if (text !== undefined) {
      yield* tables.changeLetter(row.id, text);
      yield* forgetWritten(tables, first, lane, now);
    }
  }
  const prefix = replayPrefix(first, lane);
  for (const row of yield* tables.inboxBetween(prefix, `${prefix}~`)) {
    const { ends, week } = yield* tables.endsOf(row.k);
    const end = ends[lane];
    if (end?.open !== true) continue;
    const text = edit === undefined ? undefined : merge(row.event, edit);
    if (text !== undefined) yield* tables.updateInbox(row.hour, row.k, { event: text });
    if (edit !== undefined) continue;
    // The lane finds its event gone and goes on.
    yield* tables.deleteInbox(row.hour, row.k);
    const ended: Ends = { ...ends, [lane]: { s: "ignored", ids: end.ids } };
    yield* tables.writeMap(`e${row.k}`, JSON.stringify(ended), now, week);
  }
}

/** What is left of a letter says something else now. */
function* forgetWritten(tables: Tables, base: string, lane: LaneId, now: number): Work<void> {
  for (let number = 0; ; number += 1) {
    const key = number === 0 ? base : `${replayPrefix(base, lane)}${number}`;
    const { ends, week } = yield* tables.endsOf(key);
    if (week === undefined && number > 0) return;
    const end = ends[lane];
    if (end?.written === undefined) continue;
    const { written: _, ...kept } = end;
    yield* tables.writeMap(`e${key}`, JSON.stringify({ ...ends, [lane]: kept }), now, week);
  }
}

function* eventOf(tables: Tables, key: string): Work<MessageEdited | undefined> {
  const found = yield* tables.readInbox(key);
  return found === undefined ? undefined : (JSON.parse(found.row.event) as MessageEdited);
}

function merge(message: string, edit: MessageEdited): string | undefined {
  const merged = withEdit(JSON.parse(message) as MessageCreated, edit);
  return merged === undefined ? undefined : JSON.stringify(merged);
}
