/**
 * A message as the core has it to the few nodes that are written for Matrix: what is not formatting has become text,
 * and every link is one that may be followed.
 */
import type { BlockContent, Link, PhrasingContent, RootContent } from "mdast";

import { toText } from "../../core/content.ts";
import type { Mention } from "../../core/content.ts";
import type { Attachment } from "../../core/event.ts";
import { pretends } from "../../core/labels.ts";
import { troubleText } from "../../core/rules/files.ts";
import { wellFormed, withoutRoomPing, ZWSP } from "./neutral.ts";
import { pillOf } from "./pills.ts";

/** Deeper nesting is text: nobody wrote it by hand. */
const MAX_DEPTH = 60;
/** Longer addresses cannot be followed everywhere; as text they can be cut. */
const MOST_URL_CHARS = 2_000;
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
export function prepare(nodes: readonly RootContent[], depth = 0): Block[] {
  return nodes.flatMap((node) => prepareBlock(node, depth));
}

function prepareBlock(node: RootContent, depth: number): Block[] {
  if (depth > MAX_DEPTH) return paragraph([{ type: "text", value: toText(node) }], depth);
  const inside = () => prepare((node as { children: RootContent[] }).children, depth + 1);
  switch (node.type) {
    case "paragraph":
      return paragraph(node.children, depth);
    case "heading": {
      const children = phrases(node.children, depth).map((each): PhrasingContent =>
        each.type === "break" ? text(" ") : each,
      );
      return shows(children) ? [{ type: "heading", depth: node.depth, children }] : [];
    }
    case "code": {
      const lang = /^[\w+#.-]{1,30}$/.test(node.lang ?? "") ? (node.lang ?? null) : null;
      const value = clean(node.value.replaceAll(/\r\n?/g, "\n"));
      return value.trim() === "" ? [] : [{ type: "code", lang, value }];
    }
    case "blockquote": {
      const children = inside() as BlockContent[];
      return children.length === 0 ? [] : [{ type: "blockquote", children }];
    }
    case "list": {
      const { ordered = false, start } = node;
      const children = node.children.map((item) => {
        const box = item.checked === true ? "☑ " : item.checked === false ? "☐ " : "";
        const blocks = prepare(item.children, depth + 2);
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
          children: phrases(cell.children, depth),
        })),
      }));
      return children.length === 0 ? [] : [{ type: "table", children }];
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
      return paragraph(node.children, depth);
    default:
      return paragraph([node], depth);
  }
}

/** A line for each file, with its link. */
export function prepareFiles(files: readonly Attachment[]): Block[] {
  const children = files.flatMap((file, index): PhrasingContent[] => {
    const name = text(file.name.replaceAll(/\s+/g, " ").trim() || "file");
    return [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(file.url === undefined
        ? phrases([name], 0)
        : link({ type: "link", url: file.url, children: [name] }, 0, true)),
      ...phrases([text(troubleText(file))], 0),
    ];
  });
  return shows(children) ? [{ type: "paragraph", children }] : [];
}

function paragraph(nodes: readonly PhrasingContent[], depth: number): Block[] {
  const children = phrases(nodes, depth);
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

const shows = (nodes: readonly PhrasingContent[]): boolean =>
  nodes.some((node) => toText(node).trim() !== "");

const text = (value: string): PhrasingContent => ({ type: "text", value });
const clean = (value: string): string => withoutRoomPing(wellFormed(value));

function phrases(
  nodes: readonly PhrasingContent[],
  depth: number,
  inLink = false,
): PhrasingContent[] {
  return nodes.flatMap((node) => phrase(node, depth, inLink));
}

function phrase(node: PhrasingContent, depth: number, inLink: boolean): PhrasingContent[] {
  if (depth > MAX_DEPTH) return lines(toText(node));
  switch (node.type) {
    case "text":
    case "html":
      return lines(node.value);
    case "break":
      return [{ type: "break" }];
    case "strong":
    case "emphasis":
    case "delete":
    case "underline": {
      const children = phrases(node.children, depth + 1, inLink);
      return children.length === 0 ? [] : [{ type: node.type, children }];
    }
    case "spoiler": {
      const children = phrases(node.children, depth + 1, inLink);
      const reason = clean((node.reason ?? "").replaceAll(/\s+/g, " ").trim());
      if (children.length === 0) return [];
      // As a text it can be cut.
      if (reason.length > MOST_REASON_CHARS)
        return [text(`(${reason}) `), { type: "spoiler", children }];
      return [{ type: "spoiler", ...(reason === "" ? {} : { reason }), children }];
    }
    case "inlineCode": {
      const value = clean(node.value.replaceAll(/\s*[\r\n]+\s*/g, " "));
      return value === "" ? [] : [{ type: "inlineCode", value }];
    }
    case "link":
      return inLink ? phrases(node.children, depth + 1, true) : link(node, depth);
    case "image": {
      const alt = node.alt ?? "";
      const children = alt === "" ? [] : [{ type: "text" as const, value: alt }];
      return inLink ? lines(alt) : link({ type: "link", url: node.url, children }, depth);
    }
    case "mention": {
      const pill = inLink ? undefined : pillOf(node);
      if (pill === undefined) return lines(mentionText(node));
      return [{ ...pill, children: lines(toText(pill.children[0]!)) }];
    }
    case "channelLink":
      return lines(`#${node.label ?? node.channel}`);
    case "emoji":
      return lines(node.value ?? `:${node.name}:`);
    case "linkReference":
      return phrases(node.children, depth + 1, inLink);
    case "moment":
      return lines(node.fallback);
    case "imageReference":
    case "footnoteReference":
      return lines(toText(node));
  }
}

/** Nobody is notified by a text: `m.mentions` says who is, and it names nobody. */
const mentionText = ({ label, target }: Mention): string =>
  target.kind === "user"
    ? `@${label ?? target.id}`
    : `@${ZWSP}${label ?? (target.kind === "everyone" ? "everyone" : target.id)}`;

function lines(value: string): PhrasingContent[] {
  return clean(value)
    .split(/\r\n|\r|\n/)
    .flatMap((line, index): PhrasingContent[] => [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(line === "" ? [] : [text(line)]),
    ]);
}

/** Only addresses that a browser opens harmlessly are links. Files are named as they like: `notes.md` is no address. */
function link(node: Link, depth: number, file = false): PhrasingContent[] {
  const label = node.children.map((child) => toText(child)).join("");
  // In an address `@room` would ping as well, and a zero-width space would break it.
  const url = wellFormed(node.url).replaceAll(/@(?=room)/gi, "%40");
  const same = label.trim() === "" || label === node.url || `mailto:${label}` === node.url;
  if (!/^(?:https?:\/\/|mailto:)[^\s]+$/i.test(url) || url.length > MOST_URL_CHARS)
    return same
      ? lines(label.trim() === "" ? node.url : label)
      : [...phrases(node.children, depth + 1, true), ...lines(` (${node.url})`)];
  if (same) return [{ type: "link", url, children: [text(url.replace(/^mailto:/i, ""))] }];
  const children = phrases(node.children, depth + 1, true);
  if (file) return [{ type: "link", url, children }];
  // A label that looks like another address lies about where the link goes.
  if (pretends(label, url))
    return [...children, text(" ("), { type: "link", url, children: [text(url)] }, text(")")];
  return [{ type: "link", url, children }];
}
