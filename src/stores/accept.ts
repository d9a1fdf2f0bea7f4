/** Accept: dedupe, fold and insert, inside one transaction. */
import {
  createdKey,
  type Event,
  eventKey,
  type MessageCreated,
  type MessageEdited,
} from "../core/event.ts";
import type { MessageRef } from "../core/ids.ts";
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
  const key = eventKey(next.event);
  if (tables.readInbox(key) !== undefined || tables.readMap(`e${key}`) !== undefined)
    return { kind: "duplicate" };
  if (tables.readMap(copyKey(next.event)) !== undefined) return { kind: "copy" };
  if (isOutdated(tables, next.event)) return { kind: "duplicate" };
  const folded = fold(tables, next.event, now, mayFold);
  if (folded !== undefined) return folded;
  const event = asEdited(tables, next.event);
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

const kindKey = ({ account, channel, message }: MessageRef, kind: Event["kind"]): string =>
  [account, channel, message, kind, ""].join("\u001f");

/** A later edit of the message is known, or it was deleted: nothing that was before that is to be seen any more. */
function isOutdated(tables: Tables, event: Event): boolean {
  if (event.kind !== "message.created" && event.kind !== "message.edited") return false;
  if (isDeleted(tables, event)) return true;
  return (
    event.kind === "message.edited" &&
    tables.between(eventKey(event), `${kindKey(event, "message.edited")}\uffff`)
  );
}

export function isDeleted(tables: Tables, message: MessageRef): boolean {
  const gone = kindKey(message, "message.deleted");
  return tables.readInbox(gone) !== undefined || tables.readMap(`e${gone}`) !== undefined;
}

/** A message whose edit came first, and may have been given up since, says what its author says now. */
function asEdited(tables: Tables, event: Event): Event {
  if (event.kind !== "message.created") return event;
  const edits = kindKey(event, "message.edited");
  const newest = tables.lastBetween(edits, `${edits}\uffff`);
  const edit = newest === undefined ? undefined : (JSON.parse(newest.event) as MessageEdited);
  return edit === undefined ? event : (withEdit(event, edit) ?? event);
}

/** The message with its edit in it; undefined where somebody else edited it: deliver finds out whether they may. */
export function withEdit(was: MessageCreated, edit: MessageEdited): MessageCreated | undefined {
  if (was.author.id !== edit.author.id) return undefined;
  const { content, files } = edit;
  // An edit says all that is left of the message.
  const { files: _, ...kept } = was;
  return { ...kept, content, ...(files === undefined ? {} : { files }) };
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
    const merged = withEdit(JSON.parse(found.row.event) as MessageCreated, event);
    if (merged === undefined) return undefined;
    tables.updateInbox(found.hour, key, { event: JSON.stringify(merged) });
  }
  tables.writeMap(`e${eventKey(event)}`, "{}", now);
  return { kind: "folded", entry: key, gone };
}
