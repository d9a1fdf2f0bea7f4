/** The content of an `m.room.message` to the content tree. Pure; never throws. */
import type { PhrasingContent } from "mdast";

import type { Content } from "../../core/content.ts";
import { fromHtml } from "./from-html.ts";
import { markMentions } from "./from-mentions.ts";
import type { Mentions } from "./from-mentions.ts";
import { linkify } from "./links.ts";

/** What is read of a message's content. Anybody can send anything: nothing of it can be relied on. */
export interface MessageContent {
  readonly msgtype?: unknown;
  readonly body?: unknown;
  readonly format?: unknown;
  readonly formatted_body?: unknown;
  readonly "m.relates_to"?: unknown;
  readonly "m.mentions"?: Mentions | undefined;
}

/** An event has at most 65,536 bytes; with what comes from elsewhere than `/sync` a limit of our own. */
const MOST_HTML_CHARS = 128 * 1024;

/** Reads a message: its HTML where there is any, else its text. */
export function fromMessage(content: MessageContent): Content {
  const read = readText(content);
  const { "m.mentions": mentions } = content;
  return mentions === undefined ? read : markMentions(read, mentions);
}

function readText(content: MessageContent): Content {
  const { format, formatted_body: html } = content;
  const body = typeof content.body === "string" ? content.body : "";
  if (
    format === "org.matrix.custom.html" &&
    typeof html === "string" &&
    html.length <= MOST_HTML_CHARS
  ) {
    const read = fromHtml(html);
    // HTML that shows nothing would make a message vanish; an answer of nothing but its quote stays empty.
    if (read.children.length > 0 || /<mx-reply/i.test(html)) return read;
  }
  return fromBody(answers(content["m.relates_to"]) ? withoutQuote(body) : body);
}

/** Plain text: line ends are breaks, bare web addresses are links. */
function fromBody(body: string): Content {
  const all = body.replaceAll(/\r\n?/g, "\n").split("\n");
  // Not by a pattern: one for the end tries anew from each line end of a long row.
  const lines = all.slice(
    Math.max(
      0,
      all.findIndex((line) => line !== ""),
    ),
    all.findLastIndex((line) => line !== "") + 1,
  );
  const children = lines.flatMap((line, index): PhrasingContent[] =>
    index === 0 ? linkify(line) : [{ type: "break" }, ...linkify(line)],
  );
  return { type: "root", children: children.length === 0 ? [] : [{ type: "paragraph", children }] };
}

/** Whether the message answers another. A thread's message says so too, for clients that know no threads. */
function answers(relation: unknown): boolean {
  if (typeof relation !== "object" || relation === null) return false;
  const { rel_type: type, is_falling_back: fallingBack } = relation as Record<string, unknown>;
  return "m.in_reply_to" in relation && !(type === "m.thread" && fallingBack === true);
}

/** Until version 1.13 of the specification an answer began with a quote, whose first line names the quoted author. */
function withoutQuote(body: string): string {
  if (!/^> (?:\* ?)?<[^>\n]+>/.test(body)) return body;
  const lines = body.split("\n");
  const end = lines.findIndex((line) => !line.startsWith(">"));
  if (end < 0) return "";
  return lines.slice(lines[end]?.trim() === "" ? end + 1 : end).join("\n");
}
