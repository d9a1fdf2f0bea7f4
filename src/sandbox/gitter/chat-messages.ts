/** `/rooms/:id/chatMessages`: list, one, send, edit, delete. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { add, edit, type GitterEffect, remove } from "./messages.ts";
import { failure, json, noContent } from "./reply.ts";
import { type GitterMessage, type GitterRoom, type GitterState, isObjectId } from "./state.ts";

export interface Result {
  readonly response: WireResponse;
  readonly effects: readonly GitterEffect[];
}
export const only = (response: WireResponse): Result => ({ response, effects: [] });

export interface RoomCall {
  readonly state: GitterState;
  readonly room: GitterRoom;
  readonly request: WireRequest;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly now: number;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 100;
const MAX_SKIP = 5000;
/** UTF-16 code units. */
const MAX_TEXT = 4096;
/** The server refuses edits after ten minutes, whatever its documentation says. */
const EDIT_WINDOW_MS = 600_000;

/**
 * Always oldest to newest. `afterId` gives the oldest `limit` after it, `beforeId` or nothing the newest; replies in
 * threads only with `includeThreads`.
 */
export function list({ room, request: { query }, now }: RoomCall): Result {
  const beforeId = query.get("beforeId");
  const afterId = query.get("afterId");
  // The server's id constructor throws on anything else.
  if ([beforeId, afterId].some((id) => id !== null && !isObjectId(id)))
    return only(failure(500, now));
  const skip = Number(query.get("skip") ?? 0) || 0;
  if (skip > MAX_SKIP) return only(failure(400, now));
  const asked = Math.trunc(Number(query.get("limit") ?? Number.NaN));
  const limit = asked > 0 ? Math.min(asked, MAX_LIMIT) : DEFAULT_LIMIT;
  const withThreads = query.get("includeThreads") === "true";
  const all = [...room.messages.values()].filter(
    ({ id, parentId }) =>
      (withThreads || parentId === undefined) &&
      (beforeId === null || id < beforeId) &&
      (afterId === null || id > afterId),
  );
  const end = all.length - skip;
  const page =
    afterId === null
      ? all.slice(Math.max(0, end - limit), Math.max(0, end))
      : all.slice(skip, skip + limit);
  return only(json(200, page));
}

export function send({ state, room, fields, now }: RoomCall): Result {
  const { text, status, parentId } = fields as {
    text?: unknown;
    status?: unknown;
    parentId?: unknown;
  };
  if (typeof text !== "string" || text === "" || text.length > MAX_TEXT)
    return only(failure(400, now));
  if (parentId !== undefined && (typeof parentId !== "string" || !room.messages.has(parentId))) {
    return only(failure(400, now));
  }
  const bot = state.people.get(state.seed.bot.id);
  if (bot === undefined) return only(failure(401, now));
  const draft = {
    text,
    ...(typeof status === "boolean" ? { status } : {}),
    ...(parentId === undefined ? {} : { parentId }),
  };
  const { message, effects } = add(state, room, bot, draft, now);
  return { response: json(200, message), effects };
}

export function change({ state, room, fields, now }: RoomCall, message: GitterMessage): Result {
  const { text = "" } = fields as { text?: unknown };
  if (message.fromUser.id !== state.seed.bot.id) return only(failure(403, now));
  if (now - Date.parse(message.sent) > EDIT_WINDOW_MS) return only(failure(400, now));
  // An empty text is taken, and blanks the message.
  if (typeof text !== "string" || text.length > MAX_TEXT) return only(failure(400, now));
  const done = edit(state, room, message, text, now);
  return { response: json(200, done.message), effects: done.effects };
}

export function takeAway({ state, room, now }: RoomCall, message: GitterMessage): Result {
  if (message.fromUser.id !== state.seed.bot.id) return only(failure(403, now));
  return { response: noContent, effects: remove(room, message) };
}
