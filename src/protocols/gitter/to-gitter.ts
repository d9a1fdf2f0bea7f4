/** A message as the core has it to the texts of Gitter posts. Pure; never throws. */
import type { List, ListItem, RootContent, Table } from "mdast";

import type { Content } from "../../core/content.ts";
import { plain, toText } from "../../core/content.ts";
import type { Attachment } from "../../core/event.ts";
import { troubleText } from "../../core/rules/files.ts";
import { isLinkable } from "./escape.ts";
import { longestRun, writeInline, writeLiteral } from "./inline.ts";
import type { InlineOptions } from "./inline.ts";
import { blockText, MAX_UNCUT_CHARS, splitBlocks } from "./split.ts";
import type { Block } from "./split.ts";

export interface ToWrite {
  /** The author, ready to stand in front of the text: Gitter has no sender names of one's own. */
  readonly nick: string;
  readonly content: Content;
  readonly emote: boolean;
  readonly files: readonly Attachment[];
}

/** Deeper nesting is cut: nobody wrote it by hand. */
const MAX_DEPTH = 20;

/** One text per post; none when there is nothing to show. */
export function toGitter(message: ToWrite, plainOnly = false): readonly string[] {
  const content = plainOnly ? plain(toText(message.content)) : message.content;
  const options: InlineOptions = { linkable: isLinkable(message.nick + toText(content)) };
  const emote = message.emote && !plainOnly;
  const blocks = writeBlocks(content.children, options);
  const files = message.files.map((file) => fileLine(file, options)).join("\n");
  if (blocks.every((block) => block.text.trim() === ""))
    return files === "" ? [] : splitPosts([textBlock(writeNick(message.nick, options) + files)]);

  const [first] = content.children;
  const lead =
    first?.type === "paragraph" && blocks.length > 0
      ? {
          text: cuttable(options, (options) =>
            leadParagraph(message.nick, first.children, emote, options),
          ),
          replaces: 1,
        }
      : { text: writeNick(message.nick, options).trimEnd(), replaces: 0 };
  const all: readonly Block[] = [
    { kind: "text", text: lead.text },
    ...blocks.slice(lead.replaces),
    textBlock(files),
  ];
  return splitPosts(all.filter((block) => block.text.trim() !== ""));
}

const textBlock = (text: string): Block => ({ kind: "text", text });

/** An at-sign that nothing follows mentions nobody. */
const splitPosts = (blocks: readonly Block[]): readonly string[] =>
  splitBlocks(blocks).map((post) => post.replace(/@\u200b$/, "@"));

/** The first paragraph behind the name; an emote is italic as a whole. */
function leadParagraph(
  nick: string,
  children: readonly RootContent[],
  emote: boolean,
  options: InlineOptions,
): string {
  if (!emote) {
    const before = writeNick(nick, options);
    return before + writeInline(children, { ...options, before });
  }
  const italic = { ...options, italic: true };
  const before = `*${writeLiteral(nick, { ...italic, before: "*" })}`;
  const text = before + writeInline(children, { ...italic, before });
  return `*${text.slice(1).trim()}*`;
}

/**
 * `RemoteNickFormat` may set the name in bold, italics or code, as it could with Matterbridge; all else is literal, as
 * most of it is what somebody called himself.
 */
