/** Threads whose first message is not known at the destination, or that `PreserveThreading=false` flattens. */
import type { Content } from "../content.ts";

/** What a reply answers, as far as it is shown: who said it, and its first words. */
export interface Quote {
  readonly name: string;
  /** Empty where it has no words. */
  readonly text: string;
}

/** A quote is a hint, not a copy. */
const MOST_CHARS = 80;

/** The first words of a text, in one line. */
export function firstWords(text: string): string {
  const line = text.trim().replaceAll(/\s+/gu, " ");
  const letters = Array.from(line);
  if (letters.length <= MOST_CHARS) return line;
  const cut = letters.slice(0, MOST_CHARS).join("");
  const space = cut.lastIndexOf(" ");
  return `${space > MOST_CHARS / 2 ? cut.slice(0, space) : cut}…`;
}

/** Marks a reply that could not be put into its thread: by what it answers, where that is known. */
export function flattenReply(content: Content, quote: Quote | undefined): Content {
  if (quote !== undefined) {
    const value = quote.text === "" ? quote.name : `${quote.name}: ${quote.text}`;
    const said = { type: "paragraph" as const, children: [{ type: "text" as const, value }] };
    return {
      ...content,
      children: [{ type: "blockquote", children: [said] }, ...content.children],
    };
  }
  const mark = { type: "text" as const, value: "(in a thread) " };
  const [first, ...rest] = content.children;
  if (first?.type === "paragraph")
    return { ...content, children: [{ ...first, children: [mark, ...first.children] }, ...rest] };
  return { ...content, children: [{ type: "paragraph", children: [mark] }, ...content.children] };
}
