/** Slack's end of Socket Mode: its connections, what waits to be acknowledged, and every way in which a connection can end. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

import type { Attempt } from "./slack/events.ts";
import {
  ackedBy,
  disconnect,
  type DisconnectReason,
  envelopeOf,
  hello,
  takeTicket,
} from "./slack/socket.ts";
import type { SlackState } from "./slack/state.ts";

export interface SocketsOptions {
  /** An envelope that is not acknowledged by then has failed. */
  readonly ackTimeoutMs: number;
}

/** Control over the open connections. */
export interface Sockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Sends an event over any one connection. What nobody is connected for is lost. */
  send(body: string, attempt: number): Promise<Attempt>;
  /** How many are open, how many ever were, and the most there were at once. */
  count(): number;
  opened(): number;
  most(): number;
  /** Asks for new connections in place of those that are open, and ends these so much later. */
  refresh(reason: DisconnectReason, endAfterMs: number): void;
  /** Resets them. */
  cut(): void;
  /** Open and dead: nothing is said or heard any more, pings neither. */
  stall(): void;
  /** Any text at all, to all. */
  raw(text: string): void;
  close(): void;
}

interface Open {
  readonly ws: WebSocket;
  /** By envelope: told how its attempt ended. */
  readonly waiting: Map<string, (attempt: Attempt) => void>;
  stalled: boolean;
  /** Slack asked for another in its place. */
  leaving: boolean;
}

const PING_MS = 10_000;

export function startSockets(state: SlackState, { ackTimeoutMs }: SocketsOptions): Sockets {
  const server = new WebSocketServer({ noServer: true });
  const all = new Set<Open>();
  const timers = new Set<NodeJS.Timeout>();
  let opened = 0;
  let most = 0;
  let turn = 0;
  let envelopes = 0;

  const begin = (ws: WebSocket): void => {
    const one: Open = { ws, waiting: new Map(), stalled: false, leaving: false };
    all.add(one);
    opened += 1;
    most = Math.max(most, all.size);
    const end = (id: string, attempt: Attempt): void => {
      one.waiting.get(id)?.(attempt);
      one.waiting.delete(id);
    };
    ws.on("message", (data: Buffer) => {
      const id = ackedBy(data.toString());
      if (id !== undefined) end(id, { kind: "answered", status: 200, noRetry: false });
    });
    ws.on("close", () => {
      all.delete(one);
      for (const id of one.waiting.keys()) end(id, { kind: "refused" });
    });
    ws.on("error", () => undefined);
    ws.send(state.socketMode ? hello(state, all.size) : disconnect("link_disabled"));
  };
  const after = (ms: number, act: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
    return timer;
  };
  const heart = setInterval(() => {
    for (const { ws, stalled } of all) if (!stalled) ws.ping();
  }, PING_MS);

  return {
    upgrade(request, socket, head) {
      if (!takeTicket(state, request.url ?? "/")) {
        socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      server.handleUpgrade(request, socket, head, begin);
    },
    send(body, attempt) {
      const staying = [...all].filter(({ leaving }) => !leaving);
      const open = staying.length > 0 ? staying : [...all];
      turn += 1;
      const one = open[turn % Math.max(1, open.length)];
      if (one === undefined) return Promise.resolve({ kind: "lost" });
      envelopes += 1;
      const id = `envelope-${envelopes}`;
      return new Promise((resolve) => {
        const timer = after(ackTimeoutMs, () => {
          one.waiting.delete(id);
          resolve({ kind: "timeout" });
        });
        one.waiting.set(id, (outcome) => {
          clearTimeout(timer);
          timers.delete(timer);
          resolve(outcome);
        });
        if (!one.stalled) one.ws.send(envelopeOf(id, body, attempt));
      });
    },
    count: () => all.size,
    opened: () => opened,
    most: () => most,
    refresh(reason, endAfterMs) {
      for (const one of all) {
        one.leaving = true;
        one.ws.send(disconnect(reason));
        after(endAfterMs, () => one.ws.close());
      }
    },
    cut() {
      for (const { ws } of all) ws.terminate();
    },
    stall() {
      for (const one of all) {
        one.stalled = true;
        one.ws.pause();
      }
    },
    raw(text) {
      for (const { ws } of all) ws.send(text);
    },
    close() {
      clearInterval(heart);
      for (const timer of timers) clearTimeout(timer);
      for (const { ws } of all) ws.terminate();
      server.close();
    },
  };
}
