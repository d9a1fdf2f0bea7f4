/** The end of the process, as an operator or Kubernetes brings it about. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { seenAtGitter, setUp, startNode, until } from "../scenarios/hosts.ts";

const HOST = "src/hosts/node/main.ts";
const root = join(import.meta.dirname, "../..");

/** Nothing answers there. */
const ALONE = `[slack.a]
Token="xoxb-1"
SigningSecret="1"
APIURL="http://127.0.0.1:9/api/"
[[gateway]]
name="x"
enable=true
inout=[{account="slack.a",channel="general"},{account="slack.a",channel="random"}]
`;

const SIGNED_IN =
  '{"ok":true,"user_id":"U1","bot_id":"B1","team_id":"T1","user":"bridge","url":"https://team.slack.com/"}';
const PAGE = '{"ok":true,"channels":[],"response_metadata":{"next_cursor":"more"}}';

/** A Slack whose list of channels has no end, and comes only when it is told to. */
async function startSlowSlack() {
  const asked: string[] = [];
  const waiting: ServerResponse[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const server = createHttpServer((request, response) => {
    asked.push(request.url ?? "");
    response.setHeader("content-type", "application/json");
    if (request.url?.includes("conversations.list") !== true) return response.end(SIGNED_IN);
    waiting.push(response);
    return begin();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    asked,
    /** Resolves when the list is asked for. */
    begun,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: () => {
      for (const response of waiting.splice(0)) response.end(PAGE);
    },
    close: () => void server.close(),
  };
}

/** Starts the host with a folder of its own; `ended` gives its exit code. */
function spawnHost(config: string, env: NodeJS.ProcessEnv = {}) {
  const dir = mkdtempSync(join(tmpdir(), "footbridge-"));
  writeFileSync(join(dir, "matterbridge.toml"), config);
  const child = spawn(process.execPath, [HOST, "--conf", join(dir, "matterbridge.toml")], {
    cwd: root,
    env: { ...process.env, PORT: "0", HOST: "127.0.0.1", DATA_DIR: dir, ...env },
  });
  let log = "";
  /** Told of each line that is logged. */
  const lines = new Set<() => void>();
  child.stdout.on("data", (data: Buffer) => {
    log += data.toString();
    for (const look of lines) look();
  });
  return {
    child,
    ended: new Promise<number | null>((resolve) => child.once("exit", resolve)),
    log: () => log,
    logged: (text: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => void (log.includes(text) && lines.delete(look) && resolve());
        lines.add(look);
        look();
      }),
  };
}

/** Runs the host to its end; gives its exit code and what it logged. */
async function runHost(
  config: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; log: string }> {
  const host = spawnHost(config, env);
  return { code: await host.ended, log: host.log() };
}

/** What is still to be delivered, or to be looked for, by the next process on that data. */
async function waitingIn(dataDir: string) {
  const sql = openNodeSql(join(dataDir, "footbridge.sqlite"));
  const { pending } = await createSqliteStore(sql, { randomId: () => "id", retentionMs: 1 }).open();
  sql.close();
  return pending;
}

describe("the node host", () => {
  it("finishes the call in flight when it is told to stop", async () => {
    const setup = await setUp(startNode, { apiDelayMs: 300 });
    const { sandbox } = setup;
    sandbox.slack.say("ada", "general", "just before the end");
    await until(sandbox, () => seenAtGitter(sandbox).length > 0);
    await setup.host().stop();
    expect(await waitingIn(setup.dataDir)).toEqual([]);
    const restarted = await startNode(sandbox, setup.dataDir);
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    await restarted.stop();
    expect(seenAtGitter(sandbox)).toEqual(["Ada just before the end"]);
    await sandbox.close();
  }, 60_000);

  it.each<{ when: string; signals: readonly NodeJS.Signals[] }>([
    { when: "it is told to stop", signals: ["SIGTERM"] },
    { when: "it is told to stop right after a reload", signals: ["SIGHUP", "SIGTERM"] },
  ])(
    "asks nothing more of a service once $when",
    async ({ signals }) => {
      const service = await startSlowSlack();
      const host = spawnHost(ALONE.replace("http://127.0.0.1:9", service.url));
      await service.begun;
      for (const signal of signals) host.child.kill(signal);
      await host.logged('"stopping');
      const before = [...service.asked];
      service.answer();
      expect(await host.ended).toBe(0);
      service.close();
      expect(service.asked).toEqual(before);
      expect(host.log()).toContain('"stopped"');
      expect(host.log()).not.toContain("taken over");
    },
    30_000,
  );

  it("says file and line of what is wrong, and ends with 1", async () => {
    const { code, log } = await runHost(
      '[slack.a]\n\n[[gateway]]\nname="x"\nenable=true\ninout=[{account="irc.b",channel="#c"}]\n',
    );
    expect(code).toBe(1);
    expect(log).toMatch(/matterbridge\.toml:6: .*irc\.b.*not supported/u);
  });

  it("says which port is taken and what to do, and ends with 1", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, log } = await runHost(ALONE, { PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(log).toMatch(new RegExp(`${port}.*PORT`, "u"));
  });

  it("says which file is a newer program's and what to do, and ends with 1", async () => {
    const dir = mkdtempSync(join(tmpdir(), "footbridge-"));
    const sql = openNodeSql(join(dir, "footbridge.sqlite"));
    await createSqliteStore(sql, { randomId: () => "id", retentionMs: 1 }).open();
    sql.run("UPDATE meta SET v = '99' WHERE k = 'version'");
    sql.close();
    const { code, log } = await runHost(ALONE, { DATA_DIR: dir });
    expect(code).toBe(1);
    expect(log).toMatch(
      /"[^"]*footbridge\.sqlite: the data is of version 99, .*run the newer program again/u,
    );
    expect(log).not.toContain("did not take a write");
  });

  it("says where it looked when there is no configuration", async () => {
    const child = spawn(process.execPath, [HOST, "--conf", "/nowhere/matterbridge.toml"], {
      cwd: root,
    });
    let log = "";
    child.stdout.on("data", (data: Buffer) => (log += data.toString()));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect(code).toBe(1);
    expect(log).toContain("/nowhere/matterbridge.toml");
  });
});
