/** `/messages`: a page of a room's events, backwards or forwards from a token or from its end. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { isWanted, pageSize } from "./filter.ts";
import { type Fields, parsed, strings } from "./read.ts";
import { json, refuse } from "./reply.ts";
import { type Device, type MatrixRoom, type MatrixState, memberOf } from "./state.ts";
import { placeOf, shown, tokenOf } from "./stream.ts";

/** Events up to the place `readable` of the stream. */
export function messages(
  state: MatrixState,
  room: MatrixRoom,
  device: Device,
  { query }: WireRequest,
  readable: number,
): WireResponse {
  const back = query.get("dir") !== "f";
  const given = query.get("from");
  const from = given === null ? (back ? state.at : 0) : placeOf(state, given);
  const until = query.get("to");
  const to = until === null ? (back ? 0 : Infinity) : placeOf(state, until);
  if (from === undefined || to === undefined)
    return refuse(400, "M_UNKNOWN", "Invalid stream token");
  const filter: Fields | undefined = parsed(query.get("filter") ?? "{}");
  if (filter === undefined) return refuse(400, "M_NOT_JSON", "Failed to parse filter JSON");
  const types = strings(filter["types"]);
  const inRange = room.timeline.filter(({ at, event }) => {
    const ahead = back ? at <= from && at > to : at > from && at <= to;
    return ahead && at <= readable && isWanted(types, event.type);
  });
  const page = (back ? inRange.toReversed() : inRange).slice(0, pageSize(query.get("limit")));
  const last = page.at(-1);
  const senders = new Set(page.map(({ event }) => event.sender));
  return json(200, {
    chunk: page.map((stored) => shown(stored, device)),
    start: tokenOf(state, from),
    // The last page still says where it ended; the one behind it is empty.
    ...(last === undefined ? {} : { end: tokenOf(state, back ? last.at - 1 : last.at) }),
    ...(filter["lazy_load_members"] === true
      ? { state: [...senders].flatMap((user) => memberOf(room, user)?.event ?? []) }
      : {}),
  });
}
