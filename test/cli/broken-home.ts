/** What the tests of `check --live` share: the sandbox's services, a Footbridge that takes webhooks, the command. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { serve } from "@hono/node-server";
import { afterAll, afterEach } from "vitest";

import type { Io } from "../../src/cli/command.ts";
import { connectTo } from "../../src/cli/live-http.ts";
import { runCli } from "../../src/cli/run.ts";
import { loadConfig } from "../../src/core/config/load.ts";
import { protocols } from "../../src/protocols/registry.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { createApp } from "../../src/http/app.ts";
import { REPORT } from "../http/app.ts";

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "footbridge-cli-"));
  folders.push(folder);
  return folder;
};

export async function sandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const services = await startSandbox(options);
  open.push(() => services.close());
  return services;
}

export const SECRETS: Readonly<Record<string, string>> = {
  MATTERBRIDGE_SLACK_CREW_TOKEN: "xoxb-sandbox",
  MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: "sandbox-signing-secret",
  MATTERBRIDGE_GITTER_DOCK_TOKEN: "syt_footbridge_sandbox",
};

/** A configuration for the sandbox; the channels are its own unless told. */
export const configure = (
  { slackApiUrl, matrixUrl }: Pick<Sandbox, "slackApiUrl" | "matrixUrl">,
  { slack = "general", room = "footbridge/lobby", more = "" } = {},
): string => `[slack.crew]
APIURL = "${slackApiUrl}"
[gitter.dock]
Server = "${matrixUrl}"
${more}
[[gateway]]
name = "main"
enable = true
[[gateway.inout]]
account = "slack.crew"
channel = "${slack}"
[[gateway.inout]]
account = "gitter.dock"
channel = "${room}"
`;

/** A Footbridge with that configuration; `env` are its own secrets. Resolves with its address. */
export async function footbridge(
  text: string,
  env: Readonly<Record<string, string>>,
  clock: () => number = Date.now,
): Promise<string> {
  const { config } = loadConfig(text, env, protocols);
  const never = (): Promise<never> => Promise.reject(new Error("no call is expected"));
  const app = createApp({
    webhookOf: (id) => {
      const account = config?.accounts.get(id);
      return account === undefined ? undefined : connectTo(account, never, clock).webhook;
    },
    relay: {
      webhook: never,
      gap: never,
      report: async () => REPORT,
      letters: { list: never, replay: never, discard: never },
    },
    adminToken: undefined,
    clock: Date.now,
    pause: async () => undefined,
    openMetrics: false,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
  });
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
    open.push(() => server.close());
  });
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command in a folder that has these files. `typed`: what is typed at a terminal. */
export async function cli(
  args: readonly string[],
  {
    files = {},
    env = {},
    typed,
    folder = newFolder(),
    ...more
  }: {
    readonly files?: Readonly<Record<string, string>>;
    readonly env?: Readonly<Record<string, string>>;
    readonly typed?: string;
    readonly folder?: string;
  } & Partial<Pick<Io, "progress" | "paint" | "clock" | "sleep" | "stopped">> = {},
): Promise<Ran> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(args, {
    env,
    folder,
    print: (line) => void out.push(line),
    complain: (line) => void err.push(line),
    paint: (_style, text) => text,
    terminal: {
      input: Readable.from(typed === undefined ? [] : [typed]),
      interactive: typed !== undefined,
      write: (text) => void out.push(text),
    },
    clock: Date.now,
    sleep: async () => undefined,
    stopped: () => true,
    ...more,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}
