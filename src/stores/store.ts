/** The Store port on tables, whatever database they are in. */
import type { Quarter } from "../core/day.ts";
import { createdKey, type Event } from "../core/event.ts";
import {
  type AccountId,
  type ChannelId,
  type LaneId,
  type MessageId,
  messageId,
  type MessageRef,
  type Position,
  type SourceKey,
} from "../core/ids.ts";
import type { Accepted, DeadLetter, Replayed, Saved, Store, SweepTimes } from "../core/store.ts";
import { acceptOne, isDeleted } from "./accept.ts";
import { lettersOf, replayOne } from "./dead.ts";
import { reactionsOf } from "./reactions.ts";
import { copyKey, type Ends, factRow, type Lanes, timesOf, toEntry } from "./rows.ts";
import { seenFrom } from "./seen.ts";
import { settleOne } from "./settle.ts";
import type { Tables } from "./tables.ts";
import type { Work } from "./work.ts";

export interface StoreOptions {
  /** Opaque random text; at least 96 bits. */
  readonly randomId: () => string;
  readonly retentionMs: number;
}

/** How a database does the store's work. Both reject with `StorageError`, but for an error of our own in that work. */
export interface Engine {
  /** In one transaction; resolves when it is durable. */
  commit<T>(work: () => Work<T>): Promise<T>;
  /** Reads only. */
  read<T>(work: () => Work<T>): Promise<T>;
}

