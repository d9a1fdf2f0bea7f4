/** The file of `export` and `import`: a first line, a line for each row, and a last line by which it is known to be whole. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

import { messageOf } from "../core/errors.ts";
import { type Row, ROW_KINDS, type RowCounts } from "../core/move.ts";
import { DoorClosed } from "./operate-door.ts";

/** Of the file. A program reads its own version and older ones. */
export const VERSION = 1;
export const HEAD = "footbridge state";
export interface Head {
  readonly kind: typeof HEAD;
  readonly version: number;
  /** When the state was given away, ms. */
  readonly at: number;
}
/** The last line. `sha256`: of all lines before it, with their ends. */
export interface End {
  readonly kind: "end";
  readonly counts: RowCounts;
  readonly sha256: string;
}

export const noRows = (): Record<Row["kind"], number> => ({ fact: 0, event: 0, map: 0, letter: 0 });
export const total = (counts: RowCounts): number =>
  ROW_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
export const differ = (a: RowCounts, b: RowCounts): boolean =>
  ROW_KINDS.some((kind) => a[kind] !== b[kind]);

/** Node's own reader of lines also ends them at signs that JSON leaves as they are. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let left = "";
  for await (const piece of createReadStream(file, "utf8") as AsyncIterable<string>) {
    const lines = (left + piece).split("\n");
    left = lines.pop() ?? "";
    yield* lines;
  }
  if (left !== "") yield left;
}

/** What a whole file says of itself; `DoorClosed` where it is none. */
export async function verify(
  file: string,
): Promise<{ readonly at: number; readonly counts: RowCounts }> {
  const broken = (what: string): DoorClosed =>
    new DoorClosed(`${file} ${what}: nothing was imported. Export it anew, or copy it once more.`);
  const hash = createHash("sha256");
  const counts = noRows();
  let head: Head | undefined;
  let end: End | undefined;
  try {
    for await (const line of linesOf(file)) {
      const parsed = JSON.parse(line) as Head | Row | End;
      if (end !== undefined) throw broken("goes on behind its end");
      if (parsed.kind === "end") {
        end = parsed;
        if (end.sha256 !== hash.copy().digest("hex")) throw broken("was changed");
        continue;
      }
      hash.update(`${line}\n`);
      if (parsed.kind === HEAD) head = parsed;
      else counts[parsed.kind] += 1;
    }
  } catch (error) {
    if (error instanceof DoorClosed) throw error;
    throw broken(`cannot be read (${messageOf(error)})`);
  }
  if (head === undefined) throw broken("is no export of Footbridge");
  if (head.version > VERSION)
    throw new DoorClosed(`${file} was written by a newer Footbridge: import it with that program.`);
  if (end === undefined || differ(end.counts, counts)) throw broken("is not whole");
  return { at: head.at, counts };
}
