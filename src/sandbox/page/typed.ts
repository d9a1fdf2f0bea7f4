/** What Matrix clients make of the Markdown that people type: HTML, where there is any formatting. */
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import type { Node, Parent, RootContent } from "mdast";
import { gfm } from "micromark-extension-gfm";

/** Clients take a few tags as they are typed. */
const TAG = /^<\/?(?:u|sup|sub)>$/i;

/** Undefined where the text says all. */
export function typedHtml(typed: string): string | undefined {
  const root = fromMarkdown(typed, {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  });
  const [only, ...rest] = root.children;
  const isBare = rest.length === 0 && only?.type === "paragraph" && only.children.every(isPlain);
  if (isBare && !/\|\|.+\|\|/.test(typed)) return undefined;
  return root.children.map(htmlOf).join("");
}

const isPlain = (node: RootContent): boolean =>
  node.type === "text" || node.type === "html" || (node.type === "link" && isItself(node));

const isItself = ({ url, children }: Extract<RootContent, { type: "link" }>): boolean =>
  children[0]?.type === "text" && url.endsWith(children[0].value);

const inner = (node: Parent): string => node.children.map(htmlOf).join("");

function htmlOf(node: RootContent): string {
  switch (node.type) {
    case "paragraph":
      return `<p>${inner(node)}</p>`;
    case "text":
      return escapeHtml(node.value)
        .replaceAll(/\|\|(.+?)\|\|/g, "<span data-mx-spoiler>$1</span>")
        .replaceAll("\n", "<br>");
    case "html":
      return TAG.test(node.value) ? node.value : escapeHtml(node.value);
    case "strong":
    case "emphasis":
    case "delete":
    case "blockquote":
    case "list":
    case "heading":
    case "tableRow":
      return wrapped(node, TAGS_OF[node.type](node as never));
    case "listItem": {
      const [first, ...rest] = node.children;
      const box = node.checked === true ? "☑ " : node.checked === false ? "☐ " : "";
      const lead = first?.type === "paragraph" ? inner(first) : first ? htmlOf(first) : "";
      return `<li>${box}${lead}${rest.map(htmlOf).join("")}</li>`;
    }
    case "table": {
      const [header, ...rows] = node.children;
      const cells = (row: typeof header, tag: string): string =>
        `<tr>${(row?.children ?? []).map((cell) => `<${tag}>${inner(cell)}</${tag}>`).join("")}</tr>`;
      return `<table><thead>${cells(header, "th")}</thead><tbody>${rows.map((row) => cells(row, "td")).join("")}</tbody></table>`;
    }
    case "inlineCode":
      return `<code>${escapeHtml(node.value)}</code>`;
    case "code": {
      const lang = /^[\w+#-]+$/.test(node.lang ?? "") ? ` class="language-${node.lang}"` : "";
      return `<pre><code${lang}>${escapeHtml(node.value)}\n</code></pre>`;
    }
    case "link":
      return `<a href="${escapeHtml(node.url)}">${inner(node)}</a>`;
    case "break":
      return "<br>";
    case "thematicBreak":
      return "<hr>";
    default:
      return "children" in node ? inner(node) : "";
  }
}

const TAGS_OF = {
  strong: () => "strong",
  emphasis: () => "em",
  delete: () => "del",
  blockquote: () => "blockquote",
  tableRow: () => "tr",
  heading: ({ depth }: { depth: number }) => `h${depth}`,
  list: ({ ordered, start }: { ordered?: boolean; start?: number }) =>
    ordered === true ? `ol${start === undefined || start === 1 ? "" : ` start="${start}"`}` : "ul",
} as const;

const wrapped = (node: Node, tag: string): string =>
  `<${tag}>${inner(node as Parent)}</${tag.split(" ")[0]}>`;

const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
