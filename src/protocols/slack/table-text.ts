/** A table as lines of text of equal columns, for a code block: Slack's letters there are all of one width. */
import type { PhrasingContent, Table } from "mdast";

import { toText } from "../../core/content.ts";

/** East Asian letters and emoji take two places. After Unicode's East Asian Width, W and F, in ranges. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Marks that stand on the letter before, and what is not seen at all. */
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** How many places a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  let joins = false;
  for (const char of text.replaceAll(/[\u{1f1e6}-\u{1f1ff}]{2}/gu, "🏁")) {
    const tone = /[\u{1f3fb}-\u{1f3ff}]/u.test(char);
    // A letter that is joined to an emoji before it is part of that.
    if (!joins && !tone && !NARROW.test(char)) width += WIDE.test(char) ? 2 : 1;
    // The selector of the colourful form makes a sign an emoji.
    if (char === "\ufe0f") width += 1;
    joins = char === "\u200d";
  }
  return width;
}

/** Wider tables are columns on no screen. */
const WIDEST = 500;
/** One wide cell widens its column in all rows: no table becomes so many times its letters. */
const MOST_PADDING = 4;
/** Smaller tables have columns anyway. */
const SMALL = 2_000;

/** Rows in columns; with bars alone where that would be mostly blanks. */
export function tableText({ children: rows, align = [] }: Table): string {
  const cells = rows.map((row) =>
    row.children.map((cell) =>
      cell.children.map(lettersOf).join("").replaceAll(/\s+/gu, " ").trim(),
    ),
  );
  const columns = cells.reduce((most, { length }) => Math.max(most, length), 0);
  const widths = Array.from({ length: columns }, (_none, column) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[column] ?? "")), 1),
  );
  const sum = widths.reduce((all, width) => all + width, 0);
  const letters = cells.flat().reduce((all, cell) => all + cell.length, 0);
  if (sum > WIDEST || sum * cells.length > MOST_PADDING * letters + SMALL)
    return cells.map((row) => row.join(" | ")).join("\n");
  const lines = cells.map((row) =>
    widths
      .map((width, column) => padded(row[column] ?? "", width, align?.[column] ?? "left"))
      .join(" | ")
      .trimEnd(),
  );
  const [header, ...body] = lines;
  if (header === undefined) return "";
  return [header, widths.map((width) => "-".repeat(width)).join("-|-"), ...body].join("\n");
}

/** Nothing is a link in code: addresses are told in letters. */
const lettersOf = (node: PhrasingContent): string =>
  node.type === "image" && node.alt
    ? `${node.alt} (${node.url})`
    : node.type !== "link" && "children" in node
      ? node.children.map(lettersOf).join("")
      : toText(node);

function padded(cell: string, width: number, align: "left" | "center" | "right"): string {
  const gap = Math.max(0, width - widthOf(cell));
  const before = align === "right" ? gap : align === "center" ? Math.floor(gap / 2) : 0;
  return " ".repeat(before) + cell + " ".repeat(gap - before);
}
