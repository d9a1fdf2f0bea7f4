/**
 * The tables, made for few rows written (a message costs 3) and for retention without DELETE, which counts rows while
 * DROP TABLE does not:
 *
 * - `meta`: small facts.
 * - `inbox_<hour>`: what was accepted in that hour, keyed by event. Its content goes when the table is dropped, an hour
 *   after that one is over if all in it is settled. At a start only these tables are read.
 * - `map_<week>`: what became of it, kept for the retention. Rows `e<key>` say how each lane of an event ended and
 *   under which ids (dedupe, targets of edits, threads); rows `c<message>` name the original of a copy (own echo).
 * - `dead`: deliveries that were given up, with their event.
 */
import { NewerData } from "./failure.ts";
import type { Sql } from "./sql.ts";

export const HOUR_MS = 3_600_000;
export const WEEK_MS = 7 * 24 * HOUR_MS;

/** The tables that are always there; those of an hour and a week are made when they are needed. */
const BASE = [
  "CREATE TABLE IF NOT EXISTS meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID",
  "CREATE TABLE IF NOT EXISTS dead (id TEXT PRIMARY KEY, lane TEXT NOT NULL, at INTEGER NOT NULL, reason TEXT NOT NULL, event TEXT NOT NULL) STRICT, WITHOUT ROWID",
];

/** How the tables came to be. What stands here has run somewhere: steps are only ever added, at the end. */
const STEPS: readonly ((sql: Sql) => void)[] = [
  (sql) => {
    for (const statement of BASE) sql.run(statement);
  },
  // The newest letters are read without the others: Durable Objects count each row that is looked at.
  (sql) => sql.run("CREATE INDEX dead_at ON dead (at, id)"),
];

/**
 * Brings the tables up to what this program knows, inside one transaction: a step that fails takes all of them back.
 * Throws where they are a newer program's, and touches nothing.
 */
export function migrate(sql: Sql, steps = STEPS): void {
  const made = sql.all("SELECT name FROM sqlite_master WHERE name = 'meta'").length > 0;
  const [found] = made ? sql.all<{ v: string }>("SELECT v FROM meta WHERE k = 'version'") : [];
  const version = Number(found?.v ?? 0);
  if (version > steps.length)
    throw new NewerData(
      `the data is of version ${version}, this program knows ${steps.length}: run the newer program again`,
    );
  if (version === steps.length) return;
  for (const step of steps.slice(version)) step(sql);
  sql.run(
    "INSERT INTO meta (k, v) VALUES ('version', ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
    String(steps.length),
  );
}

export const inboxTable = (hour: number) => `inbox_${hour}`;
export const mapTable = (week: number) => `map_${week}`;

export function createInbox(sql: Sql, hour: number): void {
  sql.run(
    `CREATE TABLE IF NOT EXISTS ${inboxTable(hour)} (k TEXT PRIMARY KEY, id TEXT NOT NULL, seq INTEGER NOT NULL, ord INTEGER NOT NULL, pos TEXT NOT NULL, at INTEGER NOT NULL, unrouted INTEGER NOT NULL, event TEXT NOT NULL, lanes TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  );
}

export function createMap(sql: Sql, week: number): void {
  sql.run(
    `CREATE TABLE IF NOT EXISTS ${mapTable(week)} (k TEXT PRIMARY KEY, v TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  );
}

/** Numbers of the tables of one kind, oldest first. */
export function tableNumbers(sql: Sql, kind: "inbox" | "map"): number[] {
  return sql
    .all<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB ?",
      `${kind}_*`,
    )
    .map(({ name }) => Number(name.slice(kind.length + 1)))
    .sort((a, b) => a - b);
}
