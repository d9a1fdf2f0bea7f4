/**
 * Text and environment to a typed `Config`, or everything that is wrong at once. Never throws: a file that somebody
 * wrote for Matterbridge gives warnings and errors that say what to write instead.
 */
import parse from "@iarna/toml/parse-string.js";
import { RE2JS } from "re2js";

import { messageOf, type Problem } from "../errors.ts";
import { accountId, type AccountId, nameOf, protocolOf } from "../ids.ts";
import type { AccountConfig, Config, KeySpec, Protocol } from "./config.ts";
import { accountsOf, type PlacedGateway, readGateways } from "./gateways.ts";
import { nearest } from "./nearest.ts";
import { COMMON_KEYS, GENERAL_KEYS, OTHER_PROTOCOLS } from "./schema.ts";
import {
  type Env,
  envPrefixOf,
  isTable,
  lookUp,
  type Path,
  readSettings,
  type Table,
} from "./settings.ts";

export interface Loaded {
  /** Absent when there is an error among the problems. */
  readonly config?: Config;
  readonly problems: readonly Problem[];
}

/** Path element of a problem in the text itself: its second element is the line, from 1. */
export const LINE = "@line";

export function loadConfig(text: string, env: Env, protocols: readonly Protocol[]): Loaded {
  const problems: Problem[] = [];
  let root: Table;
  try {
    root = parse(text.replace(/^\uFEFF/u, ""));
  } catch (error) {
    const line =
      typeof error === "object" && error !== null && "line" in error ? Number(error.line) + 1 : 1;
    const [what = ""] = messageOf(error).split(" at row");
    return {
      problems: [
        {
          severity: "error",
          where: "the file",
          what: `is not TOML: ${what}`,
          fix: "mend this line",
          path: [LINE, line],
        },
      ],
    };
  }
  const gateways = readGateways(root, problems);
  const general = tableOf(root, "general") ?? { table: {}, path: ["general"] };
  const generalLayer = { ...general, envPrefix: envPrefixOf("general") };
  const generalKeys = [...COMMON_KEYS, ...GENERAL_KEYS];
  const generalSettings = readSettings(generalKeys, [generalLayer], env, "[general]", problems);
  checkKeys(
    general.table,
    generalKeys,
    "[general]",
    general.path,
    problems,
    protocols.flatMap(({ keys }) => keys),
  );
  checkSections(root, gateways, protocols, problems);

  const accounts = new Map<AccountId, AccountConfig>();
  for (const id of accountsOf(gateways)) {
    const account = readAccount(id);
    if (account !== undefined) accounts.set(id, account);
  }
  checkUnusedAccounts(root, accounts, problems);
  if (gateways.length === 0)
    problems.push({
      severity: "error",
      where: "the file",
      what: "no gateway is enabled, so there is nothing to relay",
      fix: "add a [[gateway]] with enable=true",
      path: [],
    });

  const warnings = problems.filter(({ severity }) => severity === "warning");
  if (warnings.length < problems.length) return { problems };
  return { config: { general: generalSettings, accounts, gateways, warnings }, problems };

  function readAccount(id: AccountId): AccountConfig | undefined {
    const leg = gateways.flatMap(({ legs }) => legs).find(({ account }) => account === id);
    const error = (what: string, fix: string) =>
      void problems.push({
        severity: "error",
        where: `account ${id}`,
        what,
        fix,
        path: leg?.path ?? [],
      });
    const protocol = protocols.find(({ name }) => name === protocolOf(id));
    if (!/^[^.]+\.[^.]+$/u.test(id)) {
      error("is not an account", 'write "protocol.name", like "slack.myteam"');
      return undefined;
    }
    if (protocol === undefined) {
      error(
        "is not supported by Footbridge",
        `supported: ${protocols.map(({ name }) => name).join(", ")}; take it out of the gateway`,
      );
      return undefined;
    }
    const section = sectionOf(root, id);
    const envPrefix = envPrefixOf(id);
    if (section === undefined && !Object.keys(env).some((name) => name.startsWith(envPrefix))) {
      error("is used in a gateway but not defined", `add a section [${id}]`);
      return undefined;
    }
    const { table, path } = section ?? { table: {}, path: [protocolOf(id), nameOf(id)] };
    const where = `[${id}]`;
    // A protocol's own word about a setting counts before the common one (SendInterval has other defaults).
    const own = new Set(protocol.keys.map(({ name }) => name.toLowerCase()));
    const keys = [
      ...protocol.keys,
      ...COMMON_KEYS.filter(({ name }) => !own.has(name.toLowerCase())),
    ];
    const settings = readSettings(
      keys,
      [{ table, path, envPrefix }, generalLayer],
      env,
      where,
      problems,
    );
    checkKeys(table, keys, where, path, problems);
    checkPatterns(where, path, settings, problems);
    const account: AccountConfig = {
      id,
      protocol: protocol.name,
      name: nameOf(id),
      settings,
      envName: (key) => `${envPrefix}${key.toUpperCase()}`,
    };
    const channels = gateways
      .flatMap(({ legs }) => legs)
      .filter((each) => each.account === id)
      .map(({ channel }) => channel);
    for (const problem of protocol.check(account, [...new Set(channels)]))
      problems.push({ ...problem, path: [...path, ...problem.path] });
    checkLiteralSecrets(table, keys, account, path, problems);
    return account;
  }
}

