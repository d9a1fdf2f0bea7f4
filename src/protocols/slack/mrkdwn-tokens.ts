/**
 * One line of `mrkdwn` to tokens, in one pass. What a token is called by is decided here: code first, then `<...>`,
 * emoji, and marks with what stands beside them. Texts stay escaped.
 */

/** `*bold*`, `_italic_`, `~strike~`. */
export type Mark = "*" | "_" | "~";

export type Token =
  | { readonly kind: "text" | "code" | "entity" | "emoji"; readonly text: string }
  | {
      readonly kind: "mark";
      readonly mark: Mark;
      readonly opens: boolean;
      readonly closes: boolean;
    };

/** Up to the next character that may begin a token. */
const PLAIN = /[^`<:*_~]+/uy;
const EMOJI = /:([\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_+'-]{1,100}(?:::skin-tone-[2-6](?:-[2-6])?)?):/uy;
const WORD = /[\p{L}\p{N}]/u;

const at = (pattern: RegExp, line: string, index: number): RegExpExecArray | null => {
  pattern.lastIndex = index;
  return pattern.exec(line);
};

const isMark = (char: string): char is Mark => char === "*" || char === "_" || char === "~";

export function tokens(line: string): Token[] {
  const found: Token[] = [];
  const next = { "`": nextOf(line, "`"), ">": nextOf(line, ">") };
  for (let index = 0; index < line.length;) {
    const char = line[index]!;
    if (isMark(char)) {
      found.push(markAt(line, index, char));
      index += 1;
      continue;
    }
    const token =
      char === "`"
        ? enclosed(line, "code", index, next["`"](index + 1))
        : char === "<"
          ? entityAt(line, index, next[">"](index + 1))
          : undefined;
    if (token !== undefined) {
      found.push(token);
      index += token.text.length + 2;
      continue;
    }
    const emoji = char === ":" ? at(EMOJI, line, index) : null;
    if (emoji !== null) {
      found.push({ kind: "emoji", text: emoji[1]! });
      index += emoji[0].length;
      continue;
    }
    const text = at(PLAIN, line, index)?.[0] ?? char;
    found.push({ kind: "text", text });
    index += text.length;
  }
  return found;
}

/** Where a character comes next. It is asked from left to right only, so that each stretch is searched once. */
function nextOf(line: string, char: string): (from: number) => number {
  let known = -1;
  return (from) => {
    if (known !== Number.POSITIVE_INFINITY && known < from) {
      known = line.indexOf(char, from);
      if (known < 0) known = Number.POSITIVE_INFINITY;
    }
    return known;
  };
}

type Enclosed = Extract<Token, { text: string }>;

function enclosed(
  line: string,
  kind: "code" | "entity",
  start: number,
  end: number,
): Enclosed | undefined {
  return end === Number.POSITIVE_INFINITY || end === start + 1
    ? undefined
    : { kind, text: line.slice(start + 1, end) };
}

/** Slack escapes every `<` that was typed, so what stands in `<...>` is Slack's own. */
function entityAt(line: string, start: number, end: number): Enclosed | undefined {
  const token = enclosed(line, "entity", start, end);
  return token?.text.includes("<") === true ? undefined : token;
}

/** Marks work at the edges of words only: `snake_case` and `2*3*4` have none. */
function markAt(line: string, index: number, mark: Mark): Token {
  const before = charBefore(line, index);
  const after = String.fromCodePoint(line.codePointAt(index + 1) ?? 32);
  return {
    kind: "mark",
    mark,
    opens: !WORD.test(before) && !/\s/u.test(after),
    closes: !/\s/u.test(before) && !WORD.test(after),
  };
}

function charBefore(line: string, index: number): string {
  if (index === 0) return " ";
  const unit = line.charCodeAt(index - 1);
  const low = unit >= 0xdc00 && unit <= 0xdfff && index > 1;
  return line.slice(low ? index - 2 : index - 1, index);
}
