/**
 * Gitter's REST API and the opening of its streams as functions: request, state and time in, response and effects out.
 * No I/O, no clock, no randomness. The state is changed in place.
 */
import {
  type Ending,
  type Exchange,
  takeFault,
  underFault,
  type WireRequest,
  type WireResponse,
} from "../wire.ts";
import { countCall, refusal } from "./auth.ts";
import { change, list, only, type Result, send, takeAway } from "./chat-messages.ts";
import type { GitterEffect } from "./messages.ts";
import { cannot, failure, json } from "./reply.ts";
import { findRoom, type GitterRoom, type GitterState, isObjectId } from "./state.ts";

const MAX_BODY = 102_400;
const MAX_TOPIC = 4_096;

/** A call's name in fault plans: `GET chatMessages`, `POST rooms`, `GET user`. */
function nameOf({ method, path }: WireRequest): string {
  if (path.includes("/chatMessages")) return `${method} chatMessages`;
  if (/^\/v1\/user\/[^/]+\/rooms/.test(path)) return `${method} join`;
  return path.startsWith("/v1/rooms") ? `${method} rooms` : `${method} user`;
}

function fieldsOf({ headers, body }: WireRequest): Readonly<Record<string, unknown>> | undefined {
  if (body === "") return {};
  if (!(headers["content-type"] ?? "").startsWith("application/json")) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

const describe = (state: GitterState, room: GitterRoom): object => ({
  id: room.id,
  name: room.uri,
  topic: room.topic,
  uri: room.uri,
  oneToOne: false,
  userCount: room.members.size,
  unreadItems: 0,
  mentions: 0,
  lurk: false,
  url: `/${room.uri}`,
  githubType: "REPO_CHANNEL",
  security: room.isPrivate ? "PRIVATE" : "PUBLIC",
  noindex: false,
  tags: [],
  roomMember: room.members.has(state.seed.bot.id),
  public: !room.isPrivate,
  v: 1,
});

/** The room that a path names, or the status that refuses it. */
function roomAt(state: GitterState, id: string): GitterRoom | number {
  if (!isObjectId(id)) return 400;
  const room = state.rooms.get(id);
  if (room === undefined) return 404;
  const isOutside = room.isPrivate && !room.members.has(state.seed.bot.id);
  return room.botIsBanned || isOutside ? 403 : room;
}

function user({ state, path, now }: Step): Result {
  const me = state.people.get(state.seed.bot.id);
  const [, , , id] = path.split("/");
  if (id === undefined) return only(json(200, [{ ...me, providers: ["github"] }]));
  return only(id === "me" || id === me?.id ? json(200, me) : failure(403, now));
}

interface Step {
  readonly state: GitterState;
  readonly request: WireRequest;
  readonly path: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly now: number;
}

/** Finds a room by uri; does not join it. What one may not read does not exist. */
function resolve({ state, request, fields, now }: Step): Result {
  const { uri = request.query.get("uri") } = fields as { uri?: unknown };
  if (typeof uri !== "string" || uri === "") return only(failure(400, now));
  const room = findRoom(state, uri);
  const isReadable = room !== undefined && typeof roomAt(state, room.id) !== "number";
  return only(isReadable ? json(200, describe(state, room)) : failure(404, now));
}

function join({ state, fields, now }: Step): Result {
  const { id } = fields as { id?: unknown };
  const room = roomAt(state, typeof id === "string" ? id : "");
  if (typeof room === "number") return only(failure(room, now));
  room.members.add(state.seed.bot.id);
  return only(json(200, describe(state, room)));
}

/** `PUT /v1/rooms/:id`: of what can be changed, the topic. */
function setTopic({ state, fields, now }: Step, id: string): Result {
  const room = roomAt(state, id);
  if (typeof room === "number") return only(failure(room, now));
  if (!room.botIsAdmin) return only(failure(403, now));
  const { topic } = fields as { topic?: unknown };
  if (typeof topic !== "string" || topic.length > MAX_TOPIC) return only(failure(400, now));
  room.topic = topic;
  return only(json(200, describe(state, room)));
}

function messages(step: Step, roomId: string, messageId: string | undefined): Result {
  const { state, request, path, now } = step;
  const room = roomAt(state, roomId);
  if (typeof room === "number") return only(failure(room, now));
  const call = { ...step, room };
  if (messageId === undefined) {
    if (request.method === "GET") return list(call);
    return request.method === "POST" ? send(call) : only(cannot(request.method, path));
  }
  if (!isObjectId(messageId)) return only(failure(500, now));
  const message = room.messages.get(messageId);
  if (message === undefined) return only(failure(404, now));
  switch (request.method) {
    case "GET":
      return only(json(200, message));
    case "PUT":
      return change(call, message);
    case "DELETE":
      return takeAway(call, message);
    default:
      return only(cannot(request.method, path));
  }
}

function route(step: Step): Result {
  const { state, request, path, now } = step;
  const [, , first, second, third, fourth, ...more] = path.split("/");
  const { method } = request;
  if (path.startsWith("/v1/") && more.length === 0) {
    if (first === "user" && third === undefined && method === "GET") return user(step);
    if (first === "user" && third === "rooms" && method === "POST") return join(step);
    if (first === "rooms" && second === undefined && method === "POST") return resolve(step);
    if (first === "rooms" && second === undefined && method === "GET") {
      const mine = [...state.rooms.values()].filter((one) => one.members.has(state.seed.bot.id));
      return only(
        json(
          200,
          mine.map((one) => describe(state, one)),
        ),
      );
    }
    if (first === "rooms" && second !== undefined && third === "chatMessages") {
      return messages(step, second, fourth);
    }
    if (first === "rooms" && second !== undefined && third === undefined && method === "PUT")
      return setTopic(step, second);
    if (first === "rooms" && second !== undefined && third === undefined && method === "GET") {
      const room = roomAt(state, second);
      return only(typeof room === "number" ? failure(room, now) : json(200, describe(state, room)));
    }
  }
  return only(method === "GET" ? failure(404, now) : cannot(method, path));
}

/** Answers of planned faults: a limit is over with the window. */
const faulty =
  (state: GitterState, now: number) =>
  (status: number): WireResponse => {
    const response = failure(status, now);
    const reset = {
      "x-ratelimit-reset": `${now + state.seed.rateWindowMs}`,
      "x-ratelimit-remaining": "0",
    };
    return status === 429 ? { ...response, headers: { ...response.headers, ...reset } } : response;
  };

/** Gitter answers one REST call. */
export function handleGitter(
  state: GitterState,
  request: WireRequest,
  now: number,
): Exchange<GitterEffect> {
  return underFault(takeFault(state.faults, nameOf(request)), faulty(state, now), () => {
    if (request.headers["transfer-encoding"] === "chunked") return only(failure(406, now));
    const refused = refusal(state, request);
    if (refused !== undefined) return only(failure(refused, now));
    const rate = countCall(state, now);
    const fields = request.body.length > MAX_BODY ? 413 : (fieldsOf(request) ?? 400);
    const { response, effects } = !rate.allowed
      ? only(failure(429, now))
      : typeof fields === "number"
        ? only(failure(fields, now))
        : route({ state, request, path: request.path, fields, now });
    return {
      response: { ...response, headers: { ...response.headers, ...rate.headers } },
      effects,
    };
  });
}

/** What becomes of a request for a stream: the room whose lines follow, or another ending. */
export type Opening = { readonly kind: "stream"; readonly room: string } | Ending;

/** Somebody asks for `/v1/rooms/:id/chatMessages` at the stream host. Streams are outside the rate limit. */
export function openStream(state: GitterState, request: WireRequest, now: number): Opening {
  const refuse = (status: number): Ending => ({
    kind: "answer",
    response: failure(status, now),
    delayMs: 0,
  });
  const fault = takeFault(state.faults, "stream");
  if (fault !== undefined && fault.kind !== "delay") {
    return underFault<GitterEffect>(fault, faulty(state, now), () => only(failure(503, now)))
      .ending;
  }
  const status = refusal(state, request);
  if (status !== undefined) return refuse(status);
  const id = /^\/v1\/rooms\/([^/]+)\/chatMessages$/.exec(request.path)?.[1];
  if (id === undefined || request.method !== "GET") return refuse(404);
  const room = roomAt(state, id);
  return typeof room === "number" ? refuse(room) : { kind: "stream", room: room.id };
}
