/** The real Worker, as `wrangler deploy` would upload it, run in workerd on this machine with another configuration. */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Log, LogLevel, Miniflare, type MiniflareOptions } from "miniflare";

/** The folder that holds the top-level `wrangler.toml`. */
const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const WORKER = "footbridge";
const CONFIG = "matterbridge.toml";

type Module = { readonly type: "esm" | "text"; readonly contents: string };

/** What is uploaded: module names as the main module imports them. */
export interface Bundle {
  readonly mainModule: string;
  readonly modules: Readonly<Record<string, Module>>;
  readonly compatibilityDate: string;
}

export interface WorkerOptions {
  /** Text that stands in for the deployed `matterbridge.toml`. */
  readonly config: string;
  /** Variables and secrets. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder for the object's storage, to start again from; in memory when absent. */
  readonly persistTo?: string;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Lines that the Worker logs. */
  readonly log?: (level: string, line: string) => void;
  /** Another project folder with a `wrangler.toml`. */
  readonly project?: string;
  /** Another main module than the project's, from the project's folder; tests put one around the Worker. */
  readonly entry?: string;
}

export interface RunningWorker {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** What the cron trigger does every few minutes. */
  scheduled(): Promise<void>;
  /** Takes the object out of memory; its storage stays. */
  evict(objectName?: string): Promise<void>;
  dispose(): Promise<void>;
}

const bundles = new Map<string, Promise<Bundle>>();

/** Builds the Worker with wrangler; once a process. */
function buildWorker({ project = PROJECT, entry }: WorkerOptions): Promise<Bundle> {
  const key = join(project, entry ?? "");
  const known = bundles.get(key);
  if (known !== undefined) return known;
  const bundle = build(project, entry);
  bundles.set(key, bundle);
  return bundle;
}

async function build(project: string, entry?: string): Promise<Bundle> {
  const outdir = await mkdtemp(join(tmpdir(), "footbridge-worker-"));
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
    "bin/wrangler.js",
  );
  try {
    await promisify(execFile)(
      process.execPath,
      [
        wrangler,
        "deploy",
        // Beside another main module wrangler would look for other settings.
        ...(entry === undefined ? [] : [entry, "--config", "wrangler.toml"]),
        "--dry-run",
        "--outdir",
        outdir,
      ],
      {
        cwd: project,
        env: { ...process.env, CI: "true", WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    return await readBundle(project, outdir);
  } catch (error) {
    const { stderr = "", stdout = "" } = error as { stderr?: string; stdout?: string };
    throw new Error(`wrangler could not build the Worker:\n${stdout}${stderr}`, { cause: error });
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

async function readBundle(project: string, outdir: string): Promise<Bundle> {
  const modules: Record<string, Module> = {};
  for (const name of await readdir(outdir)) {
    const type = name.endsWith(".js") ? "esm" : name.endsWith(".toml") ? "text" : undefined;
    if (type === undefined) continue;
    modules[name] = { type, contents: await readFile(join(outdir, name), "utf8") };
  }
  const mainModule = Object.keys(modules).find((name) => name.endsWith(".js"));
  if (mainModule === undefined) throw new Error("the build made no script");
  const settings = await readFile(join(project, "wrangler.toml"), "utf8");
  const date = /^compatibility_date\s*=\s*"([\d-]+)"/m.exec(settings)?.[1];
  if (date === undefined) throw new Error("wrangler.toml has no compatibility_date");
  return { mainModule, modules, compatibilityDate: date };
}

/** The Worker as it would be uploaded, with `config` in the place of the configuration that it was built with. */
export async function bundleOf(options: WorkerOptions): Promise<Bundle> {
  const bundle = await buildWorker(options);
  const modules = Object.fromEntries(
    Object.entries(bundle.modules).map(([name, module]): [string, Module] =>
      name.endsWith(CONFIG) ? [name, { type: "text", contents: options.config }] : [name, module],
    ),
  );
  return { ...bundle, modules };
}

function optionsOf(bundle: Bundle, options: WorkerOptions): MiniflareOptions {
  const { env, persistTo, port = 0, log } = options;
  const text = (value: string): { type: "text"; value: string } => ({ type: "text", value });
  return {
    host: "127.0.0.1",
    port,
    log: new Log(LogLevel.NONE),
    logRequests: false,
    // Makes `/cdn-cgi/local/scheduled` run the cron handler.
    unsafeTriggerHandlers: true,
    ...(persistTo === undefined ? {} : { resourcePersistencePath: persistTo }),
    // Without this miniflare prints what the Worker logs.
    handleStructuredLogs: ({ level, message }) => log?.(level, message),
    workers: [
      {
        config: {
          name: WORKER,
          compatibilityDate: bundle.compatibilityDate,
          manifest: {
            mainModule: bundle.mainModule,
            modulesRoot: PROJECT,
            modules: bundle.modules,
          },
          env: {
            ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, text(value)])),
            RELAY: { type: "durable-object", worker: WORKER, exportName: "RelayObject" },
          },
          exports: { RelayObject: { type: "durable-object", storage: "sqlite" } },
        },
      },
    ],
  };
}

export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const miniflare = new Miniflare(optionsOf(await bundleOf(options), options));
  const url = (await miniflare.ready).origin;
  return {
    url,
    async scheduled() {
      const answer = await fetch(`${url}/cdn-cgi/local/scheduled`);
      if (!answer.ok) throw new Error(`scheduled: ${answer.status} ${await answer.text()}`);
    },
    evict: (name = "main") => miniflare.unsafeEvictDurableObject(WORKER, "RelayObject", { name }),
    dispose: () => miniflare.dispose(),
  };
}
