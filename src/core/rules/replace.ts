/** `ReplaceMessages`, `ReplaceNicks` and `ExtractNicks`: RE2 patterns, one pair after the other. */
import { RE2JS } from "re2js";

import type { Content } from "../content.ts";
import { expand, matchesOf } from "./pattern.ts";
import { type Edit, editText, textOf } from "./text.ts";

type Pairs = readonly (readonly [string, string])[];

export interface Replace {
  text(text: string): string;
  content(content: Content): Content;
}

/** The patterns were checked when the configuration was loaded. */
export function createReplace(pairs: Pairs): Replace {
  const all = pairs.map(([pattern, to]) => {
    const compiled = RE2JS.compile(pattern);
    return (text: string): Edit[] =>
      matchesOf(compiled, text).map((match) => ({
        start: match.start,
        end: match.end,
        to: expand(to, compiled, match),
      }));
  });
  return {
    text: (text) =>
      all.reduce((sofar, editsOf) => {
        let out = "";
        let from = 0;
        for (const { start, end, to } of editsOf(sofar)) {
          out += sofar.slice(from, start) + to;
          from = end;
        }
        return out + sofar.slice(from);
      }, text),
    content: (content) =>
      all.reduce((sofar, editsOf) => {
        const edits = editsOf(textOf(sofar));
        return edits.length === 0 ? sofar : editText(sofar, edits);
      }, content),
  };
}

/** What a message says, and who is shown as its author. */
export interface Spoken {
  readonly nick: string;
  readonly content: Content;
}

/**
 * For bots that speak for others: where the nick matches the first pattern, the group of the second one's first match
 * in the text becomes the nick, and that match is cut from the text.
 */
export function createExtract(pairs: Pairs): (spoken: Spoken) => Spoken {
  const all = pairs.map(([nick, text]) => [RE2JS.compile(nick), RE2JS.compile(text)] as const);
  return (spoken) =>
    all.reduce((sofar, [nickPattern, textPattern]) => {
      if (!nickPattern.matcher(sofar.nick).find()) return sofar;
      const [match] = matchesOf(textPattern, textOf(sofar.content));
      if (match === undefined || match.groups.length !== 2) return sofar;
      return {
        nick: match.groups[1] ?? "",
        content: editText(sofar.content, [{ start: match.start, end: match.end, to: "" }]),
      };
    }, spoken);
}
