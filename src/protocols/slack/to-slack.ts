/**
 * mdast to what Slack is sent: `rich_text` blocks, in which text is literal, and an escaped `text` for notifications
 * and screen readers. Nothing that somebody wrote on the other side can become a ping or a link that was not there.
 */
import type { BlockContent, List, ListItem, PhrasingContent, RootContent } from "mdast";

import { type Content, toText } from "../../core/content.ts";
import type { Attachment } from "../../core/event.ts";
import { troubleText } from "../../core/rules/files.ts";
import { escapeText } from "./escape.ts";
import {
  type Block,
  type Element,
  lettersOf,
  literal,
  merged,
  type Quote,
  type RichList,
  type Section,
  type Style,
} from "./rich-text.ts";
import { tableText } from "./table-text.ts";
import { inlinesOf, linkOf } from "./to-inline.ts";

/** Longer indents are refused. */
const DEEPEST_INDENT = 8;
/** Deeper nesting is shown by its letters. */
const DEEPEST = 40;
/** What fences are called by; anything else is not worth a refusal. */
const LANGUAGE = /^[a-z0-9][a-z0-9+#._-]{0,29}$/iu;

/** Where a block stands. */
interface Place {
  readonly style: Style;
  /** Of lists around it. */
  readonly indent: number;
  /** Of quotes around it. */
  readonly quoted: number;
  readonly depth: number;
}

/** `style` is that of all text, as for an emote. */
export function toBlocks(content: Content, style: Style = {}): Block[] {
  const place = { style, indent: 0, quoted: 0, depth: 0 };
  return content.children.flatMap((node) => blocksOf(node, place));
}

function blocksOf(node: RootContent, at: Place): Block[] {
  const inner = { ...at, depth: at.depth + 1 };
  if (at.depth > DEEPEST) return [flow([literal(toText(node), at.style)], at)];
  switch (node.type) {
    case "paragraph":
      return [flow(inlinesOf(node.children, at.style), at)];
    case "heading":
      return [{ ...flow(inlinesOf(node.children, { ...at.style, bold: true }), at), tight: true }];
    case "code": {
      const lang = node.lang ?? "";
      return [code(node.value, at, LANGUAGE.test(lang) ? { language: lang } : {})];
    }
    case "table":
      return [code(tableText(node), at)];
    case "html":
      return [flow([literal(node.value, at.style)], at)];
    case "thematicBreak":
      return [flow([literal("———", at.style)], at)];
    case "blockquote": {
      const quoted = { ...inner, quoted: at.quoted + 1 };
      return node.children.flatMap((child) => blocksOf(child, quoted));
    }
    case "list":
      return listBlocks(node, inner);
    case "footnoteDefinition":
      return node.children.flatMap((child) => blocksOf(child, inner));
    default: {
      // Definitions of links and the like show nothing, and Slack refuses a text without letters.
      const elements = inlinesOf([node as PhrasingContent], at.style);
      return elements.length === 0 ? [] : [flow(elements, at)];
    }
  }
}

/** Lines of text. A quote in a quote keeps its sign, as Slack cannot nest them. */
function flow(elements: readonly Element[], at: Place): Section | Quote {
  if (at.quoted === 0) return { type: "rich_text_section", elements: merged(elements) };
  const sign = "> ".repeat(at.quoted - 1);
  if (sign === "") return { type: "rich_text_quote", elements: merged(elements) };
  const signed = elements.map((each): Element =>
    each.type === "text" ? { ...each, text: each.text.replaceAll("\n", `\n${sign}`) } : each,
  );
  return { type: "rich_text_quote", elements: merged([literal(sign), ...signed]) };
}

const border = ({ quoted }: Place): { border?: 1 } => (quoted > 0 ? { border: 1 } : {});

const code = (value: string, at: Place, more: { language?: string } = {}): Block => ({
  type: "rich_text_preformatted",
  elements: [literal(value === "" ? " " : value.toWellFormed())],
  ...border(at),
  ...more,
});

/** Slack's lists are flat: a nested one stands between two pieces of the outer, and the numbers go on. */
function listBlocks(node: List, at: Place): Block[] {
  const blocks: Block[] = [];
  let open: RichList | undefined;
  node.children.forEach((item, index) => {
    const { elements, rest } = itemOf(item, at);
    const first = (node.start ?? 1) + index - 1;
    const items = [...(open?.elements ?? []), { type: "rich_text_section" as const, elements }];
    if (open !== undefined) blocks.pop();
    open = open === undefined ? listOf(node, items, first, at) : { ...open, elements: items };
    blocks.push(open);
    const nested = rest.flatMap((child) => blocksOf(child, { ...at, indent: at.indent + 1 }));
    if (nested.length > 0) open = undefined;
    for (const block of nested) blocks.push(block);
  });
  return blocks;
}

function listOf(node: List, elements: readonly Section[], offset: number, at: Place): RichList {
  return {
    type: "rich_text_list",
    style: node.ordered === true ? "ordered" : "bullet",
    indent: Math.min(DEEPEST_INDENT, at.indent),
    ...(node.ordered === true && offset > 0 ? { offset } : {}),
    ...border(at),
    elements,
  };
}

/** An item is lines of text in Slack; what is more than text stands below it. */
function itemOf(item: ListItem, at: Place): { elements: Element[]; rest: BlockContent[] } {
  const box = item.checked === true ? "☑ " : item.checked === false ? "☐ " : "";
  const end = item.children.findIndex(({ type }) => type !== "paragraph");
  const count = end < 0 ? item.children.length : end;
  const lines = item.children
    .slice(0, count)
    .flatMap((child, index): Element[] => [
      ...(index > 0 ? [literal("\n", at.style)] : []),
      ...(child.type === "paragraph" ? inlinesOf(child.children, at.style) : []),
    ]);
  const elements = merged([...(box === "" ? [] : [literal(box, at.style)]), ...lines]);
  return { elements, rest: item.children.slice(count) as BlockContent[] };
}

/** The letters of blocks, as `text` needs them: escaped, without markup but for who is called. */
export function fallbackText(blocks: readonly Block[]): string {
  return blocks.map((block) => written(block, elementText)).join("\n");
}

const elementText = (element: Element): string =>
  element.type === "user" ? lettersOf(element) : escapeText(lettersOf(element));

export const blockLetters = (block: Block): string => written(block, lettersOf);

function written(block: Block, write: (element: Element) => string): string {
  if (block.type !== "rich_text_list") return block.elements.map(write).join("");
  return block.elements
    .map((item, index) => itemMark(block, index) + item.elements.map(write).join(""))
    .join("\n");
}

/** The same letters as one section without marks, for where there is no plain text. Who is called is called. */
export const unmarked = (blocks: readonly Block[]): Section => ({
  type: "rich_text_section",
  elements: merged(
    blocks.flatMap((block, index) => [
      ...(index > 0 ? [literal("\n")] : []),
      ...(block.type === "rich_text_list"
        ? block.elements.flatMap((item, number) => [
            literal((number > 0 ? "\n" : "") + itemMark(block, number)),
            ...item.elements.map(unstyled),
          ])
        : block.elements.map(unstyled)),
    ]),
  ),
});

const unstyled = (element: Element): Element =>
  element.type === "user"
    ? { type: "user", user_id: element.user_id }
    : literal(lettersOf(element));

/** What stands before an item where there are no lists. */
const itemMark = ({ style, indent, offset = 0 }: RichList, index: number): string =>
  "    ".repeat(indent) + (style === "ordered" ? `${offset + index + 1}. ` : "• ");

/** Files that are not carried over: their names, with links where there are any, and why. */
export const fileBlocks = (files: readonly Attachment[]): Block[] =>
  files.map((file) => {
    const { name, url } = file;
    const why = troubleText(file);
    const named = url === undefined ? [literal(name)] : linkOf(url, name, {}, true);
    return {
      type: "rich_text_section",
      elements: why === "" ? named : merged([...named, literal(why)]),
      tight: true,
    };
  });
