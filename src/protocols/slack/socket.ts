/**
 * Socket Mode: over a connection that we open Slack sends what it would send to a webhook, so that no public address is
 * needed. There is one connection, and two while a new one takes over, so that nothing falls between them. An envelope is
 * acknowledged after its commit and not before; a commit that fails ends the connection, and history brings the rest.
 */
import { messageOf } from "../../core/errors.ts";
import { backoffMs } from "../../core/outbox/backoff.ts";
import { CallFailed } from "../../core/ports.ts";
import type { Socket, SocketIo, SocketLimits } from "../../core/socket-ports.ts";
import { ackOf, type Frame, readFrame } from "./frames.ts";

/** Slack says hello at once, and pings every few seconds. Events are some kilobytes, as over HTTP. */
const LIMITS: SocketLimits = { firstMs: 10_000, silenceMs: 30_000, mostBytes: 1024 * 1024 };
/** Each new connection costs a look at the history of all channels. */
const MIN_BACKOFF_MS = 1_000;
/** More failures in a row make the wait no longer: about a minute at most. */
const MOST_DOUBLINGS = 6;
/** A connection that held for so long begins the backoff anew. */
const LIVED_MS = 5_000;
/** While somebody has to do something first. */
const REFUSED_MS = 60_000;
/** One that is replaced may still bring what was on its way; Slack ends it by itself about 10 s after its warning. */
const GRACE_MS = 30_000;

/** Asks Slack for the address of one connection. Throws `CallFailed`. */
export type AskAddress = () => Promise<string>;

/** Why there is no connection. `fix`: somebody has to do it first. */
interface Refused {
  readonly reason: string;
  readonly fix?: string;
  readonly waitMs?: number;
}

interface Connection {
  /** Resolves once Slack wants another, or this one has ended. */
  readonly over: Promise<unknown>;
  readonly ended: Promise<Refused>;
  /** How it ended; undefined while it is open. */
  end(): Refused | undefined;
  readonly openedAt: number;
  close(): void;
}

/** Keeps a connection until `io.stopped()`. */
export async function runSocket(askAddress: AskAddress, io: SocketIo): Promise<void> {
  /** The newest connection, and the one that it replaces. */
  let current: Connection | undefined;
  let replaced: Connection | undefined;
  let failures = 0;
  let told: string | undefined;
  const failed = async (why: Refused): Promise<void> => {
    failures += 1;
    if (why.fix !== undefined && why.reason !== told)
      io.log.error(`Socket Mode refused: ${why.reason}`, { fix: why.fix });
    told = why.fix === undefined ? undefined : why.reason;
    await io.sleep(pauseMs(why, failures, io));
  };

  while (!io.stopped()) {
    replaced?.close();
    replaced = current;
    const isOpen = (): boolean => replaced !== undefined && replaced.end() === undefined;
    const made: Connection | Refused = await connect(askAddress, io, isOpen);
    if ("reason" in made) {
      current = replaced;
      replaced = undefined;
      if (current === undefined || current.end() !== undefined) io.state("closed", describe(made));
      await failed(made);
      continue;
    }
    current = made;
    told = undefined;
    io.state("open");
    const before = replaced;
    if (before !== undefined && before.end() === undefined)
      void io.sleep(GRACE_MS).then(() => before.close());
    await current.over;
    const end = current.end();
    if (end === undefined) continue;
    io.state("closed", describe(end));
    if (io.clock() - current.openedAt >= LIVED_MS) failures = 0;
    if (!io.stopped()) await failed(end);
  }
  for (const each of [replaced, current]) each?.close();
  await Promise.all([replaced?.ended, current?.ended]);
}

const describe = ({ reason, fix }: Refused): string =>
  fix === undefined ? reason : `${reason}: ${fix}`;

function pauseMs({ fix, waitMs }: Refused, failures: number, io: SocketIo): number {
  if (fix !== undefined) return REFUSED_MS;
  const wait = backoffMs(Math.min(failures, MOST_DOUBLINGS), io.random, waitMs);
  return Math.max(MIN_BACKOFF_MS, wait);
}

/** `isOpen`: whether another connection is there, so that nothing was missed until this one is. */
async function connect(
  askAddress: AskAddress,
  io: SocketIo,
  isOpen: () => boolean,
): Promise<Connection | Refused> {
  let socket: Socket | undefined;
  try {
    socket = await io.connect(await askAddress(), LIMITS);
    const text = await socket.read();
    if (text === undefined) throw new Error("Slack closed the connection before its hello");
    const first = readFrame(text);
    if (first.kind === "disconnect") {
      socket.close();
      return sentAway(first.reason);
    }
    if (!isOpen()) await io.opened();
    return hold(socket, first, io);
  } catch (error) {
    socket?.close();
    return error instanceof CallFailed ? refusedBy(error) : { reason: messageOf(error) };
  }
}

function refusedBy({ outcome }: CallFailed): Refused {
  const { reason } = outcome;
  switch (outcome.kind) {
    case "account":
    case "channel":
      return { reason, fix: outcome.fix };
    case "rejected":
      return { reason, fix: "see whether Socket Mode is on in the Slack app's settings" };
    case "later":
    case "uncertain": {
      const waitMs = "retryAfterMs" in outcome ? outcome.retryAfterMs : undefined;
      return waitMs === undefined ? { reason } : { reason, waitMs };
    }
  }
}

const sentAway = (reason: string): Refused =>
  reason === "link_disabled"
    ? {
        reason: "Socket Mode is switched off (link_disabled)",
        fix: "switch it on at Slack (the app's Socket Mode), or set SigningSecret in place of AppToken",
      }
    : { reason: `Slack ended the connection (${reason})` };

function hold(socket: Socket, first: Frame, io: SocketIo): Connection {
  const asked = Promise.withResolvers<void>();
  let end: Refused | undefined;
  const ended = receive(socket, first, io, asked.resolve).then((why) => {
    socket.close();
    end = why;
    return why;
  });
  return {
    over: Promise.race([asked.promise, ended]),
    ended,
    end: () => end,
    openedAt: io.clock(),
    close: () => socket.close(),
  };
}

/** Takes what comes, in order, until the connection ends. Never rejects. */
async function receive(
  socket: Socket,
  first: Frame,
  io: SocketIo,
  askForNew: () => void,
): Promise<Refused> {
  try {
    for (let frame = first; ;) {
      switch (frame.kind) {
        case "envelope":
          await take(frame, io);
          socket.send(ackOf(frame.id));
          break;
        case "disconnect": {
          const away = sentAway(frame.reason);
          if (away.fix !== undefined) return away;
          askForNew();
          break;
        }
        case "hello":
        case "other":
          break;
      }
      const text = await socket.read();
      if (text === undefined) return { reason: "Slack closed the connection" };
      frame = readFrame(text);
    }
  } catch (error) {
    return { reason: messageOf(error) };
  }
}

/** Resolves after the commit. */
async function take(frame: Extract<Frame, { kind: "envelope" }>, io: SocketIo): Promise<void> {
  const { result } = frame;
  switch (result.kind) {
    case "events":
      return io.hand(result.raw);
    case "gap":
      return io.gap(result.reason);
    case "challenge":
    case "ignore":
      return undefined;
  }
}
