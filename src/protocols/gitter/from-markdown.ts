/**
 * Gitter's Markdown to the content tree. Gitter renders with a fork of marked from 2013; we read with micromark and
 * make up for the differences: HTML is literal, a line end is a break, `#word` is a heading, `@name`,
 * `@/all` and `:shortcode:` are its own.
 */
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import type { Definition, PhrasingContent, RootContent } from "mdast";
import { gfm } from "micromark-extension-gfm";

import type { Content } from "../../core/content.ts";
import { plain } from "../../core/content.ts";
import { userId } from "../../core/ids.ts";
import { isCostly } from "../../core/markers.ts";
import { phrases } from "./phrases.ts";
import type { MentionIds } from "./phrases.ts";

/** Constructs of CommonMark and GFM that Gitter does not know: their signs stay text. */
const UNKNOWN_TO_GITTER = [
  "htmlFlow",
  "htmlText",
  "characterReference",
  "gfmFootnoteDefinition",
  "gfmFootnoteCall",
  "gfmPotentialFootnoteCall",
];

/** Deeper nesting is an attack on whoever walks the tree, not a message. */
const MAX_DEPTH = 40;

/** A line of words, as most messages are: nothing in it means anything to Markdown, Gitter or whoever looks for links. */
const WORDS = /^(?!.*www\.)\p{L}[\p{L}\p{M}\p{N},.;?!'"()]*(?: [\p{L}\p{M}\p{N},.;?!'"()]+)*$/iu;

/** Reads the text of a message. Never throws: what cannot be read is plain text. */
export function fromGitterMarkdown(text: string, mentions: MentionIds = new Map()): Content {
  if (WORDS.test(text) || isCostly(text)) return plain(text);
  try {
    const tree = fromMarkdown(spaceHeadings(text), {
      extensions: [gfm({ singleTilde: false }), { disable: { null: UNKNOWN_TO_GITTER } }],
      mdastExtensions: [gfmFromMarkdown()],
    });
    const definitions = new Map<string, Definition>();
    collect(tree.children, definitions, 0);
    const children = convert(tree.children, { definitions, mentions, inLink: false });
    return children.length === 0 ? plain(text) : { type: "root", children };
  } catch {
    return plain(text);
  }
}

/** `#word` at the start of a line is a heading without a space; `#12` is an issue, and stays. Not inside fences. */
function spaceHeadings(text: string): string {
  let fence: string | undefined;
  return text
    .split("\n")
    .map((line) => {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      if (mark !== undefined && fence === undefined) fence = mark;
      else if (mark !== undefined && fence !== undefined && mark.startsWith(fence))
        fence = undefined;
      if (fence !== undefined) return line;
      return line.replace(/^( {0,3}#{1,6})(?=[^\s#\d])/, "$1 ");
    })
    .join("\n");
}

/** Finds the targets of `[text][name]` links; throws when the tree is too deep. */
function collect(
  nodes: readonly RootContent[],
  into: Map<string, Definition>,
  depth: number,
): void {
  if (depth > MAX_DEPTH) throw new Error("nested too deep");
  for (const node of nodes) {
    if (node.type === "definition" && !into.has(node.identifier)) into.set(node.identifier, node);
    if ("children" in node) collect(node.children, into, depth + 1);
  }
}

interface Context {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly mentions: MentionIds;
  /** Inside a link neither mention nor emoji counts: the label is the link's. */
  readonly inLink: boolean;
}

function convert(nodes: readonly RootContent[], context: Context): RootContent[] {
  return nodes.flatMap((node) => convertNode(node, context));
}

function convertNode(node: RootContent, context: Context): RootContent[] {
  if (node.type === "text")
    return lines(node.value).flatMap((part): RootContent[] => {
      if (part === undefined) return [{ type: "break" }];
      const inside: PhrasingContent[] = context.inLink
        ? [{ type: "text", value: part }]
        : phrases(part, context.mentions);
      return inside.map((each) =>
        each.type === "text" ? { ...each, value: shown(each.value) } : each,
      );
    });
  if (node.type === "html") return [{ type: "text", value: node.value }];
  if (node.type === "definition") return [];
  if (node.type === "linkReference" || node.type === "imageReference")
    return convertReference(node, context);
  if (node.type === "link") {
    const children = convert(node.children, { ...context, inLink: true });
    return [{ type: "link", url: node.url, children: children as PhrasingContent[] }];
  }
  const { position: _, data: __, ...rest } = node;
  if (!("children" in node)) return [rest];
  return [{ ...rest, children: convert(node.children, context) } as RootContent];
}

function convertReference(
  node: Extract<RootContent, { type: "linkReference" | "imageReference" }>,
  context: Context,
): RootContent[] {
  const url = context.definitions.get(node.identifier)?.url;
  if (node.type === "imageReference")
    return url === undefined
      ? [{ type: "text", value: node.alt ?? "" }]
      : [{ type: "image", url, alt: node.alt ?? "" }];
  const children = convert(node.children, { ...context, inLink: url !== undefined });
  return url === undefined
    ? children
    : [{ type: "link", url, children: children as PhrasingContent[] }];
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  nbsp: "\u00a0",
};

/** Gitter leaves named entities to the browser, once it has looked for names and emoji. */
const shown = (text: string): string =>
  text.replaceAll(/&(amp|lt|gt|quot|nbsp);/g, (_, name: string) => ENTITIES[name] ?? "");

/** The lines of a text, with undefined where a break belongs. */
function lines(value: string): (string | undefined)[] {
  return value
    .split(/\r\n|\r|\n/)
    .flatMap((line, index) => (index === 0 ? [line] : [undefined, line]))
    .filter((part) => part !== "");
}

/** Ids of the mentioned, as the message carries them: by screen name in lower case. */
export function mentionIds(
  mentions: readonly ({
    readonly screenName: string;
    readonly userId?: string | undefined;
  } | null)[],
): MentionIds {
  return new Map(
    mentions.flatMap((mention) =>
      mention?.userId === undefined
        ? []
        : [[mention.screenName.toLowerCase(), userId(mention.userId)] as const],
    ),
  );
}
