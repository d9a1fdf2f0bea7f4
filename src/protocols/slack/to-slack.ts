/**
 * mdast to what Slack is sent: `rich_text` blocks, in which text is literal, and an escaped `text` for notifications
 * and screen readers. Nothing that somebody wrote on the other side can become a ping or a link that was not there.
 */
import type { PhrasingContent, RootContent, TableRow } from "mdast";

import { type Content, toText } from "../../core/content.ts";
import type { Attachment } from "../../core/event.ts";

export interface Style {
  bold?: true;
  italic?: true;
  strike?: true;
  code?: true;
}
export type Element =
  | { readonly type: "text"; readonly text: string; readonly style?: Style }
  | { readonly type: "link"; readonly url: string; readonly text?: string; readonly style?: Style }
  | { readonly type: "emoji"; readonly name: string };
export interface Section {
  readonly type: "rich_text_section";
  readonly elements: readonly Element[];
}
export type Block =
  | Section
  | { readonly type: "rich_text_quote"; readonly elements: readonly Element[] }
  | { readonly type: "rich_text_preformatted"; readonly elements: readonly Element[] }
  | {
      readonly type: "rich_text_list";
      readonly style: "bullet" | "ordered";
      readonly indent: number;
      readonly offset?: number;
      readonly elements: readonly Section[];
    };

/** The three characters that `text` must have escaped, ampersand first. */
export const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Longer indents are refused. */
const DEEPEST_INDENT = 8;

export function toBlocks(content: Content): Block[] {
  return content.children.flatMap((node) => blockOf(node, 0));
}

function blockOf(node: RootContent, indent: number): Block[] {
  switch (node.type) {
    case "paragraph":
      return [section(inlinesOf(node.children, {}))];
    case "heading":
      return [section(inlinesOf(node.children, { bold: true }))];
    case "code":
      return [
        { type: "rich_text_preformatted", elements: [text(node.value === "" ? " " : node.value)] },
      ];
    case "html":
      return [section([text(node.value)])];
    case "thematicBreak":
      return [section([text("———")])];
    case "blockquote": {
      const elements = node.children.flatMap((child, index): Element[] => [
        ...(index > 0 ? [text("\n")] : []),
        ...("children" in child && child.type === "paragraph"
          ? inlinesOf(child.children, {})
          : [text(toText(child))]),
      ]);
      return [{ type: "rich_text_quote", elements: section(elements).elements }];
    }
    case "list": {
      const blocks: Block[] = [];
      let number = node.start ?? 1;
      for (const item of node.children) {
        const [first, ...rest] = item.children;
        const box =
          item.checked === true ? [text("☑ ")] : item.checked === false ? [text("☐ ")] : [];
        const inline = first?.type === "paragraph" ? inlinesOf(first.children, {}) : [];
        const { ordered } = node;
        const entry = section([...box, ...inline]);
        const last = blocks.at(-1);
        // Items without anything nested between them are one list: a list each would stand apart.
        if (last?.type === "rich_text_list" && last.indent === Math.min(DEEPEST_INDENT, indent))
          blocks[blocks.length - 1] = { ...last, elements: [...last.elements, entry] };
        else
          blocks.push({
            type: "rich_text_list",
            style: ordered === true ? "ordered" : "bullet",
            indent: Math.min(DEEPEST_INDENT, indent),
            ...(ordered === true && number > 1 ? { offset: number - 1 } : {}),
            elements: [entry],
          });
        number += 1;
        for (const child of first?.type === "paragraph" ? rest : item.children)
          blocks.push(...blockOf(child, indent + 1));
      }
      return blocks;
    }
    case "table":
      return [{ type: "rich_text_preformatted", elements: [text(tableText(node.children))] }];
    default: {
      // Definitions of links and the like show nothing, and Slack refuses a text without letters.
      const elements = inlinesOf([node as PhrasingContent], {});
      return elements.length === 0 ? [] : [section(elements)];
    }
  }
}

