/** `status`, `dead-letters`, `replay`, `discard`, `export`, ...: what an operator asks of a Footbridge that runs somewhere. */
import { utcText } from "../core/rules/late.ts";
import { isHandled, isReport, isResumed } from "./answers.ts";
import type { Paint } from "./paint.ts";
import { allLetters } from "./letters.ts";
import { exportState, importState } from "./move.ts";
import { describeLetters, describeReport, isWell, painted } from "./report-words.ts";
import { type Door, openDoor, DoorClosed } from "./operate-door.ts";

export type Operation =
  | "status"
  | "dead-letters"
  | "replay"
  | "discard"
  | "export"
  | "import"
  | "resume";

export interface OperateOptions {
  readonly operation: Operation;
  readonly ids: readonly string[];
  readonly all: boolean;
  readonly text: boolean;
  readonly json: boolean;
  readonly url: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly paint?: Paint;
}

/** Where a node host listens unless it is told otherwise. */
const DEFAULT_URL = "http://127.0.0.1:8080";
export const addressOf = (url: string | undefined, env: OperateOptions["env"]): string =>
  url ?? (env["PUBLIC_URL"] || DEFAULT_URL);

/** Resolves with the exit code: 0 well, 1 something to mend, 2 wrong use. */
export async function operate(options: OperateOptions): Promise<number> {
  const { operation, ids, all, complain } = options;
  const acts = operation === "replay" || operation === "discard";
  if (acts && all === ids.length > 0) {
    complain(
      `Which ones? Write: npm run footbridge -- ${operation} ID..., or --all. "dead-letters" lists them.`,
    );
    return 2;
  }
  const moves = operation === "export" || operation === "import";
  if (moves && ids.length !== 1) {
    complain(`Which file? Write: npm run footbridge -- ${operation} FILE`);
    return 2;
  }
  const url = addressOf(options.url, options.env);
  try {
    const door = await openDoor(url, options);
    return await run(door, url, options);
  } catch (error) {
    if (!(error instanceof DoorClosed)) throw error;
    complain(error.message);
    return error.code;
  }
}

async function run(door: Door, url: string, options: OperateOptions): Promise<number> {
  const { operation, ids, all, text, json, print, complain } = options;
  const show = (answer: unknown): void => print(JSON.stringify(answer, undefined, 2));
  switch (operation) {
    case "status": {
      const report = await door.get("/admin/status", isReport);
      if (json) show(report);
      else for (const line of describeReport(report)) print(painted(line, options.paint));
      return isWell(report) ? 0 : 1;
    }
    case "dead-letters": {
      const letters = await allLetters(door, text);
      if (json) show(letters);
      else for (const line of describeLetters(letters)) print(line);
      return 0;
    }
    case "export": {
      const [file = ""] = ids;
      const rows = await exportState(door, file, url);
      if (json) show({ file, rows });
      else {
        print(`${rows} rows are in ${file}. They hold what people said: keep it to yourself.`);
        print(`From now on the Footbridge at ${url} relays nothing. Next:`);
        print(`  npm run footbridge -- import ${file} --url <the new one>`);
        print(`or, to stay with the old one: npm run footbridge -- resume --url ${url}`);
      }
      return 0;
    }
    case "import": {
      const [file = ""] = ids;
      const rows = await importState(door, file);
      if (json) show({ file, rows });
      else
        print(
          `${rows} rows are there, and the Footbridge at ${url} goes on with them. Do not resume the old one: take it down.`,
        );
      return 0;
    }
    case "resume": {
      const resumed = await door.post("/admin/move/resume", {}, isResumed);
      if (json) show(resumed);
      else if ("discarded" in resumed)
        print(
          `The part of an import is gone. The Footbridge at ${url} ${resumed.awaits ? "awaits a state again" : "relays, and began with nothing"}.`,
        );
      else
        print(
          `The Footbridge at ${url} relays again. What it gave away ${utcText(resumed.at)} must not be imported any more.`,
        );
      return 0;
    }
    case "replay":
    case "discard": {
      const path = `/admin/dead-letters/${operation}`;
      const handled = await door.post(path, all ? { all } : { ids }, isHandled);
      if (json) show(handled);
      else {
        const done = operation === "replay" ? "back in their lanes" : "discarded";
        print(`${handled.done.length} ${done}.`);
        for (const id of handled.unknown)
          complain(`${id}: there is no such dead letter (any more)`);
        for (const id of handled.kept)
          complain(
            `${id}: kept, as its channel is no longer configured; discard it, or configure it`,
          );
      }
      return handled.unknown.length + handled.kept.length === 0 ? 0 : 1;
    }
  }
}
