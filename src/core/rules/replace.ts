/** `ReplaceMessages` and `ReplaceNicks`: RE2 patterns with Go's `$1` and `${name}` in the replacement. */
import { RE2JS } from "re2js";

import { type Content, mapNodes } from "../content.ts";

export type Replace = (text: string) => string;

/** The patterns were checked when the configuration was loaded. */
export function createReplace(pairs: readonly (readonly [string, string])[]): Replace {
  const compiled = pairs.map(([pattern, to]) => [RE2JS.compile(pattern), to] as const);
  return (text) =>
    compiled.reduce(
      (sofar, [pattern, to]) =>
        pattern.matcher(sofar).replaceAll((...match: unknown[]) => expand(to, match)),
      text,
    );
}

/**
 * Go's `Regexp.Expand`: `$$` is a dollar, a name is the longest run of word characters (`$1x` is the group named `1x`),
 * and a group that is not there is empty.
 */
function expand(to: string, match: readonly unknown[]): string {
  const last = match.at(-1);
  const named = typeof last === "object" && last !== null ? (last as Record<string, unknown>) : {};
  const groups = match.slice(
    0,
    match.findIndex((each) => typeof each === "number"),
  );
  return to.replaceAll(
    /\$(?:(\$)|\{(\w+)\}|(\w+))/gu,
    (_whole, dollar?: string, braced?: string, bare?: string) => {
      if (dollar !== undefined) return "$";
      const name = braced ?? bare ?? "";
      const value = /^\d+$/u.test(name) ? groups[Number(name)] : named[name];
      return typeof value === "string" ? value : "";
    },
  );
}

/** Applies a replacement to each run of text; the tree keeps its shape. */
export function replaceContent(content: Content, replace: Replace): Content {
  return mapNodes(content, (node) =>
    node.type === "text" || node.type === "inlineCode" || node.type === "code"
      ? { ...node, value: replace(node.value) }
      : undefined,
  );
}
