/** How an account stands to the rooms of its configuration, found out without changing anything: nothing is joined. */
import { messageOf } from "../core/errors.ts";
import { plain, type Answer, type Ask } from "./matrix-login-api.ts";

/** What is to be said of one room. */
export interface RoomState {
  readonly channel: string;
  readonly state: string;
  /** What to do; absent where all is well. */
  readonly todo?: string;
}

type Verdict = Omit<RoomState, "channel">;

export interface RoomCheck {
  readonly ask: Ask;
  readonly token: string;
  /** Our own id, to be invited. */
  readonly me: string;
  readonly protocol: string;
}

/** Upgrades in a row that the bridge follows. */
const MOST_UPGRADES = 5;

/** Never throws: what cannot be found out is said. */
export async function checkRooms(
  check: RoomCheck,
  channels: readonly string[],
): Promise<readonly RoomState[]> {
  let joined: ReadonlySet<unknown> = new Set();
  try {
    const { json } = await get(check, "/v3/joined_rooms");
    if (Array.isArray(json["joined_rooms"])) joined = new Set(json["joined_rooms"]);
  } catch {
    // Each room tells by itself that the server cannot be reached.
  }
  const found: RoomState[] = [];
  // One after the other: homeservers limit how fast rooms are asked for.
  for (const channel of channels) {
    const verdict = await look(check, channel, joined).catch((error: unknown) => ({
      state: "could not be checked",
      todo: `${messageOf(error).replaceAll("\n", " ")} Footbridge tries by itself when it starts.`,
    }));
    found.push({ channel, ...verdict });
  }
  return found;
}

async function look(
  check: RoomCheck,
  channel: string,
  joined: ReadonlySet<unknown>,
): Promise<Verdict> {
  for (const address of addressesOf(channel, check.protocol)) {
    if (address.startsWith("!")) return lookAt(check, address, address, joined);
    const { status, json, ...answer } = await get(
      check,
      `/v3/directory/room/${encodeURIComponent(address)}`,
    );
    if (status === 200 && typeof json["room_id"] === "string")
      return lookAt(check, address, json["room_id"], joined);
    if (status !== 404) return unclear({ status, json, ...answer });
  }
  return {
    state: "does not exist",
    todo: "check its name in a Matrix client: a room's settings show its address",
  };
}

/** As the connector looks for it: Gitter's `org/room` became `#org_room:gitter.im`, some in lower case. */
function addressesOf(channel: string, protocol: string): readonly string[] {
  if (protocol !== "gitter" || /^[#!]/u.test(channel)) return [channel];
  const alias = `#${channel.replaceAll("/", "_")}:gitter.im`;
  return [...new Set([alias, alias.toLowerCase()])];
}

async function lookAt(
  check: RoomCheck,
  address: string,
  id: string,
  joined: ReadonlySet<unknown>,
): Promise<Verdict> {
  let room = id;
  for (let hop = 0; hop < MOST_UPGRADES && joined.has(room); hop += 1) {
    const next = (await stateOf(check, room, "m.room.tombstone"))["replacement_room"];
    if (typeof next !== "string") break;
    room = next;
  }
  const moved = room === id ? "" : " (the room it was upgraded to)";
  const verdict = joined.has(room)
    ? (await stateOf(check, room, "m.room.encryption"))["algorithm"] === undefined
      ? await mayWrite(check, room)
      : ENCRYPTED
    : await fromOutside(check, room === id ? address : room);
  return { ...verdict, state: `${verdict.state}${moved}` };
}

/** Whether the account's power level is enough to say something (room version 12's creators stand above all levels). */
async function mayWrite(check: RoomCheck, room: string): Promise<Verdict> {
  const levels = await stateOf(check, room, "m.room.power_levels");
  const level = (value: unknown, otherwise: number): number =>
    typeof value === "number" ? value : otherwise;
  const of = (value: unknown): Readonly<Record<string, unknown>> =>
    typeof value === "object" && value !== null ? { ...value } : {};
  const needed = level(of(levels["events"])["m.room.message"], level(levels["events_default"], 0));
  const own = level(of(levels["users"])[check.me], level(levels["users_default"], 0));
  if (own >= needed) return { state: "joined" };
  return {
    state: `joined, but may not write: its power level is ${own}, messages need ${needed}`,
    todo: `in the room's settings, Roles & Permissions, give ${check.me} the power level ${needed}`,
  };
}

const ENCRYPTED: Verdict = {
  state: "is encrypted",
  todo: "Footbridge cannot read encrypted rooms, and it cannot be switched off: use a room without encryption",
};

/** By its summary: of Matrix 1.15, or as servers had it before under the name of its proposal (MSC3266). */
async function fromOutside(check: RoomCheck, address: string): Promise<Verdict> {
  const server = /:(.+)$/u.exec(address)?.[1] ?? /:(.+)$/u.exec(check.me)?.[1] ?? "";
  const via = `?via=${encodeURIComponent(server)}`;
  const room = encodeURIComponent(address);
  let answer = await get(check, `/v1/room_summary/${room}${via}`);
  if (knowsNoSuchPath(answer))
    answer = await get(check, `/unstable/im.nheko.summary/summary/${room}${via}`);
  const invite: Verdict = {
    // An address that leads to a room is that of a room; an id may be of none.
    state: address.startsWith("!") ? "does not exist, or needs an invite" : "needs an invite",
    todo: `write in the room, as one of its moderators: /invite ${check.me}`,
  };
  if (answer.status === 403 || (answer.status === 404 && answer.errcode === "M_NOT_FOUND"))
    return invite;
  if (knowsNoSuchPath(answer)) return NOT_TOLD;
  const { json } = answer;
  if (answer.status !== 200 || Object.keys(json).length === 0) return unclear(answer);
  if ((json["encryption"] ?? json["im.nheko.summary.encryption"] ?? undefined) !== undefined)
    return ENCRYPTED;
  switch (json["membership"]) {
    case "ban":
      return {
        state: "is closed to this account: it is banned",
        todo: `lift the ban of ${check.me}`,
      };
    case "invite":
      return CAN_JOIN;
    default:
      return (json["join_rule"] ?? "public") === "public" ? CAN_JOIN : invite;
  }
}

const CAN_JOIN: Verdict = {
  state: "can be joined",
  todo: "nothing to do: Footbridge joins it when it starts",
};

const knowsNoSuchPath = ({ status, errcode }: Answer): boolean =>
  errcode === "M_UNRECOGNIZED" || (status === 404 && errcode === undefined);

const NOT_TOLD: Verdict = {
  state: "is not told of before it is joined, as this homeserver has no summaries of rooms",
  todo: "nothing to do: Footbridge tries to join it when it starts",
};

const unclear = ({ status, errcode }: Answer): Verdict => ({
  state: "could not be checked",
  todo: `${status === 429 ? "the homeserver is asked too often" : `the homeserver answers ${status} ${errcode ?? ""}`.trimEnd()}; Footbridge tries to join by itself when it starts`,
});

/** One state of a joined room; empty where there is none. */
async function stateOf(check: RoomCheck, room: string, type: string) {
  return (await get(check, `/v3/rooms/${encodeURIComponent(room)}/state/${type}/`)).json;
}

const get = ({ ask, token }: RoomCheck, path: string): Promise<Answer> =>
  ask("GET", path, { token });

/** Lines for people. */
export const describeRooms = (rooms: readonly RoomState[]): string[] =>
  rooms.map(
    ({ channel, state, todo }) =>
      `  ${plain(channel)}: ${state}${todo === undefined ? "" : `; ${todo}`}`,
  );
