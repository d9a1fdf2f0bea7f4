/** Phrasing content to Gitter's Markdown: one function per kind of node. */
import type { PhrasingContent, RootContent } from "mdast";

import type { Mention } from "../../core/content.ts";
import { toText } from "../../core/content.ts";
import { namePretends, pretends } from "../../core/labels.ts";
import { isUserName } from "./config.ts";
import { escapeTarget, escapeText, escapeUrl, ZWSP } from "./escape.ts";

export interface InlineOptions {
  /** See `isLinkable`. */
  readonly linkable: boolean;
  /** Already italic, as the whole of an emote: a second pair of stars would end the first. */
  readonly italic?: boolean;
  readonly cell?: boolean;
  /** Code as literal text, for what may be cut: half a code span keeps nothing from being read. */
  readonly codeless?: boolean;
  /** Labels are names of files, which may look like a host: `notes.md`. */
  readonly files?: boolean;
  /** What stands before on the same line; absent where the line begins here. */
  readonly before?: string;
}

/** What was written so far decides how the next sign has to be escaped. */
interface Writer {
  readonly options: InlineOptions;
  out: string;
  /** Length of `out` when a bare address had just been written. */
  addressEnd?: number;
  /** The same for a mention that notifies. */
  mentionEnd?: number;
}

/** Deeper nesting is cut: nobody wrote it by hand. */
const MAX_DEPTH = 40;

/** Writes phrasing content. Line ends inside are real line ends. */
export function writeInline(nodes: readonly RootContent[], options: InlineOptions): string {
  const before = options.before ?? "";
  const writer: Writer = { options, out: before };
  writeAll(writer, nodes, 0);
  return writer.out.slice(before.length);
}

/** Writes text as it is meant. */
export function writeLiteral(text: string, options: InlineOptions): string {
  return writeInline([{ type: "text", value: text }], options);
}

function writeAll(w: Writer, nodes: readonly RootContent[], depth: number): void {
  if (depth > MAX_DEPTH) return;
  for (const node of nodes) writeNode(w, node as PhrasingContent, depth);
}

function writeNode(w: Writer, node: PhrasingContent, depth: number): void {
  if (!endsAddress(w, node)) w.out += " ";
  switch (node.type) {
    case "text":
    case "html":
      return literal(w, node.value);
    case "break":
      w.out += "\n";
      return;
    case "strong":
      return marked(w, "**", node.children, depth);
    case "delete":
      return marked(w, "~~", node.children, depth);
    case "emphasis": {
      if (w.options.italic === true) return writeAll(w, node.children, depth + 1);
      const doubled = node.children.some((child) => child.type === "strong");
      return marked(w, doubled ? "_" : "*", node.children, depth);
    }
    case "inlineCode":
      return code(w, node.value);
    case "link":
      return link(w, node.url, labelOf(node.children));
    case "image":
      // Never embedded: a picture would be fetched by every reader.
      return link(w, node.url, node.alt ?? "");
    case "mention":
      return mention(w, node);
    case "channelLink":
      return literal(w, `#${node.label ?? node.channel}`);
    case "emoji":
      return emoji(w, node.name, node.value);
    case "linkReference":
    case "underline":
    case "spoiler":
      return writeAll(w, node.children, depth + 1);
    case "moment":
      return literal(w, node.fallback);
    case "imageReference":
    case "footnoteReference":
      return literal(w, toText(node));
  }
}

/** Whether an address, if one stands directly before, ends here: all up to the next blank is read as part of it. */
function endsAddress(w: Writer, node: PhrasingContent): boolean {
  if (node.type === "break") return true;
  if (node.type === "text")
    return w.addressEnd !== w.out.length || /^[.,:;"')\]!?]*(\s|$)/.test(node.value);
  // Signs that mark something up would be swallowed, and what they keep from being read is read.
  return !/(https?:\/\/|www\.)\S*$/i.test(w.out);
}

function literal(w: Writer, text: string): void {
  // A name goes on as long as it can.
  if (w.mentionEnd === w.out.length && /^[_\-.:[\]]*(?:[a-z0-9[\]]|$)/i.test(text)) w.out += ZWSP;
  const { linkable, cell = false } = w.options;
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    if (index > 0) w.out += "\n";
    const lineStart = w.out === "" || w.out.endsWith("\n");
    w.out += escapeText(line, { lineStart, before: w.out, cell, linkable });
  });
}

