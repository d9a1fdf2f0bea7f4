/** `/sync`: what a device is told of the rooms that its user is in. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { filterOf, isWanted, type RoomFilter } from "./filter.ts";
import { failure, json, refuse } from "./reply.ts";
import { type Device, type MatrixRoom, type MatrixState, memberOf, type Stored } from "./state.ts";
import { placeOf, shown, tokenOf } from "./stream.ts";

export type Synced =
  | { readonly kind: "answer"; readonly response: WireResponse }
  /** Nothing new yet. */
  | { readonly kind: "wait"; readonly timeoutMs: number };

/** What of a room is told. */
interface Told {
  /** Events behind this place. */
  readonly from: number;
  /** With the state from before the timeline; else only with what changed in a gap. */
  readonly whole: boolean;
}

/** One `/sync`. With `final`, an answer is given though there is nothing new. */
export function sync(
  state: MatrixState,
  device: Device,
  { query }: WireRequest,
  final: boolean,
): Synced {
  const answer = (response: WireResponse): Synced => ({ kind: "answer", response });
  const filter = filterOf(state, device, query);
  if ("status" in filter) return answer(filter);
  const since = query.get("since");
  const from = since === null ? undefined : placeOf(state, since);
  // What looks like a token of another kind is taken apart, and that fails.
  if (since !== null && /^t\d+-/.test(since)) return answer(failure(500));
  if (since !== null && from === undefined)
    return answer(refuse(400, "M_UNKNOWN", "Invalid stream token"));
  // Who begins anew has forgotten everybody.
  if (from === undefined) device.knownMembers.clear();
  const isFull = from === undefined || query.get("full_state") === "true";

  const join: Record<string, unknown> = {};
  const leave: Record<string, unknown> = {};
  for (const room of state.rooms.values()) {
    const own = memberOf(room, device.user);
    if (own === undefined || filter.rooms?.includes(room.id) === false) continue;
    const membership = own.event.content["membership"];
    const isNew = from !== undefined && own.at > from;
    if (membership === "join") {
      const told =
        isNew && own.before !== "join"
          ? { from: 0, whole: true }
          : { from: from ?? 0, whole: isFull };
      const news = roomNews(state, room, device, filter, told);
      if (news !== undefined) join[room.id] = news;
    } else if (membership !== "invite" && own.before === "join") {
      // Who was made to leave is told so at every beginning.
      const isTold = from === undefined ? own.event.sender !== device.user : isNew;
      if (isTold) leave[room.id] = leaving(state, room, device, filter, from ?? 0, own);
    }
  }
  const isNews = Object.keys(join).length + Object.keys(leave).length > 0;
  const timeoutMs = Number(query.get("timeout") ?? 0);
  if (!isNews && !isFull && !final && timeoutMs > 0) return { kind: "wait", timeoutMs };
  const rooms = {
    ...(Object.keys(join).length > 0 ? { join } : {}),
    ...(Object.keys(leave).length > 0 ? { leave } : {}),
  };
  return answer(json(200, { next_batch: tokenOf(state, state.at), ...(isNews ? { rooms } : {}) }));
}

function timelineOf(
  state: MatrixState,
  wanted: readonly Stored[],
  device: Device,
  { limit }: RoomFilter,
): { readonly last: readonly Stored[]; readonly limited: boolean; readonly timeline: object } {
  const last = wanted.slice(-limit);
  const limited = wanted.length > last.length;
  const events = last.map((stored) => shown(stored, device));
  const prevBatch = tokenOf(state, (last[0]?.at ?? state.at + 1) - 1);
  return { last, limited, timeline: { events, limited, prev_batch: prevBatch } };
}

function leaving(
  state: MatrixState,
  room: MatrixRoom,
  device: Device,
  filter: RoomFilter,
  from: number,
  own: Stored,
): object {
  const wanted = room.timeline.filter(
    ({ at, event }) => at > from && at <= own.at && isWanted(filter.types, event.type),
  );
  const { timeline } = timelineOf(state, wanted, device, filter);
  return { timeline, state: { events: [] } };
}

function roomNews(
  state: MatrixState,
  room: MatrixRoom,
  device: Device,
  filter: RoomFilter,
  { from, whole }: Told,
): object | undefined {
  const wanted = room.timeline.filter(
    ({ at, event }) => at > from && isWanted(filter.types, event.type),
  );
  if (wanted.length === 0 && !whole) return undefined;
  const { last, limited, timeline } = timelineOf(state, wanted, device, filter);
  // State comes from before the timeline: all of it, or what changed in a gap.
  const before = [...room.state.values()].filter(
    (stored) =>
      (whole || (limited && stored.at > from && stored.at < (last[0]?.at ?? 0))) &&
      isWanted(filter.stateTypes, stored.event.type) &&
      !last.includes(stored),
  );
  const isMember = ({ event }: Stored): boolean => event.type === "m.room.member";
  const told = filter.lazy
    ? [
        ...before.filter((stored) => !isMember(stored)),
        ...speaking(room, device, filter, last, whole),
      ]
    : before;
  return { timeline, state: { events: told.map(({ event }) => event) } };
}

/** The members that speak in a timeline, and the device's own user where all is told. */
function speaking(
  room: MatrixRoom,
  device: Device,
  filter: RoomFilter,
  timeline: readonly Stored[],
  whole: boolean,
): readonly Stored[] {
  const users = new Set(timeline.map(({ event }) => event.sender));
  if (whole) users.add(device.user);
  return [...users].flatMap((user) => {
    const member = memberOf(room, user);
    if (member === undefined) return [];
    const key = `${room.id} ${user}`;
    const isKnown = !filter.redundant && device.knownMembers.has(key);
    device.knownMembers.add(key);
    const isTold = isKnown || timeline.includes(member);
    return isTold || !isWanted(filter.stateTypes, "m.room.member") ? [] : [member];
  });
}
