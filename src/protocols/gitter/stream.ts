/**
 * The stream source: one connection per room that brings new messages for as long as it lives. What is said while none
 * is open comes from history, so every opening is told to the relay before the first line.
 */
import { messageOf } from "../../core/errors.ts";
import { isHeaderSafe } from "../call.ts";
import type { AccountId, ChannelId } from "../../core/ids.ts";
import type { HttpStream, Secret, SourceIo } from "../../core/ports.ts";
import { classify, headersFor, join, noToken } from "./client.ts";
import { emptyFrame, feed } from "./framer.ts";

/** The service sends a blank line at least every 40 s; its undocumented interval is given twice the time. */
const SILENCE_MS = 75_000;
const MIN_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;
/** A connection that held for so long, or that brought a message, begins the backoff anew. */
const LIVED_MS = 5_000;
/** While somebody has to do something first. */
const REFUSED_MS = 300_000;

export interface StreamDeps {
  readonly account: AccountId;
  /** Base with the version, with or without a slash at its end. */
  readonly streamUrl: string;
  readonly token: Secret | undefined;
  readonly tokenName: string;
}

/** How one connection ended. */
interface Ended {
  readonly reason: string;
  /** It held for a while, or brought a message. */
  readonly lived: boolean;
  /** Wait this long, whatever the backoff says. */
  readonly waitMs?: number;
}

/** Keeps one room's stream open until `io.stopped()`. */
export async function runStream(deps: StreamDeps, channel: ChannelId, io: SourceIo): Promise<void> {
  let failures = 0;
  while (!io.stopped()) {
    const ended = await connect(deps, channel, io);
    io.state("closed", ended.reason);
    if (io.stopped()) return;
    failures = ended.lived ? 0 : failures + 1;
    await io.sleep(ended.waitMs ?? backoffMs(failures, io.random()));
  }
}

/** Full jitter up to a ceiling that doubles, but never less than a second: each opening costs a look at history. */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(MAX_BACKOFF_MS, 2 * MIN_BACKOFF_MS * 2 ** Math.min(failures, 16));
  return Math.max(MIN_BACKOFF_MS, Math.round(random * ceiling));
}

async function connect(deps: StreamDeps, channel: ChannelId, io: SourceIo): Promise<Ended> {
  if (deps.token === undefined || !isHeaderSafe(deps.token.reveal()))
    return refused(noToken(deps.tokenName), channel, io);
  let stream: HttpStream;
  try {
    stream = await io.open({
      method: "GET",
      url: join(deps.streamUrl, `/rooms/${channel}/chatMessages`),
      headers: headersFor(deps.token),
    });
  } catch (error) {
    return { reason: messageOf(error), lived: false };
  }
  try {
    const { status } = stream;
    const answer = { status, header: (name: string) => stream.header(name), body: "" };
    const failure = classify(answer, "read", io.clock(), deps.tokenName);
    return failure === undefined
      ? await receive(deps.account, channel, stream, io)
      : refused(failure, channel, io);
  } finally {
    stream.close();
  }
}

/** An answer that is no stream. Only what a person has to mend is worth a line in the log. */
function refused(
  failure: NonNullable<ReturnType<typeof classify>>,
  channel: ChannelId,
  io: SourceIo,
): Ended {
  if (failure.kind === "account" || failure.kind === "channel") {
    io.log.error(`stream refused: ${failure.reason}: ${failure.fix}`, { channel });
    return { reason: `${failure.reason}: ${failure.fix}`, lived: false, waitMs: REFUSED_MS };
  }
  const waitMs = failure.kind === "later" ? failure.retryAfterMs : undefined;
  return {
    reason: failure.reason,
    lived: false,
    ...(waitMs === undefined ? {} : { waitMs: Math.max(MIN_BACKOFF_MS, waitMs) }),
  };
}

/**
 * Hands over lines until the connection ends. The opening is handed first and awaited; what arrives meanwhile waits in
 * the connection, so nothing overtakes it. A batch that could not be stored ends the connection: the next opening
 * reads it from history.
 */
async function receive(
  account: AccountId,
  channel: ChannelId,
  stream: HttpStream,
  io: SourceIo,
): Promise<Ended> {
  let lived = false;
  try {
    await io.hand({ account, channel, opened: true, items: [] });
    io.state("open");
    let frame = emptyFrame;
    const openedAt = io.clock();
    while (!io.stopped()) {
      const piece = await stream.read(SILENCE_MS);
      // One that ends right after a heartbeat is as good as refused.
      lived ||= io.clock() - openedAt >= LIVED_MS;
      if (piece === undefined) return { reason: "the service closed the stream", lived };
      const framed = feed(frame, piece);
      frame = framed.frame;
      if (framed.dropped > 0)
        io.log.warn("dropped lines over 1 MiB from the stream", {
          channel,
          dropped: framed.dropped,
        });
      lived ||= framed.lines.length > 0;
      if (framed.lines.length > 0)
        await io.hand({ account, channel, opened: false, items: framed.lines });
    }
    return { reason: "stopped", lived };
  } catch (error) {
    return { reason: messageOf(error), lived };
  }
}
