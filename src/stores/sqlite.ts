/** The Store port on SQLite. One relay is its only writer, so it may remember which tables there are. */
import { createdKey, type Event } from "../core/event.ts";
import { StorageError, messageOf } from "../core/errors.ts";
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
import type { DeadLetter, Saved, Store } from "../core/store.ts";
import { acceptOne, isDeleted } from "./accept.ts";
import { dropLetter, lettersOf, replayOne } from "./dead.ts";
import { createBase, inboxTable, SCHEMA_VERSION } from "./schema.ts";
import { reactionsOf } from "./reactions.ts";
import { copyKey, factRow, type Lanes, toEntry } from "./rows.ts";
import { seenFrom } from "./seen.ts";
import { settleOne } from "./settle.ts";
import type { Sql } from "./sql.ts";
import { createTables } from "./tables.ts";

export interface StoreOptions {
  /** Opaque random text; at least 96 bits. */
  readonly randomId: () => string;
  readonly retentionMs: number;
}

export function createSqliteStore(sql: Sql, options: StoreOptions): Store {
  const tables = createTables(sql);
  const { randomId } = options;
  const newest = new Map<SourceKey, string>();
  let seq = 0;
  const nextSeq = () => (seq += 1);

  const commit = async <T>(work: () => T): Promise<T> => {
    try {
      return await sql.commit(work);
    } catch (error) {
      tables.reload();
      throw new StorageError(`the store did not take a write: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };

  /** A disk that cannot be read is the disk's fault, not the message's. */
  const read = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw new StorageError(`the store could not be read: ${messageOf(error)}`, { cause: error });
    }
  };

  const endOf = (source: MessageRef, lane: LaneId) =>
    tables.endsOf(createdKey(source.account, source.channel, source.message)).ends[lane];

  const saveFact = (key: string, value: string) =>
    sql.run(
      "INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE v <> excluded.v",
      key,
      value,
    );

  return {
    open: () =>
      commit((): Saved => {
        createBase(sql);
        const meta = new Map(
          sql.all<{ k: string; v: string }>("SELECT k, v FROM meta").map(({ k, v }) => [k, v]),
        );
        const version = Number(meta.get("version") ?? SCHEMA_VERSION);
        if (version > SCHEMA_VERSION)
          throw new Error(
            `its data is of version ${version}, this program knows ${SCHEMA_VERSION}: run the newer program again`,
          );
        const instance = meta.get("instance") ?? randomId();
        saveFact("version", String(SCHEMA_VERSION));
        saveFact("instance", instance);
        tables.reload();
        for (const hour of tables.hours()) {
          const [last] = sql.all<{ s: number | null }>(
            `SELECT max(seq) AS s FROM ${inboxTable(hour)}`,
          );
          seq = Math.max(seq, last?.s ?? 0);
        }
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
          swept: part<Position>("swept ") as Map<SourceKey, Position>,
          gaps: [...part("gap ")].flatMap(([at, open]) => (open === "" ? [] : [at as SourceKey])),
          cursors: part<string>("cursor ") as Map<AccountId, string>,
          deadLetters: sql.all<{ n: number }>("SELECT count(*) AS n FROM dead")[0]?.n ?? 0,
          pending: tables
            .hours()
            .flatMap((hour) => tables.openEntries(hour))
            .sort(
              (a, b) =>
                a.ord - b.ord ||
                (a.position < b.position ? -1 : a.position > b.position ? 1 : a.seq - b.seq),
            ),
        };
      }),
    accept: (batch, now, mayFold) =>
      commit(() =>
        batch.map((next) => acceptOne(next, { tables, now, mayFold, randomId, nextSeq, newest })),
      ),
    load: (key) =>
      read(() => {
        const found = tables.readInbox(key);
        return found === undefined ? undefined : (JSON.parse(found.row.event) as Event);
      }),
    route: (key, lanes, now) =>
      commit(() => {
        const found = tables.readInbox(key);
        if (found === undefined || found.row.unrouted === 0) return undefined;
        if (lanes.length === 0) {
          tables.writeMap(`e${key}`, `{"":{"s":"ignored","ids":[]}}`, now);
          return undefined;
        }
        const row = {
          ...found.row,
          unrouted: 0,
          lanes: JSON.stringify(lanes.map((lane) => ({ lane, n: 0 }))),
        };
        tables.updateInbox(found.hour, key, { unrouted: 0, lanes: row.lanes });
        return toEntry(row, {});
      }),
    attempt: (key, open) =>
      commit(() => {
        const found = tables.readInbox(key);
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
              },
        );
        tables.updateInbox(found.hour, key, { lanes: JSON.stringify(lanes) });
      }),
    settle: (key, lane, settlement, now) =>
      commit(() => settleOne({ tables, sql, now }, key, lane, settlement)),
    copies: (source, lane) => read(() => endOf(source, lane)?.ids),
    allCopies: (source) =>
      read(() => {
        const key = createdKey(source.account, source.channel, source.message);
        const { ends, week } = tables.endsOf(key);
        if (week === undefined) return undefined;
        return new Map(Object.entries(ends).map(([lane, { ids }]) => [lane as LaneId, ids]));
      }),
    threadOf: (source, lane) => read(() => endOf(source, lane)?.thread),
    ownThreadOf: (source, lane) => read(() => endOf(source, lane)?.ownThread),
    files: (source, lane) =>
      read(
        () => new Map(Object.entries(endOf(source, lane)?.files ?? {}) as [MessageId, string][]),
      ),
    original: (copy) =>
      read(() => {
        const found = tables.readMap(copyKey(copy));
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
    save: (facts) => commit(() => facts.forEach((fact) => saveFact(...factRow(fact)))),
    deadLetters: async () =>
      sql
        .all<{ id: string; lane: LaneId; at: number; reason: string; event: string }>(
          "SELECT * FROM dead ORDER BY at",
        )
        .map((row): DeadLetter => ({ ...row, event: JSON.parse(row.event) as Event })),
    replay: (ids, now) =>
      commit(() =>
        lettersOf(sql, ids).map((row) => ({
          id: row.id,
          entry: replayOne({ tables, sql, now }, row, nextSeq),
        })),
      ),
    discard: (ids) =>
      commit(() =>
        lettersOf(sql, ids).map(({ id, lane }) => {
          dropLetter(sql, id);
          return { id, lane };
        }),
      ),
    sweep: (now) => commit(() => tables.sweep(now, options.retentionMs)),
  };
}
