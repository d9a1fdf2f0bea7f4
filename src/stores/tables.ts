/** The tables of one store: which there are, and the rows of one event in them. */
import {
  HOUR_MS,
  WEEK_MS,
  createInbox,
  createMap,
  inboxTable,
  mapTable,
  tableNumbers,
} from "./schema.ts";
import { type Ends, type InboxRow, toEntry } from "./rows.ts";
import type { Entry } from "../core/store.ts";
import type { Sql } from "./sql.ts";

/** So many rows of an hour are read at once. */
const ROWS_AT_ONCE = 100;
/** A sweep looks at so many at most: everything else waits for it, and a Worker's CPU is short (10 ms). */
const ROWS_A_SWEEP = 500;

export interface Tables {
  /** Hours and weeks that have a table, oldest first. */
  hours(): readonly number[];
  weeks(): readonly number[];
  /** Reads from the database which tables there are: a transaction that failed took its tables back with it. */
  reload(): void;
  readMap(key: string): { readonly week: number; readonly value: string } | undefined;
  /** Whether something of a key between these two was accepted. */
  between(after: string, before: string): boolean;
  /** Keys of the events between these two: what was accepted, and what became of something. */
  eventKeys(from: string, before: string): ReadonlySet<string>;
  /** The last inbox row of a key between these two, of what was accepted in this hour or the one before at least. */
  lastBetween(after: string, before: string): InboxRow | undefined;
  /** How the lanes of each event with a key between these two ended so far. */
  rowsBetween(after: string, before: string): ReadonlyMap<string, Ends>;
  /** Into the week of `now`, or into the one where the row is already. */
  writeMap(key: string, value: string, now: number, week?: number): void;
  readInbox(key: string): { readonly hour: number; readonly row: InboxRow } | undefined;
  insertInbox(row: InboxRow): void;
  updateInbox(
    hour: number,
    key: string,
    fields: Partial<Pick<InboxRow, "event" | "lanes" | "unrouted">>,
  ): void;
  /** How the lanes of an event ended so far. */
  endsOf(key: string): { readonly ends: Ends; readonly week: number | undefined };
  /** What is not settled of an hour. */
  openEntries(hour: number): Entry[];
  /** Drops inboxes that are over and settled, and maps that are older than the retention. True: there is more to do. */
  sweep(now: number, retentionMs: number): boolean;
}

