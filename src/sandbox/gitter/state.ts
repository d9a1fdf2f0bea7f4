/** What the modelled Gitter holds. The state is changed in place by the functions of this folder; nothing else is. */
import { type FaultPlan, newFaultPlan } from "../wire.ts";

export interface GitterUser {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly url: string;
  readonly avatarUrl: string;
  readonly avatarUrlSmall: string;
  readonly avatarUrlMedium: string;
  readonly v: number;
}

/** A message as REST and the stream give it. Keys without a value are absent, never null. */
export interface GitterMessage {
  readonly id: string;
  /** Markdown as it was sent; `""` once blanked. */
  readonly text: string;
  readonly html: string;
  readonly sent: string;
  readonly editedAt?: string;
  readonly fromUser: GitterUser;
  readonly status?: boolean;
  readonly parentId?: string;
  readonly threadMessageCount?: number;
  readonly unread: boolean;
  readonly readBy: number;
  readonly urls: readonly { readonly url: string }[];
  readonly mentions: readonly { readonly screenName: string; readonly userId?: string }[];
  readonly issues: readonly unknown[];
  readonly meta: readonly unknown[];
  readonly v: number;
}

interface GitterPerson {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly avatarUrl?: string;
}

interface GitterRoomSeed {
  readonly id: string;
  /** `org/room`. */
  readonly uri: string;
  readonly isPrivate?: boolean;
  /** The bot was thrown out: everything in the room is 403. */
  readonly botIsBanned?: boolean;
  /** Only admins set topics. */
  readonly botIsAdmin?: boolean;
}

export interface GitterRoom {
  readonly id: string;
  readonly uri: string;
  readonly isPrivate: boolean;
  botIsBanned: boolean;
  readonly botIsAdmin: boolean;
  readonly members: Set<string>;
  topic: string;
  /** By id, oldest first. */
  readonly messages: Map<string, GitterMessage>;
}

export interface GitterSeed {
  readonly token: string;
  readonly bot: GitterPerson;
  readonly people: readonly GitterPerson[];
  readonly rooms: readonly GitterRoomSeed[];
  /** REST calls in one window; 100 as in life. */
  readonly rateLimit: number;
  readonly rateWindowMs: number;
}

export interface GitterState {
  readonly seed: GitterSeed;
  readonly people: Map<string, GitterUser>;
  readonly rooms: Map<string, GitterRoom>;
  readonly faults: FaultPlan;
  /** False once the token is revoked. */
  tokenWorks: boolean;
  /** The fixed window: it begins with the first call after the one before it ended. */
  readonly rate: { startedAt: number; used: number };
  /** Counts object ids. */
  serial: number;
}

/** One room, one bot, two people. */
export const DEFAULT_GITTER: GitterSeed = {
  token: "5a4db0c5".repeat(5),
  bot: { id: "5f1a2b3c4d5e6f7081920a00", username: "footbridge-bot", displayName: "footbridge" },
  people: [
    { id: "5f1a2b3c4d5e6f7081920a01", username: "mara-dev", displayName: "Mara Devlin" },
    { id: "5f1a2b3c4d5e6f7081920a02", username: "ivo", displayName: "Ivo Petrov" },
  ],
  rooms: [{ id: "5f1a2b3c4d5e6f7081920b01", uri: "footbridge/lobby" }],
  rateLimit: 100,
  rateWindowMs: 60_000,
};

const userOf = ({ id, username, displayName, avatarUrl = "" }: GitterPerson): GitterUser => ({
  id,
  username,
  displayName,
  url: `/${username}`,
  avatarUrl,
  avatarUrlSmall: avatarUrl,
  avatarUrlMedium: avatarUrl,
  v: 1,
});

export function newGitterState(seed: GitterSeed): GitterState {
  const everyone = [...seed.people, seed.bot];
  return {
    seed,
    people: new Map(everyone.map((one) => [one.id, userOf(one)])),
    rooms: new Map(
      seed.rooms.map((one) => [
        one.id,
        {
          id: one.id,
          uri: one.uri,
          isPrivate: one.isPrivate ?? false,
          botIsBanned: one.botIsBanned ?? false,
          botIsAdmin: one.botIsAdmin ?? false,
          topic: "",
          members: new Set(seed.people.map(({ id }) => id)),
          messages: new Map(),
        },
      ]),
    ),
    faults: newFaultPlan(),
    tokenWorks: true,
    rate: { startedAt: Number.NEGATIVE_INFINITY, used: 0 },
    serial: 0,
  };
}

/** A room by id or by uri, whatever its case. */
export function findRoom(state: GitterState, idOrUri: string): GitterRoom | undefined {
  const wanted = idOrUri.toLowerCase();
  return (
    state.rooms.get(idOrUri) ??
    [...state.rooms.values()].find(({ uri }) => uri.toLowerCase() === wanted)
  );
}

/** A Mongo ObjectId: 8 hex digits of seconds, 10 of machine and process, 6 of a counter. */
export function nextId(state: GitterState, now: number): string {
  state.serial += 1;
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, "0");
  return `${seconds}c4d5e6f708${(state.serial % 0x1000000).toString(16).padStart(6, "0")}`;
}
export const isObjectId = (text: string): boolean => /^[0-9a-f]{24}$/i.test(text);