/** Columns as wide as their widest cell. */
function tableText(rows: readonly TableRow[]): string {
  const cells = rows.map((row) =>
    row.children.map((cell) => cell.children.map((each) => toText(each)).join("")),
  );
  const widths = (cells[0] ?? []).map((_cell, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(" | ")
        .trimEnd(),
    )
    .join("\n");
}

/** Slack refuses a section without elements and a text without letters. */
const section = (elements: readonly Element[]): Section => ({
  type: "rich_text_section",
  elements: elements.length > 0 ? elements : [text(" ")],
});
const text = (value: string, style: Style = {}): Element => ({
  type: "text",
  text: value,
  ...(Object.keys(style).length > 0 ? { style } : {}),
});

function inlinesOf(nodes: readonly PhrasingContent[], style: Style): Element[] {
  return merged(nodes.flatMap((node) => inlineOf(node, style)));
}

function inlineOf(node: PhrasingContent, style: Style): Element[] {
  switch (node.type) {
    case "text":
    case "html":
      return node.value === "" ? [] : [text(node.value, style)];
    case "break":
      return [text("\n", style)];
    case "inlineCode":
      return node.value === "" ? [] : [text(node.value, { ...style, code: true })];
    case "strong":
      return inlinesOf(node.children, { ...style, bold: true });
    case "emphasis":
      return inlinesOf(node.children, { ...style, italic: true });
    case "delete":
      return inlinesOf(node.children, { ...style, strike: true });
    case "link":
      return linkOf(node.url, node.children.map((child) => toText(child)).join(""), style);
    case "image":
      return linkOf(node.url, node.alt ?? "", style);
    case "emoji":
      return node.value === undefined && /^[a-z0-9_+'-]+$/u.test(node.name)
        ? [{ type: "emoji", name: node.name }]
        : [text(node.value ?? `:${node.name}:`, style)];
    default: {
      const letters = toText(node);
      return letters === "" ? [] : [text(letters, style)];
    }
  }
}

/** Only addresses that a browser opens harmlessly are links; a label that claims another address is shown with its own. */
function linkOf(url: string, label: string, style: Style): Element[] {
  if (!/^(?:https?:\/\/|mailto:)\S+$/iu.test(url))
    return [text(label === "" || label === url ? url : `${label} (${url})`, style)];
  const claims = /^(?:https?:\/\/|www\.)/iu.test(label) && label !== url;
  const styled = Object.keys(style).length > 0 ? { style } : {};
  return [
    {
      type: "link",
      url,
      ...(label === "" || label === url || claims ? {} : { text: label }),
      ...styled,
    },
  ];
}

const styleKey = (element: Element): string =>
  "style" in element ? JSON.stringify(element.style ?? {}) : "{}";

function merged(elements: readonly Element[]): Element[] {
  const result: Element[] = [];
  for (const element of elements) {
    const last = result.at(-1);
    if (last?.type === "text" && element.type === "text" && styleKey(last) === styleKey(element))
      result[result.length - 1] = { ...last, text: last.text + element.text };
    else result.push(element);
  }
  return result;
}

/** The letters of blocks, as `text` needs them: escaped, without markup. */
export function fallbackText(blocks: readonly Block[]): string {
  return escapeText(blocks.map((block) => lettersOf(block)).join("\n"));
}

export function lettersOf(block: Block): string {
  const letters = (elements: readonly Element[]) =>
    elements
      .map((each) =>
        each.type === "text"
          ? each.text
          : each.type === "emoji"
            ? `:${each.name}:`
            : (each.text ?? each.url),
      )
      .join("");
  return block.type === "rich_text_list"
    ? block.elements.map((each) => `• ${letters(each.elements)}`).join("\n")
    : letters(block.elements);
}

/** Files are names with links for now. */
export function fileBlocks(files: readonly Attachment[]): Block[] {
  return files.map(({ name, url }) =>
    section(url === undefined ? [text(name)] : linkOf(url, name, {})),
  );
}
