/** `/admin`: what an operator may see and do, with the token only. */
import type { Context, Hono } from "hono";

import { messageOf } from "../core/errors.ts";
import type { Which } from "../core/letters.ts";
import type { AppDeps } from "./app.ts";

export function addAdmin(
  app: Hono,
  { relay }: AppDeps,
  /** It never says whether a path exists. */
  allowed: (c: Context) => boolean,
): void {
  app.get("/admin/status", async (c) => {
    if (!allowed(c)) return c.notFound();
    try {
      return c.json(await relay.report());
    } catch (error) {
      // A bridge that rests, or whose data cannot be read, says why.
      return c.text(`${messageOf(error)}\n`, 503);
    }
  });

  app.get("/admin/dead-letters", async (c) => {
    if (!allowed(c)) return c.notFound();
    // What people said only on demand: this is likely to end up in a terminal's history or a ticket.
    const text = c.req.query("text") === "1";
    return c.json({ letters: await relay.letters.list({ text }) });
  });

  for (const what of ["replay", "discard"] as const)
    app.post(`/admin/dead-letters/${what}`, async (c) => {
      if (!allowed(c)) return c.notFound();
      const which = whichOf(await c.req.json().catch(() => undefined));
      if (which === undefined)
        return c.text('Which ones? Send {"ids": ["..."]} or {"all": true} as JSON.\n', 400);
      return c.json(await relay.letters[what](which));
    });
}

/** Exactly one of the two: a slip must not discard everything. */
function whichOf(body: unknown): Which | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { ids, all } = body as { readonly ids?: unknown; readonly all?: unknown };
  if (ids === undefined) return all === true ? "all" : undefined;
  if (all !== undefined || !Array.isArray(ids)) return undefined;
  return ids.every((id): id is string => typeof id === "string") ? ids : undefined;
}
