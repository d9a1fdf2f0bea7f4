/** `/admin`: what an operator may see and do, with the token only. */
import type { Context, Hono } from "hono";

import { MOST_LETTERS, type Which } from "../core/letters.ts";
import type { LetterPage } from "../core/store.ts";
import type { AppDeps } from "./app.ts";

/** Whether a request has the token. It never says whether a path exists. */
export type Allowed = (c: Context) => Promise<boolean>;

export const isAdmin = (path: string): boolean => path.startsWith("/admin/");

export function addAdmin(app: Hono, { relay }: AppDeps, allowed: Allowed): void {
  // Texts are among it: nothing keeps them, or takes them for a page.
  app.use("/admin/*", async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });

  app.get("/admin/status", async (c) => {
    if (!(await allowed(c))) return c.notFound();
    return c.json(await relay.report());
  });

  app.get("/admin/dead-letters", async (c) => {
    if (!(await allowed(c))) return c.notFound();
    // What people said only on demand: this is likely to end up in a terminal's history or a ticket.
    const text = c.req.query("text") === "1";
    const page = pageOf(c.req.query("most"), c.req.query("before"));
    if (page === undefined)
      return c.text(`Write most=1 to ${MOST_LETTERS}, and in before what "next" said.\n`, 400);
    const [letters, { deadLetters }] = await Promise.all([
      relay.letters.list({ text, ...page }),
      relay.report(),
    ]);
    const last = letters.length < page.most ? undefined : letters.at(-1);
    const next = last === undefined ? {} : { next: `${last.at}.${last.id}` };
    return c.json({ letters, total: deadLetters, ...next });
  });

  for (const what of ["replay", "discard"] as const)
    app.post(`/admin/dead-letters/${what}`, async (c) => {
      if (!(await allowed(c))) return c.notFound();
      const which = whichOf(await c.req.json().catch(() => undefined));
      if (which === undefined)
        return c.text('Which ones? Send {"ids": ["..."]} or {"all": true} as JSON.\n', 400);
      return c.json(await relay.letters[what](which));
    });
}

/** The page that an address asks for; undefined where it says nothing that makes sense. */
function pageOf(most = `${MOST_LETTERS}`, before?: string): LetterPage | undefined {
  const [whole, at, id] = /^(\d{1,15})\.(.+)$/u.exec(before ?? "") ?? [];
  const place = at === undefined || id === undefined ? {} : { before: { at: Number(at), id } };
  const isPage = /^[1-9]\d{0,8}$/u.test(most) && whole === before;
  return isPage ? { most: Math.min(Number(most), MOST_LETTERS), ...place } : undefined;
}

/** Exactly one of the two: a slip must not discard everything. */
function whichOf(body: unknown): Which | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { ids, all } = body as { readonly ids?: unknown; readonly all?: unknown };
  if (ids === undefined) return all === true ? "all" : undefined;
  if (all !== undefined || !Array.isArray(ids)) return undefined;
  return ids.every((id): id is string => typeof id === "string") ? ids : undefined;
}
