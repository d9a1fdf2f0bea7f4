/** A `markdown` block, which is standard Markdown, to mdast. Slack mostly turns it into other blocks by itself. */
import type { Definition, PhrasingContent, Root, RootContent } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

import { plain } from "../../core/content.ts";
import { isCostly } from "../../core/markers.ts";
import { fromPlainText } from "./from-mrkdwn.ts";
import { text } from "./nodes.ts";

const WITHOUT_FOOTNOTES = ["gfmFootnoteDefinition", "gfmFootnoteCall", "gfmPotentialFootnoteCall"];
/** Deeper nesting is an attack on whoever walks the tree, not a message. */
const DEEPEST = 40;

/** Never throws: what cannot be read is plain text. */
export function fromMarkdownBlock(value: string): RootContent[] {
  if (isCostly(value)) return plain(value).children;
  try {
    const tree = fromMarkdown(value, {
      extensions: [gfm({ singleTilde: true }), { disable: { null: WITHOUT_FOOTNOTES } }],
      mdastExtensions: [gfmFromMarkdown()],
    });
    const definitions = new Map<string, Definition>();
    collect(tree, definitions, 0);
    return tree.children.flatMap((node) => convert(node, definitions));
  } catch {
    return plain(value).children;
  }
}

function collect(node: Root | RootContent, into: Map<string, Definition>, depth: number): void {
  if (depth > DEEPEST) throw new Error("nested too deeply");
  if (node.type === "definition") into.set(node.identifier, node);
  if ("children" in node) for (const child of node.children) collect(child, into, depth + 1);
}

/** References get their address, HTML is what it says, line ends are breaks and `:names:` emoji. */
function convert(node: RootContent, definitions: ReadonlyMap<string, Definition>): RootContent[] {
  switch (node.type) {
    case "definition":
      return [];
    case "html":
      return [text(node.value)];
    case "text":
      return fromText(node.value);
    case "linkReference": {
      const children = inner(node.children, definitions);
      const url = definitions.get(node.identifier)?.url;
      return url === undefined ? children : [{ type: "link", url, children }];
    }
    case "imageReference": {
      const url = definitions.get(node.identifier)?.url;
      return url === undefined ? [text(node.alt ?? "")] : [{ type: "image", url, alt: node.alt }];
    }
    default:
      return "children" in node
        ? [{ ...node, children: inner(node.children, definitions) } as RootContent]
        : [node];
  }
}

const inner = (
  nodes: readonly RootContent[],
  definitions: ReadonlyMap<string, Definition>,
): PhrasingContent[] => nodes.flatMap((node) => convert(node, definitions)) as PhrasingContent[];

/** Escapes that Slack makes are undone by the parser, which knows them as characters by name. */
const fromText = (value: string): PhrasingContent[] =>
  fromPlainText(value.replaceAll("&", "&amp;"));
