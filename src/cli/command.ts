/** What a command is, and all of the world that it may use. */
import type { Env } from "../core/config/environment.ts";
import type { Terminal } from "./matrix-login-ask.ts";
import type { Paint } from "./paint.ts";

export interface Io {
  /** The process's, without `.dev.vars`. */
  readonly env: Env;
  /** Where files are that are named without a folder. */
  readonly folder: string;
  /** One line each. */
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly paint: Paint;
  readonly terminal: Terminal;
  /** Shows what is being done until the next line is printed; absent where nobody watches. */
  readonly progress?: (text: string) => void;
  readonly clock: () => number;
  /** Resolves early when the command is to end. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly stopped: () => boolean;
}

/** What stands behind a command's name. */
export interface Given {
  /** All but the command. */
  readonly words: readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly flag: (option: string) => boolean;
}

export interface Command {
  readonly name: string;
  /** Behind the name: `ID... | --all`. Words are taken only where this begins with one in capitals, one or `...` many. */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  /** Its own options with their meaning, beside `--conf`, `--json` and `--help`. `VALUE` in the name: takes one. */
  readonly options?: Readonly<Record<string, string>>;
  /** What else is to be known. */
  readonly notes?: string;
  /** Resolves with the exit code: 0 well, 1 something to mend, 2 wrong use. */
  readonly run: (given: Given, io: Io) => Promise<number>;
}

/** Wrong use of a command: exit code 2. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}
