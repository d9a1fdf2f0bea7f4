/** The impure ports on `fetch` and other Web-standard APIs: workerd's own, and in Node `hosts/node/fetch.ts`. */
import type { AccountId } from "../../core/ids.ts";
import type { Slots } from "../../core/outbox/slots.ts";
import {
  type Hmac,
  type Http,
  type HttpAnswer,
  type HttpRequest,
  type HttpStream,
  NotSent,
  type OpenStream,
  type Wait,
} from "../../core/ports.ts";
import { createSilence } from "./silence.ts";

/** An outbound call is over after this long: services that answer at all answer sooner. */
export const CALL_MS = 10_000;

const lateCall = () => new DOMException("no answer", "TimeoutError");

export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly redirect: "manual";
  /** Ends the whole exchange, the body too. */
  readonly signal: AbortSignal;
  readonly body?: string | Uint8Array<ArrayBuffer> | PassedOn;
}
/** The unread body of an answer as the body of a request: exactly so many bytes, or the request fails. */
export interface PassedOn {
  readonly answer: FetchAnswer;
  readonly size: number;
}
export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  readonly body: {
    getReader(): {
      read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    };
  } | null;
}
/** What is used here of the standard's `fetch`. Rejects with the signal's reason, or the network's error as the cause. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface WebDeps {
  readonly fetch: Fetch;
  readonly slots: Slots;
  /** Counts every call that was started. */
  readonly onCall: () => void;
  /** Told of every call's end; without a status there was no whole answer. */
  readonly onAnswer?: (status: number | undefined) => void;
}

/** Redirects are not followed: a token must never travel to another host. */
const init = (request: HttpRequest, signal: AbortSignal): FetchInit => ({
  method: request.method,
  headers: { ...request.headers },
  redirect: "manual",
  signal,
  ...(request.body === undefined ? {} : { body: request.body }),
});

/** Codes of Node's network that mean that no byte of the request left, unless a connection that was there broke. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** A route can also vanish under an open connection; then it is a read or a write that fails with the same code. */
const brokeLater = (cause: unknown): boolean =>
  cause instanceof Error &&
  "syscall" in cause &&
  (cause.syscall === "read" || cause.syscall === "write");

function classed(error: unknown): Error {
  if (error instanceof NotSent) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  const code =
    typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (NEVER_LEFT.has(code) && !brokeLater(cause))
    return new NotSent(`no connection (${code})`, { cause: error });
  // The platform's words for a bad header quote its value, which is a token.
  if (error instanceof TypeError && /header|ByteString/iu.test(error.message))
    return new NotSent("a header cannot be sent: the token holds a sign that no token has");
  if (error instanceof Error && error.name === "TimeoutError")
    return new Error("no answer within 10 s", { cause: error });
  // `fetch failed` says nothing; its cause does.
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new Error(`${error instanceof Error ? error.message : String(error)}${why}`, {
    cause: error,
  });
}

/** `Http` for one account: waits for a slot, so that a hung service cannot take them all. `bytes` stand for the body. */
export function createHttp(
  account: AccountId,
  deps: WebDeps,
): (request: HttpRequest, bytes?: Uint8Array<ArrayBuffer>) => ReturnType<Http> {
  return async (request, bytes) => {
    const release = await deps.slots.acquire(account);
    const abort = new AbortController();
    // Not `AbortSignal.timeout`: that would be kept for its 10 s after every call.
    const timer = setTimeout(() => abort.abort(lateCall()), CALL_MS);
    try {
      deps.onCall();
      const given = init(request, abort.signal);
      const whole = bytes === undefined ? given : { ...given, body: bytes };
      const response = await deps.fetch(request.url, whole);
      const body = await response.text();
      deps.onAnswer?.(response.status);
      return { status: response.status, header: (name) => response.headers.get(name), body };
    } catch (error) {
      deps.onAnswer?.(undefined);
      throw classed(error);
    } finally {
      clearTimeout(timer);
      release();
    }
  };
}

