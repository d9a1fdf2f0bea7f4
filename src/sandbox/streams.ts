/** The stream host: open connections, heartbeats, and every way in which a stream can go wrong. */
import type { ServerResponse } from "node:http";

export interface StreamOptions {
  readonly heartbeatMs?: number;
}

/** Control over the open streams; without `room`, over all. */
export interface Streams {
  open(room: string, response: ServerResponse): void;
  line(room: string, text: string): void;
  /** How many are open. */
  count(room?: string): number;
  /** How many were ever opened. */
  readonly opened: () => number;
  /** Ends them: `clean` with the last chunk of a proper end, else by resetting the connection. */
  cut(room?: string, how?: "clean" | "reset"): void;
  /** Open but silent, without heartbeats; what is said meanwhile is lost to these streams. */
  stall(room?: string): void;
  resume(room?: string): void;
  /** Writes any bytes at all. */
  raw(bytes: string | Uint8Array, room?: string): void;
  /** From now on every write goes out in pieces of so many bytes; 0 stops that. */
  split(bytes: number): void;
  heartbeat(): void;
  close(): void;
}

/** As good as any: the service never said how often it sends one. */
const HEARTBEAT_MS = 15_000;

interface Open {
  readonly room: string;
  readonly response: ServerResponse;
  stalled: boolean;
}

export function startStreams({ heartbeatMs = HEARTBEAT_MS }: StreamOptions): Streams {
  const streams = new Set<Open>();
  let pieceBytes = 0;
  let opened = 0;
  const of = (room?: string): Open[] =>
    [...streams].filter((one) => room === undefined || one.room === room);

  const write = ({ response }: Open, bytes: Uint8Array): void => {
    const size = pieceBytes === 0 ? bytes.length : pieceBytes;
    for (let at = 0; at < bytes.length; at += size) response.write(bytes.subarray(at, at + size));
  };
  const raw = (bytes: string | Uint8Array, room?: string): void => {
    const data = typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
    for (const one of of(room)) if (!one.stalled) write(one, data);
  };
  const cut = (room?: string, how: "clean" | "reset" = "reset"): void => {
    for (const one of of(room)) {
      streams.delete(one);
      if (how === "clean") one.response.end();
      else one.response.socket?.resetAndDestroy();
    }
  };
  // A space before the line end, exactly: 0x20 0x0A.
  const heartbeat = (): void => raw(" \n");
  const timer = setInterval(heartbeat, heartbeatMs);

  return {
    open(room, response) {
      response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache" });
      response.flushHeaders();
      // One segment a write, so that pieces arrive as pieces.
      response.socket?.setNoDelay(true);
      const one: Open = { room, response, stalled: false };
      streams.add(one);
      opened += 1;
      response.on("close", () => streams.delete(one));
    },
    line: (room, text) => raw(`${text}\n`, room),
    count: (room) => of(room).length,
    opened: () => opened,
    cut,
    stall(room) {
      for (const one of of(room)) one.stalled = true;
    },
    resume(room) {
      for (const one of of(room)) one.stalled = false;
    },
    raw,
    split(bytes) {
      pieceBytes = bytes;
    },
    heartbeat,
    close() {
      clearInterval(timer);
      cut();
    },
  };
}
