/** The server's one stream, which orders all rooms: its tokens, and what a device sees at a place of it. */
import { type Device, type MatrixRoom, type MatrixState, memberOf, type Stored } from "./state.ts";

/** The token behind a place of the stream. */
export const tokenOf = (state: MatrixState, at: number): string => `s${at}_${state.epoch}`;

/** The place of a token; undefined when it is none of this server's. */
export function placeOf(state: MatrixState, token: string): number | undefined {
  const [, at, epoch] = /^s(\d+)_(\d+)$/.exec(token) ?? [];
  return at === undefined || Number(epoch) !== state.epoch ? undefined : Number(at);
}

/** An event as one device sees it: with the transaction id that it sent it under. */
export const shown = ({ event, sentBy }: Stored, device: Device): object =>
  sentBy?.device === device.device
    ? { ...event, unsigned: { ...event.unsigned, transaction_id: sentBy.txn } }
    : event;

/** How far a user may read in a room: to its end, to where they were made to leave, or nothing. */
export function readableTo(room: MatrixRoom, user: string): number | undefined {
  const own = memberOf(room, user);
  const membership = own?.event.content["membership"];
  if (membership === "join") return Infinity;
  return own !== undefined && membership === "leave" && own.before === "join" ? own.at : undefined;
}
