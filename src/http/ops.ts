/** Liveness, readiness, metrics; who may use the admin surface. */
import type { Hono } from "hono";

import { messageOf } from "../core/errors.ts";
import { addAdmin, type Allowed } from "./admin.ts";
import type { AppDeps } from "./app.ts";
import { createGuesses } from "./guesses.ts";
import { toPrometheus } from "./metrics.ts";
import { addMove } from "./move.ts";
import { sameText } from "./same-text.ts";
import { addStatus } from "./status/index.ts";

export function addOps(app: Hono, deps: AppDeps): void {
  const { adminToken, relay } = deps;
  const onGuess = createGuesses(deps);
  /** The admin surface is off without a token; to whoever has the wrong one a path of it is none. */
  const allowed: Allowed = async (c) => {
    const given = /^Bearer (.+)$/u.exec(c.req.header("authorization") ?? "")?.[1];
    if (adminToken === undefined || given === undefined) return false;
    if (sameText(given, adminToken.reveal())) return true;
    await onGuess();
    return false;
  };

  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", async (c) => {
    try {
      await (relay.replica === undefined ? relay.report() : relay.replica.ready());
      return c.text("ready\n");
    } catch (error) {
      deps.log.error("not ready", { reason: messageOf(error) });
      return c.text("not ready: the log says why\n", 503);
    }
  });
  app.get("/metrics", async (c) => {
    if (!deps.openMetrics && !(await allowed(c))) return c.notFound();
    try {
      const report = await (relay.replica ?? relay).report();
      return c.text(toPrometheus(report), 200, { "content-type": "text/plain; version=0.0.4" });
    } catch (error) {
      deps.log.error("no metrics", { reason: messageOf(error) });
      // Where they are open, anybody may read this.
      const why = deps.openMetrics ? "the log says why" : messageOf(error);
      return c.text(`no metrics: ${why}\n`, 503);
    }
  });
  addAdmin(app, deps, allowed);
  if (relay.move !== undefined) addMove(app, relay.move, allowed);
  addStatus(app, deps, onGuess);
}
