/** What a move needs of the tables on SQLite, where there is one for each hour and week. */
import type { After, MovableTables } from "./move.ts";
import type { InboxRow } from "./rows.ts";
import { inboxTable, mapTable } from "./schema.ts";
import type { Sql } from "./sql.ts";
import type { DeadRow } from "./tables.ts";
import { atOnce } from "./work.ts";

interface Existing {
  readonly hours: () => readonly number[];
  readonly weeks: () => readonly number[];
  readonly reload: () => void;
}

type Moves = Pick<
  MovableTables,
  "inboxAfter" | "mapAfter" | "lettersAfter" | "countRows" | "clear"
>;

export function createMoves(sql: Sql, { hours, weeks, reload }: Existing): Moves {
  /** From the first of these tables that has any. */
  const rowsAfter = <Found extends object>(
    numbers: readonly number[],
    nameOf: (number: number) => string,
    [number, key]: After,
    most: number,
  ): { readonly number: number; readonly rows: readonly Found[] } => {
    for (const each of numbers.filter((one) => one >= number)) {
      const from = each === number ? key : "";
      const rows = sql.all<Found>(
        `SELECT * FROM ${nameOf(each)} WHERE k > ? ORDER BY k LIMIT ${most}`,
        from,
      );
      if (rows.length > 0) return { number: each, rows };
    }
    return { number, rows: [] };
  };
  const count = (tables: readonly string[]): number =>
    tables.reduce(
      (sum, name) => sum + (sql.all<{ n: number }>(`SELECT count(*) AS n FROM ${name}`)[0]?.n ?? 0),
      0,
    );

  return {
    inboxAfter: atOnce((after: After, most: number) => {
      const { number: hour, rows } = rowsAfter<InboxRow>(hours(), inboxTable, after, most);
      return rows.map((row) => ({ ...row, hour }));
    }),
    mapAfter: atOnce((after: After, most: number) => {
      const found = rowsAfter<{ k: string; v: string }>(weeks(), mapTable, after, most);
      return found.rows.map((row) => ({ ...row, week: found.number }));
    }),
    lettersAfter: atOnce((id: string, most: number) =>
      sql.all<DeadRow>(`SELECT * FROM dead WHERE id > ? ORDER BY id LIMIT ${most}`, id),
    ),
    countRows: atOnce(() => ({
      event: count(hours().map(inboxTable)),
      map: count(weeks().map(mapTable)),
      letter: count(["dead"]),
    })),
    clear: atOnce(() => {
      for (const name of [...hours().map(inboxTable), ...weeks().map(mapTable)])
        sql.run(`DROP TABLE ${name}`);
      sql.run("DELETE FROM dead");
      sql.run("DELETE FROM meta WHERE k <> 'version'");
      reload();
    }),
  };
}
