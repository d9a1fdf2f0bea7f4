/** Problems as a compiler would print them: `file:line: where: what: fix`. */
import { parseTOML, type AST } from "toml-eslint-parser";

import { LINE } from "../core/config/load.ts";
import type { Problem } from "../core/errors.ts";

export interface Line {
  readonly severity: Problem["severity"];
  readonly line: number | undefined;
  readonly text: string;
}

export function describeProblems(file: string, text: string, problems: readonly Problem[]): Line[] {
  const lineOf = createLines(text);
  return problems
    .map((problem) => ({ problem, line: lineOf(problem.path) }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ problem: { severity, where, what, fix }, line }) => ({
      severity,
      line,
      text: `${file}:${line === undefined ? "" : `${line}:`} ${where}: ${what}: ${fix}`,
    }));
}

/** Finds the line of a path of keys: of its longest part that stands in the file. */
export function createLines(
  text: string,
): (path: readonly (string | number)[]) => number | undefined {
  const lines = new Map<string, number>();
  const note = (path: readonly (string | number)[], line: number) => {
    for (let length = path.length; length > 0; length -= 1) {
      const key = keyOf(path.slice(0, length));
      if (!lines.has(key)) lines.set(key, line);
    }
  };
  try {
    collect(parseTOML(text.replace(/^\uFEFF/u, "")), note);
  } catch {
    // A file that cannot be parsed has one problem, and that one names its line itself.
  }
  return (path) => {
    if (path[0] === LINE) return Number(path[1]);
    for (let length = path.length; length > 0; length -= 1) {
      const line = lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

const keyOf = (path: readonly (string | number)[]): string =>
  path.map((part) => String(part).toLowerCase()).join("\u001f");

type Note = (path: readonly (string | number)[], line: number) => void;

function collect(program: AST.TOMLProgram, note: Note): void {
  for (const top of program.body[0].body) {
    if (top.type === "TOMLKeyValue") {
      collectKey(top, [], note);
      continue;
    }
    note(top.resolvedKey, top.loc.start.line);
    for (const pair of top.body) collectKey(pair, top.resolvedKey, note);
  }
}

function collectKey(pair: AST.TOMLKeyValue, base: readonly (string | number)[], note: Note): void {
  const path = [
    ...base,
    ...pair.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value)),
  ];
  note(path, pair.loc.start.line);
  collectValue(pair.value, path, note);
}

function collectValue(
  value: AST.TOMLContentNode,
  path: readonly (string | number)[],
  note: Note,
): void {
  if (value.type === "TOMLInlineTable") for (const pair of value.body) collectKey(pair, path, note);
  if (value.type === "TOMLArray")
    value.elements.forEach((each, index) => {
      note([...path, index], each.loc.start.line);
      collectValue(each, [...path, index], note);
    });
}
