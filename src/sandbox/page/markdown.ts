/** Just enough Markdown to show chat: bold, italic, strike, code, links, mentions and backslash escapes. */
import type { Part } from "./view.ts";

const TOKEN =
  /\\([!-/:-@[-`{-~])|(`+)([^]+?)\2(?!`)|(\*\*|__|\*|_|~~)(?=\S)([^]*?\S)\4(?!\w)|\[([^\]\n]*)\]\((https?:\/\/[^\s)]+)\)|<?(https?:\/\/[^\s<>]+)>?|@([\w-]+)|&(lt|gt|amp|quot|#\d+);/g;

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function styleOf(mark: string): "bold" | "italic" | "strike" {
  if (mark === "~~") return "strike";
  return mark.length === 2 ? "bold" : "italic";
}

const unescaped = (text: string): string => text.replaceAll(/\\([!-/:-@[-`{-~])/g, "$1");

export function parseMarkdown(text: string): Part[] {
  const parts: Part[] = [];
  const literal = (piece: string): void => {
    if (piece !== "") parts.push({ text: piece });
  };
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, escaped, ticks, code, mark, marked, label, url, bare, handle, entity] = match;
    // Inside a word these are only characters.
    const before = text[match.index - 1] ?? " ";
    if (/\w/.test(before) && (mark?.startsWith("_") === true || handle !== undefined)) continue;
    literal(text.slice(end, match.index));
    end = match.index + whole.length;
    if (escaped !== undefined) literal(escaped);
    else if (ticks !== undefined) parts.push({ text: (code ?? "").trim(), style: "code" });
    else if (mark !== undefined)
      parts.push({ text: unescaped(marked ?? ""), style: styleOf(mark) });
    else if (url !== undefined) parts.push({ text: unescaped(label ?? "") || url, href: url });
    else if (bare !== undefined) parts.push({ text: bare, href: bare });
    else if (handle !== undefined) parts.push({ text: whole, style: "mention" });
    else if (entity?.startsWith("#") === true)
      literal(String.fromCodePoint(Number(entity.slice(1))));
    else literal(ENTITIES[entity ?? ""] ?? whole);
  }
  literal(text.slice(end));
  return parts;
}
