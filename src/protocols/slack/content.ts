/** What a message says: its `rich_text` blocks, else its text, else what attachments and other blocks hold. */
import type { Content } from "../../core/content.ts";
import type { Message } from "./events.ts";
import { fromMrkdwn } from "./from-mrkdwn.ts";
import { fromRichText } from "./from-rich-text.ts";

export function contentOf(message: Message): Content {
  const blocks = (message.blocks ?? []).filter(isObject);
  const rich = blocks.filter(({ type }) => type === "rich_text");
  const attached = textOfAttachments(message.attachments ?? []);
  const more = attached === "" ? [] : fromMrkdwn(attached).children;
  if (rich.length > 0 && rich.length === blocks.length) {
    const children = rich.flatMap((block) => fromRichText(block).children);
    if (children.length > 0) return { type: "root", children: [...children, ...more] };
  }
  const text = message.text || textOfBlocks(blocks);
  return { type: "root", children: [...(text === "" ? [] : fromMrkdwn(text).children), ...more] };
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textAt = (value: unknown): string =>
  typeof value === "string"
    ? value
    : isObject(value) && typeof value["text"] === "string"
      ? value["text"]
      : "";

function textOfBlocks(blocks: readonly Json[]): string {
  return blocks
    .flatMap((block) => [
      textAt(block["text"]),
      ...(Array.isArray(block["fields"]) ? block["fields"].map(textAt) : []),
      textAt(block["alt_text"]),
    ])
    .filter((text) => text !== "")
    .join("\n");
}

/** Unfurled links repeat what the text links to; what apps attach and what is forwarded belongs to the message. */
function textOfAttachments(attachments: readonly Json[]): string {
  return attachments
    .filter((each) => each["is_share"] === true || each["from_url"] === undefined)
    .map(
      (each) =>
        ["pretext", "title", "text"]
          .map((key) => textAt(each[key]))
          .filter((text) => text !== "")
          .join("\n") || textAt(each["fallback"]),
    )
    .filter((text) => text !== "")
    .join("\n");
}
