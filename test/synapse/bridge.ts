/** A bridge between the real homeserver and the embedded Slack, on either host, and what people see on both sides. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { startWorker } from "../../src/sandbox/worker.ts";

/** A channel of Slack, and a room as ten years of Gitter configurations name it. */
export interface Pair {
  readonly channel: string;
  /** `org/room`. */
  readonly room: string;
}

/** One run of the bridge. */
interface Host {
  readonly url: string;
  /** Ends it without a word: kill -9, or the end of workerd. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

interface Start {
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  readonly dataDir: string;
  /** Gets every line of the log. */
  readonly log: (line: string) => void;
}

export type StartHost = (start: Start) => Promise<Host>;

const PROJECT = join(import.meta.dirname, "../..");
const ADMIN_TOKEN = "admin-token-of-the-tests";
/** Where people reach the bridge. */
const PUBLIC_URL = "https://footbridge.example";

/** As `npm start` runs it. */
export const onNode: StartHost = async ({ config, env, dataDir, log }) => {
  const file = join(dataDir, "matterbridge.toml");
  writeFileSync(file, config);
  const child: ChildProcess = spawn(process.execPath, ["src/hosts/node/main.ts", "--conf", file], {
    cwd: PROJECT,
    env: { ...process.env, ...env, PORT: "0", HOST: "127.0.0.1", DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const killAtExit = (): void => void child.kill("SIGKILL");
  process.once("exit", killAtExit);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on("line", (line) => {
      log(line);
      const parsed = JSON.parse(line) as { message: string; port?: number };
      if (parsed.message === "Footbridge is ready") resolve(parsed.port!);
    });
    child.once("exit", () => reject(new Error("the host ended before it was ready")));
  });
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    child.kill(signal);
    await ended;
    process.off("exit", killAtExit);
  };
  return { url: `http://127.0.0.1:${port}`, kill: end("SIGKILL"), stop: end("SIGTERM") };
};

/** The Worker and its object in workerd, from the bundle that would be deployed. */
const onWorkerd: StartHost = async ({ config, env, dataDir, log }) => {
  const worker = await startWorker({
    config,
    env,
    persistTo: dataDir,
    log: (_level, line) => log(line),
  });
  await worker.scheduled();
  return { url: worker.url, kill: () => worker.dispose(), stop: () => worker.dispose() };
};

export const HOSTS: readonly (readonly [name: string, org: string, StartHost])[] = [
  ["the node host", "node", onNode],
  ["the Worker", "worker", onWorkerd],
];

/** The part of `/admin/status` that the tests read. */
interface Status {
  readonly accounts: readonly { readonly account: string; readonly paused?: string }[];
  readonly lanes: readonly { readonly lane: string; readonly depth: number }[];
  readonly troubles: Readonly<Record<string, string>>;
  readonly series: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

export interface BridgeOptions {
  readonly start: StartHost;
  /** Of the homeserver. */
  readonly server: string;
  readonly token: string;
  readonly pairs: readonly Pair[];
  /** More of `[general]`. */
  readonly settings?: string;
  readonly sandbox?: SandboxOptions;
}

export interface Bridge {
  readonly sandbox: Sandbox;
  /** Everything that it logged, over all runs. */
  readonly log: readonly string[];
  status(): Promise<Status>;
  /** What a link to this bridge gives. */
  media(link: string): Promise<Response>;
  /** With another token, where the old one is no good. */
  start(token?: string): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Kill and start: Slack's events meanwhile find nobody. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const configOf = (sandbox: Sandbox, options: BridgeOptions): string => `
[slack.team]
APIURL="${sandbox.slackApiUrl}"
SendInterval=0
PreserveThreading=true
[gitter.rooms]
Server="${options.server}"
PreserveThreading=true
[general]
RemoteNickFormat="{NICK}"
${options.settings ?? ""}
${options.pairs
  .map(
    ({ channel, room }) => `[[gateway]]
name="${room}"
enable=true
inout=[{account="slack.team",channel="${channel}"},{account="gitter.rooms",channel="${room}"}]`,
  )
  .join("\n")}
`;

const slackOf = (pairs: readonly Pair[], given: SandboxOptions = {}): SandboxOptions => ({
  ...given,
  slack: {
    channels: pairs.map(({ channel }, index) => ({ id: `C0PAIR${index}`, name: channel })),
    // An event that a stop or a kill took comes again soon, not after a minute.
    retryDelaysMs: [0, 100, 1_000],
    ...given.slack,
  },
});

/** A bridge that runs; its rooms may be found yet or not. */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const dataDir = mkdtempSync(join(tmpdir(), "footbridge-matrix-"));
  const log: string[] = [];
  let { token } = options;
  let host: Host | undefined;
  const sandbox = await startSandbox({
    ...slackOf(options.pairs, options.sandbox),
    eventsUrl: () => (host === undefined ? undefined : `${host.url}/slack/team/events`),
  });

  async function start(newToken = token): Promise<void> {
    token = newToken;
    host = await options.start({
      config: configOf(sandbox, options),
      env: {
        ADMIN_TOKEN,
        PUBLIC_URL,
        MATTERBRIDGE_SLACK_TEAM_TOKEN: sandbox.slack.seed.token,
        MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET: sandbox.slack.seed.signingSecret,
        MATTERBRIDGE_GITTER_ROOMS_TOKEN: token,
      },
      dataDir,
      log: (line) => log.push(line),
    });
  }
  async function end(how: "kill" | "stop"): Promise<void> {
    const ending = host;
    host = undefined;
    await ending?.[how]();
  }
  const bridge: Bridge = {
    sandbox,
    log,
    async status() {
      const response = await fetch(`${host!.url}/admin/status`, {
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, connection: "close" },
      });
      if (!response.ok) throw new Error(`/admin/status: ${response.status}`);
      return (await response.json()) as Status;
    },
    media: (link) =>
      fetch(host!.url + link.slice(PUBLIC_URL.length), { headers: { connection: "close" } }),
    start,
    kill: () => end("kill"),
    stop: () => end("stop"),
    async restart() {
      await end("kill");
      await start();
    },
    async close() {
      await end("stop");
      await sandbox.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
  try {
    await start();
  } catch (error) {
    await bridge.close();
    throw new Error(`the bridge did not start:\n${log.join("\n")}`, { cause: error });
  }
  return bridge;
}

const LOOK_EVERY_MS = 40;

/** Resolves as soon as it is true; rejects with what it waited for, and what there was in its place. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  seen: () => unknown = () => "",
  withinMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline)
      throw new Error(`after ${withinMs} ms still not: ${what} ${JSON.stringify(await seen())}`);
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_EVERY_MS);
    });
  }
}