/** Signs must touch what they mark: spaces at the edges go outside. */
function marked(w: Writer, sign: string, children: readonly RootContent[], depth: number): void {
  // Two rows of the same sign would be read as one.
  const nameGoesOn = sign === "_" && w.mentionEnd === w.out.length;
  const opening = (nameGoesOn || w.out.endsWith(sign.slice(0, 1)) ? ZWSP : "") + sign;
  const inner: Writer = { options: w.options, out: w.out + opening };
  writeAll(inner, children, depth + 1);
  if (sign === "_" && inner.mentionEnd === inner.out.length) inner.out += ZWSP;
  const body = inner.out.slice(w.out.length + opening.length);
  const text = body.trim();
  const start = body.indexOf(text);
  w.out +=
    text === ""
      ? body
      : body.slice(0, start) + opening + text + sign + body.slice(start + text.length);
}

function code(w: Writer, value: string): void {
  const text = value.replaceAll(/\s*[\r\n]+\s*/g, " ");
  if (text.trim() === "" || w.options.codeless === true) return literal(w, text);
  const fence = "`".repeat(longestRun(text, "`") + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  // A backtick directly before would be read as part of the fence.
  if (w.out.endsWith("`")) w.out += ZWSP;
  w.out += fence + pad + text + pad + fence;
}

function link(w: Writer, url: string, label: string): void {
  const mail = /^mailto:/i.test(url) ? url.slice("mailto:".length) : undefined;
  const target = mail ?? url;
  if (mail !== undefined || !/^https?:\/\/\S/i.test(url))
    return literal(w, label === "" || label === target ? target : `${label} (${target})`);
  if (label === "" || label === url) return address(w, url);
  if ((w.options.files === true ? namePretends : pretends)(label, url)) {
    literal(w, `${label} (`);
    address(w, url);
    w.out += ")";
    return;
  }
  // An exclamation mark directly before would make a picture of it.
  if (/(^|[^\\])!$/.test(w.out)) w.out = `${w.out.slice(0, -1)}\\!`;
  w.out += "[";
  literal(w, label.replaceAll("[", "(").replaceAll("]", ")"));
  w.out += `](${escapeTarget(url)})`;
}

/** The address itself, unless its last sign would be taken for the end of a sentence. */
function address(w: Writer, url: string): void {
  const shown = escapeUrl(url);
  const whole = !/[.,:;"'()!?_~]$/.test(shown);
  w.out += whole ? shown : `[${shown.replaceAll(/[_~]/g, "\\$&")}](${escapeTarget(url)})`;
  if (whole) w.addressEnd = w.out.length;
}

function emoji(w: Writer, name: string, value: string | undefined): void {
  if (value === undefined && /^[\w+-]+$/.test(name)) w.out += `:${name}:`;
  else literal(w, value ?? `:${name}:`);
}

/** Links and line ends have no place in a label. */
const labelOf = (children: readonly RootContent[]): string =>
  children
    .map((child) => toText(child))
    .join("")
    .replaceAll(/\s+/g, " ")
    .trim();

/** Only whom the configuration names is called: any other at-sign is made one that calls nobody. */
function mention(w: Writer, { there, label, target }: Mention): void {
  if (there === undefined || !isUserName(there))
    return literal(w, `@${label ?? targetName(target)}`);
  if (/[\p{L}\p{N}_@/.]$/u.test(w.out)) w.out += ZWSP;
  w.out += `@${there}`;
  w.mentionEnd = w.out.length;
}

const targetName = (target: Mention["target"]): string =>
  target.kind === "everyone" ? "everyone" : target.id;

/** Length of the longest row of one sign. */
export function longestRun(text: string, sign: string): number {
  let longest = 0;
  let run = 0;
  for (const letter of text) {
    run = letter === sign ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
