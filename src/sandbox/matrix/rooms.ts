/** What a device does in rooms: joins, sends, redacts, reads. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { add, redact, setMembership } from "./events.ts";
import { messages } from "./history.ts";
import { type Fields, fields, isWhole, relationOf } from "./read.ts";
import { failure, forbidden, json, limited, notFound, only, refuse, type Result } from "./reply.ts";
import {
  type Device,
  findRoom,
  type MatrixRoom,
  type MatrixState,
  membershipOf,
  stateOf,
} from "./state.ts";
import { relations } from "./relations.ts";
import { readableTo, shown } from "./stream.ts";

export interface Step {
  readonly state: MatrixState;
  readonly device: Device;
  readonly request: WireRequest;
  /** The path's segments, decoded. */
  readonly parts: readonly string[];
  readonly body: Fields;
  readonly now: number;
}

/** An event has at most 65,536 bytes with what the server adds to it. */
const MOST_BYTES = 65_000;

export function joinRoom({ state, device, now }: Step, name: string): Result {
  if (!/^[#!]./.test(name))
    return only(refuse(400, "M_UNKNOWN", `${name} was not legal room ID or room alias`));
  const room = findRoom(state, name);
  if (room === undefined)
    return only(
      name.startsWith("#")
        ? notFound(`Room alias ${name} not found`)
        : refuse(404, "M_UNKNOWN", "Can't join remote room because no servers are in it"),
    );
  const membership = membershipOf(room, device.user);
  if (membership === "ban") return only(refuse(403, "M_BAD_STATE", "You are banned from the room"));
  if (membership === "join") return only(json(200, { room_id: room.id }));
  if (room.joinRule === "invite" && membership !== "invite")
    return only(forbidden("You are not invited to this room."));
  const { effects } = setMembership(state, room, device.user, "join", now);
  return { response: json(200, { room_id: room.id }), effects };
}

/** `/rooms/{id}/...`. */
export function inRoom(step: Step, id: string): Result {
  const { state, device, request, parts } = step;
  const room = state.rooms.get(id);
  const [, , action, second = "", third = ""] = parts;
  const readable = room === undefined ? undefined : readableTo(room, device.user);
  if (request.method === "GET" && action === "event") {
    const found = room?.timeline.find(({ event }) => event.event_id === second);
    return only(
      found === undefined || readable === undefined || found.at > readable
        ? notFound("Event not found.")
        : json(200, shown(found, device)),
    );
  }
  if (room === undefined || readable === undefined)
    return only(forbidden(`User ${device.user} not in room ${id}`));
  if (request.method === "GET" && action === "relations")
    return only(relations(room, device, request, parts.slice(3)));
  if (request.method === "GET" && action === "messages")
    return only(messages(state, room, device, request, readable));
  if (membershipOf(room, device.user) !== "join")
    return only(forbidden(`User ${device.user} not in room ${id}`));
  switch (`${request.method} ${action}`) {
    case "PUT send":
      return send(step, room, second, third);
    case "PUT redact":
      return takeAway(step, room, second, third);
    case "PUT state":
      return setState(step, room, second, third);
    case "GET state": {
      const content = stateOf(room, second, third);
      return only(content === undefined ? notFound("Event not found.") : json(200, content));
    }
    default:
      return only(refuse(404, "M_UNRECOGNIZED", "Unrecognized request"));
  }
}

function send(step: Step, room: MatrixRoom, type: string, txn: string): Result {
  const { state, device, request, body, now } = step;
  const key = `${device.device} ${room.id} ${txn}`;
  const made = transactionOf(state, key, now);
  // Whatever it says this time: the same transaction is the same event.
  if (made !== undefined) return only(json(200, { event_id: made }));
  if (new TextEncoder().encode(request.body).length > MOST_BYTES)
    return only(refuse(413, "M_TOO_LARGE", "event too large"));
  if (!isWhole(body)) return only(failure(500));
  const fault = relationFault(room, type, device.user, body);
  if (fault !== undefined) return only(fault);
  if (isClosedTo(room, device.user))
    return only(forbidden("You don't have permission to post that to the room."));
  const waitMs = takeRate(state, device.user, now);
  if (waitMs > 0) return only(limited(waitMs));
  const { event, effects } = add(
    state,
    room,
    { type, sender: device.user, content: body, sentBy: { device: device.device, txn } },
    now,
  );
  state.transactions.set(key, { made: event.event_id, at: now });
  return { response: json(200, { event_id: event.event_id }), effects };
}

/** Synapse remembers transactions for 30 minutes. */
const REMEMBERED_MS = 30 * 60_000;

function transactionOf(state: MatrixState, key: string, now: number): string | undefined {
  const known = state.transactions.get(key);
  return known === undefined || now - known.at > REMEMBERED_MS ? undefined : known.made;
}

const MODERATOR = 50;

function levelOf(room: MatrixRoom, user: string): number {
  if (user === room.owner) return 100;
  const level = fields(stateOf(room, "m.room.power_levels")?.["users"])[user];
  return typeof level === "number" ? level : 0;
}

/** An upgrade leaves a room to its moderators. */
const isClosedTo = (room: MatrixRoom, user: string): boolean =>
  stateOf(room, "m.room.tombstone") !== undefined && levelOf(room, user) < MODERATOR;

/** State takes a moderator by default (https://spec.matrix.org/latest/client-server-api/#mroompower_levels). */
function setState(step: Step, room: MatrixRoom, type: string, stateKey: string): Result {
  const { state, device, body, now } = step;
  const level = levelOf(room, device.user);
  if (level < MODERATOR) {
    const why = `user_level (${JSON.stringify(level)}) < send_level (50)`;
    return only(forbidden(`You don't have permission to post that to the room. ${why}`));
  }
  // The same state by the same user again is no new event.
  const was = room.state.get(`${type}|${stateKey}`)?.event;
  if (was?.sender === device.user && JSON.stringify(was.content) === JSON.stringify(body))
    return only(json(200, { event_id: was.event_id }));
  const draft = { type, sender: device.user, content: body, stateKey };
  const { event, effects } = add(state, room, draft, now);
  return { response: json(200, { event_id: event.event_id }), effects };
}

/** Relations are checked: a thread does not begin at an event that relates to another itself. */
function relationFault(
  room: MatrixRoom,
  type: string,
  sender: string,
  body: Fields,
): WireResponse | undefined {
  const relation = relationOf(body);
  const kind = relation["rel_type"];
  if (kind === undefined) return undefined;
  const target = room.timeline.find(({ event }) => event.event_id === relation["event_id"]);
  if (target === undefined) return refuse(400, "M_UNKNOWN", "Can't send relation to unknown event");
  if (kind === "m.thread" && relationOf(target.event.content)["rel_type"] !== undefined)
    return refuse(400, "M_UNKNOWN", "Cannot start threads from an event with a relation");
  const isAgain = room.timeline.some(({ event }) => {
    const other = relationOf(event.content);
    return (
      event.type === type &&
      event.sender === sender &&
      other["rel_type"] === kind &&
      other["event_id"] === relation["event_id"] &&
      other["key"] === relation["key"]
    );
  });
  return kind === "m.annotation" && isAgain
    ? refuse(400, "M_DUPLICATE_ANNOTATION", "Can't send same reaction twice")
    : undefined;
}

function takeAway(step: Step, room: MatrixRoom, target: string, txn: string): Result {
  const { state, device, now } = step;
  const key = `${device.device} ${room.id} ${txn}`;
  const made = transactionOf(state, key, now);
  if (made !== undefined) return only(json(200, { event_id: made }));
  const found = room.timeline.find(({ event }) => event.event_id === target);
  if (found === undefined) return only(notFound("Event not found."));
  const isTheirs = found.event.sender === device.user;
  if (isClosedTo(room, device.user) || (!isTheirs && device.user !== room.owner))
    return only(forbidden("You don't have permission to redact events"));
  const sentBy = { device: device.device, txn };
  const { event, effects } = redact(state, room, target, device.user, now, sentBy);
  state.transactions.set(key, { made: event.event_id, at: now });
  return { response: json(200, { event_id: event.event_id }), effects };
}

/** A bucket that fills with time. Returns how long to wait; 0 when it may go. */
function takeRate(state: MatrixState, user: string, now: number): number {
  const sends = state.people.get(user)?.sends;
  if (sends === undefined) return 0;
  const { burst, perSecond } = sends;
  const bucket = state.rate.get(user) ?? { tokens: burst, at: now };
  const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
  const may = tokens >= 1;
  state.rate.set(user, { tokens: may ? tokens - 1 : tokens, at: now });
  return may ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1000);
}
