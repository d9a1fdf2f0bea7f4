/** Errors that people read: each says what to do next. */

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Where the configuration goes to a Worker it is this instead. */
  readonly worker?: "error";
  /** Where: `gateway "main"`, `slack.myteam`. */
  readonly where: string;
  /** What is wrong, then what to write instead. */
  readonly what: string;
  readonly fix: string;
  /** Path of keys into the TOML document, for tools that know line numbers. */
  readonly path: readonly (string | number)[];
}

/** The configuration cannot be used; every problem at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.where}: ${p.what}: ${p.fix}`).join("\n"));
    this.problems = problems;
  }
}

/** The store did not take a write: nothing was accepted, so the sender is told to come again (503). */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** The text of anything that was thrown. */
export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
