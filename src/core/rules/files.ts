/** Which files are carried over, as Matterbridge decides it: by their names and sizes. */
import { RE2JS } from "re2js";

import type { Attachment } from "../event.ts";

/** Matterbridge's default of `MediaDownloadSize`, bytes. */
export const MOST_BYTES = 1_000_000;

/** Whether a file of this name is silently left out (`MediaDownloadBlackList`). The patterns were checked at load. */
export function createBlackList(patterns: readonly string[]): (name: string) => boolean {
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern));
  return (name) => compiled.some((pattern) => pattern.matcher(name).find());
}

/** A number of bytes for people. */
function sizeText(bytes: number): string {
  const [unit, size] = bytes < 1_000_000 ? (["kB", 1_000] as const) : (["MB", 1_000_000] as const);
  return `${(Math.ceil((bytes / size) * 10) / 10).toString()} ${unit}`;
}

/** Why a file is not carried over; undefined where its size allows it, or is not known yet. */
export const tooLarge = (size: number | undefined, most: number): string | undefined =>
  size !== undefined && size > most
    ? `${sizeText(size)}, more than ${sizeText(most)} are not relayed`
    : undefined;

/** What stands behind the name of a file that is not carried over. */
export const troubleText = ({ trouble }: Attachment): string =>
  trouble === undefined ? "" : ` (${trouble})`;
