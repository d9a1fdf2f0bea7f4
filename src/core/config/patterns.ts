/** Settings that hold RE2 patterns, checked when they are read so that relaying never meets a bad one. */
import { RE2JS } from "re2js";

import { messageOf } from "../errors.ts";
import type { Value } from "./config.ts";

const PATTERN_KEYS: ReadonlySet<string> = new Set([
  "ignorenicks",
  "ignoremessages",
  "replacemessages",
  "replacenicks",
]);

/** The patterns of a setting that are not RE2, each with the reason. */
export function patternFaults(key: string, value: Value): readonly string[] {
  if (!PATTERN_KEYS.has(key.toLowerCase()) || !Array.isArray(value)) return [];
  const patterns = (value as readonly (string | readonly [string, string])[]).map((each) =>
    typeof each === "string" ? each : each[0],
  );
  return patterns.flatMap((pattern) => {
    try {
      RE2JS.compile(pattern);
      return [];
    } catch (error) {
      return [`${pattern} (${messageOf(error)})`];
    }
  });
}
