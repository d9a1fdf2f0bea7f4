/** Blocks of Matrix HTML while they are open, and what becomes of them at their end. */
import type { ListItem, PhrasingContent, RootContent, TableCell, TableRow } from "mdast";

import { tableOf } from "./from-table.ts";
import { type Leaf, nestLeaves } from "./leaves.ts";

export type Attributes = Readonly<Record<string, string>>;

/** A block that is open, with what it holds so far. */
export interface Container {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: RootContent[];
  readonly items: ListItem[];
  readonly rows: TableRow[];
  readonly cells: TableCell[];
  /** Of an item that is a task: whether it is done. */
  checked?: boolean;
  run: Leaf[];
}

export const container = (tag: string, attributes: Attributes): Container => ({
  tag,
  attributes,
  children: [],
  items: [],
  rows: [],
  cells: [],
  run: [],
});

/** Items and cells mean something in their list or table only. */
export function fitsIn(tag: string, around: string): boolean {
  if (tag === "li") return around === "ul" || around === "ol";
  if (tag === "tr" || tag === "caption") return around === "table";
  return tag === "td" || tag === "th" ? around === "tr" : true;
}

/** The inline content so far becomes a paragraph or heading. */
export function endRun(at: Container, depth?: 1 | 2 | 3 | 4 | 5 | 6): void {
  const children: PhrasingContent[] = nestLeaves(at.run);
  at.run = [];
  if (children.length === 0) return;
  at.children.push(
    depth === undefined ? { type: "paragraph", children } : { type: "heading", depth, children },
  );
}

/** Puts a block that has ended into the one around it. */
export function finish(ended: Container, into: Container): void {
  const { children, items } = ended;
  switch (ended.tag) {
    case "blockquote":
      if (children.length > 0) into.children.push({ type: "blockquote", children: children as [] });
      return;
    case "li":
      into.items.push(...strays(into), {
        type: "listItem",
        spread: false,
        ...(ended.checked === undefined ? {} : { checked: ended.checked }),
        children: children as [],
      });
      return;
    case "ul":
    case "ol": {
      items.push(...strays(ended));
      if (items.length === 0) return;
      const ordered = ended.tag === "ol";
      const start = /^\d{1,9}$/.test(ended.attributes["start"] ?? "")
        ? Number(ended.attributes["start"])
        : 1;
      into.children.push({
        type: "list",
        ordered,
        start: ordered ? start : null,
        spread: false,
        children: items,
      });
      return;
    }
    case "td":
    case "th":
      into.cells.push({ type: "tableCell", children: inline(children) });
      return;
    case "tr":
      if (ended.cells.length > 0) into.rows.push({ type: "tableRow", children: ended.cells });
      into.children.push(...children);
      return;
    case "table":
      // What stands in a table but in no cell is shown before it, as browsers do.
      into.children.push(...children, ...tableOf(ended.rows));
      return;
    default:
      into.children.push(...children);
  }
}

/** What stands in a list but in no item. */
function strays(list: Container): ListItem[] {
  const children = list.children.splice(0);
  return children.length === 0
    ? []
    : [{ type: "listItem", spread: false, children: children as [] }];
}

/** A cell has room for one line. */
function inline(nodes: readonly RootContent[]): PhrasingContent[] {
  return nodes.flatMap((node, index): PhrasingContent[] => {
    const gap = index > 0 ? [{ type: "text" as const, value: " " }] : [];
    return [...gap, ...inlineOf(node)];
  });
}

function inlineOf(node: RootContent): PhrasingContent[] {
  if (node.type === "paragraph" || node.type === "heading" || node.type === "tableCell")
    return node.children;
  if (node.type === "code")
    return [{ type: "inlineCode", value: node.value.replaceAll(/\s+/g, " ") }];
  return "children" in node ? inline(node.children) : [];
}
