/** An older program on the data of a newer one: it says so and leaves all as it is, on both hosts. */
import { spawn } from "node:child_process";
import { globSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { startSandbox } from "../../src/sandbox/server.ts";
import { startWorker } from "../../src/sandbox/worker.ts";
import {
  ADMIN_TOKEN,
  configOf,
  envOf,
  startNode,
  startWorkerd,
  until,
} from "../scenarios/hosts.ts";

/** As if a newer program had been there. */
function age(file: string): void {
  const db = new DatabaseSync(file);
  db.exec("UPDATE meta SET v = '99' WHERE k = 'version'");
  db.close();
}
const MESSAGE = "the data is of version 99, this program knows 2: run the newer program again";

it("the container ends with the reason", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "footbridge-"));
  const sandbox = await startSandbox();
  try {
    await (await startNode(sandbox, dataDir)).stop();
    age(join(dataDir, "footbridge.sqlite"));
    const child = spawn(
      process.execPath,
      ["src/hosts/node/main.ts", "--conf", join(dataDir, "matterbridge.toml")],
      {
        cwd: join(import.meta.dirname, "../.."),
        env: { ...process.env, ...envOf(sandbox), PORT: "0", DATA_DIR: dataDir },
      },
    );
    let log = "";
    child.stdout.on("data", (data: Buffer) => (log += data.toString()));
    const code = await new Promise((resolve) => child.once("exit", resolve));
    expect([code, log]).toEqual([1, expect.stringContaining(MESSAGE)]);
  } finally {
    await sandbox.close();
  }
}, 60_000);

it("the Worker relays nothing, asks Slack to come again, and tells the operator", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "footbridge-"));
  let url: string | undefined;
  const sandbox = await startSandbox({
    slack: { retryDelaysMs: [] },
    eventsUrl: () => (url === undefined ? undefined : `${url}/slack/team/events`),
  });
  try {
    const first = await startWorkerd(sandbox, dataDir);
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    await first.stop();
    for (const file of globSync("**/*.sqlite", { cwd: dataDir }))
      try {
        age(join(dataDir, file));
      } catch {
        // One that the runtime keeps for itself.
      }
    const log: string[] = [];
    const second = await startWorker({
      config: configOf(sandbox),
      env: envOf(sandbox),
      persistTo: dataDir,
      log: (_level, line) => void log.push(line),
    });
    url = second.url;
    try {
      sandbox.slack.say("ada", "general", "not lost");
      await until(sandbox, () => sandbox.slack.deliveries.length > 0);
      expect(sandbox.slack.deliveries.map(({ outcome }) => outcome)).toEqual([
        { kind: "answered", status: 503, noRetry: false },
      ]);
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${second.url}/admin/status`, { headers });
      expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining(MESSAGE)]);
      expect(log.join("\n")).toContain(MESSAGE);
    } finally {
      await second.dispose();
    }
  } finally {
    await sandbox.close();
  }
}, 60_000);
