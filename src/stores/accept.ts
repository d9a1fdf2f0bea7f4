/** Accept: dedupe, fold and insert, inside one transaction. */
import {
  createdKey,
  editsKey,
  type Event,
  eventKey,
  type MemberJoined,
  type MemberLeft,
  type MessageCreated,
  type MessageEdited,
} from "../core/event.ts";
import {
  entryId,
  type MessageId,
  type MessageRef,
  type SourceKey,
  sourceKey,
} from "../core/ids.ts";
import type { Accepted, Accepting } from "../core/store.ts";
import { asRemoval, noteReaction } from "./reactions.ts";
import { copyKey, type InboxRow, type Lanes, toEntry } from "./rows.ts";
import type { Tables } from "./tables.ts";
import type { Work } from "./work.ts";

export interface AcceptContext {
  readonly tables: Tables;
  readonly now: number;
  readonly mayFold: (key: string) => boolean;
  /** The next number of the commit order. */
  readonly nextSeq: () => number;
  /** The newest entry of each source channel, as far as is remembered: what comes next may belong to it. */
  readonly newest: Map<SourceKey, string>;
}

/** So many people are told of in one line. */
const MOST_TOGETHER = 500;

export function* acceptOne(next: Accepting, context: AcceptContext): Work<Accepted> {
  const { tables, now, mayFold } = context;
  const event = yield* asRemoval(tables, next.event);
  const key = eventKey(event);
  if (yield* isKnown(tables, key)) return { kind: "duplicate" };
  // People react to copies; all else about one is our own doing.
  if (!("emoji" in event)) {
    if ((yield* tables.readMap(copyKey(event))) !== undefined) return { kind: "copy" };
  }
  if (yield* isOutdated(tables, event)) return { kind: "duplicate" };
  const folded =
    event.kind === "member.joined" || event.kind === "member.left"
      ? yield* foldMember(event, next, context)
      : yield* fold(tables, event, now, mayFold);
  if (folded !== undefined) return folded;
  const said = yield* asEdited(tables, event);
  const seq = context.nextSeq();
  const row: InboxRow = {
    k: key,
    id: entryId(key),
    seq,
    ord: next.ord ?? seq,
    pos: event.position,
    at: now,
    unrouted: next.unrouted ? 1 : 0,
    event: JSON.stringify(said),
    lanes: JSON.stringify(next.lanes.map((lane) => ({ lane, n: 0 }))),
  };
  yield* tables.insertInbox(row);
  yield* noteReaction(tables, event, now);
  context.newest.set(sourceKey(event), key);
  return { kind: "new", entry: toEntry(row, {}) };
}

const kindKey = ({ account, channel, message }: MessageRef, kind: Event["kind"]): string =>
  [account, channel, message, kind, ""].join("\u001f");

/**
 * A later edit of the message is known, or it was deleted, or a reaction was: nothing that was before that is to be
 * seen any more.
 */
function* isOutdated(tables: Tables, event: Event): Work<boolean> {
  const said = event.kind === "message.created" || event.kind === "message.edited";
  const id: MessageId | undefined = said
    ? event.message
    : event.kind === "reaction.added"
      ? event.reaction
      : undefined;
  if (id === undefined) return false;
  if (yield* isDeleted(tables, { ...event, message: id })) return true;
  return (
    event.kind === "message.edited" &&
    // Of its own author: what somebody else sent as an edit, whatever time it claims, holds nothing back.
    (yield* tables.between(eventKey(event), `${editsKey(event)}\uffff`))
  );
}

export function* isDeleted(tables: Tables, message: MessageRef): Work<boolean> {
  return yield* isKnown(tables, kindKey(message, "message.deleted"));
}

function* isKnown(tables: Tables, key: string): Work<boolean> {
  return (
    (yield* tables.readInbox(key)) !== undefined || (yield* tables.readMap(`e${key}`)) !== undefined
  );
}

