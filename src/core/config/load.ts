/**
 * Text and environment to a typed `Config`, or everything that is wrong at once. Never throws: a file that somebody
 * wrote for Matterbridge gives warnings and errors that say what to write instead.
 */
import parse from "@iarna/toml/parse-string.js";

import { messageOf, type Problem } from "../errors.ts";
import type { AccountId } from "../ids.ts";
import { type Accounts, definedAccounts, keysOf, readAccount } from "./accounts.ts";
import type { Table } from "./coerce.ts";
import type { AccountConfig, Config, Protocol } from "./config.ts";
import { checkVariables, type Env, envPrefixOf } from "./environment.ts";
import { accountsOf, readGateways } from "./gateways.ts";
import { checkKeys } from "./keys.ts";
import { findCommentSecrets, findLiteralSecrets, LITERAL_SECRET } from "./literal-secrets.ts";
import { COMMON_KEYS, GENERAL_KEYS } from "./schema.ts";
import { checkSections, sectionOf } from "./sections.ts";
import { type Layer, readSettings } from "./settings.ts";
import { findPlaceholders, PLACEHOLDER } from "./template.ts";
import { readAdmin } from "./admin.ts";
import { readUsers } from "./users.ts";

export interface Loaded {
  /** Absent when there is an error among the problems. */
  readonly config?: Config;
  readonly problems: readonly Problem[];
}

/** Path element of a problem in the text itself, not in a setting: its second element is the line, from 1. */
export const LINE = "@line";

/** Warnings that are errors once the file is to be uploaded. */
export const stopsDeploy = ({ what, worker }: Problem): boolean =>
  worker === "error" || what.endsWith(LITERAL_SECRET) || what.endsWith(PLACEHOLDER);

export function loadConfig(text: string, env: Env, protocols: readonly Protocol[]): Loaded {
  let root: Table;
  try {
    // The parser knows no line ends of Windows behind comments.
    root = parse(text.replace(/^\uFEFF/u, "").replaceAll("\r\n", "\n"));
  } catch (error) {
    return { problems: [notToml(error)] };
  }
  const problems: Problem[] = [];
  const supported = new Set(protocols.map(({ name }) => name));
  const gateways = readGateways(root, { env, supported, problems });
  if (gateways.length === 0)
    problems.push({
      severity: "error",
      where: "the file",
      what: "no gateway is enabled, so there is nothing to relay",
      fix: "add a [[gateway]] with enable=true",
      path: [],
    });

  const generalKeys = [...COMMON_KEYS, ...GENERAL_KEYS];
  const generalLayer: Layer = {
    ...(sectionOf(root, "general") ?? { table: {}, path: ["general"] }),
    where: "[general]",
    envPrefix: envPrefixOf("general"),
  };
  const general = readSettings(generalKeys, [generalLayer], env, problems);
  // What an account does not set, [general] may: so it can have every account's keys.
  const anyKeys = [...generalKeys, ...protocols.flatMap(({ keys }) => keys)];
  checkKeys(generalLayer.table, anyKeys, "[general]", generalLayer.path, problems);

  const context: Accounts = { root, env, gateways, protocols, generalLayer, problems };
  const accounts = new Map<AccountId, AccountConfig>();
  for (const id of accountsOf(gateways)) {
    const account = readAccount(id, context);
    if (account !== undefined) accounts.set(id, account);
  }
  const defined = definedAccounts(context);
  const admin = readAdmin(general.settings, accounts, problems);
  const users = readUsers({ root, env, accounts, defined, protocols, problems });
  checkSections(root, new Set(accountsOf(gateways)), supported, problems);
  checkVariables(
    env,
    [
      { envPrefix: generalLayer.envPrefix, keys: anyKeys },
      ...[...new Set([...accounts.keys(), ...defined])].map((id) => ({
        envPrefix: envPrefixOf(id),
        keys: keysOf(id, protocols),
      })),
    ],
    text,
    problems,
  );
  const secretKeys = anyKeys
    .filter(({ type, unsupported }) => type.startsWith("secret") && unsupported === undefined)
    .map(({ name }) => name.toLowerCase());
  problems.push(
    ...findPlaceholders(gateways, accounts.values(), protocols),
    ...findLiteralSecrets(
      root,
      new Set(secretKeys),
      (section) => section === "general" || supported.has(section.split(".")[0] ?? ""),
    ),
    ...findCommentSecrets(text).map((line): Problem => ({
      severity: "warning",
      where: "a comment",
      what: `what looks like a token ${LITERAL_SECRET}`,
      fix: "take it out: who gets the file gets the secret",
      path: [LINE, line],
    })),
  );
  const whole = { general: general.settings, accounts, gateways, users };
  return finish(admin === undefined ? whole : { ...whole, admin }, problems);
}

function notToml(error: unknown): Problem {
  const at = (key: "line" | "col"): number =>
    typeof error === "object" && error !== null && key in error
      ? Number((error as Record<string, unknown>)[key]) + 1
      : 1;
  // The rest of the message shows the line itself, which may hold a secret.
  const [what = ""] = messageOf(error).split(" at row");
  return {
    severity: "error",
    where: "the file",
    what: `is not TOML: ${what} (column ${at("col")})`,
    fix: "mend this line",
    path: [LINE, at("line")],
  };
}

/** What stands in [general] is found once for each account that reads it: once is enough. */
function finish(config: Omit<Config, "warnings">, all: readonly Problem[]): Loaded {
  const problems = [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
  const warnings = problems.filter(({ severity }) => severity === "warning");
  return warnings.length < problems.length
    ? { problems }
    : { config: { ...config, warnings }, problems };
}
