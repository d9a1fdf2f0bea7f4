/** Trees that nobody wrote by hand: a store, a writer, any function that calls itself would break at their depth. */
import type { Root, RootContent } from "mdast";

import { type Content, plain, toText } from "./content.ts";

/** Deeper nesting is text. The readers of all services stop at less. */
const DEEPEST = 60;

/** The content itself, or its letters where it is nested too deeply. Calls itself nowhere. */
export function shallow(content: Content): Content {
  const lines: string[] = [];
  let deepest = 0;
  // What comes next is at the end.
  const open: { readonly node: Root | RootContent; readonly depth: number }[] = [
    { node: content, depth: 0 },
  ];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    deepest = Math.max(deepest, depth);
    if (BLOCKS.has(node.type)) lines.push("\n");
    if (node.type === "link") open.push({ node: { type: "text", value: ` (${node.url})` }, depth });
    if (node.type === "spoiler" && node.reason !== undefined) lines.push(`(${node.reason}) `);
    if (!("children" in node)) lines.push(toText(node));
    else
      for (const child of node.children.toReversed()) open.push({ node: child, depth: depth + 1 });
  }
  if (deepest <= DEEPEST) return content;
  return plain(
    lines
      .join("")
      .replaceAll(/\n{2,}/gu, "\n")
      .trim(),
  );
}

/** Each begins a line. */
const BLOCKS: ReadonlySet<string> = new Set([
  "paragraph",
  "heading",
  "code",
  "listItem",
  "tableRow",
]);
