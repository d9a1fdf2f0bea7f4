/** RE2 patterns of the configuration, found and filled in as Go's `regexp` does, for which they were written. */
import type { RE2JS } from "re2js";

export interface Match {
  readonly start: number;
  readonly end: number;
  /** The whole match, then its groups; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/** All matches from left to right; an empty one directly behind another counts as none, as in Go. */
export function matchesOf(pattern: RE2JS, text: string): Match[] {
  const matcher = pattern.matcher(text);
  const found: Match[] = [];
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (start === end && found.at(-1)?.end === start) continue;
    const groups = Array.from(
      { length: matcher.groupCount() + 1 },
      (_each, index) => matcher.group(index) ?? undefined,
    );
    found.push({ start, end, groups });
  }
  return found;
}

/**
 * Go's `Regexp.Expand`: `$$` is a dollar, a name is the longest run of letters, digits and `_` (`$1x` is the group named
 * `1x`), and a group that is not there is empty. A dollar that begins none of these stays.
 */
export function expand(template: string, pattern: RE2JS, { groups }: Match): string {
  const named: Readonly<Record<string, number>> = pattern.namedGroups();
  return template.replaceAll(
    /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (_whole, dollar?: string, braced?: string, bare?: string) => {
      if (dollar !== undefined) return "$";
      const name = braced ?? bare ?? "";
      const index = /^(?:0|[1-9]\d*)$/u.test(name) ? Number(name) : named[name];
      return index === undefined ? "" : (groups[index] ?? "");
    },
  );
}
