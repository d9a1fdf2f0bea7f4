/** Elements of text to pieces that fit. */
import { boundary } from "../../core/writing/boundary.ts";
import { type Element, lettersOf } from "./rich-text.ts";

/** How much there is room for: letters as `text` has them, escaped, and characters of JSON. */
export interface Room {
  readonly letters: number;
  readonly json: number;
}

/** What a text takes of both. */
export function sizeOf(text: string): Room {
  let letters = 0;
  let json = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    letters += escaped(unit);
    json += inJson(unit);
  }
  return { letters, json };
}

/** `&amp;`, `&lt;`, `&gt;` */
const escaped = (unit: number): number => (unit === 38 ? 5 : unit === 60 || unit === 62 ? 4 : 1);
/** Quotes and backslashes are escaped, control characters are spelled out. */
const inJson = (unit: number): number =>
  unit === 34 || unit === 92 || unit === 10 ? 2 : unit < 32 ? 6 : 1;

/**
 * In order, each of at most `room`, the first of at most `first`. A line end or the blanks at which is cut go with the
 * cut.
 */
export function cutElements(
  elements: readonly Element[],
  room: Room,
  first: Room = room,
): Element[][] {
  const pieces: Element[][] = [];
  let rest: readonly Element[] = elements;
  for (;;) {
    const most = longest(rest, pieces.length === 0 ? first : room);
    if (most === undefined) break;
    const { end, next } = cutPoint(rest, most);
    pieces.push(slice(rest, 0, end));
    rest = slice(rest, next, Number.POSITIVE_INFINITY);
  }
  return [...pieces, [...rest]].filter((piece) => piece.length > 0);
}

/** How many letters fit; undefined where all do. */
function longest(elements: readonly Element[], room: Room): number | undefined {
  let count = 0;
  const used = { letters: 0, json: 0 };
  for (const element of elements) {
    const letters = lettersOf(element);
    const written = "text" in element;
    used.json += JSON.stringify(written ? { ...element, text: "" } : element).length + 1;
    for (let index = 0; index < letters.length; index += 1) {
      const unit = letters.charCodeAt(index);
      used.letters += escaped(unit);
      if (written) used.json += inJson(unit);
      if (used.letters > room.letters || used.json > room.json) return Math.max(1, count + index);
    }
    count += letters.length;
  }
  return undefined;
}

/** Letters after a cut that tell whether it is a good one. */
const LOOK_AHEAD = 64;

/** Elements that show a whole, from and to in letters. */
interface Whole {
  readonly from: number;
  readonly to: number;
}

const isWhole = (element: Element): boolean =>
  element.type === "text"
    ? element.whole === true
    : element.type !== "link" || element.text === undefined;

/** Before an empty line, a line end, or after a blank, in the second half; else between two characters. */
function cutPoint(elements: readonly Element[], most: number): { end: number; next: number } {
  let letters = "";
  const wholes: Whole[] = [];
  for (const element of elements) {
    if (letters.length > most + LOOK_AHEAD) break;
    // Only so much is looked at: the rest may be long.
    const own = lettersOf(element).slice(0, most + LOOK_AHEAD);
    if (isWhole(element)) wholes.push({ from: letters.length, to: letters.length + own.length });
    letters += own;
  }
  const around = (at: number): Whole | undefined =>
    wholes.find(({ from, to }) => from < at && at < to);
  for (const gap of ["\n\n", "\n", " "]) {
    let at = letters.lastIndexOf(gap, gap === " " ? most - 1 : most);
    while (at > most / 2 && around(at + 1) !== undefined) at = letters.lastIndexOf(gap, at - 1);
    if (at <= most / 2) continue;
    if (gap === " ") return { end: at + 1, next: at + 1 };
    return { end: at, next: at + (/^\n+/u.exec(letters.slice(at))?.[0].length ?? 1) };
  }
  const place = boundary(letters, most);
  const whole = around(place);
  const end = whole === undefined || whole.from === 0 ? place : whole.from;
  return { end, next: end };
}

/** The elements between two places in their letters. */
function slice(elements: readonly Element[], from: number, to: number): Element[] {
  const all: Element[] = [];
  let at = 0;
  for (const element of elements) {
    const letters = lettersOf(element);
    const start = Math.max(from - at, 0);
    const end = Math.min(to - at, letters.length);
    at += letters.length;
    if (start >= end) {
      if (at > to) break;
      continue;
    }
    if (start === 0 && end === letters.length) all.push(element);
    else if (element.type === "text") all.push({ ...element, text: letters.slice(start, end) });
    else if (element.type === "link") all.push({ ...element, text: letters.slice(start, end) });
    // An emoji or a date that is too long for any message is none.
    else all.push({ type: "text", text: letters.slice(start, end) });
  }
  return all;
}
