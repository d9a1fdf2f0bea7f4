/** The tables on SQLite: which there are, and the rows of one event in them. One relay is their only writer. */
import type { LaneId } from "../core/ids.ts";
import type { Entry, LetterPage, Swept } from "../core/store.ts";
import { type Ends, type InboxRow, toEntry } from "./rows.ts";
import {
  createInbox,
  createMap,
  HOUR_MS,
  inboxTable,
  mapTable,
  migrate,
  tableNumbers,
  WEEK_MS,
} from "./schema.ts";
import type { Sql, Val } from "./sql.ts";
import type { MovableTables } from "./move.ts";
import { createMoves } from "./sqlite-move.ts";
import type { DeadRow } from "./tables.ts";
import { atOnce } from "./work.ts";

/** So many rows of an hour are read at once. */
const ROWS_AT_ONCE = 100;
/** A sweep looks at so many at most: everything else waits for it, and a Worker's CPU is short (10 ms). */
const ROWS_A_SWEEP = 500;

export interface SqliteTables extends MovableTables {
  /** Reads from the database which tables there are: a transaction that failed took its tables back with it. */
  reload(): void;
}

export function createSqliteTables(sql: Sql): SqliteTables {
  let hours: number[] = [];
  let weeks: number[] = [];
  /** Up to which key all of an hour is settled: that far it need not be read again each minute. */
  const settled = new Map<number, string>();

  /** Newest first: most look-ups are for something recent. */
  const readMap = (key: string): { week: number; value: string } | undefined => {
    for (let index = weeks.length - 1; index >= 0; index -= 1) {
      const week = weeks[index]!;
      const [row] = sql.all<{ v: string }>(`SELECT v FROM ${mapTable(week)} WHERE k = ?`, key);
      if (row !== undefined) return { week, value: row.v };
    }
    return undefined;
  };
  const writeMap = (
    key: string,
    value: string,
    now: number,
    week: number = Math.floor(now / WEEK_MS),
  ): void => {
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
  const reload = (): void => {
    settled.clear();
    hours = tableNumbers(sql, "inbox");
    weeks = tableNumbers(sql, "map");
  };
  const openEntriesOf = (hour: number): Entry[] => {
    const open: Entry[] = [];
    for (const entry of entriesOf(hour)) if (isOpen(entry)) open.push(entry);
    return open;
  };
  const saveFact = (key: string, value: string): void =>
    sql.run(
      "INSERT INTO meta (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE v <> excluded.v",
      key,
      value,
    );
  const countLetters = (where = "", ...params: Val[]): number =>
    sql.all<{ n: number }>(`SELECT count(*) AS n FROM dead ${where}`, ...params)[0]?.n ?? 0;
  const facts = () =>
    new Map(sql.all<{ k: string; v: string }>("SELECT k, v FROM meta").map(({ k, v }) => [k, v]));

  return {
    reload,
    readMap: atOnce(readMap),
    between: atOnce((after: string, before: string) => {
      const has = (table: string, from: string, to: string) =>
        sql.all(`SELECT k FROM ${table} WHERE k > ? AND k < ? LIMIT 1`, from, to).length > 0;
      return (
        hours.some((hour) => has(inboxTable(hour), after, before)) ||
        weeks.some((week) => has(mapTable(week), `e${after}`, `e${before}`))
      );
    }),
    eventKeys: atOnce((from: string, before: string) => {
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
    }),
    lastBetween: atOnce((after: string, before: string) => {
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
    }),
    rowsBetween: atOnce((after: string, before: string) => {
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
    }),
    writeMap: atOnce(writeMap),
    readInbox: atOnce(readInbox),
    inboxBetween: atOnce((after: string, before: string) =>
      hours.flatMap((hour) =>
        sql
          .all<{ k: string; event: string }>(
            `SELECT k, event FROM ${inboxTable(hour)} WHERE k > ? AND k < ?`,
            after,
            before,
          )
          .map((row) => ({ ...row, hour })),
      ),
    ),
    insertInbox: atOnce((row: InboxRow): void => {
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
    }),
    updateInbox: atOnce((hour: number, key: string, fields: Partial<InboxRow>): void => {
      const names = Object.keys(fields);
      const sets = names.map((name) => `${name} = ?`).join(", ");
      sql.run(`UPDATE ${inboxTable(hour)} SET ${sets} WHERE k = ?`, ...Object.values(fields), key);
    }),
    deleteInbox: atOnce((hour: number, key: string) =>
      sql.run(`DELETE FROM ${inboxTable(hour)} WHERE k = ?`, key),
    ),
    endsOf: atOnce(endsOf),
    openEntries: atOnce(() => {
      const last = hours.map(
        (hour) =>
          sql.all<{ s: number | null }>(`SELECT max(seq) AS s FROM ${inboxTable(hour)}`)[0]?.s ?? 0,
      );
      return { entries: hours.flatMap(openEntriesOf), lastSeq: Math.max(0, ...last) };
    }),
    sweep: atOnce((now: number, forgetBefore: number): Swept => {
      let letters = 0;
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
      const oldest = Math.floor(forgetBefore / WEEK_MS);
      for (const week of weeks.filter((each) => each < oldest)) {
        sql.run(`DROP TABLE ${mapTable(week)}`);
        weeks = weeks.filter((each) => each !== week);
        // A letter is kept as long as its message is known.
        letters += countLetters("WHERE at < ?", oldest * WEEK_MS);
        sql.run("DELETE FROM dead WHERE at < ?", oldest * WEEK_MS);
      }
      return { more: left === 0, letters };
    }),
    open: atOnce(() => {
      migrate(sql);
      reload();
    }),
    facts: atOnce(facts),
    saveFact: atOnce(saveFact),
    letters: atOnce(({ most, before }: LetterPage) =>
      sql.all<DeadRow>(
        `SELECT * FROM dead ${before === undefined ? "" : "WHERE (at, id) < (?, ?)"} ORDER BY at DESC, id DESC LIMIT ?`,
        ...(before === undefined ? [] : [before.at, before.id]),
        most,
      ),
    ),
    countLetters: atOnce(() => countLetters()),
    lettersOf: atOnce((lane: LaneId) =>
      sql.all<DeadRow>("SELECT * FROM dead WHERE lane = ?", lane),
    ),
    letter: atOnce((id: string) => sql.all<DeadRow>("SELECT * FROM dead WHERE id = ?", id)[0]),
    addLetter: atOnce(({ id, lane, at, reason, event }: DeadRow) =>
      sql.run(
        "INSERT INTO dead (id, lane, at, reason, event) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        id,
        lane,
        at,
        reason,
        event,
      ),
    ),
    changeLetter: atOnce((id: string, event: string) =>
      sql.run("UPDATE dead SET event = ? WHERE id = ?", event, id),
    ),
    dropLetter: atOnce((id: string) => sql.run("DELETE FROM dead WHERE id = ?", id)),
    ...createMoves(sql, { hours: () => hours, weeks: () => weeks, reload }),
  };
}
