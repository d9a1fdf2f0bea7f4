/** Sockets on `ws`, which Node's own cannot replace: that one shows no pings, so that a dead connection looks alive. */
import { once } from "node:events";
import { globalAgent as httpAgent } from "node:http";
import { globalAgent as httpsAgent } from "node:https";

import type { OpenSocket, Socket, SocketLimits } from "../../core/socket-ports.ts";

const CONNECT_MS = 10_000;
/** Who does not answer our goodbye is not waited for any longer. */
const GOODBYE_MS = 1_000;
/** So many texts wait at most until they are read; more wait at the service. */
const MOST_WAITING = 100;
/** In characters, and then as much of one text as may come at once. */
const MOST_CHARS = 8 * 1024 * 1024;

/** `ws` is loaded at the first connection: most configurations need none. */
export const openSocket: OpenSocket = async (url, limits) => {
  const { WebSocket } = await import("ws");
  const ws = new WebSocket(url, {
    handshakeTimeout: CONNECT_MS,
    maxPayload: limits.mostBytes,
    perMessageDeflate: false,
    // The proxy of NODE_USE_ENV_PROXY is theirs.
    agent: url.startsWith("wss:") ? httpsAgent : httpAgent,
  });
  const socket = createSocket(ws, limits);
  // Rejects with what went wrong instead.
  await once(ws, "open");
  return socket;
};

function createSocket(ws: import("ws").WebSocket, { firstMs, silenceMs }: SocketLimits): Socket {
  const waiting: string[] = [];
  /** Characters of what waits. */
  let chars = 0;
  let failure: Error | undefined;
  let isAlive = true;
  let heard = false;
  let closed = false;
  let wake = (): void => undefined;
  const fail = (why: Error): void => {
    failure ??= why;
    ws.terminate();
  };

  /** Twice in that time, so that silence is noticed within it. */
  const heart = setInterval(() => {
    // One that is not read from hears nothing.
    if (!isAlive && !ws.isPaused) return fail(new Error(`silent for ${silenceMs} ms`));
    isAlive = false;
    if (ws.readyState === ws.OPEN) ws.ping();
  }, silenceMs / 2);
  let first: NodeJS.Timeout | undefined;
  let goodbye: NodeJS.Timeout | undefined;
  const sign = (): void => {
    isAlive = true;
  };
  ws.on("open", () => {
    first = setTimeout(() => {
      if (!heard) fail(new Error(`nothing was said within ${firstMs} ms`));
    }, firstMs);
  });
  ws.on("ping", sign);
  ws.on("pong", sign);
  // One piece for each message, as `binaryType` is left at that.
  ws.on("message", (data: Buffer, isBinary: boolean) => {
    sign();
    heard = true;
    if (isBinary) return;
    const text = data.toString();
    waiting.push(text);
    chars += text.length;
    if (waiting.length >= MOST_WAITING || chars >= MOST_CHARS) ws.pause();
    wake();
  });
  ws.on("error", (error) => {
    failure ??= error;
  });
  ws.on("close", () => {
    clearInterval(heart);
    clearTimeout(first);
    clearTimeout(goodbye);
    wake();
  });

  return {
    async read() {
      for (;;) {
        if (closed) return undefined;
        const text = waiting.shift();
        if (text !== undefined) {
          chars -= text.length;
          if (waiting.length === 0 && ws.isPaused) ws.resume();
          return text;
        }
        if (ws.readyState === ws.CLOSED) {
          if (failure !== undefined) throw failure;
          return undefined;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    send(text) {
      if (ws.readyState === ws.OPEN) ws.send(text, () => undefined);
    },
    close() {
      if (closed) return;
      closed = true;
      wake();
      if (ws.readyState === ws.CLOSED) return;
      ws.close();
      goodbye = setTimeout(() => ws.terminate(), GOODBYE_MS);
    },
  };
}
