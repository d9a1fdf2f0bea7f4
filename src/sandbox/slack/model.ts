/**
 * Slack's Web API as a function: request, state and time in, response and effects out. No I/O, no clock, no
 * randomness. The state is changed in place.
 */
import {
  type Exchange,
  takeFault,
  underFault,
  type WireRequest,
  type WireResponse,
} from "../wire.ts";
import { type Args, readArgs, text } from "./args.ts";
import type { SlackEffect } from "./events.ts";
import { completeUpload, deleteFile, filesInfo, getUploadUrl, handleSlackFile } from "./files.ts";
import { join, setPurpose, setTopic } from "./happenings.ts";
import {
  authTest,
  botsInfo,
  conversationsHistory,
  conversationsInfo,
  conversationsList,
  conversationsMembers,
  conversationsReplies,
  usersConversations,
  usersInfo,
} from "./read.ts";
import { addReaction, removeReaction } from "./reactions.ts";
import { type Call, fail, type Reply } from "./reply.ts";
import { openConnection } from "./socket.ts";
import { findChannel, type SlackState } from "./state.ts";
import { deleteMessage, postMessage, update } from "./write.ts";

interface Method {
  readonly run: (call: Call) => Reply;
  /** The bot's unless told. */
  readonly token?: "app";
  /** Scope it needs; `read`, `history` and `write.topic` differ by the kind of channel. */
  readonly scope?:
    | "chat:write"
    | "files:read"
    | "files:write"
    | "reactions:write"
    | "users:read"
    | "channels:join"
    | "read"
    | "history"
    | "write.topic";
}

const METHODS: Readonly<Record<string, Method>> = {
  "apps.connections.open": { run: openConnection, token: "app" },
  "auth.test": { run: authTest },
  "bots.info": { run: botsInfo, scope: "users:read" },
  "chat.delete": { run: deleteMessage, scope: "chat:write" },
  "chat.postMessage": { run: postMessage, scope: "chat:write" },
  "chat.update": { run: update, scope: "chat:write" },
  "conversations.history": { run: conversationsHistory, scope: "history" },
  "conversations.info": { run: conversationsInfo, scope: "read" },
  "conversations.join": { run: join, scope: "channels:join" },
  "conversations.list": { run: conversationsList, scope: "read" },
  "conversations.members": { run: conversationsMembers, scope: "read" },
  "conversations.setPurpose": { run: setPurpose, scope: "write.topic" },
  "conversations.setTopic": { run: setTopic, scope: "write.topic" },
  "conversations.replies": { run: conversationsReplies, scope: "history" },
  "files.completeUploadExternal": { run: completeUpload, scope: "files:write" },
  "files.delete": { run: deleteFile, scope: "files:write" },
  "files.getUploadURLExternal": { run: getUploadUrl, scope: "files:write" },
  "files.info": { run: filesInfo, scope: "files:read" },
  "reactions.add": { run: addReaction, scope: "reactions:write" },
  "reactions.remove": { run: removeReaction, scope: "reactions:write" },
  "users.conversations": { run: usersConversations, scope: "read" },
  "users.info": { run: usersInfo, scope: "users:read" },
};

function neededScope(state: SlackState, { scope }: Method, args: Args): string | undefined {
  if (scope !== "read" && scope !== "history" && scope !== "write.topic") return scope;
  const isPrivate = findChannel(state, text(args, "channel") ?? "")?.isPrivate ?? false;
  return `${isPrivate ? "groups" : "channels"}:${scope}`;
}

function authError(
  state: SlackState,
  method: Method,
  { headers }: WireRequest,
  args: Args,
): string | undefined {
  const token = /^Bearer (.+)$/i.exec(headers["authorization"] ?? "")?.[1] ?? text(args, "token");
  if (token === undefined) return "not_authed";
  const { seed } = state;
  if (token !== seed.token && token !== seed.appToken) return "invalid_auth";
  if (token !== (method.token === "app" ? seed.appToken : seed.token))
    return "not_allowed_token_type";
  return state.authError;
}

function run(state: SlackState, request: WireRequest, now: number): Reply {
  const args = readArgs(request);
  if (args === undefined) return fail("invalid_json");
  const method = Object.hasOwn(METHODS, request.path) ? METHODS[request.path] : undefined;
  if (method === undefined) return fail("unknown_method", { req_method: request.path });
  const refused = authError(state, method, request, args);
  if (refused !== undefined) return fail(refused);
  const needed = neededScope(state, method, args);
  if (needed !== undefined && !state.scopes.has(needed)) {
    return fail("missing_scope", { needed, provided: [...state.scopes].join(",") });
  }
  return method.run({ state, args, now });
}

const json = (status: number, body: object, more: Record<string, string> = {}): WireResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", ...more },
  body: JSON.stringify(body),
});

/** Slack answers one call; `request.path` is the method's name. */
export function handleSlack(
  state: SlackState,
  request: WireRequest,
  now: number,
): Exchange<SlackEffect> {
  const errorBody = (status: number): WireResponse =>
    json(status, { ok: false, error: status === 429 ? "ratelimited" : "internal_error" });
  return underFault(takeFault(state.faults, request.path), errorBody, () => {
    const { body, effects } = run(state, request, now);
    return {
      response: json(200, body, { "x-oauth-scopes": [...state.scopes].join(",") }),
      effects,
    };
  });
}

/** The file host answers; `request.path` is the path there. */
export function handleSlackFiles(state: SlackState, request: WireRequest): Exchange<SlackEffect> {
  const name = request.path.startsWith("/upload/") ? "upload" : "download";
  const errorBody = (status: number): WireResponse => ({ status, headers: {}, body: "" });
  return underFault(takeFault(state.faults, name), errorBody, () => ({
    response: handleSlackFile(state, request),
    effects: [],
  }));
}
