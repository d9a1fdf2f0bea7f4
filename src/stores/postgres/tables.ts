/** The tables on PostgreSQL: one statement a step, as each is a way to the server and back. */
import type { LaneId } from "../../core/ids.ts";
import type { Entry } from "../../core/store.ts";
import { type Ends, type InboxRow, toEntry } from "../rows.ts";
import { HOUR_MS, WEEK_MS } from "../schema.ts";
import type { DeadRow, Tables } from "../tables.ts";
import { wait, type Work } from "../work.ts";
import { refuseNewer } from "./schema.ts";
import type { Param, Session } from "./session.ts";

/** So many rows of the inbox are read at once. */
const ROWS_AT_ONCE = 500;
/** A sweep looks at so many at most, and takes so many away: everything else waits for it. */
const ROWS_A_SWEEP = 500;
/** An index takes keys up to 2,700 bytes; a letter has three at most. */
const LONGEST_KEY = 600;

export function createPostgresTables(session: Session): Tables {
  /** Up to which key all of an hour is settled: that far it need not be read again each minute. */
  const settled = new Map<number, string>();

  const all = <Row extends object>(text: string, ...params: readonly Param[]): Work<Row[]> =>
    wait(session.query<Row>(text, ...params));
  function* run(text: string, ...params: readonly Param[]): Work<void> {
    yield* all(text, ...params);
  }

  function* readMap(key: string): Work<{ week: number; value: string } | undefined> {
    const [row] = yield* all<{ week: number; value: string }>(
      "SELECT week, v AS value FROM footbridge_map WHERE k = $1",
      boundedMap(key),
    );
    return row;
  }

  function* endsOf(key: string): Work<{ ends: Ends; week: number | undefined }> {
    const found = yield* readMap(`e${key}`);
    return {
      ends: found === undefined ? {} : (JSON.parse(found.value) as Ends),
      week: found?.week,
    };
  }

  /** The rows of an hour after a key, or of all hours, with how they ended. */
  function* page(after: string, hour: number | null): Work<(InboxRow & { ends: string | null })[]> {
    return yield* all<InboxRow & { ends: string | null }>(
      `SELECT i.k, i.id, i.seq, i.ord, i.pos, i.at, i.unrouted, '' AS event, i.lanes, m.v AS ends
         FROM footbridge_inbox i LEFT JOIN footbridge_map m ON m.k = 'e' || i.k
        WHERE i.k > $1 AND ($2::int IS NULL OR i.hour = $2) ORDER BY i.k LIMIT ${ROWS_AT_ONCE}`,
      after,
      hour,
    );
  }
  const entryOf = ({ ends, ...row }: InboxRow & { ends: string | null }): Entry =>
    toEntry(row, ends === null ? {} : (JSON.parse(ends) as Ends));
  const isOpen = (entry: Entry): boolean => entry.lanes.length > 0 || entry.unrouted;

  return {
    readMap,
    *between(after, before) {
      const [row] = yield* all<{ there: boolean }>(
        `SELECT EXISTS (SELECT FROM footbridge_inbox WHERE k > $1 AND k < $2)
             OR EXISTS (SELECT FROM footbridge_map WHERE k > $3 AND k < $4) AS there`,
        ...ranges(after, before),
      );
      return row?.there === true;
    },
    *eventKeys(from, before) {
      const rows = yield* all<{ k: string }>(
        `SELECT k FROM footbridge_inbox WHERE k >= $1 AND k < $2
          UNION SELECT substr(k, 2) FROM footbridge_map WHERE k >= $3 AND k < $4`,
        ...ranges(from, before),
      );
      return new Set(rows.map(({ k }) => k));
    },
    *lastBetween(after, before) {
      const [row] = yield* all<InboxRow>(
        "SELECT * FROM footbridge_inbox WHERE k > $1 AND k < $2 ORDER BY k DESC LIMIT 1",
        bounded(after),
        bounded(before),
      );
      return row;
    },
    *rowsBetween(after, before) {
      const rows = yield* all<{ k: string; v: string | null }>(
        `SELECT k, NULL AS v FROM footbridge_inbox WHERE k > $1 AND k < $2
          UNION ALL SELECT substr(k, 2), v FROM footbridge_map WHERE k > $3 AND k < $4`,
        ...ranges(after, before),
      );
      const found = new Map<string, Ends>();
      for (const { k, v } of rows)
        if (v !== null) found.set(k, JSON.parse(v) as Ends);
        else if (!found.has(k)) found.set(k, {});
      return found;
    },
    writeMap: (key, value, now, week = Math.floor(now / WEEK_MS)) =>
      run(
        `INSERT INTO footbridge_map (k, week, v) VALUES ($1, $2, $3)
             ON CONFLICT (k) DO UPDATE SET v = excluded.v, week = excluded.week`,
        boundedMap(key),
        week,
        value,
      ),
    *readInbox(key) {
      const [row] = yield* all<InboxRow & { hour: number }>(
        "SELECT * FROM footbridge_inbox WHERE k = $1",
        bounded(key),
      );
      return row === undefined ? undefined : { hour: row.hour, row };
    },
    inboxBetween: (after, before) =>
      all<{ hour: number; k: string; event: string }>(
        "SELECT hour, k, event FROM footbridge_inbox WHERE k > $1 AND k < $2",
        bounded(after),
        bounded(before),
      ),
    *insertInbox(row) {
      const hour = Math.floor(row.at / HOUR_MS);
      settled.delete(hour);
      yield* run(
        `INSERT INTO footbridge_inbox (k, hour, id, seq, ord, pos, at, unrouted, event, lanes)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        bounded(row.k),
        hour,
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
    updateInbox(_hour, key, fields) {
      const sets = Object.keys(fields).map((name, index) => `${name} = $${index + 2}`);
      return run(
        `UPDATE footbridge_inbox SET ${sets.join(", ")} WHERE k = $1`,
        bounded(key),
        ...Object.values(fields),
      );
    },
    deleteInbox: (_hour, key) => run("DELETE FROM footbridge_inbox WHERE k = $1", bounded(key)),
    endsOf,
    *openEntries() {
      const entries: Entry[] = [];
      let lastSeq = 0;
      for (let after: string | undefined = ""; after !== undefined;) {
        const rows: (InboxRow & { ends: string | null })[] = yield* page(after, null);
        for (const row of rows) {
          lastSeq = Math.max(lastSeq, row.seq);
          const entry = entryOf(row);
          if (isOpen(entry)) entries.push(entry);
        }
        after = rows.at(ROWS_AT_ONCE - 1)?.k;
      }
      return { entries, lastSeq };
    },
    *sweep(now, forgetBefore) {
      let left = ROWS_A_SWEEP;
      function* isSettled(hour: number): Work<boolean> {
        for (;;) {
          const rows: (InboxRow & { ends: string | null })[] = yield* page(
            settled.get(hour) ?? "",
            hour,
          );
          for (const row of rows) {
            if (left === 0 || isOpen(entryOf(row))) return false;
            left -= 1;
            settled.set(hour, row.k);
          }
          if (rows.length < ROWS_AT_ONCE) return true;
        }
      }
      // One hour more, as a message may come after its edit.
      const hours = yield* all<{ hour: number }>(
        "SELECT DISTINCT hour FROM footbridge_inbox WHERE hour < $1 ORDER BY hour",
        Math.floor(now / HOUR_MS) - 1,
      );
      for (const { hour } of hours) {
        if (left === 0 || !(yield* isSettled(hour))) continue;
        settled.delete(hour);
        yield* run("DELETE FROM footbridge_inbox WHERE hour = $1", hour);
      }
      const oldest = Math.floor(forgetBefore / WEEK_MS);
      const [gone] = yield* all<{ n: number }>(
        `WITH gone AS (DELETE FROM footbridge_map WHERE k IN
            (SELECT k FROM footbridge_map WHERE week < $1 LIMIT ${ROWS_A_SWEEP}) RETURNING k)
         SELECT count(*) AS n FROM gone`,
        oldest,
      );
      // A letter is kept as long as its message is known.
      const letters = yield* all(
        "DELETE FROM footbridge_dead WHERE at < $1 RETURNING id",
        oldest * WEEK_MS,
      );
      return { more: left === 0 || gone?.n === ROWS_A_SWEEP, letters: letters.length };
    },

    *open() {
      const [row] = yield* all<{ v: string }>("SELECT v FROM footbridge_meta WHERE k = 'version'");
      refuseNewer(Number(row?.v ?? 0));
      settled.clear();
    },
    *facts() {
      const rows = yield* all<{ k: string; v: string }>("SELECT k, v FROM footbridge_meta");
      return new Map(rows.map(({ k, v }) => [k, v]));
    },
    saveFact: (key, value) =>
      run(
        `INSERT INTO footbridge_meta AS m (k, v) VALUES ($1, $2)
             ON CONFLICT (k) DO UPDATE SET v = excluded.v WHERE m.v <> excluded.v`,
        bounded(key),
        value,
      ),
    letters: ({ most, before }) =>
      all<DeadRow>(
        `SELECT * FROM footbridge_dead WHERE $2::bigint IS NULL OR (at, id) < ($2, $3)
          ORDER BY at DESC, id DESC LIMIT $1`,
        most,
        before?.at ?? null,
        before?.id ?? "",
      ),
    *countLetters() {
      const [row] = yield* all<{ n: number }>("SELECT count(*) AS n FROM footbridge_dead");
      return row?.n ?? 0;
    },
    lettersOf: (lane: LaneId) =>
      all<DeadRow>("SELECT * FROM footbridge_dead WHERE lane = $1", lane),
    *letter(id) {
      const [row] = yield* all<DeadRow>("SELECT * FROM footbridge_dead WHERE id = $1", bounded(id));
      return row;
    },
    addLetter: ({ id, lane, at, reason, event }) =>
      run(
        `INSERT INTO footbridge_dead (id, lane, at, reason, event) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (id) DO NOTHING`,
        bounded(id),
        lane,
        at,
        reason,
        event,
      ),
    changeLetter: (id, event) =>
      run("UPDATE footbridge_dead SET event = $2 WHERE id = $1", bounded(id), event),
    dropLetter: (id) => run("DELETE FROM footbridge_dead WHERE id = $1", bounded(id)),
  };
}

/** A range of keys, and the same of what became of them. */
const ranges = (from: string, before: string): [string, string, string, string] => [
  bounded(from),
  bounded(before),
  boundedMap(`e${from}`),
  boundedMap(`e${before}`),
];

/**
 * A key that an index takes: only a reaction somebody made up is longer. What is cut off is in a number behind it, so that
 * two such are still two.
 */
function bounded(key: string): string {
  if (key.length <= LONGEST_KEY) return key;
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < key.length; at += 1)
    hash = BigInt.asUintN(64, (hash ^ BigInt(key.charCodeAt(at))) * 0x100000001b3n);
  return `${key.slice(0, LONGEST_KEY - 20)}~${hash.toString(16)}`;
}

/** The letter in front says what kind of row it is. */
const boundedMap = (key: string): string => key.slice(0, 1) + bounded(key.slice(1));
