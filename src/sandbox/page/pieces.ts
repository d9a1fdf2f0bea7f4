/**
 * What a message looks like, as plain data: text, and elements of a closed list of kinds. The browser makes its nodes of
 * it one by one, so that nothing that strangers wrote is ever read as markup.
 */
const TAGS = [
  "p",
  "strong",
  "em",
  "u",
  "s",
  "code",
  "pre",
  "blockquote",
  "ul",
  "ol",
  "li",
  "a",
  "br",
  "hr",
  "h4",
  "table",
  "tr",
  "th",
  "td",
  "time",
  "mention",
  "spoiler",
] as const;
export type Tag = (typeof TAGS)[number];

export interface Element {
  readonly tag: Tag;
  readonly children: readonly Piece[];
  /** Of a link: `http:`, `https:` or `mailto:` only. */
  readonly href?: string;
  /** Of a list that does not begin at 1. */
  readonly start?: number;
  /** Of a spoiler: what its author says about it. Of code: its language. */
  readonly about?: string;
  /** Of a list: how deep it stands without standing in another. */
  readonly indent?: number;
}
export type Piece = string | Element;

export const piece = (
  tag: Tag,
  children: readonly Piece[],
  more: Omit<Element, "tag" | "children"> = {},
): Element => ({ tag, children, ...more });

/** A link where it may be followed, else its label. */
export function linkPiece(url: string, label: readonly Piece[]): readonly Piece[] {
  const shown = label.length === 0 ? [url] : label;
  return /^(?:https?:\/\/|mailto:)/i.test(url) ? [piece("a", shown, { href: url })] : shown;
}

/** All letters, as a reader would say them. */
export const lettersOf = (pieces: readonly Piece[]): string =>
  pieces
    .map((one) =>
      typeof one === "string" ? one : one.tag === "br" ? "\n" : lettersOf(one.children),
    )
    .join("");
