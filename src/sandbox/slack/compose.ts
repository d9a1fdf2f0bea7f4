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
const TOKEN = /(https?:\/\/[^\s<>|]+)|@([\w.-]+)|:([a-z0-9_+-]+):|([`*_~])(?=\S)(.+?)\4(?!\w)/g;

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
    const [whole, url, handle, emoji, mark, inner] = match;
    // A mark or an at-sign inside a word is only a character.
    const before = typed[match.index - 1] ?? " ";
    const person = people.find(({ name }) => name === handle);
    if (/\w/.test(before) && (mark !== undefined || handle !== undefined)) continue;
    if (handle !== undefined && person === undefined) continue;
    literal(typed.slice(end, match.index));
    end = match.index + whole.length;
    if (url !== undefined) {
      elements.push({ type: "link", url });
      text += `<${escapeText(url)}>`;
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

/** `blocks` and `text` of a person's message. */
export function compose(
  typed: string,
  people: readonly SlackPerson[],
): { readonly text: string; readonly blocks: readonly unknown[] } {
  const { elements, text } = inline(typed, people);
  return {
    text,
    blocks: [{ type: "rich_text", elements: [{ type: "rich_text_section", elements }] }],
  };
}
