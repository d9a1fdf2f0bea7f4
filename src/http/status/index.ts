/**
 * `/`: that the bridge runs; with `ADMIN_TOKEN`, how it does, for whoever logs in. One page and its forms, without a script
 * of need. Everything on it that others wrote is escaped by the templates.
 */
import type { Context, Hono } from "hono";
import { csrf } from "hono/csrf";

import { messageOf } from "../../core/errors.ts";
import type { AppDeps } from "../app.ts";
import { sameText } from "../same-text.ts";
import type { OnGuess } from "../guesses.ts";
import { ASSETS, HEADERS } from "./frame.ts";
import { MOST_SHOWN } from "./letters.ts";
import { type Done, loginPage, notDonePage, silentPage, statusPage } from "./page.ts";
import { SCRIPT } from "./script.ts";
import { createSessions, type Session, type Sessions } from "./session.ts";
import { STYLE } from "./style.ts";
import type { Html } from "./words.ts";

export function addStatus(app: Hono, deps: AppDeps, onGuess: OnGuess): void {
  const { adminToken, clock } = deps;
  app.use("/", async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  });
  if (adminToken === undefined) {
    app.get("/", (c) => c.text("Footbridge runs.\n"));
    return;
  }
  const sessions = createSessions(adminToken, clock);
  addAsset(app, ASSETS.style, STYLE, "text/css; charset=utf-8");
  addAsset(app, ASSETS.script, SCRIPT, "text/javascript; charset=utf-8");
  app.get("/", async (c) => {
    const session = await sessions.current(c);
    return session === undefined ? answer(c, loginPage()) : show(c, deps, sessions, session);
  });
  app.post("/", csrf({ origin: isOwnOrigin }), (c) => act(c, deps, sessions, onGuess));
}

function addAsset(app: Hono, address: string, text: string, type: string): void {
  app.get(new URL(address, "http://x").pathname, (c) =>
    c.body(text, 200, {
      "content-type": type,
      "x-content-type-options": "nosniff",
      "cache-control": "public, max-age=31536000, immutable",
    }),
  );
}

/** The host only: behind a proxy that ends TLS the browser says https, and the request http. */
const isOwnOrigin = (origin: string, c: Context): boolean =>
  URL.canParse(origin) && new URL(origin).host === new URL(c.req.url).host;

const answer = (c: Context, page: Html, status: 200 | 401 | 403 | 503 = 200) =>
  c.html(page, status);

async function show(
  c: Context,
  { relay, clock }: AppDeps,
  sessions: Sessions,
  session: Session,
): Promise<Response> {
  const text = c.req.query("text") === "1";
  const now = clock();
  try {
    const [report, own] = await Promise.all([relay.report(), relay.replica?.report()]);
    // Not asked for where there are none: on a Worker that is one more request.
    const letters =
      report.deadLetters === 0 ? [] : await relay.letters.list({ text, most: MOST_SHOWN });
    const isReplica = own?.leads === false;
    const done = doneOf(await sessions.told(c));
    const page = statusPage({ session, now, report, letters, text, done, isReplica });
    return await answer(c, page);
  } catch (error) {
    // A bridge that rests, or whose data cannot be read, says why.
    return answer(c, silentPage(session, now, messageOf(error)), 503);
  }
}

const doneOf = (told = "0 0 0 0"): Done => {
  const [replayed = 0, discarded = 0, kept = 0, unknown = 0] = told.split(" ").map(Number);
  return { replayed, discarded, kept, unknown };
};

async function act(
  c: Context,
  deps: AppDeps,
  sessions: Sessions,
  onGuess: OnGuess,
): Promise<Response> {
  const form = await c.req.formData().catch(() => new FormData());
  const field = (name: string): string => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const what = field("act");
  if (what === "login") {
    if (await sessions.begin(c, field("token"))) return c.redirect("/", 303);
    await onGuess();
    return answer(c, loginPage("That is not the token."), 401);
  }
  const session = await sessions.current(c);
  if (session === undefined) return c.redirect("/", 303);
  if (!sameText(field("form"), session.form))
    return c.text("Not done: that form is not of this page. Open / again.\n", 403);
  if (what === "logout") {
    sessions.end(c);
    return c.redirect("/", 303);
  }
  if (what !== "replay" && what !== "discard") return c.text("There is no such form here.\n", 400);
  const ids = form.getAll("id").filter((id): id is string => typeof id === "string");
  try {
    const { done, kept, unknown } = await deps.relay.letters[what](ids);
    const counts = what === "replay" ? [done.length, 0] : [0, done.length];
    await sessions.tell(c, [...counts, kept.length, unknown.length].join(" "));
    return c.redirect(field("text") === "1" ? "/?text=1#letters" : "/#letters", 303);
  } catch (error) {
    return answer(c, notDonePage(session, deps.clock(), messageOf(error)), 503);
  }
}
