/** The little HTTP that the sandbox needs on top of node:http, where connections can be hung, cut and streamed. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Ending, WireRequest } from "./wire.ts";

/** No service reads more than this. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Text by its type; anything else byte by byte. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size <= MAX_BODY_BYTES) pieces.push(piece);
  }
  return Buffer.concat(pieces).toString(
    /^(?:$|text\/|application\/(?:json|x-www-form-urlencoded))/.test(
      request.headers["content-type"] ?? "",
    )
      ? "utf8"
      : "latin1",
  );
}

/** The request as a model takes it, with `prefix` cut from its path. */
export async function toWire(request: IncomingMessage, prefix: string): Promise<WireRequest> {
  const url = new URL(request.url ?? "/", "http://sandbox");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: request.method ?? "GET",
    path: url.pathname.slice(prefix.length),
    query: url.searchParams,
    headers,
    body: await readBody(request),
  };
}

/** Carries out how an exchange ends. A hung answer stays open until either side closes. */
export function finish(response: ServerResponse, ending: Ending, moreDelayMs = 0): void {
  if (ending.kind === "hang") return;
  if (ending.kind === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers, binary } = ending.response;
  const body = Buffer.from(ending.response.body, binary === true ? "latin1" : "utf8");
  const write = (): void => {
    if (response.destroyed) return;
    const length = status === 204 ? {} : { "content-length": Buffer.byteLength(body) };
    response.writeHead(status, { ...headers, ...length }).end(body);
  };
  const delayMs = ending.delayMs + moreDelayMs;
  if (delayMs > 0) setTimeout(write, delayMs);
  else write();
}

export function reply(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
): void {
  const headers = { "content-type": contentType };
  finish(response, { kind: "answer", response: { status, headers, body }, delayMs: 0 });
}