interface Placed {
  readonly table: Table;
  readonly path: Path;
}

function tableOf(parent: Table, key: string, path: Path = []): Placed | undefined {
  const found = lookUp(parent, key);
  return found !== undefined && isTable(found.value)
    ? { table: found.value, path: [...path, found.key] }
    : undefined;
}

function sectionOf(root: Table, id: AccountId): Placed | undefined {
  const protocol = tableOf(root, protocolOf(id));
  return protocol === undefined ? undefined : tableOf(protocol.table, nameOf(id), protocol.path);
}

function checkKeys(
  table: Table,
  keys: readonly KeySpec[],
  where: string,
  path: Path,
  problems: Problem[],
  also: readonly KeySpec[] = [],
): void {
  for (const key of Object.keys(table)) {
    const known = [...keys, ...also].find(({ name }) => name.toLowerCase() === key.toLowerCase());
    const at = [...path, key];
    if (known?.unsupported !== undefined)
      problems.push({
        severity: "warning",
        where,
        what: `${key} has no effect`,
        fix: known.unsupported,
        path: at,
      });
    if (known !== undefined) continue;
    const near = nearest(
      key,
      keys.map(({ name }) => name),
    );
    problems.push({
      severity: "warning",
      where,
      what: `${key} is not a setting that Footbridge knows`,
      fix: near === undefined ? "take it out" : `did you mean ${near}?`,
      path: at,
    });
  }
}

const SECTIONS = ["general", "gateway", "samechannelgateway", "tengo"];

function checkSections(
  root: Table,
  gateways: readonly PlacedGateway[],
  protocols: readonly Protocol[],
  problems: Problem[],
): void {
  const used = new Set(accountsOf(gateways).map(protocolOf));
  for (const key of Object.keys(root)) {
    const name = key.toLowerCase();
    const where = `[${key}]`;
    if (name === "tengo")
      problems.push({
        severity: "warning",
        where,
        what: "scripts are not run",
        fix: "ReplaceMessages and ReplaceNicks do most of what they are used for",
        path: [key],
      });
    if (
      SECTIONS.includes(name) ||
      protocols.some((protocol) => protocol.name === name) ||
      used.has(name)
    )
      continue;
    const supported = protocols.map((protocol) => protocol.name).join(", ");
    const what = OTHER_PROTOCOLS.has(name)
      ? `is not supported by Footbridge (supported: ${supported})`
      : "is not a section that Footbridge knows";
    problems.push({ severity: "warning", where, what, fix: "take it out", path: [key] });
  }
}

function checkUnusedAccounts(
  root: Table,
  accounts: ReadonlyMap<AccountId, AccountConfig>,
  problems: Problem[],
): void {
  const used = new Set([...accounts.values()].map(({ protocol }) => protocol));
  for (const [protocol, tables] of Object.entries(root)) {
    if (!used.has(protocol.toLowerCase()) || !isTable(tables)) continue;
    for (const [name, table] of Object.entries(tables))
      if (isTable(table) && !accounts.has(accountId(`${protocol}.${name}`)))
        problems.push({
          severity: "warning",
          where: `[${protocol}.${name}]`,
          what: "no enabled gateway uses this account",
          fix: "use it in a [[gateway]], or take it out",
          path: [protocol, name],
        });
  }
}

function checkPatterns(
  where: string,
  path: Path,
  settings: Config["general"],
  problems: Problem[],
): void {
  const patterns = (key: string) => [...settings.strings(key)];
  const firsts = (key: string) => settings.pairs(key).map(([pattern]) => pattern);
  const all = {
    IgnoreNicks: patterns("IgnoreNicks"),
    IgnoreMessages: patterns("IgnoreMessages"),
    ReplaceMessages: firsts("ReplaceMessages"),
    ReplaceNicks: firsts("ReplaceNicks"),
  };
  for (const [key, list] of Object.entries(all))
    for (const pattern of list) {
      try {
        RE2JS.compile(pattern);
      } catch (error) {
        problems.push({
          severity: "error",
          where,
          what: `${key} has a pattern that is not a regular expression: ${pattern} (${messageOf(error)})`,
          fix: "mend the pattern (RE2 syntax, as in Matterbridge)",
          path: [...path, key],
        });
      }
    }
}

function checkLiteralSecrets(
  table: Table,
  keys: readonly KeySpec[],
  account: AccountConfig,
  path: Path,
  problems: Problem[],
): void {
  for (const { name } of keys.filter(({ type }) => type === "secret" || type === "secrets")) {
    const found = lookUp(table, name);
    const texts = Array.isArray(found?.value) ? found.value : [found?.value];
    if (
      found === undefined ||
      !texts.some((text) => typeof text === "string" && text !== "" && !text.includes("${"))
    )
      continue;
    problems.push({
      severity: "warning",
      where: `[${account.id}]`,
      what: `${found.key} is a secret that stands in the file`,
      fix: `take it out and set ${account.envName(name)} instead`,
      path: [...path, found.key],
    });
  }
}
