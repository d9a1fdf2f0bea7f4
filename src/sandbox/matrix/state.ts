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
  /** The device that sent it under a transaction id. */
  readonly sentBy?: { readonly device: string; readonly txn: string };
}

export interface MatrixRoom {
  readonly id: string;
  joinRule: "public" | "invite";
  /** Oldest first. */
  readonly timeline: Stored[];
  /** Newest state, by type and key. */
  readonly state: Map<string, Stored>;
}

interface MatrixPerson {
  /** `@mara:gitter.im`. */
  readonly id: string;
  readonly displayName: string;
}
interface MatrixRoomSeed {
  /** `org_room` of `#org_room:gitter.im`. */
  readonly alias: string;
  readonly isPrivate?: boolean;
  readonly isEncrypted?: boolean;
}
export interface MatrixSeed {
  readonly serverName: string;
  readonly token: string;
  readonly password: string;
  readonly bot: MatrixPerson;
  readonly people: readonly MatrixPerson[];
  readonly rooms: readonly MatrixRoomSeed[];
  /** Events that one account may send in a row, and then per second; as good as none by default. */
  readonly sendBurst: number;
  readonly sendsPerSecond: number;
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
  readonly filters: Map<string, Readonly<Record<string, unknown>>>;
  /** Device, room and transaction id to what they made. */
  readonly transactions: Map<string, string>;
  readonly media: Map<string, { readonly type: string; readonly body: string }>;
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
  token: "syt_footbridge_sandbox",
  password: "open sesame",
  bot: { id: "@footbridge:gitter.im", displayName: "footbridge" },
  people: [
    { id: "@mara:gitter.im", displayName: "Mara Devlin" },
    { id: "@ivo:gitter.im", displayName: "Ivo Petrov" },
  ],
  rooms: [{ alias: "footbridge_lobby" }],
  sendBurst: 10_000,
  sendsPerSecond: 10_000,
};

export function newMatrixState(seed: MatrixSeed): MatrixState {
  const device = { user: seed.bot.id, device: "SANDBOX", works: true, softly: false };
  return {
    seed,
    people: new Map([...seed.people, seed.bot].map((one) => [one.id, one])),
    rooms: new Map(),
    aliases: new Map(),
    devices: new Map([[seed.token, { ...device, knownMembers: new Set() }]]),
    filters: new Map(),
    transactions: new Map(),
    media: new Map(),
    faults: newFaultPlan(),
    rate: new Map(),
    at: 0,
    epoch: 1,
    serial: 0,
  };
}

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

export const membershipOf = (room: MatrixRoom, user: string): unknown =>
  stateOf(room, "m.room.member", user)?.["membership"];
