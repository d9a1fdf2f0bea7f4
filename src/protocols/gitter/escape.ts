/**
 * Literal text for Gitter's Markdown, so that nothing in it formats, links or pings. A backslash works before some signs
 * only: not before `<` and `=`, and `\@` still mentions. Where it does not, a zero-width space breaks the construct.
 */

/** Zero-width space. */
export const ZWSP = "\u200b";
const NBSP = "\u00a0";

/** A web address; it is read as a whole by the service, so a backslash inside would become part of it. */
const URL = /https?:\/\/[^\s<>]*[^\s<>.,:;"'()[\]*_~`!?\\]/gi;

export interface Around {
  /** The text stands at the start of a line. */
  readonly lineStart: boolean;
  /** What was written before it, at least its last two characters. */
  readonly before: string;
  /** Inside a cell of a table. */
  readonly cell: boolean;
  /** The message holds what could close a link: its opening brackets are escaped too. */
  readonly linkable: boolean;
}

/**
 * Whether brackets have to be escaped: of the whole message, as a link can begin in one node and end in another. Only
 * an opening bracket can be escaped so that Gitter sees it, and most messages need none: `[slack] <mara> hi`.
 */
export const isLinkable = (message: string): boolean => /\]\s*[(:[]/.test(message);

/** Escapes text without line ends. */
export function escapeText(text: string, around: Around): string {
  let out = "";
  let from = 0;
  const part = (to: number): void => {
    out += escapeSigns(text.slice(from, to), { ...around, before: around.before + out });
  };
  for (const match of text.matchAll(URL)) {
    part(match.index);
    out += escapeUrl(match[0]);
    from = match.index + match[0].length;
  }
  part(text.length);
  return around.lineStart ? escapeLineStart(out) : out;
}

function escapeSigns(text: string, { before, cell, linkable }: Around): string {
  return text.replaceAll(/[\\`*_~[<@$|]/g, (sign, index: number) => {
    const last = index === 0 ? before.slice(-1) : (text[index - 1] ?? "");
    const next = text[index + 1] ?? "";
    switch (sign) {
      case "\\":
        return /[\p{L}\p{N}\s]/u.test(next) ? sign : "\\\\";
      case "_":
        return /[\p{L}\p{N}]/u.test(last) && /[\p{L}\p{N}]/u.test(next) ? sign : "\\_";
      case "~":
        // At the end of a node more may follow in the next one; so for the dollar and the at-sign.
        return last === "~" || next === "~" || next === "" ? "\\~" : sign;
      case "[":
        return linkable ? "\\[" : sign;
      case "<":
        return tagged(text.slice(index)) ? `<${ZWSP}` : sign;
      case "@":
        return /^\s$/.test(next) ? sign : `@${ZWSP}`;
      case "$":
        return last === "$" ? `${ZWSP}$` : sign;
      case "|":
        return cell ? "\\|" : sign;
      default:
        return `\\${sign}`;
    }
  });
}

/** A tag is shown as it stands, but nothing inside it is read, our escapes neither; `<mara>` holds none. */
function tagged(text: string): boolean {
  return /^<[\w/!?]/.test(text) && !/^<[\w .-]*>/.test(text);
}

/** What makes a block of a line. Indentation would make code: spaces become no-break spaces. */
function escapeLineStart(line: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  const rest = line.slice(indent.length);
  const spaces = indent.replaceAll("\t", NBSP.repeat(4)).replaceAll(" ", NBSP);
  return spaces + escapeBlockStart(rest);
}

/** The same for a line without indentation. */
export function escapeBlockStart(line: string): string {
  // A row of dashes, colons and bars makes a table of the line above it.
  const rest = /^[\s|:-]*-[\s|:-]*$/.test(line) ? line.replaceAll(/(?<!\\)\|/g, "\\|") : line;
  if (/^[#>]/.test(rest) || /^[-+](?=[\s-]|$)/.test(rest)) return `\\${rest}`;
  if (/^=+\s*$/.test(rest)) return ZWSP + rest;
  return rest.replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2");
}

/** A web address that mentions nobody and ends nothing: signs that Gitter reads are percent-encoded. */
export function escapeUrl(url: string): string {
  return url.replaceAll(ZWSP, "").replaceAll(/[@*`[\]\\<>|\s"^{}]|(?<=~)~|(?<=\$)\$/g, encodeHard);
}

/** For `[label](url)`, where a bracket would end the address. */
export const escapeTarget = (url: string): string =>
  escapeUrl(url).replaceAll("(", "%28").replaceAll(")", "%29");

/** `encodeURIComponent` leaves some signs as they are, which are those that matter here. */
function encodeHard(sign: string): string {
  if (/^[\u0000-\u007f]$/.test(sign))
    return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return encodeURIComponent(sign);
}
