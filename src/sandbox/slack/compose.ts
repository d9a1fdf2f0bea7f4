/** What Slack's message box makes of typed text: one `rich_text` block and the `mrkdwn` text beside it. */
import type { SlackPerson } from "./state.ts";

type Style = { readonly [name in "bold" | "italic" | "strike" | "code"]?: true };
type Element = Readonly<Record<string, unknown>> & { readonly type: string };

const MARKS: readonly (readonly [string, keyof Style])[] = [
  ["`", "code"],
  ["*", "bold"],
  ["_", "italic"],
  ["~", "strike"],
];
const TOKEN =
  /\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>|]+)|@([\w.-]+)|:([a-z0-9_+-]+):|([`*_~])(?=\S)(.+?)\6(?!\w)/g;

/** Some emoji that Slack knows by name; the rest stand for custom ones, which have no Unicode. */
const EMOJI: Readonly<Record<string, string>> = {
  tada: "1f389",
  wave: "1f44b",
  "+1": "1f44d",
  heart: "2764-fe0f",
  smile: "1f604",
  rocket: "1f680",
};

/** Exactly three characters are escaped in `text`, `&` first. */
const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function inline(
  typed: string,
  people: readonly SlackPerson[],
): { elements: Element[]; text: string } {
  const elements: Element[] = [];
  let text = "";
  let end = 0;
  const literal = (part: string): void => {
    if (part === "") return;
    elements.push({ type: "text", text: part });
    text += escapeText(part);
  };
  for (const match of typed.matchAll(TOKEN)) {
    const [whole, label, target, bare, handle, emoji, mark, inner] = match;
    const url = target ?? bare;
    // A mark or an at-sign inside a word is only a character.
    const before = typed[match.index - 1] ?? " ";
    const person = people.find(({ name }) => name === handle);
    if (/\w/.test(before) && (mark !== undefined || handle !== undefined)) continue;
    if (handle !== undefined && person === undefined) continue;
    literal(typed.slice(end, match.index));
    end = match.index + whole.length;
    if (url !== undefined) {
      elements.push({ type: "link", url, ...(label === undefined ? {} : { text: label }) });
      text += `<${escapeText(url)}${label === undefined ? "" : `|${escapeText(label)}`}>`;
    } else if (person !== undefined) {
      elements.push({ type: "user", user_id: person.id });
      text += `<@${person.id}>`;
    } else if (emoji !== undefined) {
      const unicode = EMOJI[emoji];
      elements.push({ type: "emoji", name: emoji, ...(unicode === undefined ? {} : { unicode }) });
      text += whole;
    } else {
      const name = MARKS.find(([sign]) => sign === mark)?.[1] ?? "bold";
      elements.push({ type: "text", text: inner, style: { [name]: true } });
      text += escapeText(whole);
    }
  }
  literal(typed.slice(end));
  return { elements, text };
}

/** What a line begins: a quote, an item of a list, or just text. */
interface Line {
  readonly kind: "text" | "quote" | "bullet" | "ordered";
  readonly indent: number;
  readonly number: number;
  readonly rest: string;
}

function lineOf(typed: string): Line {
  const [, blanks = "", number, item] = /^( *)(?:[-*•]|(\d+)\.) +(.+)$/.exec(typed) ?? [];
  if (item !== undefined)
    return {
      kind: number === undefined ? "bullet" : "ordered",
      indent: Math.floor(blanks.length / 2),
      number: Number(number ?? 1),
      rest: item,
    };
  const quoted = /^> ?(.*)$/.exec(typed)?.[1];
  return {
    kind: quoted === undefined ? "text" : "quote",
    indent: 0,
    number: 1,
    rest: quoted ?? typed,
  };
}

/** Lines of one kind that follow each other, as one block. */
function blockOf(lines: readonly Line[], people: readonly SlackPerson[]): Element {
  const [{ kind, indent, number }] = lines as [Line, ...Line[]];
  if (kind === "bullet" || kind === "ordered")
    return {
      type: "rich_text_list",
      style: kind,
      indent,
      ...(kind === "ordered" && number > 1 ? { offset: number - 1 } : {}),
      elements: lines.map(({ rest }) => ({
        type: "rich_text_section",
        elements: inline(rest, people).elements,
      })),
    };
  const { elements } = inline(lines.map(({ rest }) => rest).join("\n"), people);
  return { type: kind === "quote" ? "rich_text_quote" : "rich_text_section", elements };
}

function textBlocks(typed: string, people: readonly SlackPerson[]): Element[] {
  const blocks: Line[][] = [];
  for (const line of typed.split("\n").map(lineOf)) {
    const last = blocks.at(-1);
    if (last?.[0]?.kind === line.kind && last[0].indent === line.indent) last.push(line);
    else blocks.push([line]);
  }
  // A line end between two blocks is theirs.
  return blocks.map((lines) => blockOf(lines, people)).filter(({ elements }) => hasSome(elements));
}

const hasSome = (elements: unknown): boolean => Array.isArray(elements) && elements.length > 0;

/** `blocks` and `text` of a person's message. */
export function compose(
  typed: string,
  people: readonly SlackPerson[],
): { readonly text: string; readonly blocks: readonly unknown[] } {
  const elements = typed.split(/^```\n?/m).flatMap((piece, index): Element[] => {
    const body = piece.replace(/\n$/, "");
    if (body === "") return [];
    if (index % 2 === 0) return textBlocks(body, people);
    return [
      { type: "rich_text_preformatted", elements: [{ type: "text", text: body }], border: 0 },
    ];
  });
  const { text } = inline(typed, people);
  return { text, blocks: [{ type: "rich_text", elements }] };
}
