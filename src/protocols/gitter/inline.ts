/** Phrasing content to Gitter's Markdown: one function per kind of node. */
import type { PhrasingContent } from "mdast";

import { toText } from "../../core/content.ts";
import type { Mention } from "../../core/content.ts";
import { isUserName } from "./config.ts";
import {
  BAR,
  endsInEntity,
  endsSentence,
  escapeTarget,
  escapeText,
  escapeUrl,
  ZWSP,
} from "./escape.ts";

/** No address in a text is longer: it would have become text itself. */
const MOST_URL_CHARS = 2_100;
/** What may stand in front of the at-sign of a mail address; a backtick may too. */
const MAIL_END = /[\w.!#$%&'*+/=?^`{|}~-]$/;
const MAIL_START = /^[\w.!#$%&'*+/=?^`{|}~-]*@/;

export interface InlineOptions {
  /** See `isLinkable`. */
  readonly linkable: boolean;
  /** See `Around`. */
  readonly links: boolean;
  readonly underscores: boolean;
  /** Already italic, as the whole of an emote: a second pair of stars would end the first. */
  readonly italic?: boolean;
  readonly cell?: boolean;
  /** Inside a link's label. */
  readonly label?: boolean;
  /** Signs that text around is marked up by: Gitter looks for the closing ones in code too. */
  readonly marked?: readonly string[];
  /** What stands before on the same line; absent where the line begins here. */
  readonly before?: string;
}

/** What was written so far decides how the next sign has to be escaped. */
interface Writer {
  readonly options: InlineOptions;
  out: string;
  /** Where in it our own begins. */
  readonly from: number;
  /** Length of `out` when a bare address had just been written. */
  addressEnd?: number;
  /** The same for a mention that notifies. */
  mentionEnd?: number;
}

/** Writes phrasing content. Line ends inside are real line ends. */
export function writeInline(nodes: readonly PhrasingContent[], options: InlineOptions): string {
  const before = options.before ?? "";
  const writer: Writer = { options, out: before, from: before.length };
  writeAll(writer, nodes);
  return writer.out.slice(before.length);
}

/** Writes text as it is meant. */
export function writeLiteral(text: string, options: InlineOptions): string {
  return writeInline([{ type: "text", value: text }], options);
}

function writeAll(w: Writer, nodes: readonly PhrasingContent[]): void {
  for (const node of nodes) writeNode(w, node);
}

function writeNode(w: Writer, node: PhrasingContent): void {
  if (!endsAddress(w, node)) w.out += " ";
  switch (node.type) {
    case "text":
      return literal(w, node.value);
    case "break":
      // An empty line ends a paragraph, and with it what is marked up: its signs would stand alone. A label is one line.
      if (w.options.label === true) w.out += " ";
      else w.out += isMarked(w) && w.out.endsWith("\n") ? `${ZWSP}\n` : "\n";
      return;
    case "strong":
      return marked(w, "**", node.children);
    case "delete":
      return marked(w, "~~", node.children);
    case "emphasis":
      return emphasis(w, node.children);
    case "inlineCode":
      return code(w, node.value);
    case "link":
      return link(w, node.url, node.children);
    case "mention":
      return mention(w, node);
    case "underline":
      // Gitter's Markdown has none.
      return writeAll(w, node.children);
    case "spoiler":
      // Nothing can be hidden: signs that other chats hide by say what it is.
      literal(w, `${node.reason === undefined ? "" : `(${node.reason}) `}||`);
      writeAll(w, node.children);
      return literal(w, "||");
    default:
      return literal(w, toText(node));
  }
}

/** Whether an address, if one stands directly before, ends here: all up to the next blank is read as part of it. */
function endsAddress(w: Writer, node: PhrasingContent): boolean {
  if (node.type === "break") return true;
  if (node.type === "text") return w.addressEnd !== w.out.length || endsSentence(node.value);
  // Signs that mark something up would be swallowed, and what they keep from being read is read.
  return !/(https?:\/\/|www\.)\S*$/i.test(w.out.slice(-MOST_URL_CHARS));
}

function literal(w: Writer, text: string): void {
  // A name goes on as long as it can.
  if (w.mentionEnd === w.out.length && /^[_\-.:[\]]*(?:[a-z0-9[\]]|$)/i.test(text)) w.out += ZWSP;
  const { cell = false, label = false } = w.options;
  unbracketed(text, label)
    .split(/\r\n|\r|\n/)
    .forEach((line, index) => {
      if (index > 0) w.out += "\n";
      const lineStart = w.out === "" || w.out.endsWith("\n");
      w.out += escapeText(line, { ...w.options, lineStart, before: w.out, cell, label });
    });
}

function emphasis(w: Writer, children: readonly PhrasingContent[]): void {
  if (w.options.italic === true) return writeAll(w, children);
  const sign = italicSign(children);
  if (sign === "") return writeAll(w, children);
  const options = { ...w.options, italic: true };
  const inner: Writer = { ...w, options };
  marked(inner, sign, children);
  w.out = inner.out;
}

/** The sign for italics that is not in the text itself, where Gitter would take it for the end, escaped or not. */
export function italicSign(children: readonly PhrasingContent[]): "*" | "_" | "" {
  const text = toText({ type: "paragraph", children: [...children] });
  const doubled = children.some((child) => child.type === "strong");
  if (!doubled && !text.includes("*")) return "*";
  return text.includes("_") ? "" : "_";
}

/** Signs must touch what they mark: spaces at the edges go outside. */
function marked(w: Writer, sign: string, children: readonly PhrasingContent[]): void {
  const { marked: around = [] } = w.options;
  // What is bold in bold ends the outer one.
  if (around.includes(sign)) return writeAll(w, children);
  // Two rows of the same sign would be read as one.
  const nameGoesOn = sign === "_" && w.mentionEnd === w.out.length;
  const opening = (nameGoesOn || w.out.endsWith(sign.slice(0, 1)) ? ZWSP : "") + sign;
  const out = w.out + opening;
  const inner: Writer = {
    options: { ...w.options, marked: [...around, sign] },
    out,
    from: out.length,
  };
  writeAll(inner, children);
  if (sign === "_" && inner.mentionEnd === inner.out.length) inner.out += ZWSP;
  // An escape directly before a closing sign is none.
  if (sign === "~~" && inner.out.endsWith("\\~")) inner.out += ZWSP;
  const body = inner.out.slice(w.out.length + opening.length);
  const text = body.trim();
  const start = body.indexOf(text);
  // Code was written behind a blank that goes outside: see `code`.
  const inside = start > 0 && text.startsWith("`") ? ZWSP + text : text;
  w.out +=
    text === ""
      ? body
      : body.slice(0, start) + opening + inside + sign + body.slice(start + text.length);
}

const isMarked = ({ options }: Writer): boolean =>
  options.marked !== undefined || options.italic === true;

function code(w: Writer, value: string): void {
  const oneLine = unbracketed(value, w.options.label).replaceAll(/\s*[\r\n]+\s*/g, " ");
  const barless = w.options.cell === true ? oneLine.replaceAll("|", BAR) : oneLine;
  const text = w.options.links ? barless.replaceAll("](", `]${ZWSP}(`) : barless;
  const endsMark =
    (w.options.marked !== undefined || w.options.italic === true) && /[*_~]/.test(text);
  if (text.trim() === "" || endsMark) return literal(w, text);
  const fence = "`".repeat(longestRun(text, "`") + 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  // A backtick directly before would be read as part of the fence; letters, as the beginning of a mail address in it.
  // Three at the start of a line would open a block of code.
  const mails = MAIL_END.test(w.out) && MAIL_START.test(text);
  const opens = fence.length >= 3 && (w.out === "" || w.out.endsWith("\n"));
  if (mails || opens || w.out.endsWith("`")) w.out += ZWSP;
  w.out += fence + pad + text + pad + fence;
}

function link(w: Writer, url: string, children: readonly PhrasingContent[]): void {
  const label = children.map((child) => toText(child)).join("");
  if (label === url && !/^mailto:/i.test(url)) return address(w, url);
  noPicture(w);
  const before = `${w.out}[`;
  const inside = writeInline(children, { ...w.options, label: true, before });
  w.out = `${before}${inside}](${escapeTarget(url)})`;
}

/** An exclamation mark directly before would make a picture of a link. */
function noPicture(w: Writer): void {
  if (/(?:^|[^\\])(?:\\\\)*!$/.test(w.out))
    w.out = w.out.length > w.from ? `${w.out.slice(0, -1)}\\!` : w.out + ZWSP;
}

/** Brackets have no place in a label. */
const unbracketed = (text: string, label = false): string =>
  label ? text.replaceAll("[", "(").replaceAll("]", ")") : text;

/** The address itself, unless its last sign would be taken for the end of a sentence. */
function address(w: Writer, url: string): void {
  const shown = escapeUrl(url);
  const whole = !/[.,:;"'()!?_~]$/.test(shown) && !endsInEntity(shown);
  if (!whole) noPicture(w);
  w.out += whole ? shown : `[${shown.replaceAll(/[_~]/g, "\\$&")}](${escapeTarget(url)})`;
  if (whole) w.addressEnd = w.out.length;
}

/** Only whom the configuration names is called: any other at-sign is made one that calls nobody. */
function mention(w: Writer, node: Mention): void {
  const { there } = node;
  if (there === undefined || !isUserName(there)) return literal(w, toText(node));
  if (/[\p{L}\p{N}_@/.]$/u.test(w.out)) w.out += ZWSP;
  w.out += `@${there}`;
  w.mentionEnd = w.out.length;
}

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