export function createStore(
  tables: Tables,
  { commit, read }: Engine,
  { randomId, retentionMs }: StoreOptions,
): Store {
  const newest = new Map<SourceKey, string>();
  let seq = 0;
  const nextSeq = () => (seq += 1);

  function* endOf(source: MessageRef, lane: LaneId): Work<Ends[LaneId] | undefined> {
    const key = createdKey(source.account, source.channel, source.message);
    return (yield* tables.endsOf(key)).ends[lane];
  }

  return {
    open: () =>
      commit(function* (): Work<Saved> {
        yield* tables.open();
        const meta = yield* tables.facts();
        const instance = meta.get("instance") || randomId();
        yield* tables.saveFact("instance", instance);
        const { entries, lastSeq } = yield* tables.openEntries();
        seq = Math.max(seq, lastSeq);
        const part = <V extends string>(prefix: string) =>
          new Map(
            [...meta].flatMap(([k, v]) =>
              k.startsWith(prefix) ? [[k.slice(prefix.length), v as V] as const] : [],
            ),
          );
        return {
          instance,
          identities: part<string>("identity ") as Map<AccountId, string>,
          channels: part<ChannelId>("channel "),
          checkpoints: part<Position>("checkpoint ") as Map<SourceKey, Position>,
          began: part<Position>("began ") as Map<SourceKey, Position>,
          swept: new Map([...part("swept ")].flatMap(([at, text]) => sweptOf(at, text))),
          alive: new Map(
            [...part<string>("alive ")].map(([at, text]) => [
              at as SourceKey,
              new Map(JSON.parse(text) as [MessageId, number][]),
            ]),
          ),
          gaps: [...part("gap ")].flatMap(([at, open]) => (open === "" ? [] : [at as SourceKey])),
          cursors: part<string>("cursor ") as Map<AccountId, string>,
          ...timesOf(meta.get("times")),
          day: JSON.parse(meta.get("day") ?? "[]") as Quarter[],
          told: new Map(JSON.parse(meta.get("told") ?? "[]") as [string, string][]),
          deadLetters: yield* tables.countLetters(),
          pending: [...entries].sort(
            (a, b) =>
              a.ord - b.ord ||
              (a.position < b.position ? -1 : a.position > b.position ? 1 : a.seq - b.seq),
          ),
        };
      }),
    accept: (batch, now, mayFold, facts = []) =>
      commit(function* () {
        for (const fact of facts) yield* tables.saveFact(...factRow(fact));
        const accepted: Accepted[] = [];
        for (const next of batch)
          accepted.push(yield* acceptOne(next, { tables, now, mayFold, nextSeq, newest }));
        return accepted;
      }),
    load: (key) =>
      read(function* () {
        const found = yield* tables.readInbox(key);
        return found === undefined ? undefined : (JSON.parse(found.row.event) as Event);
      }),
    route: (key, lanes, now) =>
      commit(function* () {
        const found = yield* tables.readInbox(key);
        if (found === undefined || found.row.unrouted === 0) return undefined;
        if (lanes.length === 0) {
          yield* tables.writeMap(`e${key}`, `{"":{"s":"ignored","ids":[]}}`, now);
          return undefined;
        }
        const row = {
          ...found.row,
          unrouted: 0,
          lanes: JSON.stringify(lanes.map((lane) => ({ lane, n: 0 }))),
        };
        yield* tables.updateInbox(found.hour, key, { unrouted: 0, lanes: row.lanes });
        return toEntry(row, {});
      }),
    attempt: (key, open) =>
      commit(function* () {
        const found = yield* tables.readInbox(key);
        if (found === undefined) return;
        const lanes = (JSON.parse(found.row.lanes) as Lanes).map((each) =>
          each.lane !== open.lane
            ? each
            : {
                lane: open.lane,
                n: open.attempts,
                ...(open.firstTriedAt === undefined ? {} : { first: open.firstTriedAt }),
                ...(open.plain === true ? { plain: true as const } : {}),
                ...(open.flat === true ? { flat: true as const } : {}),
                ...(open.late === true ? { late: true as const } : {}),
                ...(open.since === undefined ? {} : { since: open.since }),
                ...(open.fileTries === undefined ? {} : { files: open.fileTries }),
                ...(open.written === undefined ? {} : { written: open.written }),
              },
        );
        yield* tables.updateInbox(found.hour, key, { lanes: JSON.stringify(lanes) });
      }),
    settle: (key, lane, settlement, now) =>
      commit(() => settleOne({ tables, now }, key, lane, settlement)),
    copies: (source, lane) =>
      read(function* () {
        return (yield* endOf(source, lane))?.ids;
      }),
    allCopies: (source) =>
      read(function* () {
        const key = createdKey(source.account, source.channel, source.message);
        const { ends, week } = yield* tables.endsOf(key);
        if (week === undefined) return undefined;
        return new Map(Object.entries(ends).map(([lane, { ids }]) => [lane as LaneId, ids]));
      }),
    threadOf: (source, lane) =>
      read(function* () {
        return (yield* endOf(source, lane))?.thread;
      }),
    ownThreadOf: (source, lane) =>
      read(function* () {
        return (yield* endOf(source, lane))?.ownThread;
      }),
    files: (source, lane) =>
      read(function* () {
        const files = (yield* endOf(source, lane))?.files ?? {};
        return new Map(Object.entries(files) as [MessageId, string][]);
      }),
    original: (copy) =>
      read(function* () {
        const found = yield* tables.readMap(copyKey(copy));
        if (found === undefined) return undefined;
        const [account, channel, message] = found.value.split("\u001f") as [
          AccountId,
          ChannelId,
          string,
        ];
        return { account, channel, message: messageId(message) };
      }),
    seen: (source, from) => read(() => seenFrom(tables, source, from)),
    deleted: (message) => read(() => isDeleted(tables, message)),
    reactions: (message) => read(() => reactionsOf(tables, message)),
    save: (facts) =>
      commit(function* () {
        for (const fact of facts) yield* tables.saveFact(...factRow(fact));
      }),
    deadLetters: (page) =>
      read(function* () {
        const rows = yield* tables.letters(page);
        return rows.map((row): DeadLetter => ({ ...row, event: JSON.parse(row.event) as Event }));
      }),
    replay: (ids, now) =>
      commit(function* () {
        const replayed: Replayed[] = [];
        for (const row of yield* lettersOf(tables, ids))
          replayed.push({ id: row.id, entry: yield* replayOne({ tables, now }, row, nextSeq) });
        return replayed;
      }),
    discard: (ids) =>
      commit(function* () {
        const rows = yield* lettersOf(tables, ids);
        for (const { id } of rows) yield* tables.dropLetter(id);
        return rows.map(({ id, lane }) => ({ id, lane }));
      }),
    sweep: (now, sure = now) => commit(() => tables.sweep(now, sure - retentionMs)),
  };
}

/** Once it was the one of the two, and before that a position, which says nothing here. */
function sweptOf(at: string, text: string): [SourceKey, SweepTimes][] {
  const [, doneAt, triedAt = doneAt] = /^(\d+)(?: (\d+))?$/.exec(text) ?? [];
  if (doneAt === undefined) return [];
  return [[at as SourceKey, { doneAt: Number(doneAt), triedAt: Number(triedAt) }]];
}
