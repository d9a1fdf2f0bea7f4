/** The keeper of a process whose relay can rest while its state is another host's: see `hosts/shared/move.ts`. */
import type { Config } from "../../core/config/config.ts";
import type { AccountId } from "../../core/ids.ts";
import { describeHalt, type Mover } from "../../core/move.ts";
import type { Clock, Connector, Logger } from "../../core/ports.ts";
import { createMove } from "../shared/move.ts";
import { createKeeper, type Keeper, type Running } from "./keeper.ts";

export interface MovableDeps {
  readonly mover: Mover;
  readonly awaits: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  readonly begin: (config: Config) => Promise<Running>;
  /** Connectors of a host that relays nothing: Slack verifies the address of a new host before anything comes. */
  readonly connect: (config: Config) => ReadonlyMap<AccountId, Connector>;
}

export async function createMovable(first: Config, deps: MovableDeps): Promise<Keeper> {
  const { begin, connect } = deps;
  let config = first;
  let keeper: Keeper | undefined;
  let resting: Pick<Running, "config" | "connectors"> | undefined;
  const busy = new Set<Promise<unknown>>();
  let turn: Promise<unknown> = Promise.resolve();
  const start = async (): Promise<void> => {
    keeper = await createKeeper(config, begin);
  };
  const move = await createMove({
    ...deps,
    start,
    async stop() {
      await keeper?.stop();
      // What was asked before is stored before it is given away.
      await Promise.allSettled(busy);
    },
  });
  if (move.halt() === undefined) await start();

  async function use<T>(work: (relaying: Keeper) => Promise<T>): Promise<T> {
    const halt = move.halt();
    if (halt !== undefined) throw new Error(describeHalt(halt));
    const done = work(keeper!);
    busy.add(done);
    try {
      return await done;
    } finally {
      busy.delete(done);
    }
  }

  return {
    door: {
      move: move.door,
      webhook: (account, raw) => use(({ door }) => door.webhook(account, raw)),
      gap: (account, reason) => use(({ door }) => door.gap(account, reason)),
      report: () => use(({ door }) => door.report()),
      letters: {
        list: (options) => use(({ door }) => door.letters.list(options)),
        replay: (which) => use(({ door }) => door.letters.replay(which)),
        discard: (which) => use(({ door }) => door.letters.discard(which)),
      },
    },
    shows: (message) => use(({ shows }) => shows(message)),
    running() {
      if (move.halt() === undefined) return keeper!.running();
      if (resting?.config !== config) resting = { config, connectors: connect(config) };
      return resting;
    },
    replace(next) {
      const done = turn.then(async () => {
        if (move.halt() === undefined) await keeper!.replace(next);
        // What could not be begun is not begun after a rest either.
        config = next;
      });
      turn = done.catch(() => undefined);
      return done;
    },
    async stop() {
      if (move.halt() === undefined) await keeper!.stop();
    },
  };
}
