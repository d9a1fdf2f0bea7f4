/** Prepared blocks to `body`: plain text for notifications and clients without HTML. */
import type { PhrasingContent } from "mdast";

import { mentionText, withoutRoomPing } from "./neutral.ts";
import { pillOf } from "./pills.ts";
import type { Block } from "../../core/writing/prepare.ts";

/** Writes blocks; `before` stands at the start of the first line. */
export function toBody(blocks: readonly Block[], before = ""): string {
  const [first] = blocks;
  // Bullets, quotes, code and tables begin on a line of their own.
  const gap = before === "" || first?.type === "paragraph" || first?.type === "heading" ? "" : "\n";
  return withoutRoomPing(before + gap + blocks.map(bodyOf).join("\n\n"));
}

function bodyOf(node: Block): string {
  switch (node.type) {
    case "paragraph":
    case "heading":
      return inlines(node.children);
    case "code":
      return node.value;
    case "blockquote":
      return prefixLines((node.children as Block[]).map(bodyOf).join("\n\n"), "> ", "> ");
    case "list":
      return node.children
        .map((item, index) => {
          const bullet = node.ordered === true ? `${(node.start ?? 1) + index}. ` : "• ";
          return prefixLines(bodyOf(item), bullet, " ".repeat(bullet.length));
        })
        .join("\n");
    case "listItem":
      return (node.children as Block[]).map(bodyOf).join("\n");
    case "table":
      return node.children
        .map((row) =>
          row.children.map((cell) => inlines(cell.children).replaceAll("\n", " ")).join(" | "),
        )
        .join("\n");
    case "thematicBreak":
      return "———";
  }
}

const prefixLines = (text: string, first: string, rest: string): string =>
  text
    .split("\n")
    .map((line, index) => (index === 0 ? first : line === "" ? rest.trimEnd() : rest) + line)
    .join("\n");

const inlines = (nodes: readonly PhrasingContent[]): string => nodes.map(inline).join("");

function inline(node: PhrasingContent): string {
  switch (node.type) {
    case "text":
    case "inlineCode":
      return node.value;
    case "mention":
      return pillOf(node)?.label ?? mentionText(node);
    case "break":
      return "\n";
    case "strong":
    case "emphasis":
    case "delete":
    case "underline":
      return inlines(node.children);
    case "spoiler":
      // Nothing can be hidden in a text: signs that other chats hide by say what it is.
      return `${node.reason === undefined ? "" : `(${node.reason}) `}||${inlines(node.children)}||`;
    case "link": {
      const label = inlines(node.children);
      return label === node.url || `mailto:${label}` === node.url
        ? label
        : `${label} (${node.url})`;
    }
    default:
      return "";
  }
}
