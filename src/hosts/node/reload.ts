/**
 * The configuration file while the process runs: it is looked at every second, which sees the swapped links of a
 * ConfigMap, files that are mounted one by one and network drives alike, where notices of the system see only some.
 */
import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";

import type { Config } from "../../core/config/config.ts";
import { loadConfig } from "../../core/config/load.ts";
import { messageOf, type Problem } from "../../core/errors.ts";
import type { Clock, Logger } from "../../core/ports.ts";
import type { ConfigReport } from "../../core/report.ts";
import { protocols } from "../../protocols/registry.ts";

export const LOOK_MS = 1_000;

export interface ConfigFile {
  /** The configuration of the start; undefined, and all that is wrong was logged, where there is none. */
  readonly first: Config | undefined;
  /**
   * Takes a changed file over once it has stayed the same for two looks, as it may be written just now. Looks at nothing
   * while the file is being taken over. Never rejects.
   */
  look(): Promise<void>;
  /** Takes the file over as it is. Never rejects. */
  reload(): Promise<void>;
  /** What was taken over turned out to be of no use: what was before counts again. */
  refused(error: Error): void;
  report(): ConfigReport;
}

export interface ConfigFileDeps {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Logger;
  /** Aborted when the process was told to stop: then the file does not matter any more. */
  readonly stopping: AbortSignal;
  /** Begins to work by it. Rejects when it goes on by the one before. */
  readonly take: (config: Config) => Promise<void>;
}

/** Throws when the file cannot be read, or is no UTF-8. */
export async function openConfig(deps: ConfigFileDeps): Promise<ConfigFile> {
  const { file, env, clock, log, stopping, take } = deps;
  /** What was read last; undefined where that could not be. */
  let text: string | undefined = read(file);
  let known = stateOf(file);
  /** What was seen at the last look. */
  let seen = known;
  let report: ConfigReport = { file, since: clock() };
  /** One after the other: a report is about the newest. */
  let turn: Promise<void> = Promise.resolve();
  let waiting = 0;

  /** The configuration, or what is wrong with it; all of it is logged. */
  async function load(
    text: string,
  ): Promise<{ readonly config?: Config; readonly errors: readonly string[] }> {
    const loaded = loadConfig(text, env, protocols);
    // What only a Worker must not have is no news here.
    const problems = loaded.problems.filter((each) => each.worker === undefined);
    const lines = problems.length === 0 ? [] : await describe(file, text, problems);
    for (const { severity, text: line } of lines)
      log[severity === "error" ? "error" : "warn"](line);
    const errors = lines.flatMap((line) => (line.severity === "error" ? [line.text] : []));
    return loaded.config === undefined ? { errors } : { config: loaded.config, errors };
  }

  function refuse(errors: readonly string[]): void {
    report = { ...report, refused: { since: clock(), errors } };
    log.error(`${file} was not taken over: Footbridge goes on with the configuration it had`, {
      since: new Date(report.since).toISOString(),
      fix: "mend what is named above; the file is read again once it changes, or at SIGHUP",
    });
  }

  function refuseFor(error: unknown): void {
    log.error(messageOf(error));
    refuse([messageOf(error)]);
  }

  async function takeOver(): Promise<void> {
    if (stopping.aborted) return;
    try {
      known = stateOf(file);
      text = undefined;
      text = read(file);
      const { config, errors } = await load(text);
      if (config === undefined) return refuse(errors);
      await take(config);
      if (stopping.aborted) return;
      report = { file, since: clock() };
      log.info("the configuration was taken over", { config: file });
    } catch (error) {
      if (!stopping.aborted) refuseFor(error);
    }
  }

  async function lookOnce(): Promise<void> {
    const now = stateOf(file);
    const isStill = now === seen;
    seen = now;
    if (!isStill || now === known) return;
    known = now;
    // Touched, or written anew as it was.
    if (text !== undefined && says(text)) return;
    await takeOver();
  }
  function says(expected: string): boolean {
    try {
      return read(file) === expected;
    } catch {
      // Why, tells who takes it over.
      return false;
    }
  }
  function inTurn(work: () => Promise<void>): Promise<void> {
    waiting += 1;
    turn = turn.then(work).finally(() => (waiting -= 1));
    return turn;
  }

  return {
    first: (await load(text)).config,
    async look() {
      if (waiting === 0) await inTurn(lookOnce);
    },
    reload: () => inTurn(takeOver),
    refused: refuseFor,
    report: () => report,
  };
}

/** Tells versions of a file apart, wherever its links lead; that there is none, or none to be seen, is one too. */
function stateOf(file: string): string {
  try {
    const state = statSync(file);
    return [state.dev, state.ino, state.size, state.mtimeMs].join(" ");
  } catch (error) {
    return messageOf(error);
  }
}

/** With a mark of the byte order where it has one. A sign that is none would only become another name. */
function read(file: string): string {
  const bytes = readFileSync(file);
  if (isUtf8(bytes)) return bytes.toString("utf8");
  // No sign of UTF-8 has the byte of a line's end in it.
  let line = 1;
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf("\n", start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  throw new Error(`${file}:${line}: a sign that is not UTF-8: save the file as UTF-8`);
}

/** The parser that knows lines is only loaded when there is something to say. */
async function describe(file: string, text: string, problems: readonly Problem[]) {
  const { describeProblems } = await import("../../cli/problems.ts");
  return describeProblems(file, text, problems);
}
