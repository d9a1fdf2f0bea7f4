/**
 * Block Kit, as apps post it, to mdast: all that a person in Slack reads in a block. What can only be pressed there is
 * its label. Fields as in Slack's reference of blocks, https://docs.slack.dev/reference/block-kit/blocks.
 */
import type { BlockContent, PhrasingContent, RootContent, Table } from "mdast";

import { controls } from "./controls.ts";
import { fromMarkdownBlock } from "./from-markdown-block.ts";
import { fromMrkdwn, fromPlainText } from "./from-mrkdwn.ts";
import { fromRichText } from "./from-rich-text.ts";
import { isObject, type Json, num, objects, str } from "./json.ts";
import { link, paragraph, paragraphs, isBreak, text } from "./nodes.ts";

/** Containers hold blocks that hold blocks; more than this is no message. */
const DEEPEST = 4;

export function fromBlocks(blocks: readonly Json[], depth = 0): RootContent[] {
  return depth > DEEPEST ? [] : blocks.flatMap((block) => fromBlock(block, depth));
}

function fromBlock(block: Json, depth: number): RootContent[] {
  switch (block["type"]) {
    case "rich_text":
      return fromRichText(block);
    case "section": {
      const { accessory } = block;
      return [
        ...textBlocks(block["text"]),
        ...objects(block["fields"]).flatMap((field) => textBlocks(field)),
        ...(isObject(accessory) ? beside([accessory]) : []),
      ];
    }
    case "header":
      return [{ type: "heading", depth: 3, children: phrasesOf(block["text"]) }];
    case "context":
      return beside(objects(block["elements"]));
    case "actions":
    case "context_actions":
      return beside(objects(block["elements"]));
    case "image":
      return [...textBlocks(block["title"]), paragraph([imageOf(block)])];
    case "divider":
      return [{ type: "thematicBreak" }];
    case "table":
    case "data_table":
      return [...textBlocks(block["caption"]), tableOf(block)];
    case "markdown":
      return fromMarkdownBlock(str(block["text"]));
    case "video":
      return videoOf(block);
    case "input": {
      const { element } = block;
      const control = isObject(element) ? controls(element) : [];
      const line = spaced([phrasesOf(block["label"]), control]);
      return [...(line.length > 0 ? [paragraph(line)] : []), ...textBlocks(block["hint"])];
    }
    case "file": {
      // A remote file stands among the message's files as well; only what the block itself tells is told here.
      const file = isObject(block["file"]) ? block["file"] : {};
      const name = str(file["title"]) || str(file["name"]);
      const url = str(file["permalink"]);
      return url === "" ? [] : [paragraph([link(url, [text(name || url)])])];
    }
    default:
      return unknown(block, depth);
  }
}

/** Cards, alerts, plans and what Slack invents next: the texts that they carry, in the order of reading. */
function unknown(block: Json, depth: number): RootContent[] {
  const texts = [
    "title",
    "subtitle",
    "text",
    "body",
    "description",
    "caption",
    "label",
    "alt_text",
  ];
  const rich = ["rich_text_title", "details", "output"].flatMap((key) =>
    isObject(block[key]) ? fromRichText(block[key]) : [],
  );
  const inner = ["child_blocks", "elements", "tasks"].flatMap((key) =>
    fromBlocks(objects(block[key]), depth + 1),
  );
  return [
    ...texts.flatMap((key) => textBlocks(block[key])),
    ...objects(block["fields"]).flatMap((field) => textBlocks(field)),
    ...rich,
    ...inner,
    ...beside(objects(block["actions"])),
    ...objects(block["sources"]).map((each) =>
      paragraph([link(str(each["url"]), [text(str(each["text"]) || str(each["url"]))])]),
    ),
  ];
}

/** A text object, or a text without one, as blocks. */
export function textBlocks(value: unknown): BlockContent[] {
  if (isObject(value) && value["type"] === "mrkdwn") return fromMrkdwn(str(value["text"]));
  return paragraphs(phrasesOf(value), isBreak).map(paragraph);
}

/** A text object as phrases of one line. */
function phrasesOf(value: unknown): PhrasingContent[] {
  if (!isObject(value)) return fromPlainText(str(value));
  if (value["type"] !== "mrkdwn") return fromPlainText(str(value["text"]));
  const blocks = fromMrkdwn(str(value["text"]));
  return blocks.flatMap((block, index): PhrasingContent[] => [
    ...(index > 0 ? [{ type: "break" as const }] : []),
    ...(block.type === "paragraph" ? block.children : fromPlainText(str(value["text"]))),
  ]);
}

/** What stands in one line in Slack: small texts, images, buttons. */
function beside(elements: readonly Json[]): BlockContent[] {
  const line = spaced(
    elements.map((element) =>
      element["type"] === "image"
        ? [imageOf(element)]
        : element["type"] === "mrkdwn" || element["type"] === "plain_text"
          ? phrasesOf(element)
          : controls(element),
    ),
  );
  return line.length > 0 ? [paragraph(line)] : [];
}

const spaced = (groups: readonly PhrasingContent[][]): PhrasingContent[] =>
  groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index > 0 ? [text(" "), ...group] : group));

/** An image by its address; one that only Slack knows is what it shows in words. */
function imageOf(block: Json): PhrasingContent {
  const file = isObject(block["slack_file"]) ? block["slack_file"] : {};
  const url = str(block["image_url"]) || str(file["url"]);
  const alt = str(block["alt_text"]);
  return url === "" ? text(alt || "image") : { type: "image", url, alt };
}

const ALIGN = new Set(["left", "center", "right"] as const);
type Align = "left" | "center" | "right";
const isAlign = (value: unknown): value is Align => ALIGN.has(value as Align);

function tableOf(block: Json): Table {
  const rows = Array.isArray(block["rows"]) ? block["rows"] : [];
  return {
    type: "table",
    align: objects(block["column_settings"]).map(({ align }) => (isAlign(align) ? align : null)),
    children: rows.map((row) => ({
      type: "tableRow",
      children: objects(row).map((cell) => ({ type: "tableCell", children: cellOf(cell) })),
    })),
  };
}

/** `raw_text`, `raw_number` or `rich_text`. A cell is one line elsewhere. */
function cellOf(cell: Json): PhrasingContent[] {
  if (cell["type"] !== "rich_text")
    return fromPlainText(
      str(cell["text"]) || String(num(cell["value"]) ?? num(cell["number"]) ?? ""),
    );
  return spaced(
    fromRichText(cell).map((block) => (block.type === "paragraph" ? block.children : [])),
  ).map((node) => (node.type === "break" ? text(" ") : node));
}

function videoOf(block: Json): RootContent[] {
  const title = phrasesOf(block["title"]);
  const url = str(block["title_url"]) || str(block["video_url"]);
  const shown = title.length > 0 ? title : fromPlainText(str(block["alt_text"]) || url);
  const by = [str(block["author_name"]), str(block["provider_name"])].filter((each) => each !== "");
  return [
    paragraph(url === "" ? shown : [link(url, shown)]),
    ...(by.length > 0 ? [paragraph(fromPlainText(by.join(" · ")))] : []),
    ...textBlocks(block["description"]),
  ];
}
