/**
 * Gitter's REST API: one request, and the class of what came of it. An error's body is only the phrase of its status,
 * so the reason has to be told from what was asked.
 */
import type { Clock, Http, HttpAnswer, HttpRequest, Secret } from "../../core/ports.ts";
import { classStatus, classThrown, later, parseJson, isHeaderSafe } from "../call.ts";
import type { Effect, Failure } from "../call.ts";
import { fullBudget, limitedForMs, noteAnswer, spend, type Use, waitMs } from "./budget.ts";

export interface ClientDeps {
  readonly http: Http;
  readonly clock: Clock;
  /** Base with the version, with or without a slash at its end. */
  readonly apiUrl: string;
  readonly token: Secret | undefined;
  /** Where a token is set, for errors. */
  readonly tokenName: string;
}

/** A body that was read; undefined where it was empty or no JSON. */
export interface Answer {
  readonly kind: "answer";
  readonly json: unknown;
}

export interface Client {
  ask(
    use: Use,
    method: HttpRequest["method"],
    path: string,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<Answer | Refusal>;
}

/** A failure, with the status that told it where there was one. */
export type Refusal = Failure & { readonly status?: number };

export const headersFor = (token: Secret): Readonly<Record<string, string>> => ({
  accept: "application/json",
  authorization: `Bearer ${token.reveal()}`,
});

/** Joins a base, which may end in a slash, and a path that begins with one. */
export const join = (base: string, path: string): string => base.replace(/\/+$/, "") + path;

/** A client of one account. Holds nothing but what the service last said about the account's budget. */
export function createClient({ http, clock, apiUrl, token, tokenName }: ClientDeps): Client {
  let budget = fullBudget;
  return {
    async ask(use, method, path, body) {
      const effect = use === "write" ? "write" : "read";
      if (token === undefined || !isHeaderSafe(token.reveal())) return noToken(tokenName);
      const wait = waitMs(budget, use, clock());
      if (wait !== undefined) return later("the account's 100 requests a minute are used up", wait);
      budget = spend(budget);
      let answer: HttpAnswer;
      try {
        answer = await http({
          method,
          url: join(apiUrl, path),
          headers: { ...headersFor(token), "content-type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
      } catch (error) {
        return classThrown(error, effect);
      }
      budget = noteAnswer(budget, answer, clock());
      const failure = classify(answer, effect, clock(), tokenName);
      if (failure !== undefined) return failure;
      const json = parseJson(answer.body);
      // A proxy's page under a good status: nobody knows.
      if (effect === "write" && json === undefined && answer.body.trim() !== "")
        return { kind: "uncertain", reason: "the answer to a write is no JSON" };
      return { kind: "answer", json };
    },
  };
}

export const noToken = (tokenName: string): Refusal => ({
  kind: "account",
  reason: "no token",
  fix: `set ${tokenName} to the access token of the bridge's Gitter account`,
});

/** The class of an answer; undefined for success. */
export function classify(
  answer: Pick<HttpAnswer, "status" | "header" | "body">,
  effect: Effect,
  nowMs: number,
  tokenName: string,
): Refusal | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  if (status === 429) return later("429 too many requests", limitedForMs(answer, nowMs));
  return { ...(classStatus(answer, effect) ?? classRefused(status, tokenName)), status };
}

function classRefused(status: number, tokenName: string): Failure {
  switch (status) {
    case 401:
      return {
        kind: "account",
        reason: "401: the service does not know the token",
        fix: `sign in again as the bridge's account, take its access token and set it as ${tokenName}`,
      };
    case 403:
      return {
        kind: "channel",
        reason: "403: no access to the room",
        fix: "let the bridge's account into the room, and lift its ban if it has one",
      };
    case 404:
      return {
        kind: "channel",
        reason: "404: no such room, or none that the bridge's account may see",
        fix: "check the room's name, and invite the bridge's account if the room is private",
      };
    default:
      if (status >= 300 && status < 400)
        return {
          kind: "account",
          reason: `${status}: the service moved`,
          fix: "write its new address as APIURL",
        };
      return { kind: "rejected", reason: `${status} from the service` };
  }
}
