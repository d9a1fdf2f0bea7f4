/** Slack's `rich_text` blocks as its clients show them. */
import type { SlackPerson } from "../slack/state.ts";
import { linkPiece, type Piece, piece, type Tag } from "./pieces.ts";

interface RichElement {
  readonly type: string;
  readonly text?: string;
  readonly url?: string;
  readonly name?: string;
  readonly unicode?: string;
  readonly user_id?: string;
  readonly range?: string;
  readonly timestamp?: number;
  readonly language?: string;
  readonly indent?: number;
  readonly offset?: number;
  readonly style?: Readonly<Record<string, boolean>> | string;
  readonly elements?: readonly RichElement[];
}

/** From the innermost outwards. */
const STYLES: readonly (readonly [string, Tag])[] = [
  ["code", "code"],
  ["strike", "s"],
  ["underline", "u"],
  ["italic", "em"],
  ["bold", "strong"],
];

type People = ReadonlyMap<string, SlackPerson>;

export function richPieces(blocks: readonly unknown[], people: People): readonly Piece[] {
  return (blocks as readonly RichElement[])
    .filter(({ type }) => type === "rich_text")
    .flatMap(({ elements = [] }) => elements)
    .flatMap((element) => blockPieces(element, people));
}

function blockPieces(element: RichElement, people: People): readonly Piece[] {
  const { type, elements = [], language, indent = 0, offset = 0 } = element;
  const inside = (): readonly Piece[] => elements.flatMap((one) => inlinePieces(one, people));
  switch (type) {
    case "rich_text_preformatted":
      return [piece("pre", inside(), language === undefined ? {} : { about: language })];
    case "rich_text_quote":
      return [piece("blockquote", [piece("p", inside())])];
    case "rich_text_list": {
      const items = elements.map(({ elements: each = [] }) =>
        piece(
          "li",
          each.flatMap((one) => inlinePieces(one, people)),
        ),
      );
      const tag = element.style === "ordered" ? "ol" : "ul";
      const start = offset > 0 ? { start: offset + 1 } : {};
      return [piece(tag, items, { ...start, ...(indent > 0 ? { indent } : {}) })];
    }
    default:
      return [piece("p", inside())];
  }
}

function inlinePieces(element: RichElement, people: People): readonly Piece[] {
  const flags = typeof element.style === "object" ? element.style : {};
  return STYLES.reduce<readonly Piece[]>(
    (pieces, [flag, tag]) => (flags[flag] === true ? [piece(tag, pieces)] : pieces),
    barePieces(element, people),
  );
}

function barePieces(element: RichElement, people: People): readonly Piece[] {
  const { type, text = "", url = "", name = "", range = "" } = element;
  switch (type) {
    case "link":
      return linkPiece(url, text === "" ? [] : [text]);
    case "emoji":
      return [emojiText(element.unicode) ?? `:${name}:`];
    case "date":
      return [piece("time", [dateText(element.timestamp ?? 0)])];
    case "user": {
      const person = people.get(element.user_id ?? "");
      return [piece("mention", [`@${person?.displayName || person?.realName || "someone"}`])];
    }
    case "broadcast":
      return [piece("mention", [`@${range}`])];
    default:
      return [text];
  }
}

const emojiText = (unicode: string | undefined): string | undefined =>
  unicode === undefined
    ? undefined
    : String.fromCodePoint(...unicode.split("-").map((hex) => Number.parseInt(hex, 16)));

const dateText = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
