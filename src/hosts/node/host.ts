/** The node host: the same core and the same HTTP surface in one process, with one SQLite file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { serve } from "@hono/node-server";

import { loadConfig } from "../../core/config/load.ts";
import { secret } from "../../core/config/secret.ts";
import { messageOf } from "../../core/errors.ts";
import { createSlots, PROCESS_SLOTS } from "../../core/outbox/slots.ts";
import type { Logger } from "../../core/ports.ts";
import { configPath } from "../../cli/config-path.ts";
import { createApp } from "../../http/app.ts";
import { protocols } from "../../protocols/registry.ts";
import { createOpenMedia, mediaSecretOf } from "../shared/media.ts";
import { openRelay } from "../shared/open.ts";
import { createOpenStream } from "../shared/web.ts";
import { openNodeSql } from "./drivers.ts";
import { nodeFetch } from "./fetch.ts";
import { nodeHmac } from "./hmac.ts";
import { createLog } from "./log.ts";
import { runRelay } from "./relay-runner.ts";

/** Calls in flight are finished within their own limit of 10 s; then the process goes. */
const STOP_MS = 15_000;

const { env } = process;

/** Starts the host; returns once it listens, or with the exit code set when it cannot. */
export async function runHost(): Promise<void> {
  const log = createLog(env["LOG_LEVEL"] ?? "info");
  try {
    await start(log);
  } catch (error) {
    log.error(messageOf(error));
    process.exit(1);
  }
}

async function start(log: Logger): Promise<void> {
  const file = configPath(process.argv.slice(2), env);
  const text = readFileSync(file, "utf8");
  const { config, problems } = loadConfig(text, env, protocols);
  if (problems.length > 0) {
    // The parser that knows lines is only loaded when there is something to say.
    const { describeProblems } = await import("../../cli/problems.ts");
    for (const line of describeProblems(file, text, problems))
      log[line.severity === "error" ? "error" : "warn"](line.text);
  }
  if (config === undefined) {
    log.error(`${file} cannot be used; mend what is named above and start again`);
    process.exitCode = 1;
    return;
  }

  const sql = openNodeSql(join(env["DATA_DIR"] ?? "./data", "footbridge.sqlite"));
  const slots = createSlots(PROCESS_SLOTS);
  let calls = 0;
  const web = { fetch: nodeFetch, slots, onCall: () => void (calls += 1) };
  const { relay, connectors } = await openRelay(config, {
    sql,
    web,
    hmac: nodeHmac,
    log,
    calls: () => calls,
    longLived: true,
    publicUrl: publicUrl(),
  });
  const runner = runRelay(relay, createOpenStream(web), log);
  const adminToken = env["ADMIN_TOKEN"];
  const app = createApp({
    webhookOf: (account) => connectors.get(account)?.webhook,
    relay: {
      webhook: runner.webhook,
      gap: runner.gap,
      report: async () => relay.report(),
      letters: runner.letters,
    },
    adminToken: adminToken === undefined || adminToken === "" ? undefined : secret(adminToken),
    media: {
      secretOf: mediaSecretOf(config),
      hmac: nodeHmac,
      clock: Date.now,
      shows: relay.shows,
      open: createOpenMedia(config, connectors, () => web),
    },
    // Slack reaches the same port: with a token set, metrics ask for it too.
    openMetrics: adminToken === undefined || adminToken === "",
    log,
  });
  const hostname = env["HOST"] ?? "0.0.0.0";
  const server = serve(
    { fetch: app.fetch, port: Number(env["PORT"] ?? 8080), hostname },
    ({ port }) => log.info("Footbridge is ready", { port, config: file }),
  );

  server.on("error", (error) => {
    log.error(`cannot listen on ${hostname}:${env["PORT"] ?? 8080}: ${messageOf(error)}`, {
      fix: "end what listens there, or set PORT to another port",
    });
    process.exit(1);
  });

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info("stopping: no new work, calls in flight are finished", { signal });
    setTimeout(() => process.exit(0), STOP_MS).unref();
    server.close();
    await runner.stop();
    sql.close();
    log.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", (signal) => void stop(signal));
  process.on("SIGINT", (signal) => void stop(signal));
}

/** An empty variable is one that is not set. */
const publicUrl = (): string | undefined =>
  /^https?:\/\//u.test(env["PUBLIC_URL"] ?? "") ? env["PUBLIC_URL"] : undefined;

// The second step of `main.ts`; there it is only read.
if (import.meta.main) await runHost();
