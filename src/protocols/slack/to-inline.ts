/** Phrases to the elements of a `rich_text` section: nested styles become flags, names stay in one piece. */
import type { Link, PhrasingContent } from "mdast";

import { toText } from "../../core/content.ts";
import { utcText } from "../../core/rules/late.ts";
import { isLinkable, misleads, nameMisleads } from "../../core/writing/links.ts";
import { isMemberId } from "./config.ts";
import { type Element, literal, type Style, styled } from "./rich-text.ts";

/** The names that Slack gives emoji, its own and custom ones. */
const EMOJI_NAME = /^[\p{Ll}\p{Lo}\p{M}\p{N}_+'-]{1,100}(?:::skin-tone-[2-6](?:-[2-6])?)?$/u;
/** Names and dates up to this length are not cut; longer ones are no names. */
const LONGEST_WHOLE = 200;
/** What Slack's dates can say. */
const LAST_SECOND = 253_402_300_799;

export const inlinesOf = (nodes: readonly PhrasingContent[], style: Style): Element[] =>
  nodes.flatMap((node) => inlineOf(node, style));

function inlineOf(node: PhrasingContent, style: Style): Element[] {
  switch (node.type) {
    case "text":
    case "html":
      return letters(node.value, style);
    case "break":
      return [literal("\n", style)];
    case "inlineCode":
      return letters(node.value, { ...style, code: true });
    case "strong":
      return inlinesOf(node.children, { ...style, bold: true });
    case "emphasis":
      return inlinesOf(node.children, { ...style, italic: true });
    case "delete":
      return inlinesOf(node.children, { ...style, strike: true });
    case "underline":
      return inlinesOf(node.children, { ...style, underline: true });
    case "spoiler":
      // Slack hides nothing: who reads on was told.
      return [
        literal(node.reason ? `(spoiler: ${node.reason}) ` : "(spoiler) ", style),
        ...inlinesOf(node.children, style),
      ];
    case "link":
      return linkNode(node, style);
    case "linkReference":
      return inlinesOf(node.children, style);
    case "image":
      return linkOf(node.url, node.alt ?? "", style);
    case "imageReference":
      return letters(node.alt ?? "", style);
    case "emoji":
      return node.value === undefined && EMOJI_NAME.test(node.name)
        ? [{ type: "emoji", name: node.name, ...styled(style) }]
        : [whole(node.value ?? `:${node.name}:`, style)];
    case "moment": {
      const timestamp = Math.floor(node.at / 1000);
      const fallback = node.fallback.slice(0, LONGEST_WHOLE) || utcText(node.at);
      return timestamp >= 0 && timestamp <= LAST_SECOND
        ? [{ type: "date", timestamp, format: "{date_pretty} {time}", fallback, ...styled(style) }]
        : letters(node.fallback, style);
    }
    case "mention":
      return node.there !== undefined && isMemberId(node.there)
        ? [{ type: "user", user_id: node.there, ...styled(style) }]
        : [whole(toText(node), style)];
    case "channelLink":
      return [whole(toText(node), style)];
    default:
      return letters(toText(node), style);
  }
}

/** Half characters would be refused, or worse; nobody sees a NUL. */
const clean = (value: string): string => value.replaceAll("\u0000", "").toWellFormed();

const letters = (value: string, style: Style): Element[] =>
  clean(value) === "" ? [] : [literal(clean(value), style)];

const whole = (value: string, style: Style): Element =>
  value.length > LONGEST_WHOLE
    ? literal(clean(value), style)
    : { type: "text", text: clean(value), whole: true, ...styled(style) };

/** A style around all of a label is the link's. */
function linkNode(node: Link, style: Style): Element[] {
  const [only, ...others] = node.children;
  if (others.length === 0 && only !== undefined) {
    if (only.type === "strong" || only.type === "emphasis" || only.type === "delete") {
      const flag = { strong: "bold", emphasis: "italic", delete: "strike" } as const;
      const inner = { ...node, children: only.children };
      return linkNode(inner, { ...style, [flag[only.type]]: true });
    }
    if (only.type === "underline")
      return linkNode({ ...node, children: only.children }, { ...style, underline: true });
    if (only.type === "inlineCode") return linkOf(node.url, only.value, { ...style, code: true });
  }
  return linkOf(node.url, node.children.map(labelOf).join(""), style);
}

/** The letters of a label: of what is in it that could be a link itself, the words, or else the address. */
function labelOf(node: PhrasingContent): string {
  switch (node.type) {
    case "break":
      return " ";
    case "link":
      return shownOr(node.children.map(labelOf).join(""), node.url);
    case "image":
      return shownOr(node.alt ?? "", node.url);
    case "imageReference":
      return node.alt ?? "";
    default:
      return "children" in node ? node.children.map(labelOf).join("") : toText(node);
  }
}

const shownOr = (label: string, url: string): string => (label.trim() === "" ? url : label);

/**
 * Only addresses that a browser opens harmlessly are links. A label that claims another address stays letters, with the
 * true one as the link beside it. Files are named as they like: `notes.md` is no address.
 */
export function linkOf(to: string, written: string, style: Style, file = false): Element[] {
  const url = to.toWellFormed();
  const label = clean(written);
  if (!isLinkable(url))
    return letters(label === "" || label === url ? url : `${label} (${url})`, style);
  if (label.trim() === "" || label === url) return [{ type: "link", url, ...styled(style) }];
  if ((file ? nameMisleads : misleads)(label, url))
    return [
      literal(`${label} (`, style),
      { type: "link", url, ...styled(style) },
      literal(")", style),
    ];
  return [{ type: "link", url, text: label, ...styled(style) }];
}
