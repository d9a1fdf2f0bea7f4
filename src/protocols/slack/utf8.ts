/** Least code point of a form with so many further bytes: an overlong form is a broken one. */
const LEAST: readonly number[] = [0, 0x80, 0x800, 0x1_0000];

/** So many arguments a call takes everywhere. */
const AT_ONCE = 4096;

/** Three times as fast as to spread them. */
const textOf = (from: (...codes: number[]) => string, codes: ArrayLike<number>): string =>
  Reflect.apply(from, undefined, codes) as string;

/** UTF-8 to text without a platform's decoder: this folder may not use one. Broken bytes become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  let ascii = 0;
  while (ascii < bytes.length && bytes[ascii]! < 0x80) ascii += 1;
  for (; index < ascii; index = Math.min(index + AT_ONCE, ascii))
    text += textOf(String.fromCharCode, bytes.subarray(index, Math.min(index + AT_ONCE, ascii)));
  const codes: number[] = [];
  const flush = () => {
    text += textOf(String.fromCodePoint, codes);
    codes.length = 0;
  };
  while (index < bytes.length) {
    const first = bytes[index]!;
    const more =
      first < 0x80
        ? 0
        : first < 0xc2 || first > 0xf4
          ? -1
          : first < 0xe0
            ? 1
            : first < 0xf0
              ? 2
              : 3;
    let code =
      more === 0 ? first : more === 1 ? first & 0x1f : more === 2 ? first & 0x0f : first & 0x07;
    let ok = more >= 0;
    for (let at = 1; ok && at <= more; at += 1) {
      const next = bytes[index + at];
      ok = next !== undefined && (next & 0xc0) === 0x80;
      code = (code << 6) | ((next ?? 0) & 0x3f);
    }
    ok &&= code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    ok &&= code >= LEAST[more]!;
    codes.push(ok ? code : 0xfffd);
    index += ok ? more + 1 : 1;
    if (codes.length >= AT_ONCE) flush();
  }
  flush();
  return text;
}
