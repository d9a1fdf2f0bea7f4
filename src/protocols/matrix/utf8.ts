/** Lengths in bytes, as Matrix counts them: this folder may not use a platform's encoder. */

/** Bytes of one code point in UTF-8. A lone half of a pair counts as U+FFFD. */
const codeBytes = (code: number): number =>
  code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const letter of text) bytes += codeBytes(letter.codePointAt(0) ?? 0);
  return bytes;
}

/** Bytes of a text inside JSON, without the quotes around it: what the limit of an event's size is about. */
export function jsonBytes(text: string): number {
  let bytes = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code === 0x22 || code === 0x5c) bytes += 2;
    else if (code < 0x20) bytes += /[\b\t\n\f\r]/.test(letter) ? 2 : 6;
    else bytes += codeBytes(code);
  }
  return bytes;
}

/** The start of a text, of at most so many bytes; what was cut ends in `…`. */
export function atMostBytes(text: string, most: number): string {
  if (utf8Bytes(text) <= most) return text;
  let start = "";
  let bytes = utf8Bytes("…");
  for (const letter of text) {
    bytes += codeBytes(letter.codePointAt(0) ?? 0);
    if (bytes > most) break;
    start += letter;
  }
  return `${start}…`;
}
