/** `/admin/move/*`: the state of this bridge for another host, and that of another for this one. With the token only. */
import type { Context, Hono } from "hono";

import {
  type MoveDoor,
  type Refusable,
  type Row,
  ROW_KINDS,
  type RowCounts,
} from "../core/move.ts";
import type { Allowed } from "./admin.ts";

/** Rows that are sent in at once: an event may hold 1 MiB, which is more as JSON within JSON. */
export const MOST_MIB_OF_ROWS = 8;
export const isMove = (path: string): boolean => path.startsWith("/admin/move/");

export function addMove(app: Hono, move: MoveDoor, allowed: Allowed): void {
  const on = (
    method: "GET" | "POST",
    path: string,
    act: (move: MoveDoor, c: Context) => Promise<Refusable<object> | undefined>,
  ): void => {
    app.on(method, `/admin/move/${path}`, async (c) => {
      if (!(await allowed(c))) return c.notFound();
      const answer = await act(move, c);
      if (answer === undefined) return c.text("That is not what `footbridge import` sends.\n", 400);
      return "refused" in answer ? c.text(`${answer.refused}\n`, 409) : c.json(answer);
    });
  };
  on("POST", "give", (move) => move.give());
  on("GET", "rows", (move, c) => move.page(c.req.query("place")));
  on("POST", "resume", (move) => move.resume());
  on("POST", "begin", async (move, c) => {
    const { at } = await bodyOf(c);
    return typeof at === "number" ? move.begin(at) : undefined;
  });
  on("POST", "rows", async (move, c) => {
    const { rows } = await bodyOf(c);
    return Array.isArray(rows) && rows.every(isRow) ? move.put(rows) : undefined;
  });
  on("POST", "end", async (move, c) => {
    const { counts } = await bodyOf(c);
    return isCounts(counts) ? move.end(counts) : undefined;
  });
}

const bodyOf = async (c: Context): Promise<Readonly<Record<string, unknown>>> => {
  const body: unknown = await c.req.json().catch(() => undefined);
  return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
};

const FIELDS: Readonly<Record<Row["kind"], Readonly<Record<string, "string" | "number">>>> = {
  fact: { k: "string", v: "string" },
  event: {
    k: "string",
    id: "string",
    seq: "number",
    ord: "number",
    pos: "string",
    at: "number",
    unrouted: "number",
    event: "string",
    lanes: "string",
  },
  map: { week: "number", k: "string", v: "string" },
  letter: { id: "string", lane: "string", at: "number", reason: "string", event: "string" },
};

/** Numbers become parts of tables' names: whole ones only. */
function isRow(row: unknown): row is Row {
  if (typeof row !== "object" || row === null) return false;
  const { kind, ...given } = row as Readonly<Record<string, unknown>>;
  const fields = ROW_KINDS.some((each) => each === kind) ? FIELDS[kind as Row["kind"]] : undefined;
  return (
    fields !== undefined &&
    Object.keys(given).length === Object.keys(fields).length &&
    Object.entries(fields).every(([name, type]) =>
      type === "number" ? Number.isSafeInteger(given[name]) : typeof given[name] === "string",
    )
  );
}

const isCounts = (counts: unknown): counts is RowCounts =>
  typeof counts === "object" &&
  counts !== null &&
  ROW_KINDS.every((kind) => Number.isSafeInteger((counts as Record<string, unknown>)[kind]));
