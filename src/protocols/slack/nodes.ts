/** Tree nodes for what Slack's formats have in common: dates, broadcasts, emoji, lines and paragraphs. */
import type { BlockContent, Link, Paragraph, PhrasingContent } from "mdast";

import type { Emoji, Moment } from "../../core/content.ts";
import { emojiOf } from "../../core/emoji.ts";
import { utcText } from "../../core/rules/late.ts";

/** Without the limit that a call has for its arguments. */
export function append<Item>(into: Item[], items: readonly Item[]): void {
  for (const item of items) into.push(item);
}

export const text = (value: string): PhrasingContent => ({ type: "text", value });
export const paragraph = (children: PhrasingContent[]): Paragraph => ({
  type: "paragraph",
  children,
});
export const quote = (children: BlockContent[]): BlockContent => ({ type: "blockquote", children });
export const link = (url: string, children: PhrasingContent[]): Link => ({
  type: "link",
  url,
  // Links inside links are none.
  children: children.filter(({ type }) => type !== "link"),
});

/** `here`, `channel` or `everyone`: what kind of ping it was is its label. */
export const everyone = (range: string): PhrasingContent => ({
  type: "mention",
  target: { kind: "everyone" },
  label: range === "" ? "everyone" : range,
});

/**
 * An emoji by its name, which may end in `::skin-tone-2`. `unicode` is `1f44b` or `1f1e9-1f1ea`, for names that are in
 * no table; custom emoji have neither.
 */
export function emoji(name: string, unicode = ""): Emoji {
  const value = emojiOf(name) ?? fromHex(unicode);
  return { type: "emoji", name, ...(value === undefined ? {} : { value }) };
}

function fromHex(hex: string): string | undefined {
  const codes = hex.split("-").map((each) => Number.parseInt(each, 16));
  return hex === "" || codes.some((code) => !(code > 0 && code <= 0x10ffff))
    ? undefined
    : String.fromCodePoint(...codes);
}

/** The last second that people's calendars and JavaScript's agree on. */
const LAST_SECOND = 253_402_300_799;

/**
 * A date for each reader's clock. Without a fallback the format says what is shown; its words stay, its `{tokens}` are
 * filled in UTC. Undefined where it is no time at all.
 */
export function moment(
  seconds: number | undefined,
  format: string,
  fallback: string,
): Moment | undefined {
  if (seconds === undefined || seconds < 0 || seconds > LAST_SECOND) return undefined;
  const at = Math.trunc(seconds) * 1000;
  return { type: "moment", at, fallback: fallback || filled(format, utcText(at)) };
}

function filled(format: string, utc: string): string {
  const [date, time] = [utc.slice(0, 10), utc.slice(11)];
  const text = format.replaceAll(/\{([a-z_]+)\}/gu, (token, name: string) =>
    name.startsWith("date") || name === "day_divider_pretty"
      ? date
      : name.startsWith("time")
        ? time
        : name === "ago"
          ? utc
          : token,
  );
  return text === "" ? utc : text;
}

/** Text with its line ends as breaks. */
export function breaks(value: string): PhrasingContent[] {
  return value
    .split(/\r\n|\n|\r/u)
    .flatMap((line, index): PhrasingContent[] => [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(line === "" ? [] : [text(line)]),
    ]);
}

/** Cut at empty lines: two breaks in a row. Breaks at the edges of a paragraph show nothing and go. */
export function paragraphs<Item>(
  items: readonly Item[],
  isBreak: (item: Item) => boolean,
): Item[][] {
  const all: Item[][] = [[]];
  items.forEach((item, index) => {
    const next = items[index + 1];
    if (!isBreak(item)) all.at(-1)!.push(item);
    else if (next !== undefined && isBreak(next)) all.push([]);
    else if (all.at(-1)!.length > 0) all.at(-1)!.push(item);
  });
  for (const each of all) while (each.length > 0 && isBreak(each.at(-1)!)) each.pop();
  return all.filter((each) => each.length > 0);
}

export const isBreak = ({ type }: PhrasingContent): boolean => type === "break";
