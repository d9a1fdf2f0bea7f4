/** A message as the core has it to the texts of Matrix events. Pure; never throws. */
import type { Content } from "../../core/content.ts";
import { toText } from "../../core/content.ts";
import type { Attachment } from "../../core/event.ts";
import { bodyFallback, htmlFallback, profileName } from "./nick.ts";
import type { Block } from "../../core/writing/prepare.ts";
import { splitBlocks } from "../../core/writing/split.ts";
import { pillOf } from "./pills.ts";
import { prepareContent, prepareFiles } from "./prepare.ts";
import { toBody } from "./to-body.ts";
import { htmlOf, toHtml } from "./to-html.ts";
import { jsonBytes } from "./utf8.ts";

export interface ToWrite {
  /** The author, as `RemoteNickFormat` made it. Every event carries the name: see `nick.ts`. */
  readonly nick: string;
  readonly content: Content;
  /** An emote is one by its `msgtype`; its text is the same. */
  readonly emote: boolean;
  readonly files: readonly Attachment[];
}

export interface Writing {
  /** Text only: what is sent when the service disliked the formatting. */
  readonly plainOnly: boolean;
  /** False with `HTMLDisable`. */
  readonly html: boolean;
}

/** What one event says. */
export interface MatrixText {
  readonly body: string;
  /** For `formatted_body`; absent when `body` says it all. */
  readonly html?: string;
  /** Whether the name stands in front, as `has_fallback` of a per-message profile (MSC4144) promises. */
  readonly fallback: boolean;
  /** The name that does: the profile's `displayname` has to be exactly this one. */
  readonly displayname?: string;
}

/**
 * An event has at most 65,536 bytes, signatures and all. `body` and `html` of one stay under 48,000 bytes in JSON; the
 * rest up to there is slack for what only shows when it is written.
 */
const ROOM_BYTES = 44_000;

/** Bytes between two blocks. */
const GAP = jsonBytes("\n\n");

const cost = (node: Block): number => jsonBytes(toBody([node])) + jsonBytes(htmlOf(node)) + GAP;

/** One text per event; none when there is nothing to show. */
export function toMatrix(message: ToWrite, { plainOnly, html }: Writing): readonly MatrixText[] {
  const blocks = [...prepareContent(message.content.children), ...prepareFiles(message.files)];
  const name = profileName(message.nick);
  const before = { body: bodyFallback(name), html: htmlFallback(name) };
  const withHtml = html && !plainOnly && (name !== "" || !isBare(blocks));
  const most = ROOM_BYTES - jsonBytes(before.body) - jsonBytes(before.html);
  return splitBlocks(blocks, { most, cost }).map((part) => ({
    body: toBody(part, before.body),
    ...(withHtml ? { html: toHtml(part, before.html) } : {}),
    ...(name === "" ? { fallback: false } : { fallback: true, displayname: name }),
  }));
}

/** Whether the text says all: one paragraph in which nothing is formatted. Clients show its addresses as links. */
function isBare([first, ...rest]: readonly Block[]): boolean {
  if (rest.length > 0 || first?.type !== "paragraph") return first === undefined;
  return first.children.every(
    (node) =>
      node.type === "text" ||
      node.type === "break" ||
      (node.type === "mention" && pillOf(node) === undefined) ||
      (node.type === "link" && toText(node) === node.url),
  );
}
