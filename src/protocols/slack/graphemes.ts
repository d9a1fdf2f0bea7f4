/** Where a text may be cut, without a table of all characters: what is cheap to see is kept together. */

/** What belongs to the character before it: marks, joiners, variation selectors, skin tones, tags. */
const CONTINUES = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d|[\u{e0020}-\u{e007f}])/u;
const FLAG = /^[\u{1f1e6}-\u{1f1ff}]/u;
/** Longer clusters are mischief, and are cut like anything else. */
const LONGEST = 64;

const isLow = (text: string, index: number): boolean => {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
};
const isHigh = (text: string, index: number): boolean => {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
};

/** Inside a surrogate pair: such a cut would destroy a character. */
const isInPair = (text: string, index: number): boolean =>
  index > 0 && isHigh(text, index - 1) && isLow(text, index);

/** The last place at or before `index` that is not inside a character as people see it. */
export function boundary(text: string, index: number): number {
  const safe = isInPair(text, index) ? index - 1 : index;
  for (let at = safe; at > 0 && at > safe - LONGEST; at -= 1) if (isBoundary(text, at)) return at;
  return safe;
}

function isBoundary(text: string, index: number): boolean {
  if (isInPair(text, index)) return false;
  const next = text.slice(index, index + 2);
  const before = text.slice(isInPair(text, index - 1) ? index - 2 : index - 1, index);
  if (before === "\u200d" || CONTINUES.test(next) || (before === "\r" && next[0] === "\n"))
    return false;
  return !(FLAG.test(next) && flagsBefore(text, index) % 2 === 1);
}

/** Flags are pairs of letters: an odd number before a place means that it is inside of one. */
function flagsBefore(text: string, index: number): number {
  let count = 0;
  for (let at = index - 2; at >= 0 && count < LONGEST && FLAG.test(text.slice(at, at + 2)); at -= 2)
    count += 1;
  return count;
}
