/** An account's rules, compiled once: patterns take longer to compile than to match. */
import type { Settings } from "../config/config.ts";
import { createIgnore, type Ignore } from "./ignore.ts";
import { createExtract, createReplace, type Replace, type Spoken } from "./replace.ts";

export interface Rules {
  readonly ignore: Ignore;
  readonly replaceMessages: Replace;
  readonly extractNicks: (spoken: Spoken) => Spoken;
  readonly replaceNicks: Replace;
}

const known = new WeakMap<Settings, Rules>();

/** The rules of the account that a message comes from. */
export function rulesOf(from: Settings): Rules {
  const rules = known.get(from) ?? {
    ignore: createIgnore(from.strings("IgnoreNicks"), from.strings("IgnoreMessages")),
    replaceMessages: createReplace(from.pairs("ReplaceMessages")),
    extractNicks: createExtract(from.pairs("ExtractNicks")),
    replaceNicks: createReplace(from.pairs("ReplaceNicks")),
  };
  known.set(from, rules);
  return rules;
}
