/** Which account of the configuration a login is for, and what the configuration says of it. */
import type { AccountConfig, Config } from "../core/config/config.ts";
import { envPrefixOf } from "../core/config/environment.ts";
import { accountId, protocolOf, type AccountId } from "../core/ids.ts";
import { LoginFailed, urlOf } from "./matrix-login-api.ts";

export interface Target {
  readonly id: AccountId;
  readonly protocol: string;
  /** The variable that holds the account's token. */
  readonly variable: string;
  readonly channels: readonly string[];
  readonly mxid: string | undefined;
  /** Why the account's rooms are not known, and what to do. */
  readonly unknown: string | undefined;
}

export interface Choice {
  /** Undefined where there is none, or one that cannot be used. */
  readonly config: Config | undefined;
  readonly file: string;
  readonly fileExists: boolean;
  readonly server: string;
  /** Base of the homeserver's API, which a configuration may name as well. */
  readonly base: string;
  /** `--account`. */
  readonly account: string | undefined;
}

/** The account that is made where nothing is configured yet. */
const FIRST = accountId("gitter.mygitter");

/** Throws `LoginFailed` where it is not clear which account is meant. */
export function chooseTarget(choice: Choice): Target {
  const { config, file, fileExists, server, account } = choice;
  const lines = (id: string) => `[${id}] with Server="${urlOf(server)}"`;
  if (account !== undefined) {
    if (!/^(?:matrix|gitter)\.[^\s.]+$/iu.test(account))
      throw new LoginFailed(
        `--account ${account} is not an account of Matrix.`,
        'Write it as in the configuration: --account gitter.mygitter, or "matrix." and its name.',
      );
    const id = accountId(account);
    const found = config?.accounts.get(id);
    if (found !== undefined && usesServer(found, choice)) return targetOf(found, config);
    return unconfigured(
      id,
      config === undefined
        ? noConfig(file, fileExists)
        : found === undefined
          ? `no enabled gateway of ${file} uses ${id}: write ${lines(id)}, and its channels`
          : `${id} of ${file} uses another Server: write ${lines(id)}`,
    );
  }
  if (config === undefined && fileExists)
    throw new LoginFailed(
      noConfig(file, fileExists),
      `Mend them first, or say whose token it is to be: --account ${FIRST}`,
    );
  const fitting = [...(config?.accounts.values() ?? [])].filter((each) => usesServer(each, choice));
  const [only] = fitting;
  if (fitting.length > 1)
    throw new LoginFailed(
      `Several accounts use this homeserver: ${fitting.map(({ id }) => id).join(", ")}.`,
      `Say which one logs in: --account ${only?.id}`,
    );
  if (only !== undefined) return targetOf(only, config);
  if (config?.accounts.has(FIRST))
    throw new LoginFailed(
      `No account of ${file} uses ${urlOf(server)}.`,
      `Write ${lines(FIRST)} there, or say whose token it is to be with --account.`,
    );
  return unconfigured(
    FIRST,
    fileExists
      ? `no account of ${file} uses this homeserver: write ${lines(FIRST)}, and its channels`
      : `${noConfig(file, fileExists)}: write ${lines(FIRST)}, and its channels`,
  );
}

const noConfig = (file: string, exists: boolean): string =>
  exists ? `${file} has errors (npm run footbridge -- check)` : `there is no ${file}`;

function usesServer({ protocol, settings }: AccountConfig, { server, base }: Choice): boolean {
  const own = settings.string("Server");
  if (!["matrix", "gitter"].includes(protocol) || own === undefined) return false;
  const same = (url: string) => urlOf(url).toLowerCase();
  return same(own) === same(server) || same(own) === same(base);
}

function targetOf({ id, protocol, settings, envName }: AccountConfig, config?: Config): Target {
  const legs = config?.gateways.flatMap((gateway) => gateway.legs) ?? [];
  const channels = legs.filter(({ account }) => account === id).map(({ channel }) => channel);
  return {
    id,
    protocol,
    variable: envName("Token"),
    channels: [...new Set(channels)],
    mxid: settings.string("MxID") || undefined,
    unknown: undefined,
  };
}

const unconfigured = (id: AccountId, unknown: string): Target => ({
  id,
  protocol: protocolOf(id),
  variable: `${envPrefixOf(id)}TOKEN`,
  channels: [],
  mxid: undefined,
  unknown,
});
