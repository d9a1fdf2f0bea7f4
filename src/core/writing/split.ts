/**
 * Cuts prepared blocks into messages: between blocks, items and rows, else at a line, else at a word. The tree is cut,
 * not what is written, so that no sign or tag that opens something in one message is left to close in the next.
 */
import type { BlockContent, List, ListItem, PhrasingContent, Table } from "mdast";

import { toText } from "../content.ts";
import { cutPoint, cutPointOf, headOf, lettersOf, tailOf } from "./cut.ts";
import type { Block } from "./prepare.ts";

type Wrap = (node: Block) => Block;

/** What there is room for in one message, in whatever the service counts; no letter costs less than 1. */
export interface Room {
  readonly most: number;
  /** Of a block as it is written, with the gap to the next. */
  readonly cost: (node: Block) => number;
}

/** A first piece of less than this share of a message is not worth a cut. */
const LEAST_SHARE = 0.25;
/** A header of more than this share of a message is not repeated. */
const MOST_HEADER_SHARE = 0.25;
/** Where fewer letters fit into a message, links take its room: they would be repeated in each of very many. */
const LEAST_LETTERS = 100;

/** The blocks of each message. */
export function splitBlocks(blocks: readonly Block[], room: Room): Block[][] {
  const parts: Block[][] = [];
  let used = 0;
  for (const block of blocks) {
    const left = room.most - used;
    const first = left > room.most * LEAST_SHARE ? left : room.most;
    for (const piece of chop(block, room, (node) => node, first)) {
      const own = room.cost(piece);
      const last = parts.at(-1);
      if (last === undefined || used + own > room.most) parts.push([piece]);
      else last.push(piece);
      used = last !== undefined && used + own <= room.most ? used + own : own;
    }
  }
  return parts;
}

/**
 * Pieces of one block, each of which fits when `wrap` puts the blocks around it. Of text and code that have to be cut
 * anyway the first piece fits into `first`, so that it can stand behind what its message holds already.
 */
function chop(node: Block, room: Room, wrap: Wrap, first = room.most): Block[] {
  if (room.cost(wrap(node)) <= room.most) return [node];
  switch (node.type) {
    case "paragraph":
    case "heading":
      return chopPhrases(node, room, wrap, first);
    case "code":
      return chopCode(node.value, room, first, (value) => wrap({ ...node, value })).map(
        (value) => ({ ...node, value }),
      );
    case "blockquote":
    case "listItem":
      return chopChildren(node, room, wrap);
    case "list":
      return chopList(node, room, wrap);
    case "table":
      return chopTable(node, room, wrap);
    case "thematicBreak":
      return [node];
  }
}

/** Puts together what fits into one. */
function groups<Piece>(
  pieces: readonly Piece[],
  room: number,
  cost: (piece: Piece) => number,
  follows: (before: Piece, piece: Piece) => boolean = () => true,
): Piece[][] {
  const all: Piece[][] = [];
  let used = 0;
  for (const piece of pieces) {
    const own = cost(piece);
    const last = all.at(-1);
    const before = last?.at(-1);
    if (
      last !== undefined &&
      before !== undefined &&
      used + own <= room &&
      follows(before, piece)
    ) {
      last.push(piece);
      used += own;
    } else {
      all.push([piece]);
      used = own;
    }
  }
  return all;
}

type Parent = Extract<Block, { type: "blockquote" | "listItem" }>;

function chopChildren(node: Parent, room: Room, wrap: Wrap): Block[] {
  const into = (children: readonly Block[]): Block => ({
    ...node,
    children: children as BlockContent[],
  });
  const around = (child: Block): Block => wrap(into([child]));
  const pieces = (node.children as Block[]).flatMap((child) => chop(child, room, around));
  return groups(pieces, room.most, (piece) => room.cost(around(piece))).map(into);
}

/** Items keep their numbers, also when one goes on in the next message. */
function chopList(node: List, room: Room, wrap: Wrap): Block[] {
  const into = (item: ListItem, number: number): Block =>
    wrap({ ...node, start: node.ordered === true ? number : null, children: [item] });
  const pieces = node.children.flatMap((item, index) => {
    const number = (node.start ?? 1) + index;
    return chop(item, room, (piece) => into(piece as ListItem, number)).map((piece) => ({
      item: piece as ListItem,
      number,
    }));
  });
  return groups(
    pieces,
    room.most,
    ({ item, number }) => room.cost(into(item, number)),
    (before, piece) => node.ordered !== true || piece.number === before.number + 1,
  ).map((group) => ({
    ...node,
    start: node.ordered === true ? (group[0]?.number ?? 1) : null,
    children: group.map(({ item }) => item),
  }));
}

