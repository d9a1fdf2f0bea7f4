/** `IgnoreNicks` and `IgnoreMessages`: whitespace-separated RE2 patterns, matched anywhere, before any rewriting. */
import { RE2JS } from "re2js";

export interface Ignore {
  nick(name: string): boolean;
  text(text: string): boolean;
}

/** The patterns were checked when the configuration was loaded. */
export function createIgnore(nicks: readonly string[], messages: readonly string[]): Ignore {
  const compile = (patterns: readonly string[]) =>
    patterns.map((pattern) => RE2JS.compile(pattern));
  const nickPatterns = compile(nicks);
  const textPatterns = compile(messages);
  const any = (patterns: readonly RE2JS[], text: string) =>
    patterns.some((pattern) => pattern.matcher(text).find());
  return { nick: (name) => any(nickPatterns, name), text: (text) => any(textPatterns, text) };
}