export function createTables(sql: Sql): Tables {
  let hours: number[] = [];
  let weeks: number[] = [];
  /** Up to which key all of an hour is settled: that far it need not be read again each minute. */
  const settled = new Map<number, string>();

  /** Newest first: most look-ups are for something recent. */
  const readMap: Tables["readMap"] = (key) => {
    for (let index = weeks.length - 1; index >= 0; index -= 1) {
      const week = weeks[index]!;
      const [row] = sql.all<{ v: string }>(`SELECT v FROM ${mapTable(week)} WHERE k = ?`, key);
      if (row !== undefined) return { week, value: row.v };
    }
    return undefined;
  };
  const writeMap: Tables["writeMap"] = (key, value, now, week = Math.floor(now / WEEK_MS)) => {
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
  const readInbox: Tables["readInbox"] = (key) => {
    for (let index = hours.length - 1; index >= 0; index -= 1) {
      const hour = hours[index]!;
      const [row] = sql.all<InboxRow>(`SELECT * FROM ${inboxTable(hour)} WHERE k = ?`, key);
      if (row !== undefined) return { hour, row };
    }
    return undefined;
  };
  const endsOf: Tables["endsOf"] = (key) => {
    const found = readMap(`e${key}`);
    return {
      ends: found === undefined ? {} : (JSON.parse(found.value) as Ends),
      week: found?.week,
    };
  };

  const isOpen = (entry: Entry): boolean => entry.lanes.length > 0 || entry.unrouted;
  /** An hour can hold more than is to be in memory. */
  const entriesOf = function* (hour: number, after = ""): Generator<Entry> {
    for (let last: string | undefined = after; last !== undefined;) {
      const rows: InboxRow[] = sql.all<InboxRow>(
        `SELECT * FROM ${inboxTable(hour)} WHERE k > ? ORDER BY k LIMIT ${ROWS_AT_ONCE}`,
        last,
      );
      for (const row of rows) yield toEntry(row, endsOf(row.k).ends);
      last = rows.at(ROWS_AT_ONCE - 1)?.k;
    }
  };
  return {
    hours: () => hours,
    weeks: () => weeks,
    reload() {
      settled.clear();
      hours = tableNumbers(sql, "inbox");
      weeks = tableNumbers(sql, "map");
    },
    readMap,
    between(after, before) {
      const has = (table: string, from: string, to: string) =>
        sql.all(`SELECT k FROM ${table} WHERE k > ? AND k < ? LIMIT 1`, from, to).length > 0;
      return (
        hours.some((hour) => has(inboxTable(hour), after, before)) ||
        weeks.some((week) => has(mapTable(week), `e${after}`, `e${before}`))
      );
    },
    eventKeys(from, before) {
      const keys = (table: string, first: string, end: string) =>
        sql
          .all<{ k: string }>(`SELECT k FROM ${table} WHERE k >= ? AND k < ?`, first, end)
          .map(({ k }) => k);
      return new Set([
        ...hours.flatMap((hour) => keys(inboxTable(hour), from, before)),
        ...weeks
          .flatMap((week) => keys(mapTable(week), `e${from}`, `e${before}`))
          .map((key) => key.slice(1)),
      ]);
    },
    lastBetween(after, before) {
      const rows = hours.flatMap((hour) =>
        sql.all<InboxRow>(
          `SELECT * FROM ${inboxTable(hour)} WHERE k > ? AND k < ? ORDER BY k DESC LIMIT 1`,
          after,
          before,
        ),
      );
      return rows.reduce<InboxRow | undefined>(
        (last, row) => (last === undefined || row.k > last.k ? row : last),
        undefined,
      );
    },
    rowsBetween(after, before) {
      const found = new Map<string, Ends>();
      const range = (table: string, columns: string, prefix: string) =>
        sql.all<{ k: string; v?: string }>(
          `SELECT ${columns} FROM ${table} WHERE k > ? AND k < ?`,
          prefix + after,
          prefix + before,
        );
      for (const hour of hours)
        for (const { k } of range(inboxTable(hour), "k", "")) found.set(k, {});
      for (const week of weeks)
        for (const { k, v = "{}" } of range(mapTable(week), "k, v", "e"))
          found.set(k.slice(1), JSON.parse(v) as Ends);
      return found;
    },
    writeMap,
    readInbox,
    insertInbox(row) {
      const hour = Math.floor(row.at / HOUR_MS);
      settled.delete(hour);
      if (!hours.includes(hour)) {
        createInbox(sql, hour);
        hours = [...hours, hour].sort((a, b) => a - b);
      }
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
    },
    updateInbox(hour, key, fields) {
      const names = Object.keys(fields);
      const sets = names.map((name) => `${name} = ?`).join(", ");
      sql.run(`UPDATE ${inboxTable(hour)} SET ${sets} WHERE k = ?`, ...Object.values(fields), key);
    },
    endsOf,
    openEntries(hour) {
      const open: Entry[] = [];
      for (const entry of entriesOf(hour)) if (isOpen(entry)) open.push(entry);
      return open;
    },
    sweep(now, retentionMs) {
      let left = ROWS_A_SWEEP;
      /** What is settled stays so, unless a transaction fails or a clock goes back. */
      const isSettled = (hour: number): boolean => {
        for (const entry of entriesOf(hour, settled.get(hour))) {
          if (left === 0 || isOpen(entry)) return false;
          left -= 1;
          settled.set(hour, entry.key);
        }
        return true;
      };
      // One hour more, as a message may come after its edit.
      for (const hour of hours.filter((each) => each < Math.floor(now / HOUR_MS) - 1)) {
        if (left === 0 || !isSettled(hour)) continue;
        settled.delete(hour);
        sql.run(`DROP TABLE ${inboxTable(hour)}`);
        hours = hours.filter((each) => each !== hour);
      }
      const oldest = Math.floor((now - retentionMs) / WEEK_MS);
      for (const week of weeks.filter((each) => each < oldest)) {
        sql.run(`DROP TABLE ${mapTable(week)}`);
        weeks = weeks.filter((each) => each !== week);
        // A letter is kept as long as its message is known.
        sql.run("DELETE FROM dead WHERE at < ?", oldest * WEEK_MS);
      }
      return left === 0;
    },
  };
}