/** Every part has the header; a table with a row that is too long for that is lines of text. */
function chopTable(node: Table, room: Room, wrap: Wrap): Block[] {
  const [header, ...rows] = node.children;
  const around = (row: Table["children"][number]): Block => wrap({ ...node, children: [row] });
  const left = room.most - (header === undefined ? 0 : room.cost(around(header)));
  const fits = rows.every((row) => room.cost(around(row)) <= left);
  if (header !== undefined && left >= room.most * (1 - MOST_HEADER_SHARE) && fits)
    return groups(rows, left, (row) => room.cost(around(row))).map((group) => ({
      ...node,
      children: [header, ...group],
    }));
  const line = (row: Table["children"][number]): PhrasingContent[] =>
    row.children.flatMap((cell, index) => [
      ...(index > 0 ? [{ type: "text" as const, value: " | " }] : []),
      ...cell.children,
    ]);
  const children = node.children.flatMap((row, index): PhrasingContent[] => [
    ...(index > 0 ? [{ type: "break" as const }] : []),
    ...line(row),
  ]);
  return chop({ type: "paragraph", children }, room, wrap);
}

function chopPhrases(
  node: Extract<Block, { type: "paragraph" | "heading" }>,
  room: Room,
  wrap: Wrap,
  first: number,
): Block[] {
  const pieces: Block[] = [];
  const into = (children: PhrasingContent[]): Block => ({ ...node, children });
  const cost = (children: PhrasingContent[]): number => room.cost(wrap(into(children)));
  let rest = node.children;
  for (let letters = lettersOf(rest); letters.length > 1; letters = lettersOf(rest)) {
    const left = pieces.length === 0 ? first : room.most;
    if (letters.length <= left && cost(rest) <= left) break;
    const fitting = (within: number): number =>
      longest(letters.length, within, (at) => cost(headOf(rest, at)));
    let most = fitting(left);
    if (most < LEAST_LETTERS && rest.some(hasLink)) {
      // Behind what its message holds already there may only be next to no room for it.
      most = fitting(room.most);
      if (most < LEAST_LETTERS) {
        rest = withoutLinks(rest);
        continue;
      }
    }
    const { end, next } = cutPointOf(rest, letters, most);
    pieces.push(into(headOf(rest, end)));
    rest = tailOf(rest, next);
  }
  return [...pieces, into(rest)].filter(shows);
}

const hasLink = (node: PhrasingContent): boolean =>
  node.type === "link" || ("children" in node && node.children.some(hasLink));

/** Links as the letters of their label and their address: those can be cut, and each is said once. */
const withoutLinks = (nodes: readonly PhrasingContent[]): PhrasingContent[] =>
  nodes.flatMap((node): PhrasingContent[] => {
    if (node.type !== "link")
      return "children" in node ? [{ ...node, children: withoutLinks(node.children) }] : [node];
    const label = node.children.map((child) => toText(child)).join("");
    const { url } = node;
    if (label === "" || label === url) return [{ type: "text", value: url }];
    return [...node.children, { type: "text", value: ` (${url})` }];
  });

const shows = (piece: Block): boolean => toText(piece).trim() !== "";

/** The line end at which code is cut is made by the messages themselves; blanks stay. */
function chopCode(
  value: string,
  room: Room,
  first: number,
  into: (value: string) => Block,
): string[] {
  const pieces: string[] = [];
  let rest = value;
  while (rest.length > 1) {
    const left = pieces.length === 0 ? first : room.most;
    if (rest.length <= left && room.cost(into(rest)) <= left) break;
    const most = longest(rest.length, left, (at) => room.cost(into(rest.slice(0, at))));
    const { end, next } = cutPoint(rest, most);
    pieces.push(rest.slice(0, rest[end] === "\n" ? end : next));
    rest = rest.slice(next);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== "");
}

/** How many letters at most fit. */
function longest(letters: number, room: number, costOf: (letters: number) => number): number {
  let low = 1;
  let high = Math.min(letters - 1, room);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (costOf(middle) <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}
