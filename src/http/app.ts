/** The HTTP surface, the same on both hosts. */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";

import { messageOf } from "../core/errors.ts";
import type { AccountId } from "../core/ids.ts";
import type { Letters } from "../core/letters.ts";
import type { MoveDoor } from "../core/move.ts";
import type { Clock, Logger, Secret, Webhook } from "../core/ports.ts";
import type { Report } from "../core/report.ts";
import { isAdmin } from "./admin.ts";
import { addMedia, type MediaDoor } from "./media.ts";
import { isMove, MOST_MIB_OF_ROWS } from "./move.ts";
import { addOps } from "./ops.ts";
import { addWebhooks } from "./webhooks.ts";

/** The relay as the HTTP surface sees it; on Cloudflare it is another object, so that everything is a promise. */
export interface RelayDoor {
  webhook(account: AccountId, raw: unknown): Promise<void>;
  gap(account: AccountId, reason: string): Promise<void>;
  report(): Promise<Report>;
  readonly letters: Letters;
  /** Where the relay may be in another process. */
  readonly replica?: {
    /** Rejects while nothing can be accepted here. */
    ready(): Promise<void>;
    /** Of this process alone: for `/metrics`, which is asked of each. */
    report(): Promise<Report>;
  };
  /** Absent where the state cannot be moved. */
  readonly move?: MoveDoor;
}

export interface AppDeps {
  /** The webhook of an account; undefined when there is no such account, or it takes none. */
  readonly webhookOf: (account: AccountId) => Webhook | undefined;
  readonly relay: RelayDoor;
  readonly adminToken: Secret | undefined;
  /** Absent: no file is served. */
  readonly media?: MediaDoor;
  readonly clock: Clock;
  readonly pause: (ms: number) => Promise<unknown>;
  /** `/metrics` without a token: in a cluster, not on the open Internet. */
  readonly openMetrics: boolean;
  readonly log: Logger;
}

/** Slack's events are a few kilobytes; anything near this is not from Slack. In MiB, as all here. */
const MOST_MIB = 1;

/** Its length was said, and the platform reads no more: whoever touched the body would make a stream of it in Node. */
const isSmaller = (headers: Headers, mib: number): boolean =>
  !headers.has("transfer-encoding") &&
  Number(headers.get("content-length") ?? Infinity) <= mib * 1024 * 1024;

export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  const limitTo = (mib: number) =>
    bodyLimit({
      maxSize: mib * 1024 * 1024,
      onError: (c) =>
        // The rest of the body is not read, so the connection can carry no further request.
        c.text(`The body is larger than ${mib} MiB.\n`, 413, { connection: "close" }),
    });
  const [events, rows] = [limitTo(MOST_MIB), limitTo(MOST_MIB_OF_ROWS)];
  app.use("*", (c, next) => {
    const [limit, most] = isMove(c.req.path) ? [rows, MOST_MIB_OF_ROWS] : [events, MOST_MIB];
    return isSmaller(c.req.raw.headers, most) ? next() : limit(c, next);
  });
  addWebhooks(app, deps);
  addMedia(app, deps.media);
  addOps(app, deps);
  app.notFound((c) =>
    c.text("There is nothing here. Slack's events go to /slack/<account>/events.\n", 404),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // Whoever came so far has the token. A bridge that rests, or whose data cannot be read, says why.
    if (isAdmin(c.req.path)) return c.text(`${messageOf(error)}\n`, 503);
    deps.log.error("a request failed", { path: c.req.path, reason: messageOf(error) });
    return c.text("Not done: the relay could not store it. Please send it again.\n", 503);
  });
  return app;
}
