/** Prepared blocks to Gitter's Markdown: one function per kind of block. */
import type { List, Table } from "mdast";

import type { Block } from "../../core/writing/prepare.ts";
import { longestRun, writeInline } from "./inline.ts";
import type { InlineOptions } from "./inline.ts";
import { ZWSP } from "./escape.ts";

export const BLOCK_GAP = "\n\n";

/** Blocks one below the other. */
export const writeBlocks = (blocks: readonly Block[], options: InlineOptions): string =>
  blocks.map((block, index) => gap(blocks[index - 1], block) + writeBlock(block, options)).join("");

/** What ends one block before the next. Gitter takes two lists that follow each other for one, whatever their bullets. */
function gap(before: Block | undefined, block: Block): string {
  if (before === undefined) return "";
  return isList(before) && isList(block) ? BLOCK_GAP + ZWSP + BLOCK_GAP : BLOCK_GAP;
}

const isList = (block: Block): boolean => block.type === "list" && !isCounted(block);

export function writeBlock(node: Block, options: InlineOptions): string {
  switch (node.type) {
    case "paragraph":
      return writeInline(node.children, options);
    case "heading":
      return `${"#".repeat(node.depth)} ${writeInline(node.children, { ...options, before: "# " })}`;
    case "blockquote":
      return prefixLines(writeBlocks(inside(node), options), "> ", "> ");
    case "list":
      return isCounted(node) ? writeCounted(node, options) : writeList(node, options);
    case "listItem":
      return writeItem(inside(node), options);
    case "code":
      return writeCode(node.value, node.lang ?? "");
    case "table":
      return writeTable(node, options);
    case "thematicBreak":
      return "***";
  }
}

/** What preparing left in a block. */
const inside = (node: { readonly children: readonly unknown[] }): readonly Block[] =>
  node.children as readonly Block[];

/**
 * An item's blocks, close together: an empty line would stretch the whole list. Only to quotes and lists all that follows
 * belongs until there is one. An item of nothing takes what follows for its own.
 */
function writeItem(blocks: readonly Block[], options: InlineOptions): string {
  const written = blocks.map((block, index) => {
    const text = writeBlock(block, options);
    const before = blocks[index - 1];
    if (before === undefined) return RULER.test(text) ? `${ZWSP}\n${text}` : text;
    const goesOn = before.type === "blockquote" || before.type === "list";
    return (goesOn ? gap(before, block) : "\n") + text;
  });
  return unbroken(written.join(""), options) || ZWSP;
}

/** Behind a bullet it takes that for one of its signs; below the fence of an item's code, as below any line, it makes a heading. */
const RULER = /^(?:\*{3}|`+\S*\n *(?:-|=){2,}) *(?:\n|$)/;

/** Two empty lines end a list, in code too, and so does what looks like the target of a link, however far that goes. */
function unbroken(item: string, { linkable }: InlineOptions): string {
  const isEmpty = (line: string | undefined): boolean => line !== undefined && /^ *$/.test(line);
  return item
    .split("\n")
    .map((line, index, lines) => {
      if (isEmpty(line) && isEmpty(lines[index - 1])) return ZWSP;
      return linkable ? line.replace(/^ *(?=\[)/, `$&${ZWSP}`) : line;
    })
    .join("\n");
}

/** The fence is longer than any row of backticks inside, as Gitter closes it wherever such a row ends a line. */
function writeCode(value: string, lang: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(value, "`") + 1));
  return `${fence}${lang}\n${value}\n${fence}`;
}

function writeList(list: List, options: InlineOptions): string {
  return list.children
    .map((item, index) => {
      const bullet = list.ordered === true ? `${index + 1}. ` : "* ";
      return prefixLines(writeItem(inside(item), options), bullet, " ".repeat(bullet.length));
    })
    .join("\n");
}

/** Gitter counts every list from 1: one that does not begin there is lines with their numbers. */
const isCounted = (list: List): boolean => list.ordered === true && (list.start ?? 1) !== 1;

function writeCounted(list: List, options: InlineOptions): string {
  const items = list.children.map((item, index) => {
    const blocks = inside(item);
    const [first] = blocks;
    const number = `${(list.start ?? 1) + index}\\. `;
    if (first?.type !== "paragraph") return [number.trimEnd(), ...writeEach(blocks, options)];
    const line = number + writeInline(first.children, { ...options, before: number });
    return [line, ...writeEach(blocks.slice(1), options)];
  });
  const isFlat = items.every((item) => item.length === 1);
  return items.flat().join(isFlat ? "\n" : BLOCK_GAP);
}

const writeEach = (blocks: readonly Block[], options: InlineOptions): readonly string[] =>
  blocks.map((block) => writeBlock(block, options));

/** A table needs a row below its header. */
function writeTable(table: Table, options: InlineOptions): string {
  const cell = { ...options, cell: true, before: "| " };
  const written = table.children.map((row) => {
    const cells = row.children.map((one) => writeInline(one.children, cell).replaceAll("\n", " "));
    return `| ${cells.join(" | ")} |`;
  });
  const columns = table.children[0]?.children.length ?? 0;
  const rule = Array.from({ length: columns }, (_, index) => RULES[table.align?.[index] ?? "none"]);
  const [header = "", ...rows] = written;
  return [header, `| ${rule.join(" | ")} |`, ...(rows.length === 0 ? ["|  |"] : rows)].join("\n");
}

const RULES = { left: ":---", center: ":---:", right: "---:", none: "---" } as const;

const prefixLines = (text: string, first: string, rest: string): string =>
  text
    .split("\n")
    .map((line, index) => (index === 0 ? first : rest) + line)
    .join("\n");
