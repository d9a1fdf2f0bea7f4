/** The driver that the SQLite store runs on: three methods, the same on Durable Object SQL and node:sqlite. */
export type Val = string | number | null;

export interface Sql {
  /** All rows of a query, as plain objects. */
  all<Row extends object>(query: string, ...params: Val[]): Row[];
  /** A statement whose rows do not matter. */
  run(query: string, ...params: Val[]): void;
  /**
   * Runs `work` in one transaction and resolves when it is durable. `work` must not be async: Durable Object SQL would
   * commit its first half. May put several calls in one commit (group commit); a throw undoes only its own call.
   */
  commit<T>(work: () => T): Promise<T>;
}
