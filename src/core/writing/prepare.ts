/**
 * A message as the core has it to the few nodes that protocols write: what is not formatting has become text, and every
 * link is one that may be followed.
 */
import type { BlockContent, Link, PhrasingContent, RootContent } from "mdast";

import { isSeen, toText } from "../content.ts";
import type { Mention } from "../content.ts";
import { isLinkable, misleads, nameMisleads } from "./links.ts";

/** What differs from service to service. */
export interface Preparing {
  /** Letters as the service takes them. */
  readonly clean: (text: string) => string;
  /** The same for an address, in which nothing may be put between. */
  readonly cleanUrl: (url: string) => string;
  /** Deeper nesting is text: nobody wrote it by hand. */
  readonly maxDepth: number;
}

const MOST_REASON_CHARS = 200;

/** The blocks that are left. */
export type Block = Extract<
  RootContent,
  {
    type:
      | "paragraph"
      | "heading"
      | "code"
      | "blockquote"
      | "list"
      | "listItem"
      | "table"
      | "thematicBreak";
  }
>;

/** Makes ready blocks; those without a letter are gone. */
export function prepare(nodes: readonly RootContent[], how: Preparing, depth = 0): Block[] {
  return nodes.flatMap((node) => prepareBlock(node, how, depth));
}

function prepareBlock(node: RootContent, how: Preparing, depth: number): Block[] {
  if (depth > how.maxDepth) return paragraph([{ type: "text", value: toText(node) }], how, 0);
  const inside = () => prepare((node as { children: RootContent[] }).children, how, depth + 1);
  switch (node.type) {
    case "paragraph":
      return paragraph(node.children, how, depth);
    case "heading": {
      const children = inOneLine(phrases(node.children, how, depth));
      return shows(children) ? [{ type: "heading", depth: node.depth, children }] : [];
    }
    case "code": {
      const lang = /^[\w+#.-]{1,30}$/.test(node.lang ?? "") ? (node.lang ?? null) : null;
      const value = how.clean(node.value.replaceAll(/\r\n?/g, "\n"));
      return isSeen(value) ? [{ type: "code", lang, value }] : [];
    }
    case "blockquote": {
      const children = inside() as BlockContent[];
      return children.length === 0 ? [] : [{ type: "blockquote", children }];
    }
    case "list": {
      const { ordered = false, start } = node;
      const children = node.children.map((item) => {
        const box = item.checked === true ? "☑ " : item.checked === false ? "☐ " : "";
        const blocks = prepare(item.children, how, depth + 2);
        return {
          type: "listItem" as const,
          spread: false,
          children: ticked(box, blocks) as BlockContent[],
        };
      });
      return children.length === 0
        ? []
        : [
            {
              type: "list",
              ordered,
              start: ordered === true ? (start ?? 1) : null,
              spread: false,
              children,
            },
          ];
    }
    case "table": {
      const children = node.children.map((row) => ({
        ...row,
        children: row.children.map((cell) => ({
          ...cell,
          children: phrases(cell.children, how, depth),
        })),
      }));
      return children.length === 0 ? [] : [{ type: "table", align: node.align ?? null, children }];
    }
    case "thematicBreak":
      return [{ type: "thematicBreak" }];
    case "definition":
    case "yaml":
      return [];
    // Parts of blocks that stand without their block.
    case "listItem":
    case "tableRow":
    case "footnoteDefinition":
      return inside();
    case "tableCell":
      return paragraph(node.children, how, depth);
    default:
      return paragraph([node], how, depth);
  }
}

const inOneLine = (nodes: readonly PhrasingContent[]): PhrasingContent[] =>
  nodes.map((node): PhrasingContent => {
    if (node.type === "break") return text(" ");
    return "children" in node ? { ...node, children: inOneLine(node.children) } : node;
  });

function paragraph(nodes: readonly PhrasingContent[], how: Preparing, depth: number): Block[] {
  const children = phrases(nodes, how, depth);
  return shows(children) ? [{ type: "paragraph", children }] : [];
}

/** The box of a task stands at the start of its text. */
function ticked(box: string, blocks: readonly Block[]): Block[] {
  if (box === "") return [...blocks];
  const [first, ...rest] = blocks;
  return first?.type === "paragraph"
    ? [{ ...first, children: [text(box), ...first.children] }, ...rest]
    : [{ type: "paragraph", children: [text(box.trim())] }, ...blocks];
}

/** Whether there is something to see in it. */
export const shows = (nodes: readonly PhrasingContent[]): boolean =>
  nodes.some((node) => isSeen(toText(node)));

const text = (value: string): PhrasingContent => ({ type: "text", value });

function phrases(
  nodes: readonly PhrasingContent[],
  how: Preparing,
  depth: number,
  inLink = false,
): PhrasingContent[] {
  const all: PhrasingContent[] = [];
  let run = "";
  const endRun = (): void => {
    const value = how.clean(run);
    if (value !== "") all.push(text(value));
    run = "";
  };
  for (const node of nodes.flatMap((each) => phrase(each, how, depth, inLink))) {
    // What stands together is escaped together, and is one text to whoever cleans it, once.
    if (node.type === "text") run += node.value;
    else {
      endRun();
      all.push(node);
    }
  }
  endRun();
  return all;
}

function phrase(
  node: PhrasingContent,
  how: Preparing,
  depth: number,
  inLink: boolean,
): PhrasingContent[] {
  if (depth > how.maxDepth) return lines(toText(node), how);
  switch (node.type) {
    case "text":
    case "html":
      return lines(node.value, how);
    case "break":
      return [{ type: "break" }];
    case "strong":
    case "emphasis":
    case "delete":
    case "underline": {
      const children = phrases(node.children, how, depth + 1, inLink);
      return children.length === 0 ? [] : [{ type: node.type, children }];
    }
    case "spoiler": {
      const children = phrases(node.children, how, depth + 1, inLink);
      const reason = how.clean((node.reason ?? "").replaceAll(/\s+/g, " ").trim());
      if (children.length === 0) return [];
      // As a text it can be cut.
      if (reason.length > MOST_REASON_CHARS)
        return [text(`(${reason}) `), { type: "spoiler", children }];
      return [{ type: "spoiler", ...(reason === "" ? {} : { reason }), children }];
    }
    case "inlineCode": {
      const value = how.clean(node.value.replaceAll(/\s*[\r\n]+\s*/g, " "));
      return value === "" ? [] : [{ type: "inlineCode", value }];
    }
    case "link":
      return inLink ? phrases(node.children, how, depth + 1, true) : prepareLink(node, how, depth);
    case "image": {
      // Never shown in place: every reader would fetch it.
      const alt = node.alt ?? "";
      const children = alt === "" ? [] : [{ type: "text" as const, value: alt }];
      return inLink
        ? lines(alt, how)
        : prepareLink({ type: "link", url: node.url, children }, how, depth);
    }
    case "mention":
      return [named(node, how, inLink)];
    case "channelLink":
    case "emoji":
    case "moment":
    case "imageReference":
    case "footnoteReference":
      return lines(toText(node), how);
    case "linkReference":
      return phrases(node.children, how, depth + 1, inLink);
  }
}

/** A mention with the name to show, which is one line. */
function named(node: Mention, how: Preparing, inLink: boolean): PhrasingContent {
  const label = how.clean(toText(node).slice(1).replaceAll(/\s+/g, " "));
  const { target, there } = node;
  // A label is the link's.
  return { type: "mention", target, label, ...(there === undefined || inLink ? {} : { there }) };
}

function lines(value: string, how: Preparing): PhrasingContent[] {
  return how
    .clean(value)
    .split(/\r\n|\r|\n/)
    .flatMap((line, index): PhrasingContent[] => [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(line === "" ? [] : [text(line)]),
    ]);
}

/**
 * Only addresses that a browser opens harmlessly are links, and only where the label does not claim another. Files are
 * named as they like: `notes.md` is no address.
 */
export function prepareLink(
  node: Link,
  how: Preparing,
  depth = 0,
  file = false,
): PhrasingContent[] {
  const label = node.children.map((child) => toText(child)).join("");
  const url = how.cleanUrl(node.url);
  const same = label.trim() === "" || label === node.url || `mailto:${label}` === node.url;
  if (!isLinkable(url))
    return same
      ? lines(label.trim() === "" ? node.url : label, how)
      : [...phrases(node.children, how, depth + 1, true), ...lines(` (${node.url})`, how)];
  const itself: Link = { type: "link", url, children: [text(url.replace(/^mailto:/i, ""))] };
  if (same) return [itself];
  const children = phrases(node.children, how, depth + 1, true);
  if (!(file ? nameMisleads : misleads)(label, url)) return [{ type: "link", url, children }];
  return [...children, text(" ("), itself, text(")")];
}
