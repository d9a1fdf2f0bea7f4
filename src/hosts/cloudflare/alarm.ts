/**
 * The stream loop: `alarm()` is the one handler that may run for minutes on every plan, so the streams are held there.
 * It ends by itself well before the platform would end it (15 min) and starts again at once; what a stream missed in
 * between is read from history.
 */
import { messageOf } from "../../core/errors.ts";
import { sourceKey } from "../../core/ids.ts";
import type { HttpRequest, HttpStream, Logger, OpenStream, SourceBatch } from "../../core/ports.ts";
import type { Source } from "../../core/relay.ts";

const ROUND_MS = 10 * 60_000;
/**
 * The free plan allows 50 external calls an invocation, and every opening of a stream in a round counts: streams that
 * flap end the round early, the next one starts with a fresh share.
 */
const MOST_OPENINGS = 45;
/** A service whose streams flap so much is left alone for a while. */
const REST_MS = 30_000;
/** Also the pace of housekeeping while streams are open. */
const TICK_MS = 30_000;

export interface StreamLoop {
  /** Opens new sources, moves the wake-up time. */
  poke(): void;
  /** When the loop last showed that it lives, ms. */
  progressAt(): number;
  /** How long the next round is to wait, once this one is done. */
  restMs(): number;
  readonly done: Promise<void>;
}

export interface StreamLoopDeps {
  readonly sources: () => readonly Source[];
  readonly open: OpenStream;
  readonly hand: (batch: SourceBatch) => Promise<void>;
  /** Runs what is due, in an invocation of its own. */
  readonly work: () => Promise<void>;
  readonly nextDue: () => number;
  readonly log: Logger;
}

export function startStreamLoop(deps: StreamLoopDeps): StreamLoop {
  let end = Date.now() + ROUND_MS;
  let openings = 0;
  const closers = new Set<() => void>();
  const streams = new Map<string, Promise<void>>();
  const sleepers = new Set<() => void>();
  let progressAt = Date.now();
  let wake = (): void => undefined;
  const stopped = () => Date.now() >= end;
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const over = () => {
        clearTimeout(timer);
        sleepers.delete(over);
        resolve();
      };
      const timer = setTimeout(over, Math.min(ms, Math.max(0, end - Date.now())));
      sleepers.add(over);
    });

  const endRound = (): void => {
    end = Date.now();
    for (const close of closers) close();
    for (const over of sleepers) over();
    wake();
  };

  // Workers allow 6 connections that await headers and calls take up to 5: streams begin one after another.
  let opening: Promise<unknown> = Promise.resolve();
  const openInTurn = (request: HttpRequest): Promise<HttpStream> => {
    const opened = opening.then(() => {
      if (stopped()) throw new Error("the round is over");
      openings += 1;
      if (openings >= MOST_OPENINGS) endRound();
      return deps.open(request);
    });
    opening = opened.catch(() => undefined);
    return opened;
  };

  const follow = (): void => {
    for (const source of deps.sources()) {
      const key = sourceKey(source);
      if (streams.has(key)) continue;
      const run = source.run(source.channel, {
        open: async (request) => {
          const stream = await openInTurn(request);
          const close = (): void => {
            clearTimeout(closer);
            closers.delete(close);
            stream.close();
          };
          const closer = setTimeout(close, Math.max(0, end - Date.now()));
          closers.add(close);
          return {
            ...stream,
            read: async (silenceMs) => {
              const text = await stream.read(silenceMs);
              progressAt = Date.now();
              return text;
            },
            close,
          };
        },
        hand: deps.hand,
        log: deps.log,
        stopped,
        sleep: wait,
        random: Math.random,
        clock: Date.now,
        state: (state, reason) => {
          if (!stopped())
            deps.log.info(`stream ${state}`, {
              source: key,
              ...(reason === undefined ? {} : { reason }),
            });
        },
      });
      streams.set(
        key,
        run.catch((error: unknown) =>
          deps.log.error("a stream loop ended", { source: key, reason: messageOf(error) }),
        ),
      );
    }
  };

  const ticks = async (): Promise<void> => {
    while (!stopped()) {
      follow();
      const due = Math.min(deps.nextDue() - Date.now(), TICK_MS, end - Date.now());
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, due));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      progressAt = Date.now();
      if (deps.nextDue() <= Date.now() || due >= TICK_MS)
        await deps
          .work()
          .catch((error: unknown) => deps.log.error("work failed", { reason: messageOf(error) }));
    }
    await Promise.all(streams.values());
  };

  return {
    poke: () => wake(),
    progressAt: () => progressAt,
    restMs: () => (openings >= MOST_OPENINGS ? REST_MS : 0),
    done: ticks(),
  };
}
