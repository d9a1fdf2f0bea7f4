/** The two hosts, started for real, and a sandbox for them to talk to. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { startWorker } from "../../src/sandbox/worker.ts";

export interface Host {
  readonly url: string;
  /** The node host's process. */
  readonly pid?: number;
  /** The lines that it has logged. */
  readonly logged: () => readonly string[];
  /** The exit code of that process; null while it runs, or when a signal ended it. */
  readonly exitCode?: () => number | null;
  /** Ends it without a word: kill -9, or the end of workerd. */
  kill(): Promise<void>;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
}

/** What a host has to know of the services, which may run in another process. */
export interface Services extends Pick<
  Sandbox,
  "slackApiUrl" | "gitterApiUrl" | "gitterStreamUrl" | "matrixUrl"
> {
  readonly slack: Pick<Sandbox["slack"], "seed">;
  readonly gitter: Pick<Sandbox["gitter"], "seed">;
  readonly matrix: Pick<Sandbox["matrix"], "seed">;
}

/**
 * What is bridged: pairs of a Slack channel and a room of Gitter's API or of Gitter today, one gateway of all three, or
 * all of Slack's channels with each other and all rooms of today with each other, or those of Slack alone.
 */
export type Layout = "pairs" | "matrix pairs" | "three ways" | "one service" | "slack alone";

export type StartHost = (
  sandbox: Services,
  dataDir: string,
  settings?: string,
  layout?: Layout,
) => Promise<Host>;

/** Where people reach every host here: links to files begin with it. */
export const PUBLIC_URL = "https://footbridge.example";
/** Of every host here. */
export const ADMIN_TOKEN = "admin-token-of-the-tests";

export const envOf = (sandbox: Services): Record<string, string> => ({
  MATTERBRIDGE_SLACK_TEAM_TOKEN: sandbox.slack.seed.token,
  ...(sandbox.slack.seed.socketMode
    ? { MATTERBRIDGE_SLACK_TEAM_APPTOKEN: sandbox.slack.seed.appToken }
    : { MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET: sandbox.slack.seed.signingSecret }),
  MATTERBRIDGE_GITTER_G_TOKEN: sandbox.gitter.seed.token,
  MATTERBRIDGE_GITTER_TODAY_TOKEN: sandbox.matrix.seed.token,
  ADMIN_TOKEN,
  PUBLIC_URL,
});

/** One gateway for each pair of a Slack channel and a Gitter room, in the order of the seeds. */
const gateways = (sandbox: Services): string =>
  sandbox.slack.seed.channels
    .map(
      ({ name }, index) => `[[gateway]]
name="pair ${index}"
enable=true
inout=[{account="slack.team",channel="${name}"},{account="gitter.g",channel="${sandbox.gitter.seed.rooms[index]!.uri}"}]`,
    )
    .join("\n");

/** The same with rooms as they are today, which are written as they always were. */
const matrixGateways = (sandbox: Services): string => `
[gitter.today]
Server="${sandbox.matrixUrl}"
${sandbox.slack.seed.channels
  .map(
    ({ name }, index) => `[[gateway]]
name="pair ${index}"
enable=true
inout=[{account="slack.team",channel="${name}"},{account="gitter.today",channel="${sandbox.matrix.seed.rooms[index]!.alias.replace("_", "/")}"}]`,
  )
  .join("\n")}`;

/** Ada is Mara on Matrix and mara-dev at Gitter's API; Ben is nobody elsewhere. */
const threeWays = (sandbox: Services, settings: string): string => `
[gitter.today]
Server="${sandbox.matrixUrl}"
${settings}
[[user]]
name="Ada"
slack.team="U0ADA"
gitter.today="@mara:gitter.im"
gitter.g="mara-dev"
[[gateway]]
name="three ways"
enable=true
inout=[
  {account="slack.team",channel="general"},
  {account="gitter.g",channel="footbridge/lobby"},
  {account="gitter.today",channel="footbridge/lobby"},
]`;

const slackAlone = ({ slack }: Services): string => `
[[gateway]]
name="channels"
enable=true
inout=[${slack.seed.channels.map(({ name }) => `{account="slack.team",channel="${name}"}`).join(",")}]`;

const oneService = (sandbox: Services, settings: string): string => {
  const legs = (account: string, names: readonly string[]) =>
    names.map((name) => `{account="${account}",channel="${name}"}`).join(",");
  return `
[gitter.today]
Server="${sandbox.matrixUrl}"
${settings}
[[gateway]]
name="channels"
enable=true
inout=[${legs(
    "slack.team",
    sandbox.slack.seed.channels.map(({ name }) => name),
  )}]
[[gateway]]
name="rooms"
enable=true
inout=[${legs(
    "gitter.today",
    sandbox.matrix.seed.rooms.map(({ alias }) => alias.replace("_", "/")),
  )}]`;
};

const LAYOUTS = {
  pairs: gateways,
  "matrix pairs": matrixGateways,
  "three ways": threeWays,
  "one service": oneService,
  "slack alone": slackAlone,
};

export const configOf = (
  sandbox: Services,
  settings = "SendInterval=0",
  layout: Layout = "pairs",
): string => `
[slack.team]
APIURL="${sandbox.slackApiUrl}"
${settings}
[gitter.g]
APIURL="${sandbox.gitterApiUrl}"
StreamURL="${sandbox.gitterStreamUrl}"
${settings}
[general]
RemoteNickFormat="{NICK} "
${LAYOUTS[layout](sandbox, settings)}
`;

