/** Webhooks: verified before anything is parsed or any state touched; 200 only after the commit. */
import type { Hono } from "hono";

import { messageOf } from "../core/errors.ts";
import { accountId } from "../core/ids.ts";
import type { AppDeps } from "./app.ts";

export function addWebhooks(app: Hono, deps: AppDeps): void {
  app.post("/:protocol/:account/events", async (c) => {
    const account = accountId(`${c.req.param("protocol")}.${c.req.param("account")}`);
    const webhook = deps.webhookOf(account);
    if (webhook === undefined)
      return c.text(
        `There is no account ${account} that takes events here: see the [${account}] section.\n`,
        404,
      );
    const body = new Uint8Array(await c.req.arrayBuffer());
    const result = await webhook({ body, header: (name) => c.req.header(name) ?? null });
    switch (result.kind) {
      case "refuse":
        deps.log.warn("a webhook was refused", { account, reason: result.reason });
        return c.text(`${result.reason}\n`, result.status);
      case "challenge":
        return c.text(result.answer);
      case "ignore":
        return c.text("ok\n");
      case "gap":
      case "events":
        break;
    }
    try {
      if (result.kind === "gap") await deps.relay.gap(account, result.reason);
      else await deps.relay.webhook(account, result.raw);
      return c.text("ok\n");
    } catch (error) {
      // The one 5xx: the sender is asked to come again, and does.
      deps.log.error("an event was not stored; the sender is asked to send it again", {
        account,
        reason: messageOf(error),
      });
      return c.text("Not stored: please send it again.\n", 503);
    }
  });
}
