/**
 * A message's text as the patterns of the configuration see it, and what changing some of it does to the tree. The text
 * has no signs for formatting; links and images stand in it as in Markdown, as they did for Matterbridge.
 */
import type { PhrasingContent, RootContent } from "mdast";

import { type Content, toText } from "../content.ts";

/** Letters `start` to `end` of the text become `to`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/** All that patterns see. */
export const textOf = (content: Content): string => placeAll(content.children, "\n", 0).text;

/**
 * A copy of the tree with its text changed. Edits are in order and do not overlap. Formatting stays, and blocks stay
 * blocks; a mention, an emoji or the like of which letters are changed becomes text. Addresses in `to` become links.
 */
export function editText(content: Content, edits: readonly Edit[]): Content {
  const { places } = placeAll(content.children, "\n", 0);
  const letters = lettersOf(places);
  const end = letters.at(-1)?.end ?? 0;
  const anchored = edits.map((edit): Anchored => {
    const room = letters.find((each) => each.end > edit.start);
    return { ...edit, anchor: room === undefined ? end : Math.max(room.start, edit.start) };
  });
  const children = places.flatMap((place) => rebuild(place, { edits: anchored, end }));
  return { ...content, children };
}

/** A node and where its text stands. */
interface Place {
  readonly node: RootContent;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** Absent where the node is changed as a whole. */
  readonly inside?: readonly Place[];
}
interface Span {
  readonly start: number;
  readonly end: number;
}
interface Anchored extends Edit {
  /** Where `to` goes: letters that are replaced may stand in several nodes, or between two blocks. */
  readonly anchor: number;
}
interface Change {
  readonly edits: readonly Anchored[];
  /** The end of the last letter. */
  readonly end: number;
}

function placeAll(nodes: readonly RootContent[], gap: string, start: number) {
  const places: Place[] = [];
  let text = "";
  for (const node of nodes) {
    if (places.length > 0) text += gap;
    const place = placeOf(node, start + text.length);
    places.push(place);
    text += place.text;
  }
  return { places, text };
}

function placeOf(node: RootContent, start: number): Place {
  const whole = wholeText(node);
  if (whole !== undefined || !("children" in node))
    return { node, start, end: start + (whole ?? "").length, text: whole ?? "" };
  const [before, after] = node.type === "link" ? ["[", `](${node.url})`] : ["", ""];
  const { places, text } = placeAll(node.children, gapIn(node), start + before.length);
  const shown = before + text + after;
  return { node, start, end: start + shown.length, text: shown, inside: places };
}

/** The text of a node that has no parts, or none that could be changed alone. */
function wholeText(node: RootContent): string | undefined {
  if (node.type === "image") return `![${node.alt ?? ""}](${node.url})`;
  if (node.type === "link") {
    const label = node.children.map((child) => toText(child)).join("");
    return label === "" || label === node.url ? node.url : undefined;
  }
  return "children" in node ? undefined : toText(node);
}

function gapIn({ type }: RootContent): string {
  if (type === "tableRow") return " | ";
  return ["list", "listItem", "blockquote", "table", "footnoteDefinition"].includes(type)
    ? "\n"
    : "";
}

/** Where text stands that belongs to a node, the signs of links among it; not what is between blocks. */
function lettersOf(places: readonly Place[]): Span[] {
  return places
    .flatMap(({ start, end, inside }): Span[] => {
      if (inside === undefined) return [{ start, end }];
      const from = inside[0]?.start ?? end;
      const to = inside.at(-1)?.end ?? end;
      return [{ start, end: from }, ...lettersOf(inside), { start: to, end }];
    })
    .filter(({ start, end }) => end > start);
}

/** Whether an edit takes letters from here, or puts some here. */
const touches = ({ start, end, anchor }: Anchored, at: Span, last: number): boolean =>
  (start < at.end && end > at.start) || isAnchored(anchor, at, last);

const isAnchored = (anchor: number, at: Span, last: number): boolean =>
  at.end > at.start &&
  anchor >= at.start &&
  (anchor < at.end || (anchor === at.end && anchor === last));

function rebuild(place: Place, change: Change): RootContent[] {
  const { node, start, end, inside } = place;
  const edits = change.edits.filter((edit) => touches(edit, place, change.end));
  if (edits.length === 0) return [node];
  const here = { ...change, edits };
  if (inside === undefined) return changed(place, here);
  if (node.type === "link") {
    // As soon as one of its signs is changed, a link is read anew.
    const label = { start: start + 1, end: inside.at(-1)?.end ?? end };
    const isInside = (edit: Anchored) =>
      edit.start >= label.start && edit.end <= label.end && edit.anchor < label.end;
    if (!edits.every(isInside)) return changed(place, here);
  }
  const children = inside.flatMap((each) => rebuild(each, here));
  return children.length === 0 ? [] : [{ ...node, children } as RootContent];
}

function changed(place: Place, { edits, end: last }: Change): RootContent[] {
  const { node, text, start } = place;
  const parts: { readonly text: string; readonly isNew: boolean }[] = [];
  let from = 0;
  for (const edit of edits) {
    const cutFrom = Math.max(from, Math.min(edit.start - start, text.length));
    parts.push({ text: text.slice(from, cutFrom), isNew: false });
    if (isAnchored(edit.anchor, place, last)) parts.push({ text: edit.to, isNew: true });
    from = Math.max(cutFrom, Math.min(edit.end - start, text.length));
  }
  parts.push({ text: text.slice(from), isNew: false });
  const whole = parts.map((part) => part.text).join("");
  if (node.type === "code" || node.type === "inlineCode")
    return whole === "" ? [] : [{ ...node, value: whole }];
  if (node.type === "link" || node.type === "image") return read(whole);
  return joined(parts.flatMap((part) => (part.isNew ? read(part.text) : lines(part.text))));
}

function joined(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  const result: PhrasingContent[] = [];
  for (const node of nodes) {
    const last = result.at(-1);
    if (last?.type === "text" && node.type === "text")
      result[result.length - 1] = { ...last, value: last.value + node.value };
    else result.push(node);
  }
  return result;
}

const LINK =
  /!?\[([^\][\n]*)\]\((https?:\/\/[^\s()]+)\)|https?:\/\/[^\s<>"]*[^\s<>".,:;!?')\]}*_~]/giu;

/** Text of a replacement: links in Markdown and bare addresses are links. */
function read(text: string): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    const [whole, label, target] = match;
    const url = target ?? whole;
    nodes.push(...lines(text.slice(from, match.index)));
    nodes.push({ type: "link", url, children: [{ type: "text", value: label || url }] });
    from = match.index + whole.length;
  }
  return [...nodes, ...lines(text.slice(from))];
}

const lines = (text: string): PhrasingContent[] =>
  text
    .split("\n")
    .flatMap((line, index): PhrasingContent[] => [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(line === "" ? [] : [{ type: "text" as const, value: line }]),
    ]);
