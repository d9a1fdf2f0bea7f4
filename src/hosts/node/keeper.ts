/**
 * The relay of a process, which can give way to another on the same data while the process goes on: with another
 * configuration, say. At no moment do two of them write.
 */
import type { Config } from "../../core/config/config.ts";
import type { AccountId, MessageRef } from "../../core/ids.ts";
import type { Connector } from "../../core/ports.ts";
import type { Relay } from "../../core/relay.ts";
import type { RelayDoor } from "../../http/app.ts";
import type { Runner } from "./relay-runner.ts";

export interface Running {
  readonly config: Config;
  readonly relay: Relay;
  readonly connectors: ReadonlyMap<AccountId, Connector>;
  readonly runner: Runner;
}

export interface Keeper {
  /** While one relay gives way to the next, everything that is asked waits for the next. */
  readonly door: RelayDoor;
  shows(message: MessageRef): Promise<boolean>;
  /** The newest one; it may be stopped, or relay in another process. */
  running(): Pick<Running, "config" | "connectors">;
  /**
   * Ends the relay and begins another. Rejects when that could not be: then the one before goes on, or, with
   * `BothFailed`, nothing does. Rejects after `stop` as well, and begins none.
   */
  replace(config: Config): Promise<void>;
  /** Ends the relay; calls in flight are finished. None is begun any more. */
  stop(): Promise<void>;
}

/** Neither the new configuration nor the one before could be begun. */
export class BothFailed extends Error {
  override readonly name = "BothFailed";
}

/** `begin` opens the data and starts a relay on it; no other runs by then. */
export async function createKeeper(
  first: Config,
  begin: (config: Config) => Promise<Running>,
): Promise<Keeper> {
  let running = await begin(first);
  /** Resolves once `running` takes what comes. */
  let open: Promise<void> = Promise.resolve();
  const busy = new Set<Promise<unknown>>();
  let turn: Promise<unknown> = Promise.resolve();
  let isStopped = false;

  async function use<T>(work: (now: Running) => Promise<T>): Promise<T> {
    for (let awaited: Promise<void> | undefined; awaited !== open;) {
      awaited = open;
      await awaited;
    }
    const done = work(running);
    busy.add(done);
    try {
      return await done;
    } finally {
      busy.delete(done);
    }
  }

  async function swap(config: Config): Promise<void> {
    const before = running;
    // It still stores what comes while its last calls end: they may take 10 s, and Slack waits for 3.
    await before.runner.stop();
    const { promise, resolve } = Promise.withResolvers<void>();
    open = promise;
    await Promise.allSettled(busy);
    try {
      if (isStopped) throw new Error("the process stops");
      running = await begin(config);
    } catch (error) {
      if (!isStopped)
        running = await begin(before.config).catch(() => {
          if (isStopped) throw error;
          throw new BothFailed("neither the new configuration nor the one before works", {
            cause: error,
          });
        });
      throw error;
    } finally {
      resolve();
    }
  }

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    door: {
      webhook: (account, raw) => use(({ runner }) => runner.webhook(account, raw)),
      gap: (account, reason) => use(({ runner }) => runner.gap(account, reason)),
      report: () => use(async ({ relay }) => relay.report()),
      letters: {
        list: (options) => use(({ runner }) => runner.letters.list(options)),
        replay: (which) => use(({ runner }) => runner.letters.replay(which)),
        discard: (which) => use(({ runner }) => runner.letters.discard(which)),
      },
    },
    shows: (message) => use(({ relay }) => relay.shows(message)),
    running: () => running,
    replace: (config) => inTurn(() => swap(config)),
    stop() {
      isStopped = true;
      return inTurn(() => running.runner.stop());
    },
  };
}
