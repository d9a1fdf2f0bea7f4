/** A run of inline content: leaves with the marks that are open around them, to be nested once the run ends. */
import type { Break, InlineCode, PhrasingContent, Text } from "mdast";

import type { Emoji, Mention } from "../../core/content.ts";
import { linkify } from "./links.ts";

/** Formatting around leaves. Compared by identity: one element of the HTML is one mark. */
export type Mark =
  | { readonly type: "strong" | "emphasis" | "delete" | "underline" }
  | { readonly type: "spoiler"; readonly reason?: string }
  | { readonly type: "link"; readonly url: string };

export interface Leaf {
  readonly node: Text | Break | InlineCode | Emoji | Mention;
  readonly marks: readonly Mark[];
}

/** The run as it is shown: blanks collapsed, none at the ends of lines. Empty when there is nothing to show. */
export function nestLeaves(run: readonly Leaf[]): PhrasingContent[] {
  const leaves = collapse(run);
  const shown = leaves.findLastIndex(({ node }) => node.type !== "break");
  const first = leaves.findIndex(({ node }) => node.type !== "break");
  return first < 0 ? [] : nest(leaves.slice(first, shown + 1), 0);
}

/** Blanks as HTML has them: a row of them is one, and it belongs to what it follows. No-break spaces stay. */
function collapse(run: readonly Leaf[]): readonly Leaf[] {
  const out: Leaf[] = [];
  let blank = true;
  for (const leaf of run) {
    const { node, marks } = leaf;
    if (node.type === "break") {
      trimLast(out);
      blank = true;
    }
    if (node.type !== "text") {
      out.push(leaf);
      if (node.type !== "break") blank = false;
      continue;
    }
    const value = node.value
      .replaceAll(/[ \t\n\f\r]+/g, " ")
      .slice(blank && /^[ \t\n\f\r]/.test(node.value) ? 1 : 0);
    if (value === "") continue;
    blank = value.endsWith(" ");
    const last = out.at(-1);
    if (last?.node.type === "text" && last.marks === marks)
      out[out.length - 1] = { marks, node: { type: "text", value: last.node.value + value } };
    else out.push({ marks, node: { type: "text", value } });
  }
  trimLast(out);
  return out;
}

/** Takes the blank at the end of a line away. */
function trimLast(out: Leaf[]): void {
  const last = out.at(-1);
  if (last?.node.type !== "text" || !last.node.value.endsWith(" ")) return;
  const value = last.node.value.slice(0, -1);
  if (value === "") out.pop();
  else out[out.length - 1] = { marks: last.marks, node: { type: "text", value } };
}

function nest(leaves: readonly Leaf[], depth: number): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  for (let from = 0; from < leaves.length;) {
    const { node, marks } = leaves[from]!;
    const mark = marks[depth];
    let to = from + 1;
    if (mark !== undefined) {
      while (to < leaves.length && leaves[to]!.marks[depth] === mark) to += 1;
      const children = nest(leaves.slice(from, to), depth + 1);
      nodes.push({ ...mark, children });
    } else if (node.type === "text" && !marks.some(({ type }) => type === "link"))
      nodes.push(...linkify(node.value));
    else nodes.push(node);
    from = to;
  }
  return nodes;
}
