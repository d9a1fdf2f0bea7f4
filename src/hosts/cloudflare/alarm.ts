/**
 * The stream loop: `alarm()` is the one handler that may run for minutes on every plan, so the streams are held there.
 * It ends by itself well before the platform would end it (15 min) and starts again at once; what a stream missed in
 * between is read from history.
 */
import { messageOf } from "../../core/errors.ts";
import { FLAPPING, MOST_POLLS } from "../../core/free-plan.ts";
import type { HttpStream, Logger, OpenStream, SourceBatch } from "../../core/ports.ts";
import type { RunningSource } from "../../core/channels.ts";
import { createOpenings } from "./openings.ts";

const ROUND_MS = 10 * 60_000;
const REST_MS = 30_000;
/** Also the pace of housekeeping while streams are open. */
const TICK_MS = 30_000;
/** Every poll is one external call of the round's share: a busy room must not use it up in seconds. */
const POLL_GAP_MS = 500;
/** After work or a stream that failed: what is due still is, and an invocation is paid for. */
const FAILED_MS = 1_000;

export interface StreamLoop {
  /** Opens new sources, moves the wake-up time. */
  poke(): void;
  /** When the loop last showed that it lives, ms. */
  progressAt(): number;
  /** How long the next round is to wait, once this one is done. */
  restMs(): number;
  /** Ends the round now. */
  end(): void;
  readonly done: Promise<void>;
}

export interface StreamLoopDeps {
  readonly sources: () => readonly RunningSource[];
  readonly open: OpenStream;
  /** Connections beyond the one kept for streams that await headers all the time. */
  readonly keep: (count: number) => void;
  /** Hears what needs neither a write nor a call; false: it is to be handed. */
  readonly overhear: (batch: SourceBatch) => boolean;
  /** In an invocation of its own. */
  readonly hand: (batch: SourceBatch) => Promise<void>;
  /** Runs what is due, in an invocation of its own. */
  readonly work: () => Promise<void>;
  readonly nextDue: () => number;
  /** Nothing is to be relayed any more: the round is over. */
  readonly halted: () => boolean;
  readonly log: Logger;
}

export function startStreamLoop(deps: StreamLoopDeps): StreamLoop {
  let end = Date.now() + ROUND_MS;
  const closers = new Set<() => void>();
  const streams = new Map<string, Promise<void>>();
  const sleepers = new Set<() => void>();
  let progressAt = Date.now();
  let wake = (): void => undefined;
  const stopped = () => Date.now() >= end || deps.halted();
  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const awake = () => {
        clearTimeout(timer);
        sleepers.delete(awake);
        resolve();
      };
      const timer = setTimeout(awake, Math.min(ms, Math.max(0, end - Date.now())));
      sleepers.add(awake);
    });

  const over = Promise.withResolvers<void>();
  const endRound = (): void => {
    end = Math.min(end, Date.now());
    over.resolve();
    for (const close of closers) close();
    for (const awake of sleepers) awake();
    wake();
  };
  const clock = setTimeout(endRound, ROUND_MS);
  const openings = createOpenings({ open: deps.open, stopped, over: over.promise, used: endRound });

  /** A stream that shows that the loop lives, and that the end of the round closes. */
  const watched = (stream: HttpStream): HttpStream => {
    const close = (): void => {
      closers.delete(close);
      stream.close();
    };
    closers.add(close);
    if (stopped()) close();
    return {
      ...stream,
      async read(silenceMs) {
        const text = await stream.read(silenceMs);
        progressAt = Date.now();
        return text;
      },
      close,
    };
  };

  /** An invocation is paid for, and takes more CPU by itself than hearing our own posts. */
  const hand = async (batch: SourceBatch): Promise<void> => {
    const due = deps.nextDue();
    if (!deps.overhear(batch)) return deps.hand(batch);
    // An echo settles a delivery whose call had no answer.
    if (deps.nextDue() < due) wake();
  };

  const follow = (): void => {
    const polls = deps.sources().filter((source) => source.polls).length;
    const opens = deps.sources().length > polls ? 1 : 0;
    deps.keep(Math.min(polls, MOST_POLLS) + opens - 1);
    for (const { key, polls, run: start } of deps.sources()) {
      if (streams.has(key)) continue;
      const run = start({
        open: async (request) =>
          watched(await (polls ? openings.poll(request) : openings.stream(request))),
        hand,
        log: deps.log,
        stopped,
        sleep: wait,
        random: Math.random,
        clock: Date.now,
        pollGapMs: POLL_GAP_MS,
        calling: openings.calling,
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
        run.catch(async (error: unknown) => {
          deps.log.error("a stream loop ended", { source: key, reason: messageOf(error) });
          // What could not be stored comes again in a new run.
          await wait(FAILED_MS);
          streams.delete(key);
          wake();
        }),
      );
    }
  };

  const ticks = async (): Promise<void> => {
    let workedAt = Date.now();
    let timer: ReturnType<typeof setTimeout> | null = null;
    /** When the timer fires: one that is too early costs less than a new one for each message. */
    let firesAt = Infinity;
    while (!stopped()) {
      follow();
      const due = Math.min(deps.nextDue(), workedAt + TICK_MS, end);
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (due >= firesAt) return;
        clearTimeout(timer);
        firesAt = due;
        timer = setTimeout(
          () => {
            firesAt = Infinity;
            wake();
          },
          Math.max(0, due - Date.now()),
        );
      });
      progressAt = Date.now();
      // Work is a request that is paid for: a wake-up alone, which every message brings, is no reason.
      if (Math.min(deps.nextDue(), workedAt + TICK_MS) > Date.now()) continue;
      workedAt = Date.now();
      try {
        await deps.work();
      } catch (error) {
        deps.log.error("work failed", { reason: messageOf(error) });
        await wait(FAILED_MS);
      }
    }
    clearTimeout(timer);
    clearTimeout(clock);
    endRound();
    await Promise.all(streams.values());
  };

  return {
    poke: () => wake(),
    progressAt: () => progressAt,
    end: endRound,
    restMs: () => (openings.streams() >= FLAPPING ? REST_MS : 0),
    done: ticks(),
  };
}