/** The node host as `npm start` runs it, with more variables. */
export const startNodeWith =
  (env: NodeJS.ProcessEnv): StartHost =>
  async (sandbox, dataDir, settings, layout) => {
    const file = join(dataDir, "matterbridge.toml");
    writeFileSync(file, configOf(sandbox, settings, layout));
    const child: ChildProcess = spawn(
      process.execPath,
      ["src/hosts/node/main.ts", "--conf", file],
      {
        cwd: join(import.meta.dirname, "../.."),
        env: {
          ...process.env,
          ...envOf(sandbox),
          PORT: "0",
          HOST: "127.0.0.1",
          DATA_DIR: dataDir,
          ...env,
        },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const said: string[] = [];
    const port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: child.stdout! }).on("line", (line) => {
        said.push(line);
        const parsed = JSON.parse(line) as { message: string; port?: number };
        if (parsed.message === "Footbridge is ready") resolve(parsed.port!);
      });
      child.once("exit", () => reject(new Error(`the host ended:\n${said.join("\n")}`)));
    });
    const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
      child.kill(signal);
      await ended;
    };
    return {
      url: `http://127.0.0.1:${port}`,
      pid: child.pid!,
      logged: () => said,
      exitCode: () => child.exitCode,
      kill: end("SIGKILL"),
      stop: end("SIGTERM"),
    };
  };
export const startNode = startNodeWith({});

/**
 * The Worker and its object in workerd, from the bundle that would be deployed or from one of another main module, with more
 * variables.
 */
const startWorkerdFrom =
  (entry?: string, env: Readonly<Record<string, string>> = {}): StartHost =>
  async (sandbox, dataDir, settings, layout) => {
    const said: string[] = [];
    const worker = await startWorker({
      log: (_level, line) => void said.push(line),
      config: configOf(sandbox, settings, layout),
      env: { ...envOf(sandbox), ...env },
      persistTo: dataDir,
      ...(entry === undefined ? {} : { entry }),
    });
    await worker.scheduled();
    return {
      url: worker.url,
      logged: () => said,
      kill: () => worker.dispose(),
      stop: () => worker.dispose(),
    };
  };

export const startWorkerd = startWorkerdFrom();
export const startWorkerdWith = (env: Readonly<Record<string, string>>): StartHost =>
  startWorkerdFrom(undefined, env);
/** On a platform that fails when it is told to, at `/faults`. */
export const startFaultyWorkerd = startWorkerdFrom("test/workerd/faulty.ts");
/** With a book of its calls at `/calls`. */
export const startCountedWorkerd = startWorkerdFrom("test/workerd/counted.ts");

export const HOSTS: readonly (readonly [string, StartHost])[] = [
  ["the node host", startNode],
  ["the Worker", startWorkerd],
];

export interface Setup {
  readonly sandbox: Sandbox;
  readonly host: () => Host;
  readonly dataDir: string;
  /** Takes down what is running and starts it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A sandbox and a host that relays: both rooms found, the stream open. */
export async function setUp(
  start: StartHost,
  options: SandboxOptions = {},
  settings?: string,
  layout: Layout = "pairs",
): Promise<Setup> {
  const dataDir = mkdtempSync(join(tmpdir(), "footbridge-"));
  let host: Host | undefined;
  const sandbox = await startSandbox({
    ...options,
    eventsUrl: () => (host === undefined ? undefined : `${host.url}/slack/team/events`),
  });
  const ready = until(
    sandbox,
    () =>
      (["matrix pairs", "one service", "slack alone"].includes(layout) ||
        sandbox.gitter.streams.count() >= sandbox.gitter.seed.rooms.length) &&
      (["pairs", "slack alone"].includes(layout) || sandbox.matrix.polls() > 0) &&
      (!sandbox.slack.seed.socketMode || sandbox.slack.sockets.count() > 0),
  );
  host = await start(sandbox, dataDir, settings, layout);
  await ready;
  return {
    sandbox,
    dataDir,
    host: () => host!,
    async restart() {
      const before = host!;
      host = undefined;
      await before.kill();
      host = await start(sandbox, dataDir, settings, layout);
    },
    async close() {
      await host?.stop();
      await sandbox.close();
    },
  };
}

/** Resolves as soon as it is true; the test's own time limit ends the wait. */
export async function until(sandbox: Sandbox, isTrue: () => boolean): Promise<void> {
  while (!isTrue())
    await new Promise<void>((resolve) => {
      const stop = sandbox.onChange(() => done());
      // What is waited for is not always a change of a transcript.
      const timer = setTimeout(() => done(), 20);
      const done = () => {
        clearTimeout(timer);
        stop();
        resolve();
      };
    });
}

/** What people of a side see: author and text. */
export const seenAtGitter = (sandbox: Sandbox): string[] =>
  sandbox.gitter.messages("footbridge/lobby").map(({ text }) => text);
export const seenAtMatrix = (sandbox: Sandbox): string[] =>
  sandbox.matrix.messages("footbridge/lobby").map(({ body }) => body);
export const seenAtSlack = (sandbox: Sandbox): string[] =>
  sandbox.slack
    .messages("general")
    .map((message) => `${message.username ?? message.user ?? ""}: ${message.text}`);
