/**
 * Matrix's ids, and the order of events. A room's events are in the order of the homeserver's timeline; the time that
 * they carry is their sender's server's and may be anything. So a position is that time where it fits the timeline's
 * order, and otherwise the neighbour's time with the next number.
 */
import { position } from "../../core/ids.ts";
import type { Position } from "../../core/ids.ts";

/** A place in a room's timeline. */
export interface Order {
  readonly ms: number;
  readonly n: number;
}

/** In the middle, so that there is room before and behind. */
const MIDDLE = 500_000;
/** Width that orders every time up to the year 33658 as text. */
const WIDTH = 15;

/** Our own clock may be behind by so much: what is that far in the future need not be. Less than history overlaps. */
const MOST_AHEAD_MS = 5 * 60_000;

/** A time of some server's: not before 1970, and not in the future, where it would hide all that follows. */
const sane = (ms: number, now: number): number =>
  Math.min(Math.max(0, Math.trunc(ms)), now + MOST_AHEAD_MS);

/** The order of an event that stands behind `last` in the timeline. */
export function behind(last: Order | undefined, ms: number, now: number): Order {
  const at = sane(ms, now);
  return last !== undefined && at <= last.ms
    ? { ms: last.ms, n: last.n + 1 }
    : { ms: at, n: MIDDLE };
}

/** The order of an event that stands before `next` in the timeline. */
export function before(next: Order | undefined, ms: number, now: number): Order {
  const at = sane(ms, now);
  return next !== undefined && at >= next.ms
    ? { ms: next.ms, n: next.n - 1 }
    : { ms: at, n: MIDDLE };
}

/** `001608202768412-500001`. */
export const positionOf = ({ ms, n }: Order): Position =>
  position(`${String(ms).padStart(WIDTH, "0")}-${String(n).padStart(6, "0")}`);

/** The time in a position; 0 when it is not one of ours. */
export const positionMs = (at: Position): number => Number(/^\d{15}(?=-)/.exec(at)?.[0] ?? 0);

/** `@mara:example.org`. */
export const isUserId = (text: string): boolean => /^@[^\s:]*:[^\s]+$/u.test(text);
/** `!abc:example.org`; room version 12 has no server in it. */
export const isRoomId = (text: string): boolean => /^![^\s]+$/u.test(text);
/** The address of an upload, on whichever server: `mxc://example.org/abc`. */
export const isUpload = (text: string): boolean => /^mxc:\/\/[^\s/]+\/[^\s/]+$/u.test(text);
export const isEventId = (text: string): boolean => /^\$[^\s]+$/u.test(text);
/** `#room:example.org`. */
export const isAlias = (text: string): boolean => /^#[^\s:]+:[^\s]+$/u.test(text);

/** The server in an id: what stands behind the first colon. */
export const serverOf = (id: string): string | undefined => /^[^:]*:(.+)$/u.exec(id)?.[1];
