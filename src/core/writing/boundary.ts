/** Places between two characters, as people see characters. */

/** What belongs to the character before it: marks, joiners, selectors, skin tones, tags. */
const CONTINUES = /^(?:\p{M}|\u200d|\p{Emoji_Modifier}|[\u{e0020}-\u{e007f}])/u;
/** Two make a flag. */
const FLAG = "[\\u{1f1e6}-\\u{1f1ff}]";
const FLAGS_BEFORE = new RegExp(`${FLAG}+$`, "u");
const FLAG_NEXT = new RegExp(`^${FLAG}`, "u");
/** A character of more units is mischief, and is cut like anything else. */
const MOST_UNITS = 64;

/** The last such place at or before `at`, but not 0. */
export function boundary(text: string, at: number): number {
  for (let place = at; place > 0 && place > at - MOST_UNITS; place -= 1)
    if (isBoundary(text, place)) return place;
  return isPair(text, at) ? (at > 1 ? at - 1 : at + 1) : at;
}

const isPair = (text: string, at: number): boolean =>
  /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1));

function isBoundary(text: string, at: number): boolean {
  if (isPair(text, at) || /^(?:\u200d.|\r\n)$/su.test(text.slice(at - 1, at + 1))) return false;
  const next = text.slice(at, at + 2);
  if (CONTINUES.test(next)) return false;
  if (!FLAG_NEXT.test(next)) return true;
  const before = FLAGS_BEFORE.exec(text.slice(Math.max(0, at - MOST_UNITS), at))?.[0] ?? "";
  return (before.length / 2) % 2 === 0;
}
