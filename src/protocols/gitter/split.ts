/** Cuts a written message into posts: at a paragraph, else at a line, else at a word. */
import { escapeBlockStart } from "./escape.ts";

/** One block of a written message. Code is apart, as its fences are closed and opened again where it is cut. */
export type Block =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly fence: string; readonly lang: string; readonly text: string };

/** Longest text of a message, in UTF-16 units; the service answers 400 beyond. */
const MAX_CHARS = 4096;

/** A start of a post as short as this, such as a name, is not left alone: what follows is cut instead. */
const SHORT = 300;
/** A text that is longer than this may be cut anywhere: it must hold nothing that is only safe as a whole. */
export const MAX_UNCUT_CHARS = MAX_CHARS - SHORT - 2;
const GAP = "\n\n";

/** The posts that carry the blocks, in order. */
export function splitBlocks(blocks: readonly Block[], maxChars = MAX_CHARS): readonly string[] {
  const posts: string[] = [];
  let post = "";
  for (const block of blocks) {
    const whole = blockText(block);
    const gap = post === "" ? "" : GAP;
    if (post.length + gap.length + whole.length <= maxChars) {
      post += gap + whole;
      continue;
    }
    const short = post.length <= Math.min(SHORT, maxChars / 2);
    if (!short) posts.push(post);
    const start = short ? post + gap : "";
    const pieces = splitBlock(block, maxChars - start.length, maxChars);
    const written = pieces.map((piece, index) => (index === 0 ? start + piece : piece));
    posts.push(...written.slice(0, -1));
    post = written.at(-1) ?? "";
  }
  if (post !== "") posts.push(post);
  return posts;
}

/** A block as it stands in a post. */
export const blockText = (block: Block): string =>
  block.kind === "text" ? block.text : `${block.fence}${block.lang}\n${block.text}\n${block.fence}`;

function splitBlock(block: Block, firstChars: number, restChars: number): readonly string[] {
  if (block.kind === "code") {
    const around = blockText({ ...block, text: "" }).length;
    return cut(block.text, firstChars - around, restChars - around, { literal: true }).map((text) =>
      blockText({ ...block, text }),
    );
  }
  return cut(block.text, firstChars, restChars, { literal: false });
}

interface CutOptions {
  /** Code: nothing is trimmed and nothing escaped. */
  readonly literal: boolean;
}

function cut(
  text: string,
  firstChars: number,
  restChars: number,
  options: CutOptions,
): readonly string[] {
  const pieces: string[] = [];
  let rest = text;
  let room = firstChars;
  while (rest.length > room) {
    const at = cutPoint(rest, room);
    const head = rest.slice(0, at.end);
    pieces.push(options.literal ? head : head.trimEnd());
    rest = rest.slice(at.next);
    if (!options.literal && at.inLine) rest = continueLine(head, rest);
    room = restChars;
  }
  if (rest !== "") pieces.push(rest);
  return pieces.filter((piece) => piece.trim() !== "");
}

interface CutPoint {
  readonly end: number;
  readonly next: number;
  readonly inLine: boolean;
}

/** Where to end a piece of at most `room`: the last good place in its second half, else anywhere that is safe. */
function cutPoint(text: string, room: number): CutPoint {
  for (const gap of [GAP, "\n", " "]) {
    const end = text.lastIndexOf(gap, room);
    if (end > room / 2) return { end, next: end + gap.length, inLine: gap === " " };
  }
  let end = Math.max(1, room);
  // Neither between the halves of a character nor behind the backslash of an escape.
  while (end > 1 && /[\uDC00-\uDFFF]/.test(text[end] ?? "")) end -= 1;
  const slashes = /\\+$/.exec(text.slice(0, end))?.[0].length ?? 0;
  if (slashes % 2 === 1 && end > 1) end -= 1;
  return { end, next: end, inLine: true };
}

/** The rest of a line becomes a line: it stays in its quote, and does not become a heading or a list. */
function continueLine(head: string, rest: string): string {
  const line = head.slice(head.lastIndexOf("\n") + 1);
  const quote = /^(?:> )*/.exec(line)?.[0] ?? "";
  const end = rest.indexOf("\n");
  const own = end < 0 ? rest : rest.slice(0, end);
  return quote + escapeBlockStart(own.trimStart()) + (end < 0 ? "" : rest.slice(end));
}
