/** A `rich_text` block to mdast, tree to tree: text in it is literal, there is nothing to parse and nothing to inject. */
import type { BlockContent, List, ListItem } from "mdast";

import { richLetters, richParagraphs } from "./from-rich-inline.ts";
import { type Json, num, objects, str } from "./json.ts";
import { append, paragraph, quote } from "./nodes.ts";

/** Slack's own limit for the indent of a list. */
const DEEPEST_INDENT = 8;
/** Lists within items within lists: Slack makes none, and an attack must not exhaust the stack. */
const DEEPEST = 16;

export function fromRichText(block: Json): BlockContent[] {
  const blocks: BlockContent[] = [];
  for (const element of objects(block["elements"])) addElement(blocks, element, 0);
  return blocks;
}

function addElement(into: BlockContent[], element: Json, depth: number): void {
  if (depth > DEEPEST) return;
  const inside = objects(element["elements"]);
  switch (element["type"]) {
    case "rich_text_quote":
      addQuoted(into, richParagraphs(inside).map(paragraph));
      return;
    case "rich_text_preformatted": {
      const lang = str(element["language"]);
      const code = { type: "code" as const, value: richLetters(inside) };
      addBordered(into, element, lang === "" ? code : { ...code, lang });
      return;
    }
    case "rich_text_list":
      addBordered(into, element, listOf(element, depth));
      return;
    default:
      // A section; and what is not known yet is read like one.
      append(into, richParagraphs(inside.length > 0 ? inside : [element]).map(paragraph));
  }
}

/** Slack cannot nest a list or code into a quote: it gives them the quote's border and goes on with the quote after. */
function addBordered(into: BlockContent[], element: Json, node: List | BlockContent): void {
  const add = (place: BlockContent[]) => {
    if (node.type === "list") addList(place, node, num(element["indent"]) ?? 0);
    else place.push(node);
  };
  const last = into.at(-1);
  if (element["border"] !== 1) add(into);
  else if (last?.type === "blockquote") add(last.children as BlockContent[]);
  else {
    const children: BlockContent[] = [];
    add(children);
    into.push(quote(children));
  }
}

function addQuoted(into: BlockContent[], children: BlockContent[]): void {
  const last = into.at(-1);
  const end = last?.type === "blockquote" ? last.children.at(-1)?.type : undefined;
  if (last?.type === "blockquote" && (end === "list" || end === "code"))
    append(last.children, children);
  else if (children.length > 0) into.push(quote(children));
}

function listOf(element: Json, depth: number): List {
  const ordered = element["style"] === "ordered";
  return {
    type: "list",
    ordered,
    ...(ordered ? { start: Math.max(0, Math.trunc(num(element["offset"]) ?? 0)) + 1 } : {}),
    spread: false,
    children: objects(element["elements"]).map((item): ListItem => {
      const children: BlockContent[] = [];
      addElement(children, item, depth + 1);
      return { type: "listItem", spread: false, children };
    }),
  };
}

/** Slack's lists are flat siblings with an indent; ours nest. */
function addList(into: BlockContent[], list: List, indent: number): void {
  let place: BlockContent[] = into;
  for (let depth = 0; depth < Math.min(DEEPEST_INDENT, indent); depth += 1) {
    const last = place.at(-1);
    const item = last?.type === "list" ? last.children.at(-1) : undefined;
    if (item === undefined) break;
    place = item.children as BlockContent[];
  }
  // Slack cuts a list where a nested one begins; what goes on with the same marks is the same list.
  const before = place.at(-1);
  const next = before?.type === "list" ? (before.start ?? 1) + before.children.length : 0;
  if (
    before?.type === "list" &&
    before.ordered === list.ordered &&
    (list.ordered !== true || list.start === next)
  )
    append(before.children, list.children);
  else if (list.children.length > 0) place.push(list);
}
