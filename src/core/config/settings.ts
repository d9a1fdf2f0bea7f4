/** One account's settings out of tables and environment: what is set where, and who wins. */
import type { Problem } from "../errors.ts";
import type { Secret } from "../ports.ts";
import { coerce, lookUp, type Table } from "./coerce.ts";
import type { KeySpec, Settings, Value } from "./config.ts";
import { type Env, expand, overrideOf, variableOf } from "./environment.ts";
import { patternFaults } from "./patterns.ts";
import { isExampleSecret } from "./template.ts";
import { placeholderFaults } from "./placeholders.ts";

export type Path = readonly (string | number)[];

/** One place where settings stand: an account's section, or `[general]`. */
export interface Layer {
  readonly table: Table;
  readonly path: Path;
  /** For problems: `[slack.myteam]`. */
  readonly where: string;
  /** `MATTERBRIDGE_SLACK_MYTEAM_`. */
  readonly envPrefix: string;
}

export interface Read {
  readonly settings: Settings;
  /** The environment variable that would set a key. */
  readonly envName: (key: string) => string;
  /** Whether the file wants a key from a variable. */
  readonly names: (key: string) => boolean;
}

const isSecret = ({ type }: KeySpec): boolean => type === "secret" || type === "secrets";

/**
 * Reads every known key: environment, then the account's own table, then `[general]`'s, then the default. A value that
 * cannot be read is a problem and counts as not set.
 */
export function readSettings(
  keys: readonly KeySpec[],
  layers: readonly [Layer, ...Layer[]],
  env: Env,
  problems: Problem[],
): Read {
  const values = new Map<string, Value>();
  const variables = new Map<string, string>();
  for (const spec of keys) {
    if (spec.unsupported !== undefined) continue;
    const name = spec.name.toLowerCase();
    for (const layer of layers) {
      const found = find(spec, layer, env, problems);
      // An empty secret is one that is still to be filled in.
      if (found === undefined || (isSecret(spec) && found.value === "")) continue;
      const variable = found.fromEnv ? undefined : variableOf(found.value);
      if (variable !== undefined) variables.set(name, variable);
      const value = valueFor(spec, found, layer, env, problems);
      if (value !== undefined) values.set(name, value);
      break;
    }
    if (!values.has(name) && spec.default !== undefined) values.set(name, spec.default);
  }
  return {
    settings: settingsOf(values),
    envName: (key) =>
      variables.get(key.toLowerCase()) ?? `${layers[0].envPrefix}${key.toUpperCase()}`,
    names: (key) => variables.has(key.toLowerCase()),
  };
}

interface Found {
  /** As it is written, or the variable's name. */
  readonly key: string;
  readonly value: unknown;
  readonly fromEnv: boolean;
}

function find(spec: KeySpec, layer: Layer, env: Env, problems: Problem[]): Found | undefined {
  const name = `${layer.envPrefix}${spec.name.toUpperCase()}`;
  const value = overrideOf(env, name);
  if (value !== undefined && spec.type !== "pairs") return { key: name, value, fromEnv: true };
  if (value !== undefined)
    problems.push({
      severity: "warning",
      where: layer.where,
      what: `${name} has no effect: pairs cannot come from the environment`,
      fix: `write ${exampleOf(spec)} in the file`,
      path: layer.path,
    });
  const found = lookUp(layer.table, spec.name);
  return found === undefined ? undefined : { ...found, fromEnv: false };
}

function valueFor(
  spec: KeySpec,
  found: Found,
  layer: Layer,
  env: Env,
  problems: Problem[],
): Value | undefined {
  const note = (severity: Problem["severity"], what: string, fix: string) => {
    const path = found.fromEnv ? layer.path : [...layer.path, found.key];
    problems.push({ severity, where: layer.where, what: `${found.key} ${what}`, fix, path });
  };
  // `${name}` in a replacement is a group of its pattern; what comes from the environment is taken as it is.
  const expanded =
    found.fromEnv || spec.type === "pairs"
      ? found.value
      : expand(
          found.value,
          env,
          (variable) =>
            note(
              // A secret need not be here when the configuration is checked: the Worker has its own.
              isSecret(spec) ? "warning" : "error",
              `names the variable ${variable}, which is not set`,
              `set ${variable} in the environment${isSecret(spec) ? "" : ", or write the value"}`,
            ),
          // An empty secret is one that is still to be filled in, wherever it stands.
          isSecret(spec) ? overrideOf : undefined,
        );
  if (expanded === undefined) return undefined;
  const value = coerce(spec.type, expanded);
  if (value === undefined) note("error", `is not ${KINDS[spec.type]}`, `write ${exampleOf(spec)}`);
  else if (isSecret(spec) && [value].flat().some((each) => isExample(each))) {
    note(
      "warning",
      "still has the example's placeholder, and counts as not set",
      "put the real one there",
    );
    return undefined;
  } else {
    for (const { what, fix } of placeholderFaults(spec.name, value)) note("warning", what, fix);
    for (const fault of patternFaults(spec.name, value))
      note(
        "error",
        `has a pattern that is not a regular expression: ${fault}`,
        "mend the pattern (RE2 syntax, as in Matterbridge)",
      );
  }
  return value;
}

const isExample = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  "reveal" in value &&
  isExampleSecret((value as Secret).reveal());

function settingsOf(values: ReadonlyMap<string, Value>): Settings {
  const get = <V>(key: string) => values.get(key.toLowerCase()) as V | undefined;
  const secrets = (key: string): readonly Secret[] => {
    const value = get<Secret | readonly Secret[]>(key);
    if (value === undefined) return [];
    return "reveal" in value ? [value] : value;
  };
  return {
    string: (key) => get<string>(key),
    bool: (key) => get<boolean>(key) ?? false,
    int: (key) => get<number>(key),
    strings: (key) => get<readonly string[]>(key) ?? [],
    pairs: (key) => get<readonly (readonly [string, string])[]>(key) ?? [],
    secret: (key) => secrets(key)[0],
    secrets,
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
  string: '"..."',
  bool: "true",
  int: "1000",
  strings: '"one two"',
  pairs: '[["pattern","replacement"]]',
  secret: '"${A_VARIABLE}"',
  secrets: '"${A_VARIABLE}"',
};
const exampleOf = ({ name, type }: KeySpec): string => `${name}=${EXAMPLES[type]}`;