function writeNick(nick: string, options: InlineOptions): string {
  let out = "";
  let from = 0;
  for (const match of nick.matchAll(/(\*\*|\*|`)([^*`@[\s\\](?:[^*`@[\n\\]*[^*`@[\s\\])?)\1/g)) {
    out += writeLiteral(nick.slice(from, match.index), { ...options, before: out });
    const [whole, sign = "", inner = ""] = match;
    const before = out + sign;
    out = before + (sign === "`" ? inner : writeLiteral(inner, { ...options, before })) + sign;
    from = match.index + whole.length;
  }
  return out + writeLiteral(nick.slice(from), { ...options, before: out });
}

/** The service takes no files: each is a line with a link. */
function fileLine(file: Attachment, options: InlineOptions): string {
  const name = file.name.replaceAll(/\s+/g, " ").trim() || "file";
  const why = { type: "text", value: troubleText(file) } as const;
  if (file.url === undefined) return writeLiteral(name + why.value, options);
  const text = { type: "text", value: name } as const;
  return writeInline([{ type: "link", url: file.url, children: [text] }, why], {
    ...options,
    files: true,
  });
}

/** Block content, one written block each. */
function writeBlocks(nodes: readonly RootContent[], options: InlineOptions): readonly Block[] {
  return nodes.flatMap((node): readonly Block[] => {
    if (node.type === "code") return codeBlock(node.value, node.lang ?? "");
    const text = cuttable(options, (options) => writeBlock(node, options, 0));
    return text === "" && node.type !== "paragraph" ? [] : [{ kind: "text", text }];
  });
}

/** Writes, and once more without code when the text may be cut. */
function cuttable(options: InlineOptions, write: (options: InlineOptions) => string): string {
  const text = write(options);
  return text.length > MAX_UNCUT_CHARS ? write({ ...options, codeless: true }) : text;
}

/** The fence is longer than any row of backticks inside, as Gitter closes it wherever such a row ends a line. */
function codeBlock(value: string, lang: string): readonly Block[] {
  if (value.trim() === "") return [];
  const fence = "`".repeat(Math.max(3, longestRun(value, "`") + 1));
  return [{ kind: "code", fence, lang: /^[\w+#.-]{1,30}$/.test(lang) ? lang : "", text: value }];
}

function writeBlock(node: RootContent, options: InlineOptions, depth: number): string {
  if (depth > MAX_DEPTH) return writeLiteral("…", options);
  if (node.type === "paragraph") return writeInline(node.children, options);
  if (node.type === "heading") {
    const text = writeInline(node.children, { ...options, before: "# " });
    return `${"#".repeat(node.depth)} ${text.replaceAll("\n", " ")}`;
  }
  if (node.type === "blockquote")
    return prefixLines(writeNested(node.children, options, depth, "\n\n"), "> ", "> ");
  if (node.type === "list") return writeList(node, options, depth);
  if (node.type === "code" && options.codeless === true) return writeLiteral(node.value, options);
  if (node.type === "code")
    return codeBlock(node.value, node.lang ?? "")
      .map(blockText)
      .join("");
  if (node.type === "table") return writeTable(node, options);
  if (node.type === "thematicBreak") return "***";
  if (node.type === "definition" || node.type === "yaml") return "";
  // Phrasing content that stands without a paragraph, and parts of blocks that stand without their block.
  if (node.type === "listItem" || node.type === "tableRow" || node.type === "footnoteDefinition")
    return writeNested(node.children, options, depth, "\n");
  return writeInline([node], options);
}

const writeNested = (
  nodes: readonly RootContent[],
  options: InlineOptions,
  depth: number,
  gap: string,
): string => nodes.map((node) => writeBlock(node, options, depth + 1)).join(gap);

function writeList(list: List, options: InlineOptions, depth: number): string {
  const start = list.start ?? 1;
  return list.children
    .map((item, index) => {
      const bullet = list.ordered === true ? `${start + index}. ` : "* ";
      const text = writeNested(item.children, options, depth, "\n");
      return prefixLines(tick(item) + text, bullet, " ".repeat(bullet.length));
    })
    .join("\n");
}

/** Gitter draws no task boxes. */
const tick = ({ checked }: ListItem): string => {
  if (typeof checked !== "boolean") return "";
  return checked ? "☑ " : "☐ ";
};

function writeTable(table: Table, options: InlineOptions): string {
  const cell = { ...options, cell: true, before: "| " };
  const rows = table.children.map((row) => {
    const cells = row.children.map((one) => writeInline(one.children, cell).replaceAll("\n", " "));
    return `| ${cells.join(" | ")} |`;
  });
  const columns = table.children[0]?.children.length ?? 0;
  return [rows[0] ?? "", `|${" --- |".repeat(columns)}`, ...rows.slice(1)].join("\n");
}

const prefixLines = (text: string, first: string, rest: string): string =>
  text
    .split("\n")
    .map((line, index) => (index === 0 ? first : rest) + line)
    .join("\n");
