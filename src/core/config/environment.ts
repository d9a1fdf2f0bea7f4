/** What the environment has to do with a configuration: `MATTERBRIDGE_...` overrides, and `${VAR}` in the file. */
import type { Problem } from "../errors.ts";
import type { KeySpec } from "./config.ts";
import { nearest } from "./nearest.ts";

export type Env = Readonly<Record<string, string | undefined>>;

const PREFIX = "MATTERBRIDGE_";
const VARIABLE = /\$\{([A-Za-z_]\w*)\}/gu;
/** Kubernetes gives these to every pod next to a Service called `matterbridge`; they are not settings. */
const FROM_KUBERNETES = /^MATTERBRIDGE_(?:SERVICE|PORT)(?:_|$)/u;

/** What stands before the key in the variables of a section: `MATTERBRIDGE_SLACK_MYTEAM_`. */
export const envPrefixOf = (section: string): string =>
  `${PREFIX}${section.toUpperCase().replaceAll(/[.-]/gu, "_")}_`;

/** The value of an override; empty counts as not set, as in Matterbridge. */
export const overrideOf = (env: Env, name: string): string | undefined =>
  env[name] === "" ? undefined : env[name];

/**
 * Fills in `${VAR}`; undefined when a variable is not set. Lists are filled in one level deep: no setting has more.
 * `read`: how a variable is read.
 */
export function expand(
  value: unknown,
  env: Env,
  missing: (variable: string) => void,
  read: (env: Env, variable: string) => string | undefined = (all, variable) => all[variable],
): unknown {
  if (Array.isArray(value)) {
    const all = value.map((each) =>
      Array.isArray(each) ? each : expand(each, env, missing, read),
    );
    return all.includes(undefined) ? undefined : all;
  }
  if (typeof value !== "string") return value;
  let complete = true;
  const text = value.replaceAll(VARIABLE, (_whole, variable: string) => {
    const found = read(env, variable);
    if (found === undefined) {
      complete = false;
      missing(variable);
    }
    return found ?? "";
  });
  return complete ? text : undefined;
}

/** The variable that a value wholly consists of: `T` of `${T}`. */
export const variableOf = (value: unknown): string | undefined =>
  typeof value === "string" ? /^\$\{([A-Za-z_]\w*)\}$/u.exec(value)?.[1] : undefined;

/** A section that is read, and what can stand in it. */
export interface Known {
  readonly envPrefix: string;
  readonly keys: readonly KeySpec[];
}

/**
 * Warns of `MATTERBRIDGE_...` variables that nothing reads, no `${VAR}` in the file's text either: a misspelt one would
 * otherwise be silent.
 */
export function checkVariables(
  env: Env,
  known: readonly Known[],
  text: string,
  problems: Problem[],
): void {
  const names = new Set([
    ...known.flatMap(({ envPrefix, keys }) =>
      keys.map(({ name }) => envPrefix + name.toUpperCase()),
    ),
    ...[...text.matchAll(VARIABLE)].map(([, name = ""]) => name),
  ]);
  for (const name of Object.keys(env)) {
    if (!name.startsWith(PREFIX) || FROM_KUBERNETES.test(name) || names.has(name)) continue;
    const near = nearest(name, [...names], 2);
    const ours = known.some(({ envPrefix }) => name.startsWith(envPrefix));
    if (!ours && near === undefined) continue;
    problems.push({
      severity: "warning",
      where: "environment",
      what: `${name} sets nothing`,
      fix: near === undefined ? "take it out" : `did you mean ${near}?`,
      path: [],
    });
  }
}
