/** Tables of HTML. */
import type { Table, TableCell, TableRow } from "mdast";

/** The table of some rows. The first one is its header, which has as many cells as the longest row. */
export function tableOf([header, ...rows]: readonly TableRow[]): Table[] {
  if (header === undefined) return [];
  const most = Math.max(header.children.length, ...rows.map((row) => row.children.length));
  const missing = Array.from({ length: most - header.children.length }, (): TableCell => ({
    type: "tableCell",
    children: [],
  }));
  const first: TableRow = { type: "tableRow", children: [...header.children, ...missing] };
  return [{ type: "table", children: [first, ...rows] }];
}
