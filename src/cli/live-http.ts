/** The connectors' network when they are only to look: what would change something is not sent, and noted. */
import type { AccountConfig, ConnectorDeps } from "../core/config/config.ts";
import { createHmac } from "node:crypto";
import { messageOf } from "../core/errors.ts";
import {
  type Connector,
  type Http,
  type HttpAnswer,
  type HttpRequest,
  NotSent,
} from "../core/ports.ts";
import { protocols } from "../protocols/registry.ts";

const CALL_MS = 10_000;
const NEVER_LEFT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/u;

/** One call, as hosts make it: 10 s for the whole answer, no redirect followed. */
export const callOut: Http = async ({ method, url, headers, body }) => {
  try {
    const response = await fetch(url, {
      method,
      headers,
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_MS),
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, header: (name) => response.headers.get(name), body: text };
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      throw new Error(`${new URL(url).host} does not answer within 10 s`, { cause: error });
    const cause = error instanceof Error ? error.cause : undefined;
    const code = (cause as { readonly code?: unknown } | undefined)?.code;
    const why = typeof code === "string" ? code : messageOf(cause ?? error);
    // The platform's words for a header that cannot be sent quote it, and it is a token.
    if (/header/iu.test(why)) throw new NotSent("the token holds a sign that no token has");
    const text = `no connection to ${new URL(url).host} (${why})`;
    throw NEVER_LEFT.test(why) ? new NotSent(text) : new Error(text, { cause: error });
  }
};

export interface Watch {
  readonly http: Http;
  readonly answers: { readonly request: HttpRequest; readonly answer: HttpAnswer }[];
  /** What was not sent as it would have changed something: the last part of its path. */
  readonly held: string[];
}

/** Slack reads by POST too. */
const READS =
  /\/(?:auth\.test|apps\.connections\.open|[a-z]+\.(?:info|list|history|replies|members))$/u;

/** `readOnly` false: everything is sent. */
export function watch(readOnly: boolean): Watch {
  const answers: Watch["answers"] = [];
  const held: string[] = [];
  return {
    answers,
    held,
    async http(request) {
      if (readOnly && request.method !== "GET" && !READS.test(new URL(request.url).pathname)) {
        held.push(request.url.split("/").at(-1) ?? "");
        throw new NotSent("not asked: it would change something");
      }
      const answer = await callOut(request);
      answers.push({ request, answer });
      return answer;
    },
  };
}

/** The account's connector on that network. */
export function connectTo(account: AccountConfig, http: Http, clock: () => number): Connector {
  const never = (): Promise<never> => Promise.reject(new Error("check carries no files"));
  const silent = () => undefined;
  const deps: ConnectorDeps = {
    http,
    copy: never,
    carry: never,
    hmac: async (secret, parts) => {
      const mac = createHmac("sha256", secret);
      for (const part of parts) mac.update(part);
      return mac.digest("hex");
    },
    clock,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    instance: "check",
    // A login here would end the session of a bridge that runs.
    longLived: false,
  };
  const protocol = protocols.find(({ name }) => name === account.protocol)!;
  return protocol.connect(account, deps);
}
