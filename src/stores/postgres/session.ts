/** One session of a PostgreSQL server, as the store uses it. A host brings the client. */

export type Param = string | number | null | readonly (string | number)[];

export interface Session {
  /**
   * The rows of one statement; `bigint` comes as a number. Statements are sent at once, one behind the other, and answered
   * in that order: what need not be waited for costs no way there and back.
   */
  query<Row extends object>(text: string, ...params: readonly Param[]): Promise<Row[]>;
  /** Resolves with the reason when the session is over: it never comes back, another one is to be opened. */
  readonly ended: Promise<Error>;
}
