/**
 * Slack's ids. A message is named by its `ts`, unique within its channel and only ever handled as text: as a number it
 * would lose digits.
 */
import { position, type Position } from "../../core/ids.ts";

export const isTs = (text: unknown): text is string =>
  typeof text === "string" && /^\d{1,12}\.\d{1,9}$/u.test(text);

/** Milliseconds since 1970 of a `ts`. */
export const tsMs = (ts: string): number =>
  Math.floor(Number(ts.split(".")[0]) * 1000 + Number(`0.${ts.split(".")[1] ?? "0"}`) * 1000);

/** A position orders as text: seconds padded to 12 digits, micros to 6. */
export function positionOf(ts: string): Position {
  const [seconds = "0", micros = "0"] = ts.split(".");
  return position(`${seconds.padStart(12, "0")}.${micros.padEnd(6, "0")}`);
}

/** The `ts` of a position, for `oldest`. */
export const tsOf = (at: Position): string => at.replace(/^0+(?=\d)/u, "");

/** The `ts` of a moment. */
export const tsAt = (ms: number): string =>
  `${Math.max(0, Math.floor(ms / 1000))}.${String(Math.max(0, Math.floor(ms % 1000))).padStart(3, "0")}000`;
