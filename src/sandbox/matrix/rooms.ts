/** What a device does in rooms: joins, sends, redacts, reads. */
import type { WireRequest } from "../wire.ts";
import { add, redact, setMembership } from "./events.ts";
import { forbidden, json, limited, notFound, only, refuse, type Result } from "./reply.ts";
import {
  type Device,
  findRoom,
  type MatrixRoom,
  type MatrixState,
  membershipOf,
  stateOf,
} from "./state.ts";
import { messages, shown } from "./sync.ts";

export interface Step {
  readonly state: MatrixState;
  readonly device: Device;
  readonly request: WireRequest;
  /** The path's segments, decoded. */
  readonly parts: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  readonly now: number;
}

/** An event has at most 65,536 bytes with what the server adds to it. */
const MOST_BYTES = 65_000;

export function joinRoom({ state, device, now }: Step, name: string): Result {
  if (!/^[#!]./.test(name)) return only(refuse(400, "M_INVALID_PARAM", `${name} is no room`));
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
  if (room === undefined || membershipOf(room, device.user) !== "join")
    return only(forbidden(`User ${device.user} not in room ${id}`));
  const [, , action, second = "", third = "", fourth = ""] = parts;
  switch (`${request.method} ${action}`) {
    case "PUT send":
      return send(step, room, second, third);
    case "PUT redact":
      return takeAway(step, room, second, third);
    case "GET messages":
      return only(messages(state, room, device, request));
    case "GET event": {
      const found = room.timeline.find(({ event }) => event.event_id === second);
      return only(
        found === undefined ? notFound("Event not found.") : json(200, shown(found, device)),
      );
    }
    case "GET state": {
      const content = stateOf(room, second, third);
      return only(content === undefined ? notFound("Event not found.") : json(200, content));
    }
    default:
      return only(refuse(404, "M_UNRECOGNIZED", `Unrecognized request ${fourth}`.trim()));
  }
}

function send(step: Step, room: MatrixRoom, type: string, txn: string): Result {
  const { state, device, request, body, now } = step;
  const key = `${device.device} ${room.id} ${txn}`;
  const made = state.transactions.get(key);
  // Whatever it says this time: the same transaction is the same event.
  if (made !== undefined) return only(json(200, { event_id: made }));
  if (request.body.length > MOST_BYTES) return only(refuse(413, "M_TOO_LARGE", "event too large"));
  if (/\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])/i.test(request.body))
    return only(refuse(500, "M_UNKNOWN", "Internal server error"));
  const fault = relationFault(room, body);
  if (fault !== undefined) return only(refuse(400, "M_UNKNOWN", fault));
  const level = stateOf(room, "m.room.tombstone") === undefined ? 0 : 50;
  if (level > 0) return only(forbidden("You don't have permission to post to the room"));
  const waitMs = takeRate(state, device.user, now);
  if (waitMs > 0) return only(limited(waitMs));
  const { event, effects } = add(
    state,
    room,
    { type, sender: device.user, content: body, sentBy: { device: device.device, txn } },
    now,
  );
  state.transactions.set(key, event.event_id);
  return { response: json(200, { event_id: event.event_id }), effects };
}

/** Relations are checked: a thread does not begin at an event that relates to another itself. */
function relationFault(room: MatrixRoom, body: Step["body"]): string | undefined {
  const relation = body["m.relates_to"] as Record<string, unknown> | undefined;
  if (relation?.["rel_type"] === undefined) return undefined;
  const target = room.timeline.find(({ event }) => event.event_id === relation["event_id"]);
  if (target === undefined) return "Can't send relation to unknown event";
  if (relation["rel_type"] !== "m.thread") return undefined;
  const own = target.event.content["m.relates_to"] as Record<string, unknown> | undefined;
  return own?.["rel_type"] === undefined
    ? undefined
    : "Cannot start threads from an event with a relation";
}

function takeAway(step: Step, room: MatrixRoom, target: string, txn: string): Result {
  const { state, device, now } = step;
  const key = `${device.device} ${room.id} ${txn}`;
  const made = state.transactions.get(key);
  if (made !== undefined) return only(json(200, { event_id: made }));
  const found = room.timeline.find(({ event }) => event.event_id === target);
  if (found === undefined) return only(notFound("Event not found."));
  if (found.event.sender !== device.user)
    return only(forbidden("You don't have permission to redact events"));
  const sentBy = { device: device.device, txn };
  const { event, effects } = redact(state, room, target, device.user, now, sentBy);
  state.transactions.set(key, event.event_id);
  return { response: json(200, { event_id: event.event_id }), effects };
}

/** A bucket that fills with time. Returns how long to wait; 0 when it may go. */
function takeRate(state: MatrixState, user: string, now: number): number {
  const { sendBurst, sendsPerSecond } = state.seed;
  const bucket = state.rate.get(user) ?? { tokens: sendBurst, at: now };
  const tokens = Math.min(sendBurst, bucket.tokens + ((now - bucket.at) / 1000) * sendsPerSecond);
  const may = tokens >= 1;
  state.rate.set(user, { tokens: may ? tokens - 1 : tokens, at: now });
  return may ? 0 : Math.ceil(((1 - tokens) / sendsPerSecond) * 1000);
}
