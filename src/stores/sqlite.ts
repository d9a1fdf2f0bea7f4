/** The Store port on SQLite. One relay is its only writer, so it may remember which tables there are. */
import { createdKey, type Event, eventKey } from "../core/event.ts";
import { StorageError, messageOf } from "../core/errors.ts";
import {
  type AccountId,
  type ChannelId,
  type LaneId,
  type MessageId,
  messageId,
  type Position,
  type SourceKey,
} from "../core/ids.ts";
import type {
  Accepted,
  Accepting,
  DeadLetter,
  Entry,
  Saved,
  Settlement,
  Store,
} from "../core/store.ts";
import {
  createBase,
  createInbox,
  createMap,
  HOUR_MS,
  inboxTable,
  mapTable,
  SCHEMA_VERSION,
  tableNumbers,
  WEEK_MS,
} from "./schema.ts";
import { copyKey, type Ends, factRow, type InboxRow, type Lanes, toEntry } from "./rows.ts";
import type { Sql } from "./sql.ts";

export interface StoreOptions {
  /** Opaque random text; at least 96 bits. */
  readonly randomId: () => string;
  readonly retentionMs: number;
}

export function createSqliteStore(sql: Sql, options: StoreOptions): Store {
  let hours: number[] = [];
  let weeks: number[] = [];
  let seq = 0;

  const commit = async <T>(work: () => T): Promise<T> => {
    try {
      return await sql.commit(work);
    } catch (error) {
      // The transaction took its tables back with it.
      hours = tableNumbers(sql, "inbox");
      weeks = tableNumbers(sql, "map");
      throw new StorageError(`the store did not take a write: ${messageOf(error)}`, {
        cause: error,
      });
    }
  };

  /** Newest first: most look-ups are for something recent. */
  const readMap = (key: string): { week: number; value: string } | undefined => {
    for (let index = weeks.length - 1; index >= 0; index -= 1) {
      const week = weeks[index]!;
      const [row] = sql.all<{ v: string }>(`SELECT v FROM ${mapTable(week)} WHERE k = ?`, key);
      if (row !== undefined) return { week, value: row.v };
    }
    return undefined;
  };
  const writeMap = (key: string, value: string, now: number, week = Math.floor(now / WEEK_MS)) => {
    if (!weeks.includes(week)) {
      createMap(sql, week);
      weeks = [...weeks, week].sort((a, b) => a - b);
    }
    sql.run(
      `INSERT INTO ${mapTable(week)} (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`,
      key,
      value,
    );
  };
  const readInbox = (key: string): { hour: number; row: InboxRow } | undefined => {
    for (let index = hours.length - 1; index >= 0; index -= 1) {
      const hour = hours[index]!;
      const [row] = sql.all<InboxRow>(`SELECT * FROM ${inboxTable(hour)} WHERE k = ?`, key);
      if (row !== undefined) return { hour, row };
    }
    return undefined;
  };
  const endsOf = (key: string): { ends: Ends; week: number | undefined } => {
    const found = readMap(`e${key}`);
    return {
      ends: found === undefined ? {} : (JSON.parse(found.value) as Ends),
      week: found?.week,
    };
  };

  const stuck = new Map<number, string>();
  const openEntries = (hour: number, key?: string): Entry[] =>
    (key === undefined
      ? sql.all<InboxRow>(`SELECT * FROM ${inboxTable(hour)}`)
      : sql.all<InboxRow>(`SELECT * FROM ${inboxTable(hour)} WHERE k = ?`, key)
    )
      .map((row) => toEntry(row, endsOf(row.k).ends))
      .filter((entry) => entry.lanes.length > 0 || entry.unrouted);

  const fold = (
    event: Event,
    now: number,
    mayFold: (key: string) => boolean,
  ): Accepted | undefined => {
    if (event.kind !== "message.edited" && event.kind !== "message.deleted") return undefined;
    const key = createdKey(event.account, event.channel, event.message);
    const found = readInbox(key);
    if (found === undefined || !mayFold(key)) return undefined;
    const entry = toEntry(found.row, endsOf(key).ends);
    const all = JSON.parse(found.row.lanes) as Lanes;
    const untouched =
      all.length > 0 && entry.lanes.length === all.length && all.every(({ n }) => n === 0);
    if (!untouched) return undefined;
    const gone = event.kind === "message.deleted";
    if (gone) {
      const ends = Object.fromEntries(all.map(({ lane }) => [lane, { s: "ignored", ids: [] }]));
      writeMap(`e${key}`, JSON.stringify(ends), now);
    } else {
      const was = JSON.parse(found.row.event) as Event & { kind: "message.created" };
      // Deliver finds out whether somebody else may.
      if (was.author.id !== event.author.id) return undefined;
      const { content, files } = event;
      const merged = { ...was, content, ...(files === undefined ? {} : { files }) };
      sql.run(
        `UPDATE ${inboxTable(found.hour)} SET event = ? WHERE k = ?`,
        JSON.stringify(merged),
        key,
      );
    }
    writeMap(`e${eventKey(event)}`, "{}", now);
    return { kind: "folded", entry: key, gone };
  };

  const acceptOne = (next: Accepting, now: number, mayFold: (key: string) => boolean): Accepted => {
    const { event } = next;
    const key = eventKey(event);
    if (readInbox(key) !== undefined || readMap(`e${key}`) !== undefined)
      return { kind: "duplicate" };
    if (readMap(copyKey(event)) !== undefined) return { kind: "copy" };
    const folded = fold(event, now, mayFold);
    if (folded !== undefined) return folded;
    const hour = Math.floor(now / HOUR_MS);
    if (!hours.includes(hour)) {
      createInbox(sql, hour);
      hours = [...hours, hour].sort((a, b) => a - b);
    }
    seq += 1;
    const row: InboxRow = {
      k: key,
      id: options.randomId(),
      seq,
      ord: next.ord ?? seq,
      pos: event.position,
      at: now,
      unrouted: next.unrouted ? 1 : 0,
      event: JSON.stringify(event),
      lanes: JSON.stringify(next.lanes.map((lane) => ({ lane, n: 0 }))),
    };
    sql.run(
      `INSERT INTO ${inboxTable(hour)} (k, id, seq, ord, pos, at, unrouted, event, lanes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      row.k,
      row.id,
      row.seq,
      row.ord,
      row.pos,
      row.at,
      row.unrouted,
      row.event,
      row.lanes,
    );
    return { kind: "new", entry: toEntry(row, {}) };
  };

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
        const instance = meta.get("instance") ?? options.randomId();
        saveFact("version", String(SCHEMA_VERSION));
        saveFact("instance", instance);
        hours = tableNumbers(sql, "inbox");
        weeks = tableNumbers(sql, "map");
        for (const hour of hours) {
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
          cursors: part<string>("cursor ") as Map<AccountId, string>,
          pending: hours
            .flatMap((hour) => openEntries(hour))
            .sort(
              (a, b) =>
                a.ord - b.ord ||
                (a.position < b.position ? -1 : a.position > b.position ? 1 : a.seq - b.seq),
            ),
        };
      }),
    accept: (batch, now, mayFold) =>
      commit(() => batch.map((next) => acceptOne(next, now, mayFold))),
    load: async (key) => {
      const found = readInbox(key);
      return found === undefined ? undefined : (JSON.parse(found.row.event) as Event);
    },
    route: (key, lanes, now) =>
      commit(() => {
        const found = readInbox(key);
        if (found === undefined || found.row.unrouted === 0) return undefined;
        if (lanes.length === 0) {
          writeMap(`e${key}`, `{"":{"s":"ignored","ids":[]}}`, now);
          return undefined;
        }
        const row = {
          ...found.row,
          unrouted: 0,
          lanes: JSON.stringify(lanes.map((lane) => ({ lane, n: 0 }))),
        };
        const update = `UPDATE ${inboxTable(found.hour)} SET unrouted = 0, lanes = ? WHERE k = ?`;
        sql.run(update, row.lanes, key);
        return toEntry(row, {});
      }),
    attempt: (key, open) =>
      commit(() => {
        const found = readInbox(key);
        if (found === undefined) return;
        const lanes = (JSON.parse(found.row.lanes) as Lanes).map((each) =>
          each.lane !== open.lane
            ? each
            : {
                lane: open.lane,
                n: open.attempts,
                ...(open.firstTriedAt === undefined ? {} : { first: open.firstTriedAt }),
                ...(open.plain === true ? { plain: true as const } : {}),
              },
        );
        sql.run(
          `UPDATE ${inboxTable(found.hour)} SET lanes = ? WHERE k = ?`,
          JSON.stringify(lanes),
          key,
        );
      }),
    settle: (key, lane, settlement, now) => commit(() => settleOne(key, lane, settlement, now)),
    copies: async (source, lane) =>
      endsOf(createdKey(source.account, source.channel, source.message)).ends[lane]?.ids,
    original: async (copy) => {
      const found = readMap(copyKey(copy));
      if (found === undefined) return undefined;
      const [account, channel, message] = found.value.split("\u001f") as [
        AccountId,
        ChannelId,
        string,
      ];
      return { account, channel, message: messageId(message) };
    },
    save: (facts) => commit(() => facts.forEach((fact) => saveFact(...factRow(fact)))),
    deadLetters: async () =>
      sql
        .all<{ id: string; lane: LaneId; at: number; reason: string; event: string }>(
          "SELECT * FROM dead ORDER BY at",
        )
        .map((row): DeadLetter => ({ ...row, event: JSON.parse(row.event) as Event })),
    sweep: (now) =>
      commit(() => {
        for (const hour of hours.filter((each) => each < Math.floor(now / HOUR_MS))) {
          // One entry that is still open keeps its table; the rest of it need not be read again each minute.
          const known = stuck.get(hour);
          if (known !== undefined && openEntries(hour, known).length > 0) continue;
          const [open] = openEntries(hour);
          if (open !== undefined) stuck.set(hour, open.key);
          else stuck.delete(hour);
          if (open !== undefined) continue;
          sql.run(`DROP TABLE ${inboxTable(hour)}`);
          hours = hours.filter((each) => each !== hour);
        }
        const oldest = Math.floor((now - options.retentionMs) / WEEK_MS);
        for (const week of weeks.filter((each) => each < oldest)) {
          sql.run(`DROP TABLE ${mapTable(week)}`);
          weeks = weeks.filter((each) => each !== week);
        }
      }),
  };

  function settleOne(key: string, lane: LaneId, settlement: Settlement, now: number): void {
    const { ends, week } = endsOf(key);
    const ids = ends[lane]?.ids ?? [];
    switch (settlement.kind) {
      case "part": {
        const { copy, last } = settlement;
        const all = copy === undefined ? ids : [...ids, copy.message];
        ends[lane] = { s: "sent", ids: all, ...(last ? {} : { open: true as const }) };
        if (copy !== undefined) {
          const original = key.split("\u001f").slice(0, 3).join("\u001f");
          writeMap(copyKey(copy), original, now);
          addPart(key, lane, copy.message, now);
        }
        break;
      }
      case "ignored":
        ends[lane] = { s: "ignored", ids };
        break;
      case "dead": {
        ends[lane] = { s: "dead", ids };
        const found = readInbox(key);
        if (found !== undefined)
          sql.run(
            "INSERT INTO dead (id, lane, at, reason, event) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            `${found.row.id}.${lane}`,
            lane,
            now,
            settlement.reason,
            found.row.event,
          );
        break;
      }
    }
    writeMap(`e${key}`, JSON.stringify(ends), now, week);
  }

  /** An edit that grew made a post that belongs to the message: the next edit and a delete must find it. */
  function addPart(key: string, lane: LaneId, part: MessageId, now: number): void {
    const [account, channel, message] = key.split("\u001f") as [AccountId, ChannelId, MessageId];
    const first = createdKey(account, channel, message);
    if (first === key) return;
    const { ends, week } = endsOf(first);
    const sent = ends[lane];
    if (sent === undefined) return;
    sent.ids.push(part);
    writeMap(`e${first}`, JSON.stringify(ends), now, week);
  }
}
