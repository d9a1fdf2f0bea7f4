/**
 * `fetch` on node:http, as far as `hosts/shared/web.ts` uses it: Node's own costs 11 MB more. Connections are kept by
 * Node's global agents (5 s idle, less where the service says so, and the proxy of NODE_USE_ENV_PROXY). Nothing is
 * repeated and no redirect is followed.
 */
import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline, Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";

import type { Fetch, FetchAnswer, FetchInit, PassedOn } from "../shared/web.ts";

/** Rejects as `fetch` does: with the signal's reason, or with an error whose cause is the network's. */
export const nodeFetch: Fetch = (url, init) =>
  new Promise((resolve, reject) => {
    init.signal.throwIfAborted();
    const target = new URL(url);
    const ask = target.protocol === "https:" ? httpsRequest : httpRequest;
    const outgoing = ask(target, { method: init.method, headers: headersOf(init) });
    destroyOnAbort(outgoing, init.signal);
    outgoing.once("response", (incoming) => resolve(answer(incoming)));
    outgoing.on("error", (error) => reject(failed(error, init.signal)));
    const { body: given } = init;
    if (isPassedOn(given))
      pipeline(Readable.from(piecesOf(given), { objectMode: false }), outgoing, (error) => {
        if (error !== null && error !== undefined) reject(failed(error, init.signal));
      });
    else outgoing.end(given);

    function answer(incoming: IncomingMessage): FetchAnswer {
      const { headers } = incoming;
      const body = decoded(incoming);
      // What goes wrong is told to whoever reads; after `close` nobody does.
      body.on("error", () => undefined);
      return {
        status: incoming.statusCode ?? 0,
        headers: {
          get(name) {
            const value = headers[name.toLowerCase()];
            return Array.isArray(value) ? value.join(", ") : (value ?? null);
          },
        },
        async text() {
          const pieces: Uint8Array[] = [];
          try {
            for await (const piece of body as AsyncIterable<Uint8Array>) pieces.push(piece);
          } catch (error) {
            throw failed(error, init.signal);
          }
          return new TextDecoder().decode(Buffer.concat(pieces));
        },
        body: {
          getReader() {
            const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
            return {
              async read() {
                try {
                  const { value, done } = await pieces.next();
                  return done === true ? { done } : { done: false, value };
                } catch (error) {
                  throw failed(error, init.signal);
                }
              },
            };
          },
        },
      };
    }
  });

const isPassedOn = (body: FetchInit["body"]): body is PassedOn =>
  typeof body === "object" && "answer" in body;

/** The body of an answer in pieces, as many bytes as were announced. */
async function* piecesOf({ answer, size }: PassedOn): AsyncGenerator<Uint8Array> {
  const reader = answer.body?.getReader();
  let left = size;
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) break;
    if (value === undefined) continue;
    left -= value.length;
    if (left < 0) break;
    yield value;
  }
  if (left !== 0) throw new Error("the body has another length than was said");
}

const lengthOf = (body: NonNullable<FetchInit["body"]>): number =>
  isPassedOn(body) ? body.size : Buffer.byteLength(body);

const headersOf = (init: FetchInit): Record<string, string | number> => ({
  accept: "*/*",
  "user-agent": "Footbridge",
  "accept-encoding": "gzip",
  ...init.headers,
  // Node gives a DELETE's body no length by itself.
  ...(init.body === undefined ? {} : { "content-length": lengthOf(init.body) }),
});

/** Holds until the end of the body, which the `signal` option of node:http does not. */
function destroyOnAbort(outgoing: ClientRequest, signal: AbortSignal): void {
  const abort = (): void => void outgoing.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  outgoing.once("close", () => signal.removeEventListener("abort", abort));
}

/** The body without its gzip, piece by piece as they come. A body cut short is seen by its length or chunks. */
function decoded(incoming: IncomingMessage): Readable {
  if (!/^(?:x-)?gzip$/iu.test(incoming.headers["content-encoding"] ?? "")) return incoming;
  const flush = constants.Z_SYNC_FLUSH;
  return pipeline(incoming, createGunzip({ flush, finishFlush: flush }), () => undefined);
}

function failed(error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : new Error("fetch failed", { cause: error });
}
