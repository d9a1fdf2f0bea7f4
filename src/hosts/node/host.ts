/** The node host: the same core and the same HTTP surface in a process, with a SQLite file of its own or a shared PostgreSQL. */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { serve } from "@hono/node-server";

import { readAdminToken } from "../../core/config/admin-token.ts";
import type { Config } from "../../core/config/config.ts";
import { createCounts } from "../../core/counts.ts";
import { messageOf } from "../../core/errors.ts";
import { createSlots, PROCESS_SLOTS } from "../../core/outbox/slots.ts";
import type { Logger } from "../../core/ports.ts";
import { configPath } from "../../cli/config-path.ts";
import { createApp } from "../../http/app.ts";
import { NewerData } from "../../stores/failure.ts";
import { createSqliteMover, createSqliteStore } from "../../stores/sqlite.ts";
import { createOpenMedia, mediaSecretOf } from "../shared/media.ts";
import { type Data, openConnectors, openRelay } from "../shared/open.ts";
import { createOpenStream } from "../shared/web.ts";
import { withLeaders } from "./config-report.ts";
import { openNodeSql } from "./drivers.ts";
import { nodeFetch } from "./fetch.ts";
import { nodeHmac } from "./hmac.ts";
import { BothFailed, type Keeper, type Running } from "./keeper.ts";
import { createNodeLog } from "./log.ts";
import { createMovable } from "./movable.ts";
import { runRelay } from "./relay-runner.ts";
import { LOOK_MS, openConfig } from "./reload.ts";
import { openSocket } from "./socket.ts";
import { untilStopped } from "./until-stopped.ts";

/** Calls in flight are finished within their own limit of 10 s; then the process goes. */
export const STOP_MS = 15_000;

const { env } = process;

/** Starts the host; returns once it listens, or with the exit code set when it cannot. */
export async function runHost(): Promise<void> {
  const log = createNodeLog(env["LOG_LEVEL"] ?? "");
  try {
    await start(log);
  } catch (error) {
    log.error(messageOf(error));
    process.exit(1);
  }
}

async function start(log: Logger): Promise<void> {
  /** Aborted when the process was told to stop: no relay is begun any more. */
  const stopping = new AbortController();
  const file = configPath(process.argv.slice(2), env);
  const configFile = await openConfig({
    file,
    env,
    clock: Date.now,
    log,
    stopping: stopping.signal,
    take: (config) => keeper.replace(config).catch(orEnd),
  });
  if (configFile.first === undefined) {
    log.error(`${file} cannot be used; mend what is named above and start again`);
    process.exitCode = 1;
    return;
  }
  /** Without any relay there is nothing to stay for: whoever started the process starts it again. */
  const orEnd = (error: unknown): never => {
    if (!(error instanceof BothFailed)) throw error;
    log.error(error.message, { reason: messageOf(error.cause) });
    process.exit(1);
  };

  const slots = createSlots(PROCESS_SLOTS);
  let calls = 0;
  const web = { fetch: nodeFetch, slots, onCall: () => void (calls += 1) };
  const fixed = {
    hmac: nodeHmac,
    log,
    calls: () => calls,
    longLived: true,
    publicUrl: publicUrl(),
  };
  const begin = async (config: Config, data: Data): Promise<Running> => {
    const ends = new AbortController();
    const web = untilStopped(data.web, ends.signal);
    const { relay, connectors } = await openRelay(config, { ...fixed, ...data, web });
    if (stopping.signal.aborted) throw new Error("the process stops");
    const runner = runRelay(relay, createOpenStream(web), openSocket, log);
    const stop = (): Promise<void> => {
      ends.abort();
      return runner.stop();
    };
    const report = () => ({ ...relay.report(), config: configFile.report() });
    return { config, relay: { ...relay, report }, connectors, runner: { ...runner, stop } };
  };
  /** For webhooks and files while the relay rests, or is in another process. */
  const connect = (config: Config) => openConnectors(config, { ...fixed, web }, "", createCounts());
  const url = env["DATABASE_URL"] ?? "";
  const awaits = (env["AWAIT_IMPORT"] ?? "") !== "";
  const keeper = await (url === "" ? keepAlone() : keepReplica());

  async function keepAlone(): Promise<Keeper> {
    const dataFile = join(env["DATA_DIR"] ?? "./data", "footbridge.sqlite");
    const sql = openNodeSql(dataFile);
    const data: Data = { web, makeStore: (options) => createSqliteStore(sql, options) };
    const alone = await createMovable(configFile.first!, {
      mover: createSqliteMover(sql),
      awaits,
      clock: Date.now,
      log,
      begin: (config) => begin(config, data),
      connect,
    }).catch((error: unknown) => {
      if (!(error instanceof NewerData)) throw error;
      throw new Error(
        `${dataFile}: ${error.message}, or give this one a DATA_DIR of its own; nothing was changed`,
        { cause: error },
      );
    });
    return { ...alone, stop: () => alone.stop().finally(sql.close) };
  }
  /** Loaded only where it is used: the client takes memory. */
  async function keepReplica(): Promise<Keeper> {
    if (!/^postgres(?:ql)?:\/\//u.test(url) || !URL.canParse(url))
      throw new Error(
        "DATABASE_URL is no address of a PostgreSQL: write postgres://user:password@host:5432/database, with signs such as @ or / in the password as %40 or %2F",
      );
    const { createReplica } = await import("./postgres/replica.ts");
    return createReplica(configFile.first!, {
      url,
      web,
      log,
      monotonic: () => performance.now(),
      clock: Date.now,
      awaits,
      connect,
      begin,
      configRefused: configFile.refused,
      refused: (error) => {
        log.error(error.message);
        process.exit(1);
      },
    });
  }
  const admin = readAdminToken(env["ADMIN_TOKEN"]);
  for (const { what, fix } of admin.problems) log.warn(what, { fix });
  const app = createApp({
    webhookOf: (account) => keeper.running().connectors.get(account)?.webhook,
    relay: {
      ...keeper.door,
      async report() {
        const report = await keeper.door.report();
        return { ...report, config: withLeaders(configFile.report(), report.config) };
      },
    },
    adminToken: admin.token,
    media: {
      secretOf: (account) => mediaSecretOf(keeper.running().config)(account),
      hmac: nodeHmac,
      clock: Date.now,
      shows: keeper.shows,
      open(ref, range) {
        const { config, connectors } = keeper.running();
        return createOpenMedia(config, connectors, () => web)(ref, range);
      },
    },
    clock: Date.now,
    pause: (ms) => pause(ms),
    // Slack reaches the same port: with a token set, metrics ask for it too.
    openMetrics: (env["ADMIN_TOKEN"] ?? "").trim() === "",
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

  const stop = async (signal: string): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    log.info("stopping: no new work, calls in flight are finished", { signal });
    setTimeout(() => process.exit(0), STOP_MS).unref();
    clearInterval(looks);
    server.close();
    await keeper.stop();
    log.info("stopped");
    process.exit(0);
  };
  const looks = setInterval(() => void configFile.look(), LOOK_MS);
  // Where a terminal sends it, that was closed.
  process.on(
    "SIGHUP",
    (signal) => void (process.stdout.isTTY ? stop(signal) : configFile.reload()),
  );
  process.on("SIGTERM", (signal) => void stop(signal));
  process.on("SIGINT", (signal) => void stop(signal));
}

/** An empty variable is one that is not set. */
const publicUrl = (): string | undefined =>
  /^https?:\/\//u.test(env["PUBLIC_URL"] ?? "") ? env["PUBLIC_URL"] : undefined;

// The second step of `main.ts`; there it is only read.
if (import.meta.main) await runHost();
