/**
 * The Worker in workerd alone, as the platform runs it: miniflare has two Workers of its own in the same process, which
 * each request and each call of ours would pass through.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";

import { type Bundle, bundleOf } from "../../src/sandbox/worker.ts";
import { configOf, envOf } from "../scenarios/hosts.ts";
import type { Start } from "./rig.ts";

const { resolve } = createRequire(import.meta.resolve("miniflare"));
/** Where the package of workerd says that its program is. */
const PROGRAM = join(dirname(resolve("workerd")), "../bin/workerd");
/** Tells where it listens, a line of JSON for each socket. */
const CONTROL_FD = 3;
/** Nothing triggers a cron here. */
const START = "/start";

const entryOf = (mainModule: string): string => `
import worker, { RelayObject } from ${JSON.stringify(`./${mainModule}`)};
export { RelayObject };
export default {
  async fetch(request, env, ctx) {
    if (!request.url.endsWith("${START}")) return worker.fetch(request, env, ctx);
    await worker.scheduled({}, env, ctx);
    return new Response();
  },
};
`;

/** https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp */
function configFor(bundle: Bundle, env: Readonly<Record<string, string>>, disk: string): string {
  const text = (value: string): string => JSON.stringify(value);
  const modules = Object.entries(bundle.modules).map(
    ([name, { type }]) =>
      `(name = ${text(name)}, ${type === "esm" ? "esModule" : "text"} = embed ${text(name)})`,
  );
  const variables = Object.entries(env).map(
    ([name, value]) => `(name = ${text(name)}, text = ${text(value)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "footbridge", worker = .footbridge),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "disk", disk = (path = ${text(disk)}, writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "footbridge")],
);
const footbridge :Workerd.Worker = (
  modules = [(name = "entry.js", esModule = embed "entry.js"), ${modules.join(", ")}],
  compatibilityDate = ${text(bundle.compatibilityDate)},
  bindings = [(name = "RELAY", durableObjectNamespace = "RelayObject"), ${variables.join(", ")}],
  durableObjectNamespaces = [
    (className = "RelayObject", uniqueKey = "footbridge-RelayObject", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "disk"),
  globalOutbound = "internet",
);
`;
}

/** Where it listens. Rejects with what it said when it could not start. */
async function portOf(
  control: NodeJS.ReadableStream,
  errors: NodeJS.ReadableStream,
): Promise<number> {
  let said = "";
  errors.on("data", (piece: Buffer) => (said = `${said}${piece.toString()}`.slice(-4_000)));
  for await (const line of createInterface({ input: control })) {
    const { event, port } = JSON.parse(line) as { event: string; port: number };
    if (event === "listen") return port;
  }
  throw new Error(`workerd could not start: ${said}`);
}

export const workerdAlone: Start = async (services, dataDir) => {
  const bundle = await bundleOf({ config: configOf(services), env: {} });
  const disk = join(dataDir, "disk");
  mkdirSync(disk, { recursive: true });
  for (const [name, { contents }] of Object.entries(bundle.modules))
    writeFileSync(join(dataDir, name), contents);
  writeFileSync(join(dataDir, "entry.js"), entryOf(bundle.mainModule));
  const file = join(dataDir, "config.capnp");
  writeFileSync(file, configFor(bundle, envOf(services), disk));
  const child = spawn(PROGRAM, ["serve", `--control-fd=${CONTROL_FD}`, file], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const kill = (): Promise<void> => {
    child.kill("SIGKILL");
    return ended;
  };
  const control = child.stdio[CONTROL_FD] as NodeJS.ReadableStream;
  const url = `http://127.0.0.1:${await portOf(control, child.stderr!)}`;
  const started = await fetch(`${url}${START}`);
  if (!started.ok) throw new Error(`the object could not start: ${await started.text()}`);
  return { url, pid: child.pid!, stop: kill, kill };
};
