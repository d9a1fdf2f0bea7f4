/** Liveness, readiness, metrics; who may use the admin surface. */
import type { Context, Hono } from "hono";

import { messageOf } from "../core/errors.ts";
import { addAdmin } from "./admin.ts";
import type { AppDeps } from "./app.ts";
import { toPrometheus } from "./metrics.ts";
import { addMove } from "./move.ts";
import { sameText } from "./same-text.ts";
import { addStatus } from "./status/index.ts";

export function addOps(app: Hono, deps: AppDeps): void {
  const { adminToken, relay } = deps;
  /** The admin surface is off without a token; it never says whether a path exists. */
  const allowed = (c: Context): boolean => {
    const given = /^Bearer (.+)$/u.exec(c.req.header("authorization") ?? "")?.[1];
    return adminToken !== undefined && given !== undefined && sameText(given, adminToken.reveal());
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
    if (!deps.openMetrics && !allowed(c)) return c.notFound();
    const report = await (relay.replica ?? relay).report();
    return c.text(toPrometheus(report), 200, {
      "content-type": "text/plain; version=0.0.4",
    });
  });
  addAdmin(app, deps, allowed);
  if (relay.move !== undefined) addMove(app, relay.move, allowed);
  addStatus(app, deps);
}
