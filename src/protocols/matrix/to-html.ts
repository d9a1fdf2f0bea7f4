/** Prepared blocks to `formatted_body`. The tags are those written here and no others; all text is escaped. */
import type { PhrasingContent, Table } from "mdast";

import type { Mention } from "../../core/content.ts";
import { escapeHtml } from "./escape.ts";
import { mentionText, ZWSP } from "./neutral.ts";
import { pillOf } from "./pills.ts";
import type { Block } from "../../core/writing/prepare.ts";

/** Writes blocks; `before` is HTML that stands at the start of the first line. */
export function toHtml(blocks: readonly Block[], before = ""): string {
  const [first, ...rest] = blocks;
  const html =
    first?.type === "paragraph"
      ? rest.length === 0
        ? before + inlines(first.children)
        : `<p>${before}${inlines(first.children)}</p>${rest.map(htmlOf).join("")}`
      : before + blocks.map(htmlOf).join("");
  // Also where formatting stands between the letters; in attributes there is no `@room`.
  return html.replaceAll(
    /@(?=(?:<[^<>]*>)*r(?:<[^<>]*>)*o(?:<[^<>]*>)*o(?:<[^<>]*>)*m)/gi,
    `@${ZWSP}`,
  );
}

/** One block, with its tags. */
export function htmlOf(node: Block): string {
  switch (node.type) {
    case "paragraph":
      return `<p>${inlines(node.children)}</p>`;
    case "heading":
      return `<h${node.depth}>${inlines(node.children)}</h${node.depth}>`;
    case "code": {
      const lang = node.lang ?? "";
      return `<pre><code${lang === "" ? "" : ` class="language-${lang}"`}>${escapeHtml(node.value)}</code></pre>`;
    }
    case "blockquote":
      return `<blockquote>${children(node.children)}</blockquote>`;
    case "list": {
      const items = node.children
        .map((item) => `<li>${itemHtml(item.children as Block[])}</li>`)
        .join("");
      const start = node.start ?? 1;
      if (node.ordered !== true) return `<ul>${items}</ul>`;
      return `<ol${start === 1 ? "" : ` start="${start}"`}>${items}</ol>`;
    }
    case "listItem":
      return children(node.children);
    case "table":
      return table(node);
    case "thematicBreak":
      return "<hr>";
  }
}

const children = (nodes: readonly unknown[]): string =>
  (nodes as readonly Block[]).map(htmlOf).join("");

/** An item's first line stands beside its bullet: a paragraph would stand apart. */
function itemHtml([first, ...rest]: readonly Block[]): string {
  if (first?.type !== "paragraph" || rest.some(({ type }) => type === "paragraph"))
    return children(first === undefined ? [] : [first, ...rest]);
  return inlines(first.children) + children(rest);
}

function table(node: Table): string {
  const row = (cells: Table["children"][number] | undefined, tag: string): string =>
    `<tr>${(cells?.children ?? []).map((cell) => `<${tag}>${inlines(cell.children)}</${tag}>`).join("")}</tr>`;
  const [header, ...rows] = node.children;
  const body =
    rows.length === 0 ? "" : `<tbody>${rows.map((each) => row(each, "td")).join("")}</tbody>`;
  return `<table><thead>${row(header, "th")}</thead>${body}</table>`;
}

const inlines = (nodes: readonly PhrasingContent[]): string => nodes.map(inline).join("");

function inline(node: PhrasingContent): string {
  switch (node.type) {
    case "text":
      return literal(node.value);
    case "inlineCode":
      return `<code>${literal(node.value)}</code>`;
    case "mention":
      return mention(node);
    case "break":
      return "<br>";
    case "strong":
      return `<strong>${inlines(node.children)}</strong>`;
    case "emphasis":
      return `<em>${inlines(node.children)}</em>`;
    case "delete":
      return `<del>${inlines(node.children)}</del>`;
    case "underline":
      return `<u>${inlines(node.children)}</u>`;
    case "spoiler": {
      const reason = node.reason === undefined ? "" : `="${escapeHtml(node.reason)}"`;
      return `<span data-mx-spoiler${reason}>${inlines(node.children)}</span>`;
    }
    case "link":
      return `<a href="${escapeHtml(node.url)}">${inlines(node.children)}</a>`;
    default:
      return "";
  }
}

function mention(node: Mention): string {
  const pill = pillOf(node);
  if (pill === undefined) return literal(mentionText(node));
  return `<a href="${escapeHtml(pill.url)}">${literal(pill.label)}</a>`;
}

/** Rows of blanks are kept, as they were meant. */
const literal = (text: string): string => escapeHtml(text).replaceAll(/ (?= )/g, "\u00a0");
