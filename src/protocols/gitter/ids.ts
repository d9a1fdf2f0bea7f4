/**
 * Gitter's ids. Rooms and messages are Mongo ObjectIds: 24 hex digits, the first 8 of them seconds since 1970. Inside
 * one second they are not in the order of sending, so a position leads with the time the service gave.
 */
import { position } from "../../core/ids.ts";
import type { Position } from "../../core/ids.ts";

/** 24 hex digits. Anything else as a message id would be answered with a 500, as a room id with a 400. */
export const isObjectId = (text: string): boolean => /^[0-9a-f]{24}$/i.test(text);

/** When an object was made, to the second. */
export const objectIdMs = (id: string): number => Number.parseInt(id.slice(0, 8), 16) * 1000;

/** Width that orders every time up to the year 33658 as text. */
const WIDTH = 15;

/** Orders by time, then by id: `001608202768412-5fdb3a10c4d5e6f708192101`. */
export const positionOf = (sentAtMs: number, id: string): Position =>
  position(`${String(Math.max(0, Math.trunc(sentAtMs))).padStart(WIDTH, "0")}-${id.toLowerCase()}`);

/** Orders right behind the creation of the same message, so that an edit never moves a checkpoint over its neighbours. */
export const editPositionOf = (created: Position, editedAtMs: number): Position =>
  position(`${created}-${String(editedAtMs).padStart(WIDTH, "0")}`);

/** Orders behind the creation of the message, whose time is known to the second, and behind all of its edits. */
export const deletedPositionOf = (id: string): Position => positionOf(objectIdMs(id) + 999, id);

/** The time in a position; 0 when it is not one of ours. */
export const positionMs = (at: Position): number => Number(/^\d{15}(?=-)/.exec(at)?.[0] ?? 0);

/** An `afterId` that lies before everything made in that second. */
export const idAtSecond = (ms: number): string =>
  `${Math.min(0xffffffff, Math.max(0, Math.floor(ms / 1000)))
    .toString(16)
    .padStart(8, "0")}${"0".repeat(16)}`;
