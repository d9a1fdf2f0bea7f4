/**
 * Blocks to messages. A post of more than 4,000 characters goes through, but can never be edited (`msg_too_long`), and
 * blocks of more than about 13,200 are refused (`msg_blocks_too_long`). Cut between paragraphs, then lines, then words,
 * never inside a character or a name; each piece of code is code in its language, each piece of a list keeps its numbers.
 */
import { cutElements, type Room, sizeOf } from "./cut.ts";
import { type Block, finished, literal, type RichList, type Section } from "./rich-text.ts";
import { blockLetters } from "./to-slack.ts";

/** Letters of `text`, escaped; and all blocks as JSON. A little is kept for what stands around. */
const MOST: Room = { letters: 4_000, json: 12_000 };
const AROUND: Room = { letters: 100, json: 300 };
const ROOM: Room = { letters: MOST.letters - AROUND.letters, json: MOST.json - AROUND.json };
/** More blocks than this in one message are refused; ours are parts of one block, the limit is kept all the same. */
const MOST_BLOCKS = 50;

/** The blocks of each message, as they are sent. */
export function splitBlocks(blocks: readonly Block[]): Block[][] {
  const parts: Block[][] = [];
  let part: Block[] = [];
  let used: Room = { letters: 0, json: 0 };
  const add = (block: Block): void => {
    const own = costOf(block);
    const next = plus(used, own);
    if (part.length > 0 && (!fits(next) || (part.length >= MOST_BLOCKS && !joins(part, block)))) {
      parts.push(part);
      part = [];
      used = own;
    } else used = next;
    part = joined(part, block);
  };
  for (const block of blocks) for (const piece of chop(block, used)) add(piece);
  if (part.length > 0) parts.push(part);
  return parts.map((each) => each.map(sent));
}

const plus = (a: Room, b: Room): Room => ({
  letters: a.letters + b.letters,
  json: a.json + b.json,
});
const fits = ({ letters, json }: Room): boolean => letters <= ROOM.letters && json <= ROOM.json;

function costOf(block: Block): Room {
  const { letters } = sizeOf(blockLetters(block));
  return { letters: letters + 2, json: JSON.stringify(block).length + 40 };
}

/** Two blocks of text in a row are one with an empty line between, as Slack's own message box makes them. */
function joins(part: readonly Block[], block: Block): boolean {
  const last = part.at(-1);
  return (
    last?.type === block.type &&
    (block.type === "rich_text_section" || block.type === "rich_text_quote")
  );
}

function joined(part: readonly Block[], block: Block): Block[] {
  const last = part.at(-1);
  if (
    (last?.type === "rich_text_section" && block.type === "rich_text_section") ||
    (last?.type === "rich_text_quote" && block.type === "rich_text_quote")
  ) {
    const gap = literal(last.tight === true ? "\n" : "\n\n");
    const { tight: _, ...rest } = last;
    const after = block.tight === true ? { tight: true as const } : {};
    const elements = [...last.elements, gap, ...block.elements];
    return [...part.slice(0, -1), { ...rest, elements, ...after }];
  }
  return [...part, block];
}

/** As Slack takes it: without our own marks and without anything empty. */
function sent(block: Block): Block {
  switch (block.type) {
    case "rich_text_list":
      return { ...block, elements: block.elements.map(sentSection) };
    case "rich_text_section":
      return sentSection(block);
    case "rich_text_quote":
      return { type: block.type, elements: finished(block.elements) };
    case "rich_text_preformatted":
      return { ...block, elements: finished(block.elements) };
  }
}

const sentSection = ({ type, elements }: Section): Section => ({
  type,
  elements: finished(elements),
});

/** One block that is too long as several of its kind, the first behind what stands in its message already. */
function chop(block: Block, used: Room): Block[] {
  if (fits(costOf(block))) return [block];
  if (block.type === "rich_text_list") return chopList(block);
  return cutElements(block.elements, ROOM, leftOf(block, used)).map((elements) => ({
    ...block,
    elements,
  }));
}

/** Room behind what is there, or all of it where a piece would be too small to be worth the cut. */
function leftOf(block: Block, used: Room): Room {
  const around = costOf({ ...block, elements: [] });
  const both = plus(used, around);
  const left = { letters: ROOM.letters - both.letters, json: ROOM.json - both.json };
  const isWorth = left.letters > ROOM.letters / 4 && left.json > ROOM.json / 4;
  return used.letters > 0 && isWorth ? left : ROOM;
}

/** Items keep their numbers, also when one goes on in the next message. */
function chopList(list: RichList): Block[] {
  const { offset = 0, elements: items, ...rest } = list;
  const pieces: RichList[] = [];
  let used: Room = { letters: 0, json: 0 };
  let follows = -1;
  items.forEach((item, index) => {
    for (const elements of cutElements(item.elements, ROOM)) {
      const piece: RichList = {
        ...rest,
        ...(list.style === "ordered" && offset + index > 0 ? { offset: offset + index } : {}),
        elements: [{ ...item, elements }],
      };
      const own = costOf(piece);
      const next = plus(used, own);
      const last = pieces.at(-1);
      if (last !== undefined && follows === index && fits(next)) {
        pieces[pieces.length - 1] = { ...last, elements: [...last.elements, ...piece.elements] };
        used = next;
      } else {
        pieces.push(piece);
        used = own;
      }
      follows = index + 1;
    }
  });
  return pieces;
}
