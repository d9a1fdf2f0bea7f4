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
  readonly cell?: boolean;
}

/** Escapes text without line ends. */
export function escapeText(text: string, around: Around): string {
  let out = "";
  let from = 0;
  // Only a tilde, dollar or at-sign at the edge can combine with what stands next to it in another node.
  const part = (to: number): void => {
    const before = around.before + out;
    out += escapeSigns(text.slice(from, to), before, around.cell === true);
  };
  for (const match of text.matchAll(URL)) {
    part(match.index);
    out += escapeUrl(match[0]);
    from = match.index + match[0].length;
  }
  part(text.length);
  return around.lineStart ? escapeLineStart(out) : out;
}

function escapeSigns(text: string, before: string, cell: boolean): string {
  const linkable = text.includes("](") || /\]\s*[:[]/.test(text);
  return text.replaceAll(/[\\`*_~[<@$|]/g, (sign, index: number) => {
    const last = index === 0 ? before.slice(-1) : (text[index - 1] ?? "");
    const next = text[index + 1] ?? "";
    switch (sign) {
      case "\\":
        return /[\p{L}\p{N}\s]/u.test(next) ? sign : "\\\\";
      case "_":
        return /[\p{L}\p{N}]/u.test(last) && /[\p{L}\p{N}]/u.test(next) ? sign : "\\_";
      case "~":
        return last === "~" || next === "~" || last === "" || next === "" ? "\\~" : sign;
      case "[":
        return linkable ? "\\[" : sign;
      case "<":
        return tagged(text.slice(index)) ? `<${ZWSP}` : sign;
      case "@":
        // At the end of a node the name may follow in the next one.
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
export function escapeLineStart(line: string): string {
  const indent = /^[ \t]*/.exec(line)?.[0] ?? "";
  const rest = line.slice(indent.length);
  const spaces = indent.replaceAll("\t", NBSP.repeat(4)).replaceAll(" ", NBSP);
  return spaces + escapeBlockStart(rest);
}

function escapeBlockStart(rest: string): string {
  // A row of dashes, colons and bars makes a table of the line above it.
  if (/^[\s|:-]*-[\s|:-]*$/.test(rest) && rest.includes("|"))
    return rest.replaceAll(/(?<!\\)([|-])/g, "\\$1");
  if (/^[#>]/.test(rest) || /^[-+](?=[\s-]|$)/.test(rest)) return `\\${rest}`;
  if (rest.startsWith("=")) return ZWSP + rest;
  if (rest.startsWith("|")) return `\\${rest}`;
  return rest.replace(/^(\d+)([.)])(?=\s|$)/, (_, digits: string, sign: string) =>
    sign === "." ? `${digits}\\.` : `${digits}\\)`,
  );
}

/** A web address that mentions nobody and ends nothing: signs that Gitter reads are percent-encoded. */
export function escapeUrl(url: string): string {
  return url
    .replaceAll(
      /[@*`[\]\\<>|\s"^{}]|(?<=~)~|(?<=\$)\$/g,
      (sign) => encodeHard(sign),
    )
    .replaceAll("\u200b", "");
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
