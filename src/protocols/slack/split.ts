/**
 * Messages of at most 4,000 characters: a longer post goes through, but can never be edited (`msg_too_long`). Cut
 * between blocks, then lines, then words, never inside a surrogate pair.
 */
import { type Block, type Element, escapeText, lettersOf } from "./to-slack.ts";

const MOST = 4_000;
/** More blocks than this in one message are refused; ours are elements of one block, the limit is kept all the same. */
const MOST_BLOCKS = 50;

const size = (block: Block): number => escapeText(lettersOf(block)).length + 1;

export function splitBlocks(blocks: readonly Block[]): Block[][] {
  const parts: Block[][] = [];
  let part: Block[] = [];
  let used = 0;
  for (const block of blocks.flatMap((each) => (size(each) > MOST ? cut(each) : [each]))) {
    if (part.length > 0 && (used + size(block) > MOST || part.length >= MOST_BLOCKS)) {
      parts.push(part);
      part = [];
      used = 0;
    }
    part.push(block);
    used += size(block);
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** One block that is too long as several of its kind. */
function cut(block: Block): Block[] {
  if (block.type === "rich_text_list")
    return block.elements.flatMap((item) =>
      cutElements(item.elements).map((elements) => ({
        ...block,
        elements: [{ ...item, elements }],
      })),
    );
  return cutElements(block.elements).map((elements) => ({ ...block, elements }));
}

function cutElements(elements: readonly Element[]): Element[][] {
  const groups: Element[][] = [];
  let group: Element[] = [];
  let used = 0;
  for (const element of elements.flatMap((each): Element[] =>
    each.type === "text" ? cutText(each.text).map((text) => ({ ...each, text })) : [each],
  )) {
    const length = escapeText(
      element.type === "text"
        ? element.text
        : element.type === "link"
          ? (element.text ?? element.url)
          : `:${element.name}:`,
    ).length;
    if (group.length > 0 && used + length > MOST - 50) {
      groups.push(group);
      group = [];
      used = 0;
    }
    group.push(element);
    used += length;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/** Escaping can make one character five. */
const ROOM = MOST - 100;

export function cutText(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (escapeText(rest).length > ROOM) {
    let end = Math.min(rest.length, ROOM);
    while (escapeText(rest.slice(0, end)).length > ROOM)
      end -= Math.max(1, Math.floor((escapeText(rest.slice(0, end)).length - ROOM) / 5));
    const line = rest.lastIndexOf("\n", end - 1);
    const word = rest.lastIndexOf(" ", end - 1);
    const at =
      line > end / 2 ? line + 1 : word > end / 2 ? word + 1 : isHigh(rest, end - 1) ? end - 1 : end;
    pieces.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  if (rest !== "") pieces.push(rest);
  return pieces;
}

const isHigh = (text: string, index: number): boolean => {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code <= 0xdbff;
};
