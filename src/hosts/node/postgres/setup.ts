/** What a replica works by: the newest configuration, and the one to go back to until a relay has begun with that. */
import type { Config } from "../../../core/config/config.ts";
import type { AccountId } from "../../../core/ids.ts";
import type { Connector } from "../../../core/ports.ts";

export interface Setup {
  readonly config: Config;
  readonly connectors: ReadonlyMap<AccountId, Connector>;
}

export interface Setups {
  now(): Setup;
  /** `leads`: resolves once a relay has begun with it, and rejects where none can. Else that is seen when this one leads. */
  replace(next: Config, leads: boolean): Promise<void>;
  /** A relay has begun with it. */
  begun(config: Config): void;
  /** No relay can begin with it. False where no other is there to be tried. */
  refuse(config: Config, error: Error): boolean;
  /** This replica leads no more: whoever waits is told that it was taken over. */
  rest(): void;
}

/** `refused` is told what nobody waits for any more. */
export function createSetups(
  first: Config,
  connect: (config: Config) => Setup["connectors"],
  refused: (error: Error) => void,
): Setups {
  let now: Setup = { config: first, connectors: connect(first) };
  let before: Setup | undefined;
  let waiting: PromiseWithResolvers<void> | undefined;
  const rest = (): void => {
    waiting?.resolve();
    waiting = undefined;
  };
  return {
    now: () => now,
    async replace(config, leads) {
      const next = { config, connectors: connect(config) };
      before ??= now;
      now = next;
      if (!leads) return;
      waiting = Promise.withResolvers();
      await waiting.promise;
    },
    begun(config) {
      if (config !== now.config) return;
      before = undefined;
      rest();
    },
    refuse(config, error) {
      if (config !== now.config) return true;
      if (before === undefined) return false;
      now = before;
      before = undefined;
      if (waiting === undefined) refused(error);
      waiting?.reject(error);
      waiting = undefined;
      return true;
    },
    rest,
  };
}
