/** From a database and a configuration to a relay that runs: what both hosts do the same way at each start. */
import type { Config } from "../../core/config/config.ts";
import { createRouting } from "../../core/config/routing.ts";
import { type Counts, createCounts, requestClass } from "../../core/counts.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Connector, Hmac, Logger } from "../../core/ports.ts";
import { type Relay, startRelay } from "../../core/relay.ts";
import type { Store } from "../../core/store.ts";
import type { StoreOptions } from "../../stores/store.ts";
import { createMediaLinks } from "../../core/media.ts";
import { createCarry } from "./carry.ts";
import { connectAll, retentionMs } from "./connect.ts";
import { createCopy } from "./copy.ts";
import { mediaSecretOf } from "./media.ts";
import { createHttp, randomId, wait, type WebDeps } from "./web.ts";

/** The data of one relay, and what its calls go through. */
export interface Data {
  readonly makeStore: (options: StoreOptions) => Store;
  readonly web: WebDeps;
  /** Where calls are guarded. */
  readonly wrap?: (connector: Connector) => Connector;
}

export interface Host extends Data {
  readonly hmac: Hmac;
  readonly log: Logger;
  /** Outbound calls made so far. */
  readonly calls: () => number;
  /** A process: a start means that it was down, and logging in at each is not too often. */
  readonly longLived: boolean;
  /** Where people reach this bridge (`PUBLIC_URL`); without it files are linked at their own service. */
  readonly publicUrl?: string | undefined;
}

export interface Opened {
  readonly relay: Relay;
  readonly connectors: ReadonlyMap<AccountId, Connector>;
}

/** Rejects when the store cannot be opened. */
export async function openRelay(config: Config, host: Host): Promise<Opened> {
  const {
    makeStore,
    wrap = (connector) => connector,
    hmac,
    log,
    calls,
    longLived,
    publicUrl,
  } = host;
  const store = makeStore({ randomId, retentionMs: retentionMs(config) });
  const saved = await store.open();
  const counts = createCounts();
  const found = openConnectors(config, host, saved.instance, counts);
  const connectors = new Map([...found].map(([account, each]) => [account, wrap(each)]));
  const { now } = Date;
  const routing = createRouting(config);
  // An object with streams never sleeps, so that a start means that it was down; without, it wakes at every webhook.
  const alwaysOn = [...connectors.values()].some(({ source }) => source !== undefined);
  const relay = startRelay(
    {
      config,
      routing,
      connectors,
      store,
      clock: now,
      wait,
      random: Math.random,
      log,
      calls,
      counts,
      ...(publicUrl === undefined
        ? {}
        : { links: createMediaLinks(publicUrl, retentionMs(config), hmac, mediaSecretOf(config)) }),
    },
    saved,
    { catchUp: longLived || alwaysOn },
  );
  return { relay, connectors };
}

/** The connectors of a configuration, for a relay or for what needs none: webhooks are verified and files are passed on. */
export function openConnectors(
  config: Config,
  { web, hmac, log, longLived }: Omit<Host, "makeStore" | "calls">,
  instance: string,
  counts: Counts,
): ReadonlyMap<AccountId, Connector> {
  const counted = (account: AccountId): WebDeps => ({
    ...web,
    onAnswer: (status) =>
      counts.add("requests", {
        account,
        class: status === undefined ? "none" : requestClass(status),
      }),
  });
  return connectAll(config, {
    http: (account) => createHttp(account, counted(account)),
    copy: (account, trusted) => createCopy(account, counted(account), trusted),
    carry: (account, connectorOf) => createCarry(account, counted, connectorOf),
    hmac,
    clock: Date.now,
    log,
    instance,
    longLived,
  });
}
