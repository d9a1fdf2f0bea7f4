/**
 * The Web API methods that we call, and the class of every answer. HTTP is 200 even for failures; what happened is in
 * `ok` and `error`. The token goes to APIURL only.
 */
import type { AccountConfig } from "../../core/config/config.ts";
import type { Http, HttpAnswer } from "../../core/ports.ts";
import {
  type Failure,
  form,
  isFailure,
  jsonObject,
  later,
  orThrow,
  request,
  retryAfterMs,
  isHeaderSafe,
} from "../call.ts";

export type Json = Readonly<Record<string, unknown>>;
export type Result = { readonly kind: "ok"; readonly body: Json } | Failure;

export interface Client {
  /** A method that changes something, with a JSON body. */
  write(method: string, args: Json): Promise<Result>;
  /** A method that reads, form-encoded: JSON bodies are partly ignored there. Throws `CallFailed`. */
  read(
    method: string,
    args: Readonly<Record<string, string | number | boolean | undefined>>,
  ): Promise<Json>;
}

export const DEFAULT_API = "https://slack.com/api/";

/** Slack's tokens: the bot's for nearly everything, the app's to open connections. */
export interface TokenKind {
  readonly key: "Token" | "AppToken";
  /** As people find it at Slack. */
  readonly name: string;
  readonly addScope: (scope: string) => string;
}
const BOT: TokenKind = {
  key: "Token",
  name: "the app's Bot User OAuth Token",
  addScope: (scope) => `add the scope ${scope} to the Slack app and reinstall it`,
};
export const APP: TokenKind = {
  key: "AppToken",
  name: "an app-level token with the scope connections:write (the app's Basic Information, App-Level Tokens)",
  addScope: (scope) =>
    `make an app-level token with the scope ${scope} (the app's Basic Information, App-Level Tokens)`,
};

export function createClient(account: AccountConfig, http: Http, kind = BOT): Client {
  const base = (account.settings.string("APIURL") ?? DEFAULT_API).replace(/\/*$/u, "/");
  const token = account.settings.secret(kind.key);
  const call = async (
    method: string,
    contentType: string,
    body: string,
    effect: "read" | "write",
  ): Promise<Result> => {
    if (token === undefined || !isHeaderSafe(token.reveal()))
      return {
        kind: "account",
        reason: `${account.id} has ${token === undefined ? `no ${kind.key}` : `${kind.key === "Token" ? "a" : "an"} ${kind.key} with a line break or a foreign sign`}`,
        fix: `set ${account.envName(kind.key)} to ${kind.name}`,
      };
    const headers = {
      authorization: `Bearer ${token.reveal()}`,
      "content-type": contentType,
      accept: "application/json",
    };
    const answered = await request(
      http,
      { method: "POST", url: base + method, headers, body },
      effect,
    );
    if (isFailure(answered)) return answered;
    return classAnswer(account, kind, method, answered.answer, effect);
  };
  return {
    write: (method, args) =>
      call(method, "application/json; charset=utf-8", JSON.stringify(args), "write"),
    read: async (method, args) =>
      orThrow(await call(method, "application/x-www-form-urlencoded", form(args), "read")).body,
  };
}

const ACCOUNT = new Set([
  "not_authed",
  "invalid_auth",
  "account_inactive",
  "token_revoked",
  "token_expired",
  "not_allowed_token_type",
  "org_login_required",
  "ekm_access_denied",
  "access_denied",
  "team_access_not_granted",
]);
const UNCERTAIN = new Set([
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
]);
const PLAIN_HELPS = new Set([
  "invalid_blocks",
  "invalid_blocks_format",
  "msg_blocks_too_long",
  "block_mismatch",
]);
/** The thread's first message is gone, or nobody may answer it any more. */
const FLAT_HELPS = new Set([
  "thread_not_found",
  "cannot_reply_to_message",
  "restricted_action_thread_locked",
  "restricted_action_non_threadable_channel",
]);
const CHANNEL: Readonly<Record<string, string>> = {
  not_in_channel: "invite the bot there: /invite @footbridge",
  channel_not_found:
    "the channel is gone, or it is private and the bot is not in it: /invite @footbridge",
  is_archived: "unarchive the channel, or take it out of the gateway",
  restricted_action: "let the app post there (channel settings, posting permissions)",
  restricted_action_read_only_channel:
    "let the app post there (channel settings, posting permissions)",
  restricted_action_thread_only_channel:
    "let the app post there (channel settings, posting permissions)",
};

function classAnswer(
  account: AccountConfig,
  token: TokenKind,
  method: string,
  answer: HttpAnswer,
  effect: "read" | "write",
): Result {
  const body = jsonObject(answer);
  // An error page, a login page, a redirect: nobody knows what was done.
  if (body === undefined || typeof body["ok"] !== "boolean") {
    const reason = `${method}: an answer that is not Slack's (HTTP ${answer.status})`;
    return effect === "write" ? { kind: "uncertain", reason } : later(reason);
  }
  if (body["ok"]) return { kind: "ok", body };
  const error = typeof body["error"] === "string" ? body["error"] : "unknown";
  const reason = `${method}: ${error}`;
  if (error === "ratelimited" || error === "rate_limited")
    return later(reason, retryAfterMs(answer) ?? 30_000);
  if (error === "missing_scope") {
    const needed = typeof body["needed"] === "string" ? body["needed"] : "a scope";
    return {
      kind: "account",
      reason: `${reason} ${needed}`,
      fix: token.addScope(needed),
    };
  }
  if (ACCOUNT.has(error))
    return {
      kind: "account",
      reason,
      fix: `set ${account.envName(token.key)} to ${token.name}`,
    };
  if (UNCERTAIN.has(error))
    return effect === "write" ? { kind: "uncertain", reason } : later(reason);
  const fix = CHANNEL[error];
  if (fix !== undefined) return { kind: "channel", reason, fix };
  if (error === "message_limit_exceeded" || error === "team_added_to_org")
    return later(reason, 60_000);
  return {
    kind: "rejected",
    reason,
    ...(PLAIN_HELPS.has(error) ? { plainHelps: true } : {}),
    ...(FLAT_HELPS.has(error) ? { flatHelps: true } : {}),
  };
}
