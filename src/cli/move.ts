/** `export`, `import`, `resume`: a bridge's state as a file of JSON lines, from one host to another. */
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

import { messageOf } from "../core/errors.ts";
import type { Row } from "../core/move.ts";
import { type Given, isDone, isGiven, isPage } from "./answers.ts";
import {
  differ,
  type End,
  HEAD,
  type Head,
  linesOf,
  noRows,
  total,
  VERSION,
  verify,
} from "./move-file.ts";
import { AnswerLost, type Door, DoorClosed } from "./operate-door.ts";

/**
 * Resolves with the number of rows. From its first call on, the host relays nothing: so the file is opened before, and what
 * fails behind that call says so.
 */
export async function exportState(door: Door, file: string, url: string): Promise<number> {
  if (existsSync(file)) throw new DoorClosed(`${file} is there already: name another file.`, 2);
  const part = `${file}.part`;
  const fd = openPart(file, part);
  let given: Given | undefined;
  try {
    try {
      given = await door.post("/admin/move/give", {}, isGiven);
      await writeState(door, fd, given);
    } finally {
      closeSync(fd);
    }
    renameSync(part, file);
    return total(given.counts);
  } catch (error) {
    rmSync(part, { force: true });
    if (given === undefined && !(error instanceof AnswerLost)) throw error;
    throw leftHalted(error, given === undefined ? "may relay nothing" : "relays nothing", url);
  }
}

/** It holds what people said: its owner alone may read it. */
function openPart(file: string, part: string): number {
  try {
    return openSync(part, "w", 0o600);
  } catch (error) {
    throw new DoorClosed(
      `${file} cannot be written (${messageOf(error)}): name another file. The Footbridge was not asked for anything.`,
      2,
    );
  }
}

function leftHalted(error: unknown, how: string, url: string): DoorClosed {
  const code = error instanceof DoorClosed ? error.code : 1;
  return new DoorClosed(
    `${messageOf(error).replace(/\.$/u, "")}. No file was written, and the Footbridge at ${url} ${how} now: run export again, or npm run footbridge -- resume --url ${url}`,
    code,
  );
}

async function writeState(door: Door, fd: number, given: Given): Promise<void> {
  const counts = noRows();
  const hash = createHash("sha256");
  const write = (line: Head | Row | End): void => {
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    hash.update(text);
    // One call may write a part only, where the disk is nearly full.
    for (let done = 0; done < text.length;) done += writeSync(fd, text, done);
  };
  write({ kind: HEAD, version: VERSION, at: given.at });
  for (let place: string | undefined = "", first = true; first || place !== undefined;) {
    const query: string = first ? "" : `?place=${encodeURIComponent(place ?? "")}`;
    const page = await door.get(`/admin/move/rows${query}`, isPage);
    for (const row of page.rows) {
      counts[row.kind] += 1;
      write(row);
    }
    first = false;
    place = page.next;
  }
  if (differ(counts, given.counts))
    throw new DoorClosed(`Not all of it came (${total(counts)} of ${total(given.counts)} rows)`);
  write({ kind: "end", counts, sha256: hash.copy().digest("hex") });
}

/** Rows that are sent at once: what a Worker can take in the 10 ms of CPU that it may have for it. */
const MOST_ROWS = 200;
const MOST_CHARS = 64 * 1024;

/** Resolves with the number of rows. Nothing is sent before the whole file was found to be whole. */
export async function importState(door: Door, file: string): Promise<number> {
  const { at, counts } = await verify(file);
  await door.post("/admin/move/begin", { at }, isDone);
  let rows: unknown[] = [];
  let chars = 0;
  const send = async (): Promise<void> => {
    if (rows.length > 0) await door.post("/admin/move/rows", { rows }, isDone);
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
  await door.post("/admin/move/end", { counts }, isDone);
  return total(counts);
}
