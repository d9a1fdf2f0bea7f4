/**
 * Inline content, cut by its letters. What names somebody or something is a whole: it is never cut through, unless it is
 * longer than any name.
 */
import type { PhrasingContent } from "mdast";

import { toText } from "../content.ts";
import { boundary } from "./boundary.ts";

const MOST_NAME_CHARS = 200;
/** Stands for a letter of a name: no place to cut at. */
const FILLER = "x";

/** All letters; a break is one, so that places in the string are places in the content. */
export const lettersOf = (nodes: readonly PhrasingContent[]): string =>
  nodes
    .map((node): string => {
      if (node.type === "break") return "\n";
      if ("children" in node) return lettersOf(node.children);
      const letters = lettersAt(node);
      return isName(node, letters) ? FILLER.repeat(letters.length) : letters;
    })
    .join("");

const lettersAt = (node: PhrasingContent): string =>
  node.type === "break" ? "\n" : "value" in node ? (node.value ?? "") : toText(node);

const isName = (node: PhrasingContent, letters: string): boolean =>
  node.type !== "text" &&
  node.type !== "inlineCode" &&
  node.type !== "html" &&
  letters.length <= MOST_NAME_CHARS;

/** What stands before the letter `at`. */
export function headOf(nodes: readonly PhrasingContent[], at: number): PhrasingContent[] {
  const head: PhrasingContent[] = [];
  let left = at;
  for (const node of nodes) {
    // Nobody looks at what follows: this is asked again and again to find out how much fits.
    if (left <= 0) break;
    const length = lettersOf([node]).length;
    if (length <= left) head.push(node);
    else if ("children" in node) head.push({ ...node, children: headOf(node.children, left) });
    else head.push(...sliceOf(node, 0, left));
    left -= length;
  }
  return head;
}

/** What stands from the letter `at` on. Formatting is opened again. */
export function tailOf(nodes: readonly PhrasingContent[], at: number): PhrasingContent[] {
  const tail: PhrasingContent[] = [];
  let left = at;
  for (const node of nodes) {
    const length = left <= 0 ? 0 : lettersOf([node]).length;
    if (left <= 0) tail.push(node);
    else if (length > left && "children" in node)
      tail.push({ ...node, children: tailOf(node.children, left) });
    else if (length > left) tail.push(...sliceOf(node, left));
    left -= length;
  }
  return tail;
}

/** A part of a leaf; of a name all that is left is its letters. */
function sliceOf(node: PhrasingContent, from: number, to?: number): PhrasingContent[] {
  const value = lettersAt(node).slice(from, to);
  if (value === "") return [];
  return node.type === "inlineCode" ? [{ ...node, value }] : [{ type: "text", value }];
}

/** Where to end a piece of at most `most` letters, and where the next one begins. */
export interface CutPoint {
  readonly end: number;
  readonly next: number;
}

/** At the last empty line, else line end, else blank of its second half, else between two characters. */
export function cutPoint(letters: string, most: number): CutPoint {
  for (const gap of ["\n\n", "\n", " "]) {
    const end = letters.lastIndexOf(gap, most);
    if (end > most / 2) return { end, next: end + gap.length };
  }
  const end = boundary(letters, most);
  return { end, next: end };
}

/** The same for content, in which names are wholes. */
export function cutPointOf(
  nodes: readonly PhrasingContent[],
  letters: string,
  most: number,
): CutPoint {
  const point = cutPoint(letters, most);
  if (point.end !== point.next) return point;
  const name = nameAround(nodes, point.end, 0);
  if (name === undefined) return point;
  const end = name.from > 0 ? name.from : name.to;
  return { end, next: end };
}

/** The name in which a place is. */
function nameAround(
  nodes: readonly PhrasingContent[],
  at: number,
  start: number,
): { readonly from: number; readonly to: number } | undefined {
  let from = start;
  for (const node of nodes) {
    const to = from + lettersOf([node]).length;
    if (at > from && at < to) {
      if ("children" in node) return nameAround(node.children, at, from);
      return isName(node, lettersAt(node)) ? { from, to } : undefined;
    }
    if (to >= at) return undefined;
    from = to;
  }
  return undefined;
}
