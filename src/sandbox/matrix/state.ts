/** What the modelled homeserver holds. The state is changed in place by the functions of this folder; nothing else is. */
import { type FaultPlan, newFaultPlan } from "../wire.ts";

export interface MatrixEventData {
  readonly event_id: string;
  readonly room_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly state_key?: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly redacts?: string;
  readonly unsigned?: Readonly<Record<string, unknown>>;
}

/** An event and its place in the server's one stream, which orders all rooms. */
export interface Stored {
  readonly event: MatrixEventData;
  readonly at: number;
  /** Of a member event: what the user was before it. */
  readonly before?: string;
  /** The device that sent it under a transaction id. */
  readonly sentBy?: { readonly device: string; readonly txn: string };
}

export interface MatrixRoom {
  readonly id: string;
  readonly joinRule: "public" | "invite";
  /** Who made it may do everything in it. */
  readonly owner: string;
  /** Oldest first. */
  readonly timeline: Stored[];
  /** Newest state, by type and key. */
  readonly state: Map<string, Stored>;
}

export interface MatrixPerson {
  /** `@mara:gitter.im`. */
  readonly id: string;
  readonly displayName: string;
  /** Of a client of their own. */
  readonly token?: string;
  /** Events that they may send in a row, and then per second; as many as they like where left out. */
  readonly sends?: { readonly burst: number; readonly perSecond: number };
}
interface MatrixRoomSeed {
  /** `org_room` of `#org_room:gitter.im`. */
  readonly alias: string;
  readonly isPrivate?: boolean;
  readonly isEncrypted?: boolean;
}
export interface MatrixSeed {
  readonly serverName: string;
  /** Where the server is at its host: the path before `/_matrix`. */
  readonly mountedAt: string;
  readonly token: string;
  readonly password: string;
  readonly bot: MatrixPerson;
  readonly people: readonly MatrixPerson[];
  readonly rooms: readonly MatrixRoomSeed[];
}

/** A logged-in device. */
export interface Device {
  readonly user: string;
  readonly device: string;
  /** False once it is logged out. */
  works: boolean;
  softly: boolean;
  /** Whose member events it was sent already, by room and user. */
  readonly knownMembers: Set<string>;
}

export interface MatrixState {
  readonly seed: MatrixSeed;
  readonly people: Map<string, MatrixPerson>;
  readonly rooms: Map<string, MatrixRoom>;
  /** Full alias to room id. */
  readonly aliases: Map<string, string>;
  readonly devices: Map<string, Device>;
  /** By user and id. */
  readonly filters: Map<string, Readonly<Record<string, unknown>>>;
  /** Device, room and transaction id to what they made. */
  readonly transactions: Map<string, { readonly made: string; readonly at: number }>;
  /** Each character of a body is a byte. */
  readonly media: Map<string, { readonly type: string; readonly body: string }>;
  mostUploadBytes: number;
  readonly faults: FaultPlan;
  readonly rate: Map<string, { tokens: number; at: number }>;
  /** The newest place of the stream. */
  at: number;
  /** Stream tokens of an older one are not known any more. */
  epoch: number;
  serial: number;
}

export const DEFAULT_MATRIX: MatrixSeed = {
  serverName: "gitter.im",
  mountedAt: "/matrix",
  token: "syt_footbridge_sandbox",
  password: "open sesame",
  bot: { id: "@footbridge:gitter.im", displayName: "footbridge" },
  people: [
    { id: "@mara:gitter.im", displayName: "Mara Devlin" },
    { id: "@ivo:gitter.im", displayName: "Ivo Petrov" },
  ],
  rooms: [{ alias: "footbridge_lobby" }],
};

export function newMatrixState(seed: MatrixSeed): MatrixState {
  const people = [...seed.people, { ...seed.bot, token: seed.token }];
  return {
    seed,
    people: new Map(people.map((one) => [one.id, one])),
    rooms: new Map(),
    aliases: new Map(),
    devices: new Map(
      people.flatMap(({ id, token }) =>
        token === undefined ? [] : [[token, newDevice(id, id === seed.bot.id ? "SANDBOX" : id)]],
      ),
    ),
    filters: new Map(),
    transactions: new Map(),
    media: new Map(),
    mostUploadBytes: 50 * 1024 * 1024,
    faults: newFaultPlan(),
    rate: new Map(),
    at: 0,
    epoch: 1,
    serial: 0,
  };
}

export const newDevice = (user: string, device: string): Device => ({
  user,
  device,
  works: true,
  softly: false,
  knownMembers: new Set(),
});

/** Ids that look like a homeserver's: a prefix, and 43 letters that count. */
export function nextId(state: MatrixState, sigil: "$" | "!"): string {
  state.serial += 1;
  const tail = `${sigil === "$" ? "e" : "r"}${state.serial.toString(36)}`;
  return sigil === "$"
    ? `$${tail.padStart(43, "A")}`
    : `!${tail.padStart(18, "A")}:${state.seed.serverName}`;
}

/** A room by id or alias; an alias without its server is one of this server. */
export function findRoom(state: MatrixState, name: string): MatrixRoom | undefined {
  const alias = name.startsWith("#") ? name : `#${name.replaceAll("/", "_")}`;
  const whole = alias.includes(":") ? alias : `${alias}:${state.seed.serverName}`;
  return state.rooms.get(name) ?? state.rooms.get(state.aliases.get(whole) ?? "");
}

/** The content of a state event; undefined where the room has none. */
export const stateOf = (
  room: MatrixRoom,
  type: string,
  key = "",
): Readonly<Record<string, unknown>> | undefined => room.state.get(`${type}|${key}`)?.event.content;

/** A user's newest member event in a room. */
export const memberOf = (room: MatrixRoom, user: string): Stored | undefined =>
  room.state.get(`m.room.member|${user}`);

export const membershipOf = (room: MatrixRoom, user: string): unknown =>
  stateOf(room, "m.room.member", user)?.["membership"];
