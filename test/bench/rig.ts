/** The services in their own process and a host that relays between them; everything is taken down at the end. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type RunningWorker, startWorker } from "../../src/sandbox/worker.ts";
import { configOf, envOf, type Services, startNodeWith } from "../scenarios/hosts.ts";
import { childOf } from "./process.ts";
import type { Answers, Ask, Reply, ServicesOptions } from "./protocol.ts";

export interface RunningHost {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

export type Start = (services: Services, dataDir: string) => Promise<RunningHost>;

/** As `npm start` runs it. Each account's slots, and nothing else, limit its calls: no interval between posts. */
export const nodeHost: Start = async (services, dataDir) => {
  const host = await startNodeWith({ LOG_LEVEL: "info" })(services, dataDir);
  return { ...host, pid: host.pid! };
};

/** The Worker in workerd; `entry` is another main module around it. */
export const workerd =
  (entry?: string): Start =>
  async (services) => {
    const worker: RunningWorker = await startWorker({
      config: configOf(services),
      env: envOf(services),
      ...(entry === undefined ? {} : { entry }),
    });
    await worker.scheduled();
    const end = () => worker.dispose();
    return { url: worker.url, pid: childOf("workerd"), stop: end, kill: end };
  };

export interface Rig {
  ask<Kind extends Ask["kind"]>(ask: Ask & { readonly kind: Kind }): Promise<Answers[Kind]>;
  host(): RunningHost;
  /** Kills the host and starts it again on the same data. */
  crash(): Promise<void>;
  close(): Promise<void>;
}

/** What is to be ended when the process is. */
const children = new Set<ChildProcess>();
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")));

export async function startRig(start: Start, options: ServicesOptions): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), "footbridge-bench-"));
  const child = fork(join(import.meta.dirname, "services.ts"), { execArgv: [] });
  children.add(child);
  const asked = new Map<number, (reply: Reply) => void>();
  child.on("message", (reply: Reply) => {
    asked.get(reply.id)?.(reply);
    asked.delete(reply.id);
  });
  child.once("exit", () => {
    children.delete(child);
    for (const [id, tell] of asked) tell({ id, error: "the services ended" });
  });
  let serial = 0;
  const ask = <Kind extends Ask["kind"]>(
    what: Ask & { readonly kind: Kind },
  ): Promise<Answers[Kind]> =>
    new Promise((resolve, reject) => {
      serial += 1;
      asked.set(serial, ({ answer, error }) =>
        error === undefined ? resolve(answer as Answers[Kind]) : reject(new Error(error)),
      );
      child.send({ id: serial, ask: what });
    });

  let host: RunningHost | undefined;
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await host?.kill();
    child.kill("SIGKILL");
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const services = await ask({ kind: "start", options });
    const open = async (): Promise<void> => {
      host = await start(services, dataDir);
      await ask({ kind: "events to", url: `${host.url}/slack/team/events` });
    };
    await open();
    await ask({ kind: "listened" });
    return {
      ask,
      close,
      host: () => host!,
      async crash() {
        await host!.kill();
        await open();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
