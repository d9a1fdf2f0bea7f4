/** `/sync` and `/messages`: what a device is told of the rooms that its user is in. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { json, refuse } from "./reply.ts";
import {
  type Device,
  type MatrixRoom,
  type MatrixState,
  membershipOf,
  type Stored,
} from "./state.ts";

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const strings = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined;

const DEFAULT_LIMIT = 10;
const MOST = 100;

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

interface RoomFilter {
  readonly rooms: readonly string[] | undefined;
  readonly types: readonly string[] | undefined;
  readonly stateTypes: readonly string[] | undefined;
  readonly limit: number;
  readonly redundant: boolean;
}

/** The filter that a request names or carries; an answer where there is no such filter. */
function filterOf(state: MatrixState, query: URLSearchParams): RoomFilter | WireResponse {
  const given = query.get("filter");
  let filter: Fields = {};
  if (given?.startsWith("{") === true) {
    try {
      filter = fields(JSON.parse(given));
    } catch {
      return refuse(400, "M_NOT_JSON", "Failed to parse filter JSON");
    }
  } else if (given !== null) {
    const known = state.filters.get(given);
    if (known === undefined) return refuse(400, "M_INVALID_PARAM", "No such filter");
    filter = known;
  }
  const room = fields(filter["room"]);
  const timeline = fields(room["timeline"]);
  const ofState = fields(room["state"]);
  const limit = typeof timeline["limit"] === "number" ? timeline["limit"] : DEFAULT_LIMIT;
  return {
    rooms: strings(room["rooms"]),
    types: strings(timeline["types"]),
    stateTypes: strings(ofState["types"]),
    limit: Math.min(MOST, Math.max(1, limit)),
    redundant: ofState["include_redundant_members"] === true,
  };
}

export type Synced =
  | { readonly kind: "answer"; readonly response: WireResponse }
  /** Nothing new yet. */
  | { readonly kind: "wait"; readonly timeoutMs: number };

/** One `/sync`. With `final`, an answer is given though there is nothing new. */
export function sync(
  state: MatrixState,
  device: Device,
  { query }: WireRequest,
  final: boolean,
): Synced {
  const answer = (response: WireResponse): Synced => ({ kind: "answer", response });
  const filter = filterOf(state, query);
  if ("status" in filter) return answer(filter);
  const since = query.get("since");
  const from = since === null ? undefined : placeOf(state, since);
  if (since !== null && from === undefined)
    return answer(refuse(400, "M_UNKNOWN", "Invalid stream token"));

  const join: Record<string, unknown> = {};
  const leave: Record<string, unknown> = {};
  for (const room of state.rooms.values()) {
    if (filter.rooms !== undefined && !filter.rooms.includes(room.id)) continue;
    const own = room.state.get(`m.room.member|${device.user}`);
    const membership = membershipOf(room, device.user);
    if (membership === "join") {
      const told = roomNews(state, room, device, filter, joinedSince(own, from) ? undefined : from);
      if (told !== undefined) join[room.id] = told;
    } else if (own !== undefined && from !== undefined && own.at > from && membership !== "invite")
      leave[room.id] = { timeline: { events: [shown(own, device)] }, state: { events: [] } };
  }
  const isNews = Object.keys(join).length + Object.keys(leave).length > 0;
  const timeoutMs = Number(query.get("timeout") ?? 0);
  if (!isNews && from !== undefined && !final && timeoutMs > 0) return { kind: "wait", timeoutMs };
  const rooms = isNews ? { rooms: { join, leave } } : {};
  return answer(json(200, { next_batch: tokenOf(state, state.at), ...rooms }));
}

const joinedSince = (own: Stored | undefined, from: number | undefined): boolean =>
  own !== undefined && from !== undefined && own.at > from && own.event.unsigned === undefined;

function roomNews(
  state: MatrixState,
  room: MatrixRoom,
  device: Device,
  filter: RoomFilter,
  from: number | undefined,
): object | undefined {
  const wanted = room.timeline.filter(
    ({ at, event }) =>
      at > (from ?? 0) && (filter.types === undefined || filter.types.includes(event.type)),
  );
  if (wanted.length === 0 && from !== undefined) return undefined;
  const last = wanted.slice(-filter.limit);
  const isLimited = wanted.length > last.length;
  const senders = new Set(last.map(({ event }) => event.sender));
  const members = [...senders].flatMap((user) => {
    const member = room.state.get(`m.room.member|${user}`);
    const key = `${room.id} ${user}`;
    if (member === undefined || (!filter.redundant && device.knownMembers.has(key))) return [];
    device.knownMembers.add(key);
    return [member.event];
  });
  const rest =
    from === undefined
      ? [...room.state.values()]
          .map(({ event }) => event)
          .filter(
            ({ type }) =>
              type !== "m.room.member" &&
              (filter.stateTypes === undefined || filter.stateTypes.includes(type)),
          )
      : [];
  return {
    timeline: {
      events: last.map((stored) => shown(stored, device)),
      limited: isLimited,
      prev_batch: tokenOf(state, (last[0]?.at ?? state.at + 1) - 1),
    },
    state: { events: [...members, ...rest] },
  };
}

/** A page of a room's events, backwards or forwards from a token or from its end. */
export function messages(
  state: MatrixState,
  room: MatrixRoom,
  device: Device,
  { query }: WireRequest,
): WireResponse {
  const back = query.get("dir") !== "f";
  const given = query.get("from");
  const from = given === null ? (back ? state.at : 0) : placeOf(state, given);
  const until = query.get("to");
  const to = until === null ? undefined : placeOf(state, until);
  if (from === undefined || (until !== null && to === undefined))
    return refuse(400, "M_UNKNOWN", "Invalid token");
  const filter = query.get("filter");
  const types = filter === null ? undefined : strings(fields(JSON.parse(filter))["types"]);
  const limit = Math.min(MOST, Number(query.get("limit") ?? DEFAULT_LIMIT));
  const inRange = room.timeline.filter(({ at, event }) => {
    const ahead = back ? at <= from && at > (to ?? 0) : at > from && at <= (to ?? Infinity);
    return ahead && (types === undefined || types.includes(event.type));
  });
  const page = (back ? inRange.reverse() : inRange).slice(0, limit);
  const last = page.at(-1);
  const senders = new Set(page.map(({ event }) => event.sender));
  return json(200, {
    chunk: page.map((stored) => shown(stored, device)),
    start: tokenOf(state, from),
    // The last page still says where it ended; the one behind it is empty.
    ...(last === undefined ? {} : { end: tokenOf(state, back ? last.at - 1 : last.at) }),
    state: [...senders].flatMap((user) => room.state.get(`m.room.member|${user}`)?.event ?? []),
  });
}
