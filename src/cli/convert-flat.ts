/**
 * Sections that are written as dotted keys or in braces: what `convert` looks through is `[slack.one]`, so that
 * these would pass by unread. Pure.
 */
import type { AST } from "toml-eslint-parser";

import { keysOf, type Path } from "./toml-edit.ts";

/** A gateway's channels are found in braces, too; `[[user]]` needs no change. */
const FOUND = new Set(["gateway", "samechannelgateway", "user"]);

/** A line for each, with what to write in its place; none where all are sections. */
export function flatSections(top: AST.TOMLTopLevelTable): readonly string[] {
  const told = new Map<string, number>();
  const note = (section: string, { loc }: AST.TOMLKeyValue): void => {
    if (!told.has(section)) told.set(section, loc.start.line);
  };
  for (const each of top.body) {
    if (each.type === "TOMLKeyValue") notePair([], each, note);
    else for (const pair of each.body) notePair(each.resolvedKey, pair, note);
  }
  return [...told].map(
    ([section, line]) =>
      `line ${line}: write this as a section of its own, ${section} with a line for each setting, and convert again`,
  );
}

function notePair(
  base: Path,
  pair: AST.TOMLKeyValue,
  note: (section: string, pair: AST.TOMLKeyValue) => void,
): void {
  const [section = "", ...more] = [...base, ...keysOf(pair.key)].map(String);
  const kind = section.toLowerCase();
  const isTable = pair.value.type === "TOMLInlineTable";
  if (FOUND.has(kind)) return;
  if (base.length === 0 && (isTable || more.length > 0)) {
    const [name = namesIn(pair.value)] = more;
    note(kind === "general" ? "[general]" : `[${section}.${name}]`, pair);
  }
  if (base.length === 1 && kind !== "general" && (isTable || more.length > 1))
    note(`[${section}.${more[0] ?? ""}]`, pair);
}

const namesIn = (value: AST.TOMLContentNode): string =>
  value.type === "TOMLInlineTable" && value.body[0] !== undefined
    ? (keysOf(value.body[0].key)[0] ?? "NAME")
    : "NAME";
