/** The accounts that enabled gateways use: sections and environment to `AccountConfig`. */
import type { Problem } from "../errors.ts";
import { accountId, type AccountId, nameOf, protocolOf } from "../ids.ts";
import { isTable, type Table } from "./coerce.ts";
import type { AccountConfig, KeySpec, Protocol } from "./config.ts";
import { type Env, envPrefixOf, overrideOf } from "./environment.ts";
import type { PlacedGateway } from "./gateways.ts";
import { checkKeys } from "./keys.ts";
import { nearest } from "./nearest.ts";
import { COMMON_KEYS } from "./schema.ts";
import { sectionOf } from "./sections.ts";
import { type Layer, readSettings } from "./settings.ts";

export interface Accounts {
  readonly root: Table;
  readonly env: Env;
  readonly gateways: readonly PlacedGateway[];
  readonly protocols: readonly Protocol[];
  readonly generalLayer: Layer;
  readonly problems: Problem[];
}

/** Reads one account; undefined when it is none, with an error that says why. */
export function readAccount(id: AccountId, context: Accounts): AccountConfig | undefined {
  const { root, env, gateways, protocols, generalLayer, problems } = context;
  const legs = gateways.flatMap((gateway) => gateway.legs.filter(({ account }) => account === id));
  const error = (what: string, fix: string) =>
    void problems.push({
      severity: "error",
      where: `account ${id}`,
      what,
      fix,
      path: legs[0]?.path ?? [],
    });
  if (!/^[^.]+\.[^.]+$/u.test(id)) {
    error("is not an account", 'write "protocol.name", like "slack.myteam"');
    return undefined;
  }
  const protocol = protocols.find(({ name }) => name === protocolOf(id));
  if (protocol === undefined) {
    error(
      "is not supported by Footbridge",
      `supported: ${protocols.map(({ name }) => name).join(", ")}; take it out of the gateway`,
    );
    return undefined;
  }
  const keys = keysOf(id, protocols);
  const envPrefix = envPrefixOf(id);
  const section = sectionOf(root, protocolOf(id), nameOf(id));
  const isInEnv = keys.some(
    ({ name }) => overrideOf(env, envPrefix + name.toUpperCase()) !== undefined,
  );
  if (section === undefined && !isInEnv) {
    const near = nearest(id, definedAccounts(context), 2);
    error(
      "is used in a gateway but not defined",
      `add a section [${id}]${near === undefined ? "" : `, or did you mean ${near}?`}`,
    );
    return undefined;
  }
  const { table, path } = section ?? { table: {}, path: [protocolOf(id), nameOf(id)] };
  const where = `[${id}]`;
  const layer: Layer = { table, path, where, envPrefix };
  const errors = () => problems.filter(({ severity }) => severity === "error").length;
  const before = errors();
  const { settings, envName, names } = readSettings(keys, [layer, generalLayer], env, problems);
  checkKeys(table, keys, where, path, problems);
  const account = { id, protocol: protocol.name, name: nameOf(id), settings, envName, names };
  const channels = [...new Set(legs.map(({ channel }) => channel))];
  // A setting that could not be read would be missed again.
  if (errors() === before)
    for (const problem of protocol.check(account, channels))
      problems.push({ ...problem, path: [...path, ...problem.path] });
  return account;
}

/** What can stand in an account's section: its protocol's own word counts before the common one. */
export function keysOf(id: AccountId, protocols: readonly Protocol[]): readonly KeySpec[] {
  const own = protocols.find(({ name }) => name === protocolOf(id))?.keys ?? [];
  const names = new Set(own.map(({ name }) => name.toLowerCase()));
  return [...own, ...COMMON_KEYS.filter(({ name }) => !names.has(name.toLowerCase()))];
}

/** Every account of ours that has a section, used or not. */
export function definedAccounts({ root, protocols }: Accounts): AccountId[] {
  return Object.entries(root).flatMap(([protocol, tables]) =>
    isTable(tables) && protocols.some(({ name }) => name === protocol.toLowerCase())
      ? Object.entries(tables).flatMap(([name, table]) =>
          isTable(table) ? [accountId(`${protocol}.${name}`)] : [],
        )
      : [],
  );
}
