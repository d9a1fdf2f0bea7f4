/** Keeps a relay going in a process: timers in the part of alarms, one loop for each stream. */
import { setTimeout as sleep } from "node:timers/promises";

import { messageOf } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Letters } from "../../core/letters.ts";
import type { Logger, OpenStream, SourceBatch } from "../../core/ports.ts";
import type { Relay } from "../../core/relay.ts";
import type { OpenSocket } from "../../core/socket-ports.ts";

export interface Runner {
  webhook(account: AccountId, raw: unknown): Promise<void>;
  gap(account: AccountId, reason: string): Promise<void>;
  /** What is replayed is delivered at once. */
  readonly letters: Letters;
  /**
   * Ends sources and new calls, waits for the calls in flight. What a webhook brings is accepted all the same, for the
   * next runner of this data to deliver.
   */
  stop(): Promise<void>;
}

/** Also bounds how late a clock jump can make a timer. */
const LONGEST_SLEEP_MS = 30_000;
/** A stream whose items could not be stored begins anew. */
const FAILED_MS = 1_000;

export function runRelay(
  relay: Relay,
  open: OpenStream,
  openSocket: OpenSocket,
  log: Logger,
): Runner {
  const stopping = new AbortController();
  /** Ends what is being opened, and what is open. */
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
    // Behind the back of the next runner it would be stored and not delivered.
    if (stopping.signal.aborted) throw new Error("the relay stops");
    if (relay.overhear(batch)) return schedule();
    await relay.hand(batch);
    kick();
  };
  /** One promise for each opening: what waits for one that lives as long as the process is never given back. */
  const opening: OpenStream = async (request) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    stops.add(resolve);
    try {
      return held(await open(request, promise));
    } finally {
      stops.delete(resolve);
    }
  };
  /** What is open ends with the relay. */
  const held = <Open extends { close(): void }>(opened: Open): Open => {
    const close = (): void => {
      stops.delete(close);
      opened.close();
    };
    stops.add(close);
    if (stopping.signal.aborted) close();
    return { ...opened, close };
  };
  // What could not be stored leaves work, too: its channel's history is read, under a gate that is closed.
  const webhook = (account: AccountId, raw: unknown): Promise<void> =>
    relay.webhook(account, raw).finally(kick);
  const gap = (account: AccountId, reason: string): Promise<void> =>
    relay.gap(account, reason).finally(kick);
  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
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
        sleep: pause,
        random: Math.random,
        clock: Date.now,
        pollGapMs: 0,
        sockets: {
          connect: async (url, limits) => held(await openSocket(url, limits)),
          async webhook(account, raw) {
            if (stopping.signal.aborted) throw new Error("the relay stops");
            await webhook(account, raw);
          },
          gap,
        },
        state: (state, reason) =>
          log.info(`stream ${state}`, { source: key, ...(reason === undefined ? {} : { reason }) }),
      });
      streams.set(
        key,
        run
          .catch((error: unknown) =>
            log.error("a stream loop ended", { source: key, reason: messageOf(error) }),
          )
          .then(() => pause(FAILED_MS))
          .finally(() => {
            streams.delete(key);
            // What could not be stored comes again in a new run.
            follow();
          }),
      );
    }
  };
  kick();

  return {
    webhook,
    gap,
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
      await Promise.all([...drains, ...streams.values()]);
    },
  };
}
