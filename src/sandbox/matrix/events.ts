/** Everything that adds to a room: messages, state, membership, redactions. */
import type { Change } from "../wire.ts";
import { type Fields, relationOf, text } from "./read.ts";
import {
  findRoom,
  type MatrixEventData,
  type MatrixRoom,
  type MatrixState,
  nextId,
  stateOf,
  type Stored,
} from "./state.ts";
import { type MatrixMessage, messageAt } from "./transcript.ts";

export type MatrixEffect =
  /** Somebody's long poll may have something to tell now. */
  { readonly kind: "news" } | { readonly kind: "message"; readonly change: Change<MatrixMessage> };

export interface Draft {
  readonly type: string;
  readonly sender: string;
  readonly content: Fields;
  readonly stateKey?: string;
  readonly redacts?: string;
  readonly sentBy?: Stored["sentBy"];
}

export interface Added {
  readonly event: MatrixEventData;
  readonly effects: readonly MatrixEffect[];
}

/** Adds an event to the end of a room. */
export function add(state: MatrixState, room: MatrixRoom, draft: Draft, now: number): Added {
  state.at += 1;
  const before =
    draft.stateKey === undefined ? undefined : stateOf(room, draft.type, draft.stateKey);
  const event: MatrixEventData = {
    event_id: nextId(state, "$"),
    room_id: room.id,
    type: draft.type,
    sender: draft.sender,
    origin_server_ts: now,
    content: draft.content,
    ...(draft.stateKey === undefined ? {} : { state_key: draft.stateKey }),
    ...(draft.redacts === undefined ? {} : { redacts: draft.redacts }),
    ...(before === undefined ? {} : { unsigned: { prev_content: before } }),
  };
  const was = draft.type === "m.room.member" ? text(before?.["membership"]) : undefined;
  const stored: Stored = {
    event,
    at: state.at,
    ...(was === undefined ? {} : { before: was }),
    ...(draft.sentBy === undefined ? {} : { sentBy: draft.sentBy }),
  };
  room.timeline.push(stored);
  if (draft.stateKey !== undefined) room.state.set(`${draft.type}|${draft.stateKey}`, stored);
  return { event, effects: [{ kind: "news" }, ...changeOf(room, event)] };
}

/** A reaction came or went. */
function reactedTo(room: MatrixRoom, event: MatrixEventData): MatrixEffect[] {
  if (event.type !== "m.reaction") return [];
  const message = messageAt(room, text(relationOf(event.content)["event_id"]) ?? "");
  if (message === undefined) return [];
  return [{ kind: "message", change: { kind: "changed", channel: room.id, message } }];
}

function changeOf(room: MatrixRoom, event: MatrixEventData): MatrixEffect[] {
  if (event.type === "m.reaction") return reactedTo(room, event);
  if (event.type !== "m.room.message") return [];
  const relation = relationOf(event.content);
  const edited = relation["rel_type"] === "m.replace" ? text(relation["event_id"]) : undefined;
  const message = messageAt(room, edited ?? event.event_id);
  // A stranger's edit changes nothing.
  if (message === undefined || message.sender !== event.sender) return [];
  const kind = edited === undefined ? "created" : "changed";
  return [{ kind: "message", change: { kind, channel: room.id, message } }];
}

/** Takes an event's content away and says so. */
export function redact(
  state: MatrixState,
  room: MatrixRoom,
  target: string,
  sender: string,
  now: number,
  sentBy?: Stored["sentBy"],
): Added {
  const message = messageAt(room, target);
  const added = add(
    state,
    room,
    {
      type: "m.room.redaction",
      sender,
      content: { redacts: target },
      redacts: target,
      ...(sentBy === undefined ? {} : { sentBy }),
    },
    now,
  );
  const index = room.timeline.findIndex(({ event }) => event.event_id === target);
  const old = room.timeline[index];
  if (old !== undefined)
    room.timeline[index] = {
      ...old,
      event: { ...old.event, content: {}, unsigned: { redacted_because: added.event } },
    };
  const gone: MatrixEffect[] =
    message === undefined
      ? old === undefined
        ? []
        : reactedTo(room, old.event)
      : [{ kind: "message", change: { kind: "deleted", channel: room.id, message } }];
  return { ...added, effects: [...added.effects, ...gone] };
}

export function setMembership(
  state: MatrixState,
  room: MatrixRoom,
  user: string,
  membership: "join" | "invite" | "leave" | "ban",
  now: number,
  sender = user,
): Added {
  const displayname = state.people.get(user)?.displayName;
  return add(
    state,
    room,
    {
      type: "m.room.member",
      sender,
      stateKey: user,
      content: { membership, ...(displayname === undefined ? {} : { displayname }) },
    },
    now,
  );
}

export interface RoomOptions {
  /** `org_room`, without `#` and server. */
  readonly alias?: string;
  readonly isPrivate?: boolean;
  readonly isEncrypted?: boolean;
  /** The room that it replaces. */
  readonly predecessor?: string;
}

/** Makes a room in which everybody but the bridge is. */
export function createRoom(state: MatrixState, options: RoomOptions, now: number): MatrixRoom {
  const owner = state.seed.people[0]?.id ?? state.seed.bot.id;
  const room: MatrixRoom = {
    id: nextId(state, "!"),
    owner,
    joinRule: options.isPrivate === true ? "invite" : "public",
    timeline: [],
    state: new Map(),
  };
  state.rooms.set(room.id, room);
  if (options.alias !== undefined)
    state.aliases.set(`#${options.alias}:${state.seed.serverName}`, room.id);
  const { predecessor } = options;
  const origin = predecessor === undefined ? {} : { predecessor: { room_id: predecessor } };
  add(state, room, { type: "m.room.create", sender: owner, stateKey: "", content: origin }, now);
  for (const { id } of state.seed.people) setMembership(state, room, id, "join", now);
  if (options.isEncrypted === true) {
    const content = { algorithm: "m.megolm.v1.aes-sha2" };
    add(state, room, { type: "m.room.encryption", sender: owner, stateKey: "", content }, now);
  }
  return room;
}

/** A new room takes the old one's place and alias; nobody but the people of the seed is in it. */
export function upgradeRoom(
  state: MatrixState,
  old: MatrixRoom,
  now: number,
): { readonly room: MatrixRoom; readonly effects: readonly MatrixEffect[] } {
  const alias = [...state.aliases].find(([, id]) => id === old.id)?.[0];
  const options = { isPrivate: old.joinRule === "invite", predecessor: old.id };
  const room = createRoom(state, options, now);
  if (alias !== undefined) state.aliases.set(alias, room.id);
  const content = { body: "This room has been replaced", replacement_room: room.id };
  const tombstone = { type: "m.room.tombstone", sender: old.owner, stateKey: "", content };
  const { effects } = add(state, old, tombstone, now);
  return { room, effects };
}

/** The room of that name. Throws where there is none: a test's mistake. */
export function roomNamed(state: MatrixState, name: string): MatrixRoom {
  const room = findRoom(state, name);
  if (room === undefined) throw new Error(`no Matrix room ${name}`);
  return room;
}
