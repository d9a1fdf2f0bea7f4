/** Keeps a relay going in a process: timers in the part of alarms, one loop for each stream. */
import { setTimeout as sleep } from "node:timers/promises";

import { messageOf } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Letters } from "../../core/letters.ts";
import type { Logger, OpenStream, SourceBatch } from "../../core/ports.ts";
import type { Relay } from "../../core/relay.ts";

export interface Runner {
  webhook(account: AccountId, raw: unknown): Promise<void>;
  gap(account: AccountId, reason: string): Promise<void>;
  /** What is replayed is delivered at once. */
  readonly letters: Letters;
  /** Stops streams and new calls, waits for the calls in flight. */
  stop(): Promise<void>;
}

/** Also bounds how late a clock jump can make a timer. */
const LONGEST_SLEEP_MS = 30_000;

export function runRelay(relay: Relay, open: OpenStream, log: Logger): Runner {
  const stopping = new AbortController();
  /** Ends what is being opened. */
  const stops = new Set<() => void>();
  const streams = new Map<string, Promise<void>>();
  const drains = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  const kick = (): void => {
    if (stopping.signal.aborted) return;
    const drain = relay
      .drain(Infinity)
      .catch((error: unknown) => log.error("a drain failed", { reason: messageOf(error) }))
      .finally(() => {
        drains.delete(drain);
        follow();
        schedule();
      });
    drains.add(drain);
    // What falls due meanwhile must not wait for this drain.
    schedule();
  };
  const schedule = (): void => {
    clearTimeout(timer);
    if (stopping.signal.aborted) return;
    const wait = Math.min(LONGEST_SLEEP_MS, Math.max(0, relay.nextDue() - Date.now()));
    timer = setTimeout(kick, wait);
  };
  const hand = async (batch: SourceBatch): Promise<void> => {
    if (relay.overhear(batch)) return schedule();
    await relay.hand(batch);
    kick();
  };
  /** One promise for each opening: what waits for one that lives as long as the process is never given back. */
  const opening: OpenStream = async (request) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stops.add(resolve);
    try {
      return await open(request, promise);
    } finally {
      stops.delete(resolve);
    }
  };
  /** Opens the streams of channels that were found since. */
  const follow = (): void => {
    for (const source of relay.sources()) {
      const { key } = source;
      if (streams.has(key) || stopping.signal.aborted) continue;
      const run = source.run({
        open: opening,
        hand,
        log,
        stopped: () => stopping.signal.aborted,
        sleep: (ms) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined),
        random: Math.random,
        clock: Date.now,
        pollGapMs: 0,
        state: (state, reason) =>
          log.info(`stream ${state}`, { source: key, ...(reason === undefined ? {} : { reason }) }),
      });
      streams.set(
        key,
        run
          .catch((error: unknown) =>
            log.error("a stream loop ended", { source: key, reason: messageOf(error) }),
          )
          .finally(() => streams.delete(key)),
      );
    }
  };
  kick();

  return {
    async webhook(account, raw) {
      await relay.webhook(account, raw);
      kick();
    },
    async gap(account, reason) {
      await relay.gap(account, reason);
      kick();
    },
    letters: {
      list: relay.letters.list,
      async replay(which) {
        const handled = await relay.letters.replay(which);
        kick();
        return handled;
      },
      discard: relay.letters.discard,
    },
    async stop() {
      stopping.abort();
      for (const stop of stops) stop();
      relay.stop();
      clearTimeout(timer);
      await Promise.all(drains);
    },
  };
}
