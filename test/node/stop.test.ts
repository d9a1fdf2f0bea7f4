/** The end of the process, as an operator or Kubernetes brings it about. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

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

/** Runs the host to its end; gives its exit code and what it logged. */
async function runHost(
  config: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; log: string }> {
  const dir = mkdtempSync(join(tmpdir(), "footbridge-"));
  writeFileSync(join(dir, "matterbridge.toml"), config);
  const child = spawn(process.execPath, [HOST, "--conf", join(dir, "matterbridge.toml")], {
    cwd: root,
    env: { ...process.env, PORT: "0", HOST: "127.0.0.1", DATA_DIR: dir, ...env },
  });
  let log = "";
  child.stdout.on("data", (data: Buffer) => (log += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, log };
}

describe("the node host", () => {
  it("finishes the call in flight when it is told to stop", async () => {
    const setup = await setUp(startNode, { apiDelayMs: 300 });
    const { sandbox } = setup;
    sandbox.slack.say("ada", "general", "just before the end");
    await until(sandbox, () => seenAtGitter(sandbox).length > 0);
    await setup.host().stop();
    const restarted = await startNode(sandbox, setup.dataDir);
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    await restarted.stop();
    expect(seenAtGitter(sandbox)).toEqual(["Ada just before the end"]);
    await sandbox.close();
  }, 60_000);

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
