/** Changes to a TOML file by position, so that comments and formatting stay as they are. */
import { type AST, ParseError, parseTOML } from "toml-eslint-parser";

import { messageOf } from "../core/errors.ts";

export type Path = readonly (string | number)[];

/** A value with the place where it stands. */
export interface Placed {
  readonly path: Path;
  readonly node: AST.TOMLContentNode;
  /** Its whole `key = value`. */
  readonly pair: AST.TOMLKeyValue;
}

/** Throws where the text is no TOML, with the place. Positions count from behind a byte order mark. */
export function parse(text: string): AST.TOMLTopLevelTable {
  try {
    return parseTOML(withoutBom(text)).body[0];
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new Error(
      `line ${error.lineNumber}, column ${error.column + 1}: is not TOML: ${error.message}`,
      { cause: error },
    );
  }
}

export function whyNoToml(text: string): string | undefined {
  try {
    parse(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

export const withoutBom = (text: string): string => text.replace(/^\uFEFF/u, "");

/** Every value of the file that is no table, and each element of an array. */
export function valuesOf(top: AST.TOMLTopLevelTable): readonly Placed[] {
  const found: Placed[] = [];
  const visit = (node: AST.TOMLContentNode, path: Path, pair: AST.TOMLKeyValue): void => {
    if (node.type === "TOMLInlineTable") for (const each of node.body) visitPair(each, path);
    else if (node.type === "TOMLArray")
      node.elements.forEach((each, index) => visit(each, [...path, index], pair));
    else found.push({ path, node, pair });
  };
  const visitPair = (pair: AST.TOMLKeyValue, base: Path): void =>
    visit(pair.value, [...base, ...keysOf(pair.key)], pair);
  for (const each of top.body) {
    if (each.type === "TOMLKeyValue") visitPair(each, []);
    else for (const pair of each.body) visitPair(pair, each.resolvedKey);
  }
  return found;
}

export const keysOf = (key: AST.TOMLKey): readonly string[] =>
  key.keys.map((each) => (each.type === "TOMLBare" ? each.name : each.value));

export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Edits must not overlap, but for what is put in at the edge of another; positions are those of `parse`. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const bom = text.length - withoutBom(text).length;
  let rest = withoutBom(text);
  for (const { from, to, text: put } of edits.toSorted((a, b) => b.from - a.from || b.to - a.to))
    rest = rest.slice(0, from) + put + rest.slice(to);
  return text.slice(0, bom) + rest;
}

/** The whole lines that a piece of the text stands on, with their end. */
export function linesAround(text: string, from: number, to: number): Edit {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  const end = text.indexOf("\n", to);
  return { from: start, to: end < 0 ? text.length : end + 1, text: "" };
}
