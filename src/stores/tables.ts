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

export interface Tables {
  /** Hours and weeks that have a table, oldest first. */
  hours(): readonly number[];
  weeks(): readonly number[];
  /** Reads from the database which tables there are: a transaction that failed took its tables back with it. */
  reload(): void;
  readMap(key: string): { readonly week: number; readonly value: string } | undefined;
  /** Whether something of a key between these two was accepted. */
  between(after: string, before: string): boolean;
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
  /** What is not settled of an hour, or of one event in it. */
  openEntries(hour: number, key?: string): Entry[];
  /** Drops inboxes that are over and settled, and maps that are older than the retention. */
  sweep(now: number, retentionMs: number): void;
}

export function createTables(sql: Sql): Tables {
  let hours: number[] = [];
  let weeks: number[] = [];
  /** An entry of each hour that is still open: the rest of the hour need not be read again each minute. */
  const stuck = new Map<number, string>();

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

  const openEntries: Tables["openEntries"] = (hour, key) =>
    (key === undefined
      ? sql.all<InboxRow>(`SELECT * FROM ${inboxTable(hour)}`)
      : sql.all<InboxRow>(`SELECT * FROM ${inboxTable(hour)} WHERE k = ?`, key)
    )
      .map((row) => toEntry(row, endsOf(row.k).ends))
      .filter((entry) => entry.lanes.length > 0 || entry.unrouted);

  return {
    hours: () => hours,
    weeks: () => weeks,
    reload() {
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
    writeMap,
    readInbox,
    insertInbox(row) {
      const hour = Math.floor(row.at / HOUR_MS);
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
    openEntries,
    sweep(now, retentionMs) {
      for (const hour of hours.filter((each) => each < Math.floor(now / HOUR_MS))) {
        const known = stuck.get(hour);
        if (known !== undefined && openEntries(hour, known).length > 0) continue;
        const [open] = openEntries(hour);
        if (open !== undefined) stuck.set(hour, open.key);
        else stuck.delete(hour);
        if (open !== undefined) continue;
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
    },
  };
}
