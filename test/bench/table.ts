/** Figures as a Markdown table, so that it can be read here and put into the README. */
import { type Figure, isMet } from "./measurement.ts";

const digits = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

const shown = ({ value, unit }: Figure): string =>
  `${digits(value)}${unit === "" ? "" : ` ${unit}`}`;

function targetOf({ target, unit }: Figure): string {
  if (target === undefined) return "";
  const [word, value] = "most" in target ? ["at most", target.most] : ["at least", target.least];
  return `${word} ${value}${unit === "" ? "" : ` ${unit}`}`;
}

export function toTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const met = isMet(figure);
    return [
      figure.what,
      shown(figure),
      targetOf(figure),
      met === undefined ? "" : met ? "met" : "MISSED",
    ];
  });
  const all = [["measured", "", "target", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(3, ...all.map((row) => row[column]!.length)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(all[0]!), rule, ...all.slice(1).map(line)].join("\n");
}