/** A file of at most so many bytes and its type; undefined when it is larger or not there. Nothing of ours goes along. */
export async function fetchBytes(
  account: AccountId,
  deps: WebDeps,
  url: string,
  mostBytes: number,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string } | undefined> {
  const release = await deps.slots.acquire(account);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error("no answer within 10 s")), CALL_MS);
  try {
    deps.onCall();
    const response = await deps.fetch(url, init({ method: "GET", url, headers: {} }, abort.signal));
    const reader = response.status === 200 ? response.body?.getReader() : undefined;
    if (reader === undefined) return undefined;
    const bytes = new Uint8Array(mostBytes);
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (value === undefined) continue;
      if (size + value.length > mostBytes) return undefined;
      bytes.set(value, size);
      size += value.length;
    }
    return { bytes: bytes.slice(0, size), type: response.headers.get("content-type") ?? "" };
  } catch (error) {
    throw classed(error);
  } finally {
    // Also where the rest of the file is not wanted.
    abort.abort(new Error("read"));
    clearTimeout(timer);
    release();
  }
}

/**
 * An answer with its body unread. Its headers have so long, and hold a slot for so long; what ends the body is `signal`.
 * Without a redirect followed, as everywhere.
 */
export async function openAnswer(
  account: AccountId,
  deps: WebDeps,
  request: HttpRequest,
  abort: AbortController,
  limitMs = CALL_MS,
): Promise<FetchAnswer> {
  const release = await deps.slots.acquire(account);
  const late = new Error(`no answer within ${limitMs / 1_000} s`);
  const timer = setTimeout(() => abort.abort(late), limitMs);
  try {
    deps.onCall();
    const answer = await deps.fetch(request.url, init(request, abort.signal));
    deps.onAnswer?.(answer.status);
    return answer;
  } catch (error) {
    deps.onAnswer?.(undefined);
    throw classed(error);
  } finally {
    clearTimeout(timer);
    release();
  }
}

/** Sends a body that was not read yet. It has as long as `abort` lets it. */
export async function passOn(
  account: AccountId,
  deps: WebDeps,
  request: HttpRequest,
  body: PassedOn,
  abort: AbortController,
): Promise<HttpAnswer> {
  const release = await deps.slots.acquire(account);
  try {
    deps.onCall();
    const answer = await deps.fetch(request.url, { ...init(request, abort.signal), body });
    const text = await answer.text();
    deps.onAnswer?.(answer.status);
    return { status: answer.status, header: (name) => answer.headers.get(name), body: text };
  } catch (error) {
    deps.onAnswer?.(undefined);
    throw classed(error);
  } finally {
    release();
  }
}

/** Opens a stream or a long poll; only the wait for its headers is limited, the body may last. */
export function createOpenStream(deps: Pick<WebDeps, "fetch" | "onCall">): OpenStream {
  return async (request, stop): Promise<HttpStream> => {
    deps.onCall();
    const abort = new AbortController();
    const waitMs = request.waitMs ?? CALL_MS;
    const late = new Error(`no answer within ${waitMs / 1000} s`);
    const timer = setTimeout(() => abort.abort(late), waitMs);
    let waiting = true;
    void stop?.then(() => waiting && abort.abort(new Error("stopped")));
    let response: FetchAnswer;
    try {
      response = await deps.fetch(request.url, init(request, abort.signal));
    } catch (error) {
      throw classed(error);
    } finally {
      waiting = false;
      clearTimeout(timer);
    }
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const silence = createSilence();
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      async read(silenceMs) {
        if (reader === undefined) return undefined;
        const piece = await silence.limit(reader.read(), silenceMs);
        if (!piece.done) return decoder.decode(piece.value, { stream: true });
        silence.end();
        return undefined;
      },
      close() {
        silence.end();
        abort.abort(new Error("closed by us"));
      },
    };
  };
}

const encoder = new TextEncoder();

/** By secret, of which there are as many as are configured. The keys, not what waits for them: that is one request's own. */
const keys = new Map<string, CryptoKey>();

async function keyOf(secret: string): Promise<CryptoKey> {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const raw = encoder.encode(secret);
  const key = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  keys.set(secret, key);
  return key;
}

export const hmacSha256: Hmac = async (secret, parts) => {
  const key = await keyOf(secret);
  const bytes = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const whole = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of bytes) {
    whole.set(part, at);
    at += part.length;
  }
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, whole));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

export const wait: Wait = (ms) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  return { over: promise, cancel: () => clearTimeout(timer) };
};

/** 128 random bits as text. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
