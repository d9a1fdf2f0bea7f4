/**
 * Cuts prepared blocks into events: between blocks, items and rows, else at a line, else at a word. The tree is cut,
 * not what is written, so that `body` and `formatted_body` of a part say the same and no tag stays open.
 */
import type { BlockContent, List, ListItem, PhrasingContent, Table } from "mdast";

import { headOf, lettersOf, tailOf } from "./cut.ts";
import type { Block } from "./prepare.ts";
import { toBody } from "./to-body.ts";
import { htmlOf } from "./to-html.ts";
import { jsonBytes } from "./utf8.ts";

type Wrap = (node: Block) => Block;

/** Bytes between two blocks. */
const GAP = jsonBytes("\n\n");

const cost = (node: Block): number => jsonBytes(toBody([node])) + jsonBytes(htmlOf(node)) + GAP;

/** The blocks of each event; `body` and `formatted_body` together have at most about `room` bytes in JSON. */
export function splitBlocks(blocks: readonly Block[], room: number): Block[][] {
  return groups(
    blocks.flatMap((block) => chop(block, room, (node) => node)),
    room,
    cost,
  );
}

/** Pieces of one block, each of which fits when `wrap` puts the blocks around it. */
function chop(node: Block, room: number, wrap: Wrap): Block[] {
  if (cost(wrap(node)) <= room) return [node];
  switch (node.type) {
    case "paragraph":
    case "heading":
      return chopPhrases(node, room, wrap);
    case "code":
      return chopCode(node.value, room, (value) => wrap({ ...node, value })).map((value) => ({
        ...node,
        value,
      }));
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

function chopChildren(node: Parent, room: number, wrap: Wrap): Block[] {
  const into = (children: readonly Block[]): Block => ({
    ...node,
    children: children as BlockContent[],
  });
  const around = (child: Block): Block => wrap(into([child]));
  const pieces = (node.children as Block[]).flatMap((child) => chop(child, room, around));
  return groups(pieces, room, (piece) => cost(around(piece))).map(into);
}

/** Items keep their numbers, also when one goes on in the next event. */
function chopList(node: List, room: number, wrap: Wrap): Block[] {
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
    room,
    ({ item, number }) => cost(into(item, number)),
    (before, piece) => node.ordered !== true || piece.number === before.number + 1,
  ).map((group) => ({
    ...node,
    start: node.ordered === true ? (group[0]?.number ?? 1) : null,
    children: group.map(({ item }) => item),
  }));
}

/** Every part has the header; a table with a row that is too long for that is lines of text. */
function chopTable(node: Table, room: number, wrap: Wrap): Block[] {
  const [header, ...rows] = node.children;
  const around = (row: Table["children"][number]): Block => wrap({ ...node, children: [row] });
  const left = room - (header === undefined ? 0 : cost(around(header)));
  if (header !== undefined && left > room / 2 && rows.every((row) => cost(around(row)) <= left))
    return groups(rows, left, (row) => cost(around(row))).map((group) => ({
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
  room: number,
  wrap: Wrap,
): Block[] {
  const pieces: Block[] = [];
  const into = (children: PhrasingContent[]): Block => ({ ...node, children });
  let rest = node.children;
  for (
    let letters = lettersOf(rest);
    letters.length > 1 && cost(wrap(into(rest))) > room;
    letters = lettersOf(rest)
  ) {
    const most = longest(letters.length, room, (at) => cost(wrap(into(headOf(rest, at)))));
    const { end, next } = cutPoint(letters, most);
    pieces.push(into(headOf(rest, end)));
    rest = tailOf(rest, next);
  }
  if (rest.length > 0) pieces.push(into(rest));
  return pieces;
}

/** The line end at which code is cut is made by the blocks themselves; blanks stay. */
function chopCode(value: string, room: number, into: (value: string) => Block): string[] {
  const pieces: string[] = [];
  let rest = value;
  while (rest.length > 1 && cost(into(rest)) > room) {
    const { end, next } = cutPoint(
      rest,
      longest(rest.length, room, (at) => cost(into(rest.slice(0, at)))),
    );
    pieces.push(rest.slice(0, rest[end] === "\n" ? end : next));
    rest = rest.slice(next);
  }
  return [...pieces, rest].filter((piece) => piece.trim() !== "");
}

/** How many letters at most fit. Each takes at least two bytes, one in `body` and one in `formatted_body`. */
function longest(letters: number, room: number, costOf: (letters: number) => number): number {
  let low = 1;
  let high = Math.min(letters - 1, Math.ceil(room / 2));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (costOf(middle) <= room) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where to end a piece: at the last line end or blank of its second half, else anywhere but inside a character. */
function cutPoint(letters: string, most: number): { readonly end: number; readonly next: number } {
  for (const gap of ["\n", " "]) {
    const end = letters.lastIndexOf(gap, most);
    if (end > most / 2) return { end, next: end + 1 };
  }
  const inside =
    /[\uDC00-\uDFFF]/.test(letters[most] ?? "") && /[\uD800-\uDBFF]/.test(letters[most - 1] ?? "");
  const end = inside ? Math.max(most - 1, 0) || most + 1 : most;
  return { end, next: end };
}
