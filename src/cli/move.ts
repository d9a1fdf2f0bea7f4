/** `export`, `import`, `resume`: a bridge's state as a file of JSON lines, from one host to another. */
import { createHash } from "node:crypto";
import { closeSync, createReadStream, existsSync, openSync, renameSync, writeSync } from "node:fs";

import { messageOf } from "../core/errors.ts";
import { type Page, type Row, ROW_KINDS, type RowCounts } from "../core/move.ts";
import { type Door, DoorClosed } from "./operate-door.ts";

/** Of the file. A program reads its own version and older ones. */
const VERSION = 1;
const HEAD = "footbridge state";
/** Rows that are sent at once: what a Worker can take in the 10 ms of CPU that it may have for it. */
const MOST_ROWS = 200;
const MOST_CHARS = 64 * 1024;

interface Head {
  readonly kind: typeof HEAD;
  readonly version: number;
  /** When the state was given away, ms. */
  readonly at: number;
}
/** The last line. `sha256`: of all lines before it, with their ends. */
interface End {
  readonly kind: "end";
  readonly counts: RowCounts;
  readonly sha256: string;
}

const noRows = (): Record<Row["kind"], number> => ({ fact: 0, event: 0, map: 0, letter: 0 });
const total = (counts: RowCounts): number => ROW_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
const differ = (a: RowCounts, b: RowCounts): boolean =>
  ROW_KINDS.some((kind) => a[kind] !== b[kind]);

/** Resolves with the number of rows. From its first call on, the host relays nothing. */
export async function exportState(door: Door, file: string): Promise<number> {
  if (existsSync(file)) throw new DoorClosed(`${file} is there already: name another file.`, 2);
  const part = `${file}.part`;
  const given = (await door.post("/admin/move/give", {})) as {
    readonly at: number;
    readonly counts: RowCounts;
  };
  const counts = noRows();
  const hash = createHash("sha256");
  // It holds what people said.
  const fd = openSync(part, "w", 0o600);
  const write = (line: Head | Row | End): void => {
    const text = `${JSON.stringify(line)}\n`;
    hash.update(text);
    writeSync(fd, text);
  };
  try {
    write({ kind: HEAD, version: VERSION, at: given.at });
    for (let place: string | undefined = "", first = true; first || place !== undefined;) {
      const query: string = first ? "" : `?place=${encodeURIComponent(place ?? "")}`;
      const page = (await door.get(`/admin/move/rows${query}`)) as Page;
      for (const row of page.rows) {
        counts[row.kind] += 1;
        write(row);
      }
      first = false;
      place = page.next;
    }
    if (differ(counts, given.counts))
      throw new DoorClosed(
        `Not all of it came (${total(counts)} of ${total(given.counts)} rows). Run export once more.`,
      );
    write({ kind: "end", counts, sha256: hash.copy().digest("hex") });
  } finally {
    closeSync(fd);
  }
  renameSync(part, file);
  return total(counts);
}

/** Resolves with the number of rows. Nothing is sent before the whole file was found to be whole. */
export async function importState(door: Door, file: string): Promise<number> {
  const { at, counts } = await verify(file);
  await door.post("/admin/move/begin", { at });
  let rows: unknown[] = [];
  let chars = 0;
  const send = async (): Promise<void> => {
    if (rows.length > 0) await door.post("/admin/move/rows", { rows });
    rows = [];
    chars = 0;
  };
  for await (const line of linesOf(file)) {
    const row = JSON.parse(line) as { readonly kind: string };
    if (row.kind === HEAD || row.kind === "end") continue;
    rows.push(row);
    chars += line.length;
    if (rows.length >= MOST_ROWS || chars >= MOST_CHARS) await send();
  }
  await send();
  await door.post("/admin/move/end", { counts });
  return total(counts);
}

/** Node's own reader of lines also ends them at signs that JSON leaves as they are. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let left = "";
  for await (const piece of createReadStream(file, "utf8") as AsyncIterable<string>) {
    const lines = (left + piece).split("\n");
    left = lines.pop() ?? "";
    yield* lines;
  }
  if (left !== "") yield left;
}

async function verify(file: string): Promise<{ readonly at: number; readonly counts: RowCounts }> {
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
