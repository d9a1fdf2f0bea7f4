/** Phrasing content to Gitter's Markdown: one function per kind of node. */
import type { PhrasingContent, RootContent } from "mdast";

import { toText } from "../../core/content.ts";
import { escapeTarget, escapeText, escapeUrl, ZWSP } from "./escape.ts";

export interface InlineOptions {
  /** Already italic, as the whole of an emote: a second pair of stars would end the first. */
  readonly italic?: boolean;
  readonly cell?: boolean;
  /** What stands before on the same line; undefined where the line begins here. */
  readonly before?: string;
}

/** Deeper nesting is cut: nobody wrote it by hand. */
const MAX_DEPTH = 40;

/** Writes phrasing content. Line ends inside are real line ends. */
export function writeInline(nodes: readonly RootContent[], options: InlineOptions = {}): string {
  const writer = new InlineWriter(options);
  writer.all(nodes, 0);
  return writer.out.slice(options.before?.length ?? 0);
}

/** What was written so far decides how the next sign has to be escaped. */
class InlineWriter {
  out: string;
  private readonly options: InlineOptions;

  constructor(options: InlineOptions) {
    this.options = options;
    this.out = options.before ?? "";
  }

  all(nodes: readonly RootContent[], depth: number): void {
    if (depth > MAX_DEPTH) return;
    for (const node of nodes) this.one(node as PhrasingContent, depth);
  }

  one(node: PhrasingContent, depth: number): void {
    switch (node.type) {
      case "text":
      case "html":
        return this.literal(node.value);
      case "break":
        return this.raw("\n");
      case "strong":
        return this.marked("**", node.children, depth);
      case "delete":
        return this.marked("~~", node.children, depth);
      case "emphasis": {
        if (this.options.italic === true) return this.all(node.children, depth + 1);
        const doubled = node.children.some((child) => child.type === "strong");
        return this.marked(doubled ? "_" : "*", node.children, depth);
      }
      case "inlineCode":
        return this.code(node.value);
      case "link":
        return this.link(node.url, writtenLabel(node.children));
      case "image":
        // Never embedded: a picture would be fetched by every reader.
        return this.link(node.url, node.alt ?? "");
      case "mention":
        return this.literal(`@${node.label ?? nameOf(node.target)}`);
      case "channelLink":
        return this.literal(`#${node.label ?? node.channel}`);
      case "emoji":
        return this.emoji(node.name, node.value);
      default:
        return "children" in node ? this.all(node.children, depth + 1) : this.literal(toText(node));
    }
  }

  private raw(text: string): void {
    this.out += text;
  }

  /** Text as it is meant, line by line. */
  literal(text: string): void {
    text.split(/\r\n|\r|\n/).forEach((line, index) => {
      if (index > 0) this.raw("\n");
      const lineStart = this.out === "" || this.out.endsWith("\n");
      this.raw(
        escapeText(line, {
          lineStart,
          before: this.out,
          ...(this.options.cell === true ? { cell: true } : {}),
        }),
      );
    });
  }

  /** Signs must touch what they mark: spaces at the edges go outside. */
  private marked(sign: string, children: readonly RootContent[], depth: number): void {
    const inner = new InlineWriter({ ...this.options, before: `${this.out}${sign}` });
    inner.all(children, depth + 1);
    const body = inner.out.slice(this.out.length + sign.length);
    const text = body.trim();
    if (text === "") return this.raw(body);
    const start = body.indexOf(text);
    this.raw(body.slice(0, start));
    this.raw(`${sign}${text}${sign}`);
    this.raw(body.slice(start + text.length));
  }

  private code(value: string): void {
    const text = value.replaceAll(/\s*[\r\n]+\s*/g, " ");
    if (text.trim() === "") return this.raw(text);
    const fence = "`".repeat(longestRun(text, "`") + 1);
    const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
    // A row of backticks directly before would be read as part of the fence.
    if (this.out.endsWith("`")) this.raw(ZWSP);
    this.raw(`${fence}${pad}${text}${pad}${fence}`);
  }

  private link(url: string, label: string): void {
    const mail = url.replace(/^mailto:/i, "");
    if (!/^(https?:\/\/|mailto:)\S/i.test(url))
      return this.literal(label === "" || label === url ? url : `${label} (${url})`);
    if (label === "" || label === url || label === mail)
      return mail === url ? this.address(url) : this.literal(mail);
    // A label that looks like another address would lie about where the link goes.
    if (/:\/\/|\bwww\.|^[\w-]+(\.[\w-]+)+(\/|$)/i.test(label) && bare(label) !== bare(url)) {
      this.literal(`${label} (`);
      this.address(url);
      return this.raw(")");
    }
    // An exclamation mark directly before would make a picture of it.
    if (/(^|[^\\])!$/.test(this.out)) this.out = `${this.out.slice(0, -1)}\\!`;
    this.raw("[");
    this.literal(label.replaceAll("[", "(").replaceAll("]", ")"));
    this.raw(`](${escapeTarget(url)})`);
  }

  /** The address itself, unless its last sign would be taken for the end of a sentence. */
  private address(url: string): void {
    const shown = escapeUrl(url);
    if (!/[.,:;"'()!?_~]$/.test(shown)) return this.raw(shown);
    this.raw(`[link](${escapeTarget(url)})`);
  }

  private emoji(name: string, value: string | undefined): void {
    if (value !== undefined) return this.literal(value);
    if (/^[\w+-]+$/.test(name)) return this.raw(`:${name}:`);
    this.literal(`:${name}:`);
  }
}

/** Links and line ends have no place in a label. */
const writtenLabel = (children: readonly RootContent[]): string =>
  children
    .map((child) => toText(child))
    .join("")
    .replaceAll(/\s+/g, " ")
    .trim();

const nameOf = (
  target: { kind: "user" | "group"; id: string } | { kind: "everyone" },
): string => (target.kind === "everyone" ? "everyone" : target.id);

const bare = (url: string): string =>
  url
    .replace(/^https?:\/\//i, "")
    .replace(/\/$/, "")
    .toLowerCase();

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
