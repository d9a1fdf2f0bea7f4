/** `secrets`: which secrets stand in a configuration, and the file with `${VARIABLE}` in the place of each. Pure. */
import { envPrefixOf } from "../core/config/environment.ts";
import { LITERAL_SECRET } from "../core/config/literal-secrets.ts";
import { LINE, loadConfig } from "../core/config/load.ts";
import type { Protocol } from "../core/config/config.ts";
import { applyEdits, type Edit, parse, type Path, type Placed, valuesOf } from "./toml-edit.ts";

export interface MovedSecret {
  /** The variable that holds it from now on. */
  readonly name: string;
  readonly value: string;
  readonly line: number;
  /** `Token of [slack.myteam]`. */
  readonly what: string;
}

export interface Moved {
  readonly text: string;
  readonly secrets: readonly MovedSecret[];
  /** What stays, and why. */
  readonly kept: readonly string[];
}

/** Throws where the text is no TOML. */
export function moveSecrets(text: string, protocols: readonly Protocol[]): Moved {
  const values = valuesOf(parse(text));
  const { problems } = loadConfig(text, {}, protocols);
  const broken = problems.find(({ path, severity }) => path[0] === LINE && severity === "error");
  if (broken !== undefined) throw new Error(`line ${broken.path[1]}: ${broken.what}`);
  const literal = problems.filter(({ what }) => what.endsWith(LITERAL_SECRET));
  const kept: string[] = [];
  const found: Literal[] = [];
  for (const { path, where } of literal) {
    if (path[0] === LINE) {
      kept.push(
        `line ${path[1]}: a token in a comment cannot come from a variable: take it out by hand`,
      );
      continue;
    }
    const own = path.slice(0, path.findLastIndex((part) => typeof part === "string") + 1);
    const what = `${String(own.at(-1))} of ${where}`;
    for (const placed of values.filter((each) => startsWith(each.path, own))) {
      const value = textOf(placed);
      const line = placed.node.loc.start.line;
      // A setting's `${VARIABLE}` is filled in, and that of each element of its list; no deeper.
      if (value === undefined || placed.path.length > own.length + 1) {
        kept.push(`line ${line}: ${what} cannot come from a variable: take it out by hand`);
        continue;
      }
      if (/\$\{[A-Za-z_]\w*\}/u.test(value)) continue;
      const isElement = placed.path.length > own.length;
      found.push({ key: variableFor(own), isElement, value, line, what, range: placed.node.range });
    }
  }
  const secrets = found.map((each) => ({ ...each, name: nameOf(each, found) }));
  const edits = secrets.map(({ name, range: [from, to] }): Edit => ({
    from,
    to,
    text: `"\${${name}}"`,
  }));
  return {
    text: applyEdits(text, edits),
    secrets: secrets.map(({ name, value, line, what }) => ({ name, value, line, what })),
    kept,
  };
}

interface Literal extends Omit<MovedSecret, "name"> {
  /** The variable that overrides the whole setting. */
  readonly key: string;
  /** One of a list. */
  readonly isElement: boolean;
  readonly range: readonly [number, number];
}

const startsWith = (path: Path, start: Path): boolean =>
  path.length >= start.length && start.every((part, index) => part === path[index]);

const textOf = ({ node }: Placed): string | undefined =>
  node.type === "TOMLValue" && node.kind === "string" ? node.value : undefined;

/** The name under which the environment sets it: `MATTERBRIDGE_SLACK_MYTEAM_TOKEN`. */
const variableFor = (path: Path): string => {
  const words = path.filter((part) => typeof part === "string");
  const name = envPrefixOf(words.slice(0, -1).join(".")) + String(words.at(-1)).toUpperCase();
  return name.replaceAll(/\W/gu, "_");
};

/**
 * What the environment sets under the setting's own name takes the place of all of it, and of every setting of that name.
 * So a list's elements, and settings that share their name (`[slack.my-team]` and `[slack.my_team]`), have numbers.
 */
function nameOf({ key, isElement, value }: Literal, all: readonly Literal[]): string {
  const values = [...new Set(all.filter((each) => each.key === key).map((each) => each.value))];
  const alone = !isElement && values.length === 1;
  return alone ? key : `${key}_${values.indexOf(value) + 1}`;
}
