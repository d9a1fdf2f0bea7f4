/** The part of Slack's `rich_text` that we write. Text in it is literal: nothing in it is parsed or escaped. */

export interface Style {
  readonly bold?: true;
  readonly italic?: true;
  readonly strike?: true;
  readonly underline?: true;
  readonly code?: true;
}

/** `whole` texts, such as a name that is addressed, are not cut in two. It is not sent. */
export type Element = (
  | { readonly type: "text"; readonly text: string; readonly whole?: true }
  | { readonly type: "link"; readonly url: string; readonly text?: string }
  | { readonly type: "emoji"; readonly name: string }
  /** Notifies: only for whom the configuration names. */
  | { readonly type: "user"; readonly user_id: string }
  | {
      readonly type: "date";
      /** Seconds since 1970. */
      readonly timestamp: number;
      readonly format: string;
      readonly fallback: string;
    }
) & { readonly style?: Style };

export interface Section {
  readonly type: "rich_text_section";
  readonly elements: readonly Element[];
  /** What follows stands on the next line, not in a paragraph of its own. It is not sent. */
  readonly tight?: true;
}
export interface Quote {
  readonly type: "rich_text_quote";
  readonly elements: readonly Element[];
  readonly tight?: true;
}
export interface Preformatted {
  readonly type: "rich_text_preformatted";
  readonly elements: readonly Element[];
  readonly border?: 1;
  readonly language?: string;
}
export interface RichList {
  readonly type: "rich_text_list";
  readonly style: "bullet" | "ordered";
  /** 0 to 8. */
  readonly indent: number;
  /** The first item's number, less one. */
  readonly offset?: number;
  readonly border?: 1;
  readonly elements: readonly Section[];
}
export type Block = Section | Quote | Preformatted | RichList;

export const literal = (value: string, style: Style = {}): Element => ({
  type: "text",
  text: value.replaceAll("\u0000", ""),
  ...styled(style),
});

/** Slack takes no empty style. */
export const styled = (style: Style): { style?: Style } =>
  Object.keys(style).length > 0 ? { style } : {};

/** What people read of an element. */
export function lettersOf(element: Element): string {
  switch (element.type) {
    case "text":
      return element.text;
    case "link":
      return element.text ?? element.url;
    case "emoji":
      return `:${element.name}:`;
    case "user":
      return `<@${element.user_id}>`;
    case "date":
      return element.fallback;
  }
}

/** Neighbours of one style are one text, and none is empty. What is whole stays by itself. */
export function merged(elements: readonly Element[]): Element[] {
  const all: Element[] = [];
  for (const element of elements) {
    const last = all.at(-1);
    if (element.type !== "text" || element.whole === true) all.push(element);
    else if (element.text === "") continue;
    else if (last?.type === "text" && last.whole !== true && sameStyle(last.style, element.style))
      all[all.length - 1] = { ...last, text: last.text + element.text };
    else all.push(element);
  }
  return all;
}

/** As they are sent. Slack refuses a section without elements and a text without letters. */
export function finished(elements: readonly Element[]): Element[] {
  const all = merged(
    elements.map((each) => (each.type === "text" ? literal(each.text, each.style) : each)),
  );
  return all.length > 0 ? all : [literal(" ")];
}

const sameStyle = (a: Style = {}, b: Style = {}): boolean =>
  a.bold === b.bold &&
  a.italic === b.italic &&
  a.strike === b.strike &&
  a.underline === b.underline &&
  a.code === b.code;
