/**
 * What a message says. People see its blocks, and its `text` only where no block says anything: for posts of apps that
 * is a line for notifications, or "This content can't be displayed." Attachments come after either.
 */
import type { RootContent } from "mdast";

import { type Content } from "../../core/content.ts";
import type { Message } from "./events.ts";
import { fromAttachments } from "./from-attachments.ts";
import { fromBlocks } from "./from-blocks.ts";
import { fromMrkdwn } from "./from-mrkdwn.ts";
import { type Json, objects } from "./json.ts";

export function contentOf(message: Message): Content {
  const blocks = objects(message.blocks);
  const shown = fromBlocks(blocks);
  const text = blocks.some(speaks) && shown.length > 0 ? [] : fromMrkdwn(message.text ?? "");
  const children: RootContent[] = [
    ...text,
    ...shown,
    ...fromAttachments(objects(message.attachments)),
  ];
  return { type: "root", children };
}

/** Beside these an app puts its words into `text`: pictures, lines and buttons are no sentences. */
const MUTE = new Set<unknown>(["actions", "context_actions", "divider", "file", "image"]);
const speaks = (block: Json): boolean => !MUTE.has(block["type"]);
