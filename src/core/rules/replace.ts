/** `ReplaceMessages` and `ReplaceNicks`: RE2 patterns with Go's `$1` and `${name}` in the replacement. */
import { RE2JS } from "re2js";

import { type Content, mapNodes } from "../content.ts";

export type Replace = (text: string) => string;

/** The patterns were checked when the configuration was loaded. */
export function createReplace(pairs: readonly (readonly [string, string])[]): Replace {
  const compiled = pairs.map(([pattern, to]) => [RE2JS.compile(pattern), to] as const);
  return (text) =>
    compiled.reduce(
      (sofar, [pattern, to]) => pattern.matcher(sofar).replaceAll(goReplacement(to)),
      text,
    );
}

/** Go takes the longest name after `$` (`$1x` is the group `1x`, hence empty); RE2JS reads Java's way. */
function goReplacement(to: string): string {
  return to
    .replaceAll("\\", "\\\\")
    .replaceAll(
      /\$(?:(\$)|\{(\w+)\}|(\w+)|)/gu,
      (_whole, dollar?: string, braced?: string, bare?: string) => {
        const name = braced ?? bare;
        if (dollar !== undefined || name === undefined) return "\\$";
        if (/^\d+$/u.test(name)) return `$${name}`;
        return /^\d/u.test(name) ? "" : `\${${name}}`;
      },
    );
}

/** Applies a replacement to each run of text; code and links keep their meaning but their letters take part too. */
export function replaceContent(content: Content, replace: Replace): Content {
  return mapNodes(content, (node) =>
    node.type === "text" || node.type === "inlineCode" || node.type === "code"
      ? { ...node, value: replace(node.value) }
      : undefined,
  );
}
