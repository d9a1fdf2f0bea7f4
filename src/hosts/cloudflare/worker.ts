/** The Worker: verifies webhooks and hands them to the one object that owns all state. */
import { env as own } from "cloudflare:workers";

import { readAdminToken } from "../../core/config/admin-token.ts";
import { createRouting } from "../../core/config/routing.ts";
import type { AccountId } from "../../core/ids.ts";
import type { Connector, Logger } from "../../core/ports.ts";
import { createApp } from "../../http/app.ts";
import type { MediaCache } from "../../http/media.ts";
import { connectAll } from "../shared/connect.ts";
import { createOpenMedia, mediaSecretOf } from "../shared/media.ts";
import { createHttp, hmacSha256, type WebDeps } from "../shared/web.ts";
import { configOf, type Env, relayStub } from "./env.ts";
import { workerFetch } from "./fetch.ts";
import { log } from "./log.ts";

export { RelayObject } from "./relay-object.ts";

/** Requests must not wait for each other here; each makes two calls at most. */
const web: WebDeps = {
  fetch: workerFetch,
  slots: {
    acquire: async () => () => undefined,
    keep: () => undefined,
    inUse: () => 0,
  },
  onCall: () => undefined,
};

/** Kept by Cloudflare close to the reader; under workers.dev and in tests it may keep nothing. */
const cache: MediaCache = {
  match: (url, range) =>
    caches.default.match(new Request(url, range === undefined ? {} : { headers: { range } })),
  put: (url, response) => caches.default.put(url, response),
};

type App = ReturnType<typeof createApp>;
let cached: App | undefined;

/** Built once per isolate. */
function appOf(env: Env): App {
  if (cached !== undefined) return cached;
  const config = configOf(env);
  const quiet: Logger = { ...log, debug: () => undefined, info: () => undefined };
  const connectors: ReadonlyMap<AccountId, Connector> = connectAll(config, {
    // For files only, which it gives to whoever has their link; all else is the object's.
    http: (account) => createHttp(account, web),
    copy: () => () => Promise.reject(new Error("the Worker copies nothing")),
    carry: () => () => Promise.reject(new Error("the Worker carries nothing")),
    hmac: hmacSha256,
    clock: Date.now,
    log: quiet,
    instance: "",
    longLived: false,
  });
  createRouting(config);
  const relay = relayStub(env);
  const admin = readAdminToken(env.ADMIN_TOKEN);
  for (const { what, fix } of admin.problems) log.warn(what, { fix });
  cached = createApp({
    webhookOf: (account) => connectors.get(account)?.webhook,
    relay: {
      webhook: (account, raw) => relay().webhook(account, JSON.stringify(raw)),
      gap: (account, reason) => relay().gap(account, reason),
      report: async () => JSON.parse(await relay().report()),
      letters: {
        list: async (options) => JSON.parse(await relay().listLetters(options)),
        replay: (which) => relay().replayLetters(which),
        discard: (which) => relay().discardLetters(which),
      },
      move: {
        give: () => relay().giveState(),
        page: (place) => relay().stateAt(place),
        resume: () => relay().resumeState(),
        begin: (at) => relay().beginState(at),
        put: (rows) => relay().putState(rows),
        end: (counts) => relay().endState(counts),
      },
    },
    adminToken: admin.token,
    media: {
      secretOf: mediaSecretOf(config),
      hmac: hmacSha256,
      clock: Date.now,
      shows: ({ account, channel, message }) => relay().shows({ account, channel, message }),
      open: createOpenMedia(config, connectors, () => web),
      cache,
    },
    clock: Date.now,
    pause: (ms) => scheduler.wait(ms),
    openMetrics: false,
    log,
  });
  return cached;
}

try {
  // Start-up has a second, a request ten milliseconds.
  appOf(own as unknown as Env);
} catch {
  // Each request says why.
}

export default {
  async fetch(request, env, ctx) {
    try {
      return await appOf(env).fetch(request, env, ctx);
    } catch (error) {
      log.error("the Worker could not start", {
        reason: error instanceof Error ? error.message : String(error),
      });
      return new Response(
        "Footbridge could not start: its log says why. Run `npm run footbridge -- check`.\n",
        { status: 503 },
      );
    }
  },
  async scheduled(_controller, env) {
    await relayStub(env)().ensure();
  },
} satisfies ExportedHandler<Env>;