/** A message whose edit came first, and may have been given up since, says what its author says now. */
function* asEdited(tables: Tables, event: Event): Work<Event> {
  if (event.kind !== "message.created") return event;
  const edits = editsKey(event);
  const newest = yield* tables.lastBetween(edits, `${edits}\uffff`);
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

/** Adds somebody to a line that was certainly never attempted, where nothing of that channel came after it. */
function* foldMember(
  event: MemberJoined | MemberLeft,
  { lanes, unrouted }: Accepting,
  { tables, now, mayFold, newest }: AcceptContext,
): Work<Accepted | undefined> {
  const key = newest.get(sourceKey(event));
  const found = key === undefined ? undefined : yield* tables.readInbox(key);
  if (key === undefined || found === undefined || !mayFold(key)) return undefined;
  const was = JSON.parse(found.row.event) as Event;
  const all = JSON.parse(found.row.lanes) as Lanes;
  const { lanes: open, unrouted: waits } = toEntry(found.row, (yield* tables.endsOf(key)).ends);
  const isSame =
    was.kind === event.kind &&
    !unrouted &&
    !waits &&
    open.length === all.length &&
    all.every(({ lane, n }, index) => n === 0 && lane === lanes[index]) &&
    all.length === lanes.length;
  if (!isSame) return undefined;
  const others = [...(was.others ?? []), event.author];
  if (others.length >= MOST_TOGETHER) return undefined;
  yield* tables.updateInbox(found.hour, key, { event: JSON.stringify({ ...was, others }) });
  yield* tables.writeMap(`e${eventKey(event)}`, "{}", now);
  return { kind: "folded", entry: key, id: found.row.id, over: [] };
}

/** Applies an edit or delete to its message where that was certainly never attempted. */
function* fold(
  tables: Tables,
  event: Event,
  now: number,
  mayFold: (key: string) => boolean,
): Work<Accepted | undefined> {
  if (event.kind !== "message.edited" && event.kind !== "message.deleted") return undefined;
  const key = createdKey(event.account, event.channel, event.message);
  const found = yield* tables.readInbox(key);
  if (found === undefined || !mayFold(key)) return undefined;
  const entry = toEntry(found.row, (yield* tables.endsOf(key)).ends);
  const all = JSON.parse(found.row.lanes) as Lanes;
  const untouched =
    all.length > 0 && entry.lanes.length === all.length && all.every(({ n }) => n === 0);
  if (!untouched) return undefined;
  if (event.kind === "message.edited") {
    const merged = withEdit(JSON.parse(found.row.event) as MessageCreated, event);
    if (merged === undefined) return undefined;
    yield* tables.updateInbox(found.hour, key, { event: JSON.stringify(merged) });
  }
  const over = event.kind === "message.edited" ? yield* waitingBefore(tables, event) : [key];
  for (const each of over) yield* ignore(tables, each, now);
  yield* tables.writeMap(`e${eventKey(event)}`, "{}", now);
  return { kind: "folded", entry: key, id: found.row.id, over };
}

/** Earlier edits that came before their message and wait for it: they would take a later one back. */
function* waitingBefore(tables: Tables, edit: MessageEdited): Work<readonly string[]> {
  const waiting: string[] = [];
  for (const { k } of yield* tables.inboxBetween(editsKey(edit), eventKey(edit))) {
    const { row } = (yield* tables.readInbox(k))!;
    if (toEntry(row, (yield* tables.endsOf(k)).ends).lanes.length > 0) waiting.push(k);
  }
  return waiting;
}

/** Ends an entry that was certainly never attempted. */
function* ignore(tables: Tables, key: string, now: number): Work<void> {
  const lanes = JSON.parse((yield* tables.readInbox(key))!.row.lanes) as Lanes;
  const ends = Object.fromEntries(lanes.map(({ lane }) => [lane, { s: "ignored", ids: [] }]));
  yield* tables.writeMap(`e${key}`, JSON.stringify(ends), now);
}
