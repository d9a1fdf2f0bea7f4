/** The elements of a `rich_text_section` to phrases. Styles are flat flags there and nested nodes here. */
import type { PhrasingContent } from "mdast";

import { toText } from "../../core/content.ts";
import { channelId, userId } from "../../core/ids.ts";
import { isObject, type Json, num, objects, str } from "./json.ts";
import { append, breaks, emoji, everyone, link, moment, paragraphs, text } from "./nodes.ts";

/** From the outermost inwards. Code is no wrapper but the text itself. */
const WRAPPERS = [
  ["bold", "strong"],
  ["italic", "emphasis"],
  ["strike", "delete"],
  ["underline", "underline"],
] as const;

interface Piece {
  readonly node: PhrasingContent;
  readonly style: Json;
}

/** Elements may hold elements; deeper than this nobody wrote by hand. */
const DEEPEST = 8;

/** The paragraphs that elements make: an empty line ends one. */
export function richParagraphs(elements: readonly Json[]): PhrasingContent[][] {
  const pieces = elements.flatMap((element) => piecesOf(element, 0));
  return paragraphs(pieces, ({ node }) => node.type === "break").map((each) => wrap(each, 0));
}

/** What is written in code: letters only. */
export const richLetters = (elements: readonly Json[]): string =>
  elements
    .map((each) =>
      each["type"] === "link"
        ? str(each["text"]) || str(each["url"])
        : piecesOf(each, 0)
            .map(({ node }) => toText(node))
            .join(""),
    )
    .join("");

/**
 * Neighbours of one style share one node: `**a****b**` is broken Markdown. Blanks alone are shown no differently in any
 * style.
 */
function wrap(pieces: readonly Piece[], depth: number): PhrasingContent[] {
  const wrapper = WRAPPERS[depth];
  if (wrapper === undefined) return joined(pieces.map(({ node }) => node));
  const [flag, type] = wrapper;
  const nodes: PhrasingContent[] = [];
  for (let start = 0; start < pieces.length;) {
    const on = pieces[start]!.style[flag] === true;
    let end = start;
    while (end < pieces.length && (pieces[end]!.style[flag] === true) === on) end += 1;
    const children = wrap(pieces.slice(start, end), depth + 1);
    const shows = children.some((child) => toText(child).trim() !== "");
    if (on && shows) nodes.push({ type, children });
    else append(nodes, children);
    start = end;
  }
  return joined(nodes);
}

function joined(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  const all: PhrasingContent[] = [];
  for (const node of nodes) {
    const last = all.at(-1);
    if (last?.type === "text" && node.type === "text")
      all[all.length - 1] = text(last.value + node.value);
    else all.push(node);
  }
  return all;
}

function piecesOf(element: Json, depth: number): Piece[] {
  const style = isObject(element["style"]) ? element["style"] : {};
  const inside = objects(element["elements"]);
  if (inside.length > 0)
    return depth >= DEEPEST ? [] : inside.flatMap((each) => piecesOf(each, depth + 1));
  return nodesOf(element, style["code"] === true).map((node) => ({ node, style }));
}

function nodesOf(element: Json, code: boolean): PhrasingContent[] {
  switch (element["type"]) {
    case "text":
      return letters(str(element["text"]), code);
    case "link":
      return [
        link(str(element["url"]), letters(str(element["text"]) || str(element["url"]), code)),
      ];
    case "user":
      return [{ type: "mention", target: { kind: "user", id: userId(str(element["user_id"])) } }];
    case "usergroup":
      return [{ type: "mention", target: { kind: "group", id: str(element["usergroup_id"]) } }];
    case "team":
      return [{ type: "mention", target: { kind: "group", id: str(element["team_id"]) } }];
    case "broadcast":
      return [everyone(str(element["range"]))];
    case "channel":
      return [{ type: "channelLink", channel: channelId(str(element["channel_id"])) }];
    case "emoji":
      return [
        emoji(withTone(str(element["name"]), num(element["skin_tone"])), str(element["unicode"])),
      ];
    case "date":
      return dateOf(element);
    default:
      return breaks(
        str(element["text"]) ||
          str(element["fallback"]) ||
          str(element["value"]) ||
          str(element["url"]),
      );
  }
}

function dateOf(element: Json): PhrasingContent[] {
  const fallback = str(element["fallback"]);
  const found = moment(num(element["timestamp"]), str(element["format"]), fallback);
  if (found === undefined) return breaks(fallback);
  const url = str(element["url"]);
  return url === "" ? [found] : [link(url, [found])];
}

/** Slack tells a skin tone in the name or beside it. */
const withTone = (name: string, tone: number | undefined): string =>
  tone === undefined || tone < 2 || tone > 6 || name.includes("::")
    ? name
    : `${name}::skin-tone-${tone}`;

/** Code is kept line by line: a line end in inline code is none elsewhere. */
const letters = (value: string, code: boolean): PhrasingContent[] =>
  breaks(value).map((node) =>
    code && node.type === "text" ? { type: "inlineCode", value: node.value } : node,
  );
