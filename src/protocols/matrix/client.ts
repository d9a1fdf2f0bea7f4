/**
 * The Matrix client-server API: one request, and the class of what came of it. Errors carry an `errcode`
 * (https://spec.matrix.org/latest/client-server-api/#standard-error-response).
 */
import type { Http, HttpAnswer, HttpRequest, Secret } from "../../core/ports.ts";
import { classStatus, classThrown, jsonObject, later, limited, retryAfterMs } from "../call.ts";
import type { Effect, Failure } from "../call.ts";
import { discover } from "./discovery.ts";
import type { Session } from "./session.ts";

export interface ClientDeps {
  readonly http: Http;
  /** As configured: a base URL or the name of a homeserver. */
  readonly server: string;
  readonly session: Session;
}

export interface Answer {
  readonly kind: "answer";
  readonly json: Readonly<Record<string, unknown>>;
}
/** A failure, with the status and the service's own code that told it, where there were any. */
export type Refusal = Failure & { readonly status?: number; readonly errcode?: string };

export interface Client {
  ask(
    effect: Effect,
    method: HttpRequest["method"],
    path: string,
    body?: object,
  ): Promise<Answer | Refusal>;
  /** The same as a request to be sent by somebody else: a long poll. */
  prepare(method: HttpRequest["method"], path: string, body?: object): Promise<Prepared | Refusal>;
  /** The class of the answer to a prepared request. */
  classify(request: HttpRequest, answer: HttpAnswer, effect: Effect): Promise<Answer | Refusal>;
}
export interface Prepared {
  readonly kind: "request";
  readonly request: HttpRequest;
}

const CLIENT = "/_matrix/client/v3";
const BEARER = "Bearer ";

const isUnknownToken = (result: Answer | Refusal): boolean =>
  result.kind === "account" && /^M_(?:UNKNOWN|MISSING)_TOKEN$/u.test(result.errcode ?? "");

/** A path of segments, each encoded: ids hold `#`, `!`, `:` and `/`. */
export const path = (...segments: readonly string[]): string =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");

/** A query from what is defined of the fields. */
export const query = (fields: Readonly<Record<string, string | number | undefined>>): string => {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`],
  );
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
};

/** A client of one account. Remembers where its homeserver is. */
export function createClient({ http, server, session }: ClientDeps): Client {
  let base: string | undefined;

  const locate = async (): Promise<string | Failure> => {
    if (base !== undefined) return base;
    const found = await discover(http, server);
    if (typeof found === "string") base = found;
    return found;
  };

  const client: Client = {
    async prepare(method, at, body) {
      const home = await locate();
      if (typeof home !== "string") return home;
      const token = await session.token(http, home);
      if ("kind" in token) return token;
      return { kind: "request", request: requestOf(home, token, method, at, body) };
    },
    async classify(request, answer, effect) {
      const result = classOf(answer, effect, session.fix);
      // A token that came of a login is asked for anew.
      if (isUnknownToken(result))
        session.forget(request.headers["authorization"]?.slice(BEARER.length) ?? "");
      return result;
    },
    async ask(effect, method, at, body) {
      const prepared = await client.prepare(method, at, body);
      if (prepared.kind !== "request") return prepared;
      try {
        return await client.classify(prepared.request, await http(prepared.request), effect);
      } catch (error) {
        return classThrown(error, effect);
      }
    },
  };
  return client;
}

function requestOf(
  base: string,
  token: Secret,
  method: HttpRequest["method"],
  at: string,
  body: object | undefined,
): HttpRequest {
  return {
    method,
    url: `${base}${at.startsWith("/_matrix/") ? "" : CLIENT}${at}`,
    headers: {
      accept: "application/json",
      authorization: `${BEARER}${token.reveal()}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

function classOf(answer: HttpAnswer, effect: Effect, tokenFix: string): Answer | Refusal {
  const json = jsonObject(answer);
  const { status } = answer;
  if (status >= 200 && status < 300)
    return json === undefined
      ? {
          kind: effect === "write" ? "uncertain" : "later",
          reason: `${status} whose body is no JSON object`,
        }
      : { kind: "answer", json };
  const errcode = typeof json?.["errcode"] === "string" ? json["errcode"] : undefined;
  const told = { status, ...(errcode === undefined ? {} : { errcode }) };
  if (status === 429 || errcode === "M_LIMIT_EXCEEDED")
    return { ...limited("429 M_LIMIT_EXCEEDED", limitedForMs(answer, json)), ...told };
  // A firewall in front of the homeserver dislikes what was said: that is one message's trouble, not the account's.
  const isFirewall = status === 403 && json === undefined && effect === "write";
  const failure =
    (isFirewall
      ? later("403 of a page: something in front of the homeserver refuses")
      : undefined) ??
    classStatus(answer, effect) ??
    classRefused(status, errcode, json ?? {}, tokenFix);
  return { ...failure, ...told };
}

/** `Retry-After` counts; `retry_after_ms` is its deprecated elder, which many servers still send alone. */
function limitedForMs(
  answer: HttpAnswer,
  json: Readonly<Record<string, unknown>> | undefined,
): number | undefined {
  const ms = json?.["retry_after_ms"];
  return retryAfterMs(answer) ?? (typeof ms === "number" && ms >= 0 ? Math.ceil(ms) : undefined);
}

/** What a server says, where it is text. */
const textOf = (value: unknown, otherwise: string): string =>
  typeof value === "string" ? value : otherwise;

function classRefused(
  status: number,
  errcode: string | undefined,
  json: Readonly<Record<string, unknown>>,
  tokenFix: string,
): Failure {
  const reason = `${status} ${errcode ?? "without a Matrix error"}`;
  switch (errcode) {
    case "M_UNKNOWN_TOKEN":
    case "M_MISSING_TOKEN": {
      const soft = json["soft_logout"] === true ? " (logged out softly)" : "";
      return { kind: "account", reason: `${reason}${soft}: the token is not valid`, fix: tokenFix };
    }
    case "M_USER_DEACTIVATED":
    case "M_USER_LOCKED":
    case "M_USER_SUSPENDED":
      return {
        kind: "account",
        reason: `${reason}: the homeserver has closed the account`,
        fix: "ask the homeserver's administrator, or use another account",
      };
    case "M_CONSENT_NOT_GIVEN":
      return {
        kind: "account",
        reason: `${reason}: the homeserver's terms are not accepted`,
        fix: `open ${textOf(json["consent_uri"], "the homeserver's consent page")} as the bridge's account`,
      };
    case "M_FORBIDDEN":
      return {
        kind: "channel",
        reason: `${reason}: ${textOf(json["error"], "no access")}`,
        fix: "invite the bridge's account into the room and let it write there",
      };
    case "M_BAD_STATE":
      return {
        kind: "channel",
        reason: `${reason}: ${textOf(json["error"], "banned")}`,
        fix: "lift the ban of the bridge's account, and invite it again",
      };
    case "M_TOO_LARGE":
      return { kind: "rejected", reason, plainHelps: true };
    case undefined:
      return {
        kind: "account",
        reason,
        fix: "check that Server is the address of a Matrix homeserver, as in https://matrix.org",
      };
    case "M_UNRECOGNIZED":
      return {
        kind: "account",
        reason: `${reason}: the server does not know the request`,
        fix: "check that Server is the address of a Matrix homeserver, as in https://matrix.org",
      };
    default:
      return { kind: "rejected", reason: `${reason}: ${textOf(json["error"], "refused")}` };
  }
}
