/** From a configuration to connectors: what both hosts wire the same way. */
import type { Config } from "../../core/config/config.ts";
import type { AccountId } from "../../core/ids.ts";
import type {
  CarryFile,
  Clock,
  Connector,
  CopyFile,
  Hmac,
  Http,
  Logger,
} from "../../core/ports.ts";
import { protocols } from "../../protocols/registry.ts";

export interface ConnectDeps {
  readonly http: (account: AccountId) => Http;
  readonly copy: (account: AccountId, trusted: ReadonlySet<string>) => CopyFile;
  readonly carry: (
    account: AccountId,
    connectorOf: (account: AccountId) => Connector | undefined,
  ) => CarryFile;
  readonly hmac: Hmac;
  readonly clock: Clock;
  readonly log: Logger;
  readonly instance: string;
  readonly longLived: boolean;
}

export function connectAll(config: Config, deps: ConnectDeps): ReadonlyMap<AccountId, Connector> {
  const connectors = new Map<AccountId, Connector>();
  const trusted = originsOf(config);
  for (const account of config.accounts.values()) {
    const protocol = protocols.find(({ name }) => name === account.protocol);
    if (protocol === undefined) continue;
    connectors.set(
      account.id,
      protocol.connect(account, {
        ...deps,
        http: deps.http(account.id),
        copy: deps.copy(account.id, trusted),
        carry: deps.carry(account.id, (from) => connectors.get(from)),
      }),
    );
  }
  return connectors;
}

/** How long what became of a message is remembered: 30 days, never under 9 (`Retention`, in days). */
export function retentionMs(config: Config): number {
  return Math.max(9, config.general.int("Retention") ?? 30) * 24 * 3_600_000;
}

/** The services that the configuration itself names: what they point to at themselves may be fetched. */
function originsOf(config: Config): ReadonlySet<string> {
  const urls = [...config.accounts.values()].flatMap(({ settings }) =>
    ["APIURL", "Server"].flatMap((key) => settings.string(key) ?? []),
  );
  return new Set(urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : [])));
}
