/** What a source needs that hears a whole account over a socket, as types: see `ports.ts`. */
import type { AccountId } from "./ids.ts";
import type { SourceIo } from "./ports.ts";

/** A connection that carries whole texts both ways. */
export interface Socket {
  /** The next text; undefined once it has ended. Rejects when it broke, fell silent or brought a text over the limit. */
  read(): Promise<string | undefined>;
  /** One that cannot be sent any more is dropped: `read` tells that the connection ended. */
  send(text: string): void;
  close(): void;
}

export interface SocketLimits {
  /** The first text comes within this time after the connection is made. */
  readonly firstMs: number;
  /** A connection that gives no sign of life for so long is broken: texts count, and answers to pings. */
  readonly silenceMs: number;
  /** A longer text ends the connection. */
  readonly mostBytes: number;
}

/** Rejects when there is no connection within 10 s. */
export type OpenSocket = (url: string, limits: SocketLimits) => Promise<Socket>;

/** What a socket source may do. */
export interface SocketIo extends Pick<
  SourceIo,
  "sleep" | "stopped" | "random" | "clock" | "log" | "state"
> {
  readonly connect: OpenSocket;
  /** Something may have been missed in any channel: all gates close, and history is read. */
  opened(): Promise<void>;
  /** What a webhook would bring. Resolves after the commit. */
  hand(raw: unknown): Promise<void>;
  /** The service says that it dropped events. Resolves once that is remembered. */
  gap(reason: string): Promise<void>;
}

/** What a host gives that can hold sockets. */
export interface SocketHost {
  readonly connect: OpenSocket;
  /** As the relay's; what is due is done after it. */
  webhook(account: AccountId, raw: unknown): Promise<void>;
  gap(account: AccountId, reason: string): Promise<void>;
}
