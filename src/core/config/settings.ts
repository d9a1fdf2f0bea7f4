/** One account's settings out of tables and environment, with Matterbridge's coercions. */
import type { Problem } from "../errors.ts";
import type { Secret } from "../ports.ts";
import type { KeySpec, Settings, Value } from "./config.ts";
import { secret } from "./secret.ts";

export type Table = Readonly<Record<string, unknown>>;
export type Env = Readonly<Record<string, string | undefined>>;
export type Path = readonly (string | number)[];

export const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** What a key's value means; undefined when it cannot mean anything. */
export function coerce(type: KeySpec["type"], value: unknown): Value | undefined {
  switch (type) {
    case "string":
      return typeof value === "string"
        ? value
        : typeof value === "number" || typeof value === "boolean"
          ? String(value)
          : undefined;
    case "bool": {
      if (typeof value === "boolean") return value;
      const text = String(value).toLowerCase();
      return ["1", "t", "true"].includes(text)
        ? true
        : ["0", "f", "false", ""].includes(text)
          ? false
          : undefined;
    }
    case "int": {
      const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case "strings":
      if (typeof value === "string") return value.split(/\s+/u).filter((each) => each !== "");
      return Array.isArray(value) && value.every((each) => typeof each === "string")
        ? value
        : undefined;
    case "pairs":
      return Array.isArray(value) ? pairsOf(value) : undefined;
    case "secret":
      return typeof value === "string" ? secret(value) : undefined;
    case "secrets": {
      const list =
        typeof value === "string" ? value.split(/[\s,]+/u).filter((each) => each !== "") : value;
      return Array.isArray(list) && list.every((each) => typeof each === "string")
        ? list.map(secret)
        : undefined;
    }
  }
}

/** `[["a","b"],...]`, or the array of tables with `search` and `replace` that people also write. */
function pairsOf(list: readonly unknown[]): readonly (readonly [string, string])[] | undefined {
  const pairs = list.map((each) => {
    const [from, to] = Array.isArray(each)
      ? each
      : isTable(each)
        ? [each["search"], each["replace"]]
        : [];
    return typeof from === "string" && typeof to === "string" ? ([from, to] as const) : undefined;
  });
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}

export interface Layer {
  readonly table: Table;
  readonly path: Path;
  /** `MATTERBRIDGE_SLACK_MYTEAM_`. */
  readonly envPrefix: string;
}

export const envPrefixOf = (section: string): string =>
  `MATTERBRIDGE_${section.toUpperCase().replaceAll(/[.-]/gu, "_")}_`;

/** The value of a key in a table, whatever its case, with the key as it is written. */
export function lookUp(table: Table, key: string): { key: string; value: unknown } | undefined {
  const found = Object.keys(table).find((each) => each.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : { key: found, value: table[found] };
}

/**
 * Reads every known key: environment, then the account's own table, then `[general]`'s, then the default. A value that
 * cannot be read is a problem and counts as not set.
 */
export function readSettings(
  keys: readonly KeySpec[],
  layers: readonly Layer[],
  env: Env,
  where: string,
  problems: Problem[],
): Settings {
  const values = new Map<string, Value>();
  for (const spec of keys) {
    if (spec.unsupported !== undefined) continue;
    for (const { table, path, envPrefix } of layers) {
      const name = `${envPrefix}${spec.name.toUpperCase()}`;
      const fromEnv = env[name];
      const found =
        fromEnv === undefined || fromEnv === "" || spec.type === "pairs"
          ? lookUp(table, spec.name)
          : { key: name, value: fromEnv };
      if (found === undefined) continue;
      const expanded = expand(found.value, env, (variable) =>
        problems.push({
          severity: "error",
          where,
          what: `${found.key} names the variable ${variable}, which is not set`,
          fix: `set ${variable} in the environment, or write the value`,
          path: [...path, found.key],
        }),
      );
      const value = expanded === undefined ? undefined : coerce(spec.type, expanded);
      if (value === undefined && expanded !== undefined)
        problems.push({
          severity: "error",
          where,
          what: `${found.key} is not ${KINDS[spec.type]}`,
          fix: `write ${EXAMPLES[spec.type].replace("KEY", spec.name)}`,
          path: [...path, found.key],
        });
      if (value !== undefined) values.set(spec.name.toLowerCase(), value);
      break;
    }
    if (!values.has(spec.name.toLowerCase()) && spec.default !== undefined)
      values.set(spec.name.toLowerCase(), spec.default);
  }
  const get = <V>(key: string) => values.get(key.toLowerCase()) as V | undefined;
  return {
    string: (key) => get<string>(key),
    bool: (key) => get<boolean>(key) ?? false,
    int: (key) => get<number>(key),
    strings: (key) => get<readonly string[]>(key) ?? [],
    pairs: (key) => get<readonly (readonly [string, string])[]>(key) ?? [],
    secret: (key) => get<Secret>(key),
    secrets: (key) => get<readonly Secret[]>(key) ?? [],
  };
}

const KINDS: Record<KeySpec["type"], string> = {
  string: "text",
  bool: "true or false",
  int: "a whole number",
  strings: "a list of texts",
  pairs: "a list of pairs",
  secret: "text",
  secrets: "text or a list of texts",
};
const EXAMPLES: Record<KeySpec["type"], string> = {
  string: 'KEY="..."',
  bool: "KEY=true",
  int: "KEY=1000",
  strings: 'KEY="one two"',
  pairs: 'KEY=[["pattern","replacement"]]',
  secret: 'KEY="${A_VARIABLE}"',
  secrets: 'KEY="${A_VARIABLE}"',
};

/** Fills in `${VAR}`; undefined when a variable is not set. */
function expand(value: unknown, env: Env, missing: (variable: string) => void): unknown {
  if (Array.isArray(value)) {
    const all = value.map((each) => expand(each, env, missing));
    return all.includes(undefined) ? undefined : all;
  }
  if (typeof value !== "string") return value;
  let complete = true;
  const text = value.replaceAll(/\$\{([A-Za-z_]\w*)\}/gu, (_whole, variable: string) => {
    const found = env[variable];
    if (found === undefined) {
      complete = false;
      missing(variable);
    }
    return found ?? "";
  });
  return complete ? text : undefined;
}
