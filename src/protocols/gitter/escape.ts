/**
 * Literal text for Gitter's Markdown, so that nothing in it formats, links or pings. A backslash works before some signs
 * only: not before `<` and `=`, and `\@` still mentions. Where it does not, a zero-width space breaks the construct.
 */

/** Zero-width space. */
export const ZWSP = "\u200b";
/** Figure space: it is no indentation. */
const SPACE = "\u2007";
/** Looks like the bar that ends a cell of a table, where a backslash does not help. */
export const BAR = "∣";

/** A web address; it is read as a whole by the service, so a backslash inside would become part of it. */
const URL = /https?:\/\/[^\s<>]*[^\s<>.,:;"'()[\]*_~`!?\\]/gi;

/**
 * Letters as Gitter reads them, so that no rule here sees others: it makes spaces of tabs and no-break spaces, and a new
 * line of the sign for one, which has a sister. Some of its patterns begin a line at Unicode's separators, others do not.
 */
export const cleanText = (text: string): string =>
  text
    .replaceAll("\u0000", "")
    .replaceAll("\t", "    ")
    .replaceAll(/[\u00a0\u2028\u2029]/g, " ")
    .replaceAll("\u2424", "\u240a")
    .toWellFormed();

export interface Around {
  /** The text stands at the start of a line. */
  readonly lineStart: boolean;
  /** What was written before it, at least its last two characters. */
  readonly before: string;
  /** Inside a cell of a table. */
  readonly cell: boolean;
  /** Inside a link's label, where addresses are not read as wholes. */
  readonly label: boolean;
  /** The message holds what could close a link: its opening brackets are escaped too. */
  readonly linkable: boolean;
  /** Underscores inside words may stay: see `keepsUnderscores`. */
  readonly underscores: boolean;
  /** The message holds links: what could close one a second time, further on, is broken up. */
  readonly links: boolean;
}

/**
 * Whether brackets have to be escaped: of the whole message, as a link can begin in one node and end in another. Only
 * an opening bracket can be escaped so that Gitter sees it, and most messages need none: `[slack] <mara> hi`.
 */
export const isLinkable = (message: string): boolean => /\]\s*[(:[]/.test(message);

/**
 * Whether underscores inside words need no escape, as far as one piece of the message goes. Any can begin italics, which
 * end at one that no word follows, escaped or not, wherever that is in the message: most messages have none.
 */
export const keepsUnderscores = (piece: string): boolean => !/_(?![a-z\d])/i.test(piece);

/** With a semicolon behind it, a browser would show another sign. */
export const endsInEntity = (url: string): boolean => /&#?\w+$/.test(url);

/** Whether what stands behind an address may stand there, where the service reads on to the next blank. */
export const endsSentence = (text: string): boolean => /^[.,:;"')\]!?>]*(?:\s|$)/.test(text);

/** Escapes text without line ends. */
export function escapeText(text: string, around: Around): string {
  let out = "";
  let from = 0;
  const part = (to: number): void => {
    const before = around.before + out;
    out += escapeSigns(text.slice(from, to), text.slice(to), { ...around, before });
  };
  for (const match of around.label ? [] : text.matchAll(URL)) {
    part(match.index);
    from = match.index + match[0].length;
    // Gitter reads on to the next blank: but for the end of a sentence, what follows stands apart.
    const rest = text.slice(from);
    const makesEntity = rest.startsWith(";") && endsInEntity(match[0]);
    out += escapeUrl(match[0]) + (endsSentence(rest) && !makesEntity ? "" : " ");
  }
  part(text.length);
  return around.lineStart ? escapeLineStart(out) : out;
}

/** `after` is what follows, which is not escaped here. */
function escapeSigns(text: string, after: string, around: Around): string {
  const { before, cell, linkable, links, underscores } = around;
  return text.replaceAll(/[\\`*_~[\]<@$|#&]/g, (sign, index: number) => {
    const last = index === 0 ? before.slice(-1) : (text[index - 1] ?? "");
    const next = text[index + 1] ?? "";
    switch (sign) {
      case "\\":
        return /[\p{L}\p{N}\s]/u.test(next) ? sign : "\\\\";
      case "_":
        return underscores && /[a-z\d]/i.test(last) && /[a-z\d]/i.test(next) ? sign : "\\_";
      case "~":
        // At the end of a node more may follow in the next one; so for the dollar and the at-sign.
        return last === "~" || next === "~" || next === "" ? "\\~" : sign;
      case "[":
        return linkable ? "\\[" : sign;
      case "]":
        return links && /^\(?$/.test(next) ? `]${ZWSP}` : sign;
      case "<":
        return escapeLess(text.slice(index) + after);
      case "@":
        return /^\s$/.test(next) ? sign : `@${ZWSP}`;
      case "$":
        return last === "$" ? `${ZWSP}$` : sign;
      case "|":
        return cell ? BAR : sign;
      case "#":
        // `#12` and `org/repo#12` are issues. At the end of a node digits may follow in the next one.
        return next === "" || /\d/.test(next) ? "\\#" : sign;
      case "&":
        return /^&\w+;/.test(text.slice(index)) ? `&${ZWSP}` : sign;
      default:
        return `\\${sign}`;
    }
  });
}

/**
 * A tag is shown as it stands, but nothing inside it is read, our escapes neither; an address between brackets is a link,
 * with any blank in it but a space. `<mara>` is neither. Gitter passes entities on to the browser.
 */
const escapeLess = (text: string): string => (/^<(?: |[a-z\d .-]*>)/i.test(text) ? "<" : "&lt;");

/** What makes a block of a line. Indentation would make code. */
function escapeLineStart(line: string): string {
  const rest = line.replace(/^ +/, "");
  return SPACE.repeat(line.length - rest.length) + escapeBlockStart(rest);
}

/** The same for a line without indentation. */
function escapeBlockStart(line: string): string {
  // A row of dashes, colons and bars makes a table of the line above it.
  const rest = /^[\s|:-]*-[\s|:-]*$/.test(line) ? line.replaceAll(/(?<!\\)\|/g, "\\|") : line;
  if (/^[#>]/.test(rest) || /^[-+](?=[\s=-]|$)/.test(rest)) return `\\${rest}`;
  // Below another line it would make a heading of that.
  if (/^=[=-]*\s*$/.test(rest)) return ZWSP + rest;
  return rest.replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");
}

/** A web address that mentions nobody and ends nothing: signs that Gitter reads are percent-encoded. */
export function escapeUrl(url: string): string {
  return url
    .replaceAll(ZWSP, "")
    .replaceAll(/(&#?\w+);/g, "$1%3B")
    .replaceAll(/[@*`[\]\\<>|\s"^{}]|(?<=~)~|(?<=\$)\$/g, encodeHard);
}

/** For `[label](url)`, where a bracket would end the address. The at-sign of a mail address stands there as it is. */
export function escapeTarget(url: string): string {
  const escaped = escapeUrl(url).replaceAll("(", "%28").replaceAll(")", "%29");
  return /^mailto:/i.test(url) ? escaped.replace("%40", "@") : escaped;
}

/** `encodeURIComponent` leaves some signs as they are, which are those that matter here. */
function encodeHard(sign: string): string {
  if (/^[\u0000-\u007f]$/.test(sign))
    return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return encodeURIComponent(sign);
}
