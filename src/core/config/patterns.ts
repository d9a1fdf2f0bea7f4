/** Settings that hold RE2 patterns, checked when they are read so that relaying never meets a bad one. */
import { RE2JS } from "re2js";

import { messageOf } from "../errors.ts";
import type { Value } from "./config.ts";

const PATTERN_KEYS: ReadonlySet<string> = new Set([
  "ignorenicks",
  "ignoremessages",
  "replacemessages",
  "replacenicks",
  "extractnicks",
  "mediadownloadblacklist",
]);

/** The patterns of a setting that are not RE2, each with the reason. */
export function patternFaults(key: string, value: Value): readonly string[] {
  if (!PATTERN_KEYS.has(key.toLowerCase()) || !Array.isArray(value)) return [];
  const extracts = key.toLowerCase() === "extractnicks";
  const all = value as readonly (string | readonly [string, string])[];
  return all.flatMap((each) => {
    if (typeof each === "string") return faultOf(each);
    const [pattern, second] = each;
    return [...faultOf(pattern), ...(extracts ? faultOf(second, 1) : [])];
  });
}

function faultOf(pattern: string, groups?: number): readonly string[] {
  try {
    const found = RE2JS.compile(pattern).groupCount();
    return groups === undefined || found === groups
      ? []
      : [`${pattern} (it needs exactly one group in round brackets, which finds the nick)`];
  } catch (error) {
    return [`${pattern} (${messageOf(error)})`];
  }
}
