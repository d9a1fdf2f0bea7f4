/** Names that people gave themselves, made safe to show: what cannot be seen cannot lie. */

/** Longer names push the text away; Slack allows its own people no more. */
const MOST_LETTERS = 80;

/** Nothing to see: controls, zero-width characters, bidirectional overrides, tags, fillers, variation selectors. */
const INVISIBLE = /[\p{Cc}\p{Default_Ignorable_Code_Point}]/u;
/** The two invisible signs that make emoji: they stay where they do. */
const JOINS =
  /(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})/u;
const EMOJI_STYLE = /(?<=[\p{Extended_Pictographic}\d#*])\ufe0f/u;
const KEPT = new RegExp(`(${JOINS.source}|${EMOJI_STYLE.source})|${INVISIBLE.source}`, "gu");

/**
 * A name without what makes it lie or breaks a line. Blanks of any kind are single spaces, towers of accents are cut,
 * and what is too long ends in "…".
 */
export function cleanNick(nick: string): string {
  const clean = nick
    .toWellFormed()
    .replaceAll(/[\s\u2800\u115f\u1160\u3164\uffa0]+/gu, " ")
    .replaceAll(KEPT, (_sign, kept?: string) => kept ?? "")
    .replaceAll(/(\p{M}{4})\p{M}+/gu, "$1")
    .replaceAll(/ {2,}/gu, " ")
    .trim();
  const letters = Array.from(clean);
  return letters.length <= MOST_LETTERS ? clean : `${letters.slice(0, MOST_LETTERS - 1).join("")}…`;
}

/** Letters of other alphabets that look like Latin ones, small: those that names are faked with. */
const LOOKS_LIKE = new Map(
  Object.entries({
    a: "аαɑᴀ",
    b: "вβьʙßЬ",
    c: "сϲᴄ",
    d: "ԁđᴅ",
    e: "еεєᴇ3",
    f: "ƒꜰք",
    g: "ɡɢց",
    h: "һнհʜħ",
    j: "јᴊ",
    k: "кκᴋ",
    l: "iıіιӏɪʟł1",
    m: "мᴍ",
    n: "ηոɴп",
    o: "оοσօᴏø0",
    p: "рρᴘ",
    q: "ԛǫ",
    r: "гʀ",
    s: "ѕꜱ5",
    t: "тτᴛ",
    u: "υսᴜ",
    v: "νᴠѵ",
    w: "ԝѡωᴡ",
    x: "хχ",
    y: "уγʏү",
    z: "ᴢ",
  }).flatMap(([letter, others]) => Array.from(others, (other) => [other, letter] as const)),
);

/** Two names with the same skeleton are taken for each other. */
function skeleton(name: string): string {
  const base = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return Array.from(base, (letter) => LOOKS_LIKE.get(letter) ?? letter)
    .join("")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w")
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Whether somebody would take the name for one of these. */
export const isLookAlike = (name: string, of: readonly string[]): boolean => {
  const own = skeleton(name);
  return own !== "" && of.some((each) => skeleton(each) === own);
};
