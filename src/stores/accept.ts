/** Accept: dedupe, fold and insert, inside one transaction. */
import { createdKey, type Event, eventKey } from "../core/event.ts";
import type { Accepted, Accepting } from "../core/store.ts";
import { copyKey, type InboxRow, type Lanes, toEntry } from "./rows.ts";
import type { Tables } from "./tables.ts";

export interface AcceptContext {
  readonly tables: Tables;
  readonly now: number;
  readonly mayFold: (key: string) => boolean;
  readonly randomId: () => string;
  /** The next number of the commit order. */
  readonly nextSeq: () => number;
}

export function acceptOne(next: Accepting, context: AcceptContext): Accepted {
  const { tables, now, mayFold } = context;
  const { event } = next;
  const key = eventKey(event);
  if (tables.readInbox(key) !== undefined || tables.readMap(`e${key}`) !== undefined)
    return { kind: "duplicate" };
  if (tables.readMap(copyKey(event)) !== undefined) return { kind: "copy" };
  if (isOutdated(tables, event)) return { kind: "duplicate" };
  const folded = fold(tables, event, now, mayFold);
  if (folded !== undefined) return folded;
  const seq = context.nextSeq();
  const row: InboxRow = {
    k: key,
    id: context.randomId(),
    seq,
    ord: next.ord ?? seq,
    pos: event.position,
    at: now,
    unrouted: next.unrouted ? 1 : 0,
    event: JSON.stringify(event),
    lanes: JSON.stringify(next.lanes.map((lane) => ({ lane, n: 0 }))),
  };
  tables.insertInbox(row);
  return { kind: "new", entry: toEntry(row, {}) };
}

/** A later edit of the message is known, or it was deleted: nothing that was before that is to be seen any more. */
function isOutdated(tables: Tables, event: Event): boolean {
  if (event.kind !== "message.created" && event.kind !== "message.edited") return false;
  const of = (kind: string) => [event.account, event.channel, event.message, kind].join("\u001f");
  const gone = `${of("message.deleted")}\u001f`;
  if (tables.readInbox(gone) !== undefined || tables.readMap(`e${gone}`) !== undefined) return true;
  return (
    event.kind === "message.edited" &&
    tables.between(eventKey(event), `${of("message.edited")}\u001f\uffff`)
  );
}

/** Applies an edit or delete to its message where that was certainly never attempted. */
function fold(
  tables: Tables,
  event: Event,
  now: number,
  mayFold: (key: string) => boolean,
): Accepted | undefined {
  if (event.kind !== "message.edited" && event.kind !== "message.deleted") return undefined;
  const key = createdKey(event.account, event.channel, event.message);
  const found = tables.readInbox(key);
  if (found === undefined || !mayFold(key)) return undefined;
  const entry = toEntry(found.row, tables.endsOf(key).ends);
  const all = JSON.parse(found.row.lanes) as Lanes;
  const untouched =
    all.length > 0 && entry.lanes.length === all.length && all.every(({ n }) => n === 0);
  if (!untouched) return undefined;
  const gone = event.kind === "message.deleted";
  if (gone) {
    const ends = Object.fromEntries(all.map(({ lane }) => [lane, { s: "ignored", ids: [] }]));
    tables.writeMap(`e${key}`, JSON.stringify(ends), now);
  } else {
    const was = JSON.parse(found.row.event) as Event & { kind: "message.created" };
    // Deliver finds out whether somebody else may.
    if (was.author.id !== event.author.id) return undefined;
    const { content, files } = event;
    const merged = { ...was, content, ...(files === undefined ? {} : { files }) };
    tables.updateInbox(found.hour, key, { event: JSON.stringify(merged) });
  }
  tables.writeMap(`e${eventKey(event)}`, "{}", now);
  return { kind: "folded", entry: key, gone };
}
