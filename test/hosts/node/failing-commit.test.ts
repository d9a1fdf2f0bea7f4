/** A disk that fails while Slack sends over a socket: real sockets, a real store, in this process. */
import { afterEach, describe, expect, it } from "vitest";

import { loadConfig } from "../../../src/core/config/load.ts";
import { createSlots, PROCESS_SLOTS } from "../../../src/core/outbox/slots.ts";
import { openNodeSql } from "../../../src/hosts/node/drivers.ts";
import { nodeFetch } from "../../../src/hosts/node/fetch.ts";
import { nodeHmac } from "../../../src/hosts/node/hmac.ts";
import { runRelay, type Runner } from "../../../src/hosts/node/relay-runner.ts";
import { openSocket } from "../../../src/hosts/node/socket.ts";
import { openRelay } from "../../../src/hosts/shared/open.ts";
import { createOpenStream } from "../../../src/hosts/shared/web.ts";
import { protocols } from "../../../src/protocols/registry.ts";
import { createSqliteStore } from "../../../src/stores/sqlite.ts";
import { type Sandbox, startSandbox } from "../../../src/sandbox/server.ts";
import { configOf, envOf, seenAtGitter, until } from "../../scenarios/hosts.ts";

let sandbox: Sandbox;
let runner: Runner;
afterEach(async () => {
  await runner.stop();
  await sandbox.close();
});

describe("a commit that fails in Socket Mode", () => {
  it("is not acknowledged, ends the connection, and loses and doubles nothing", async () => {
    sandbox = await startSandbox({
      gitter: { rateLimit: 100_000 },
      slack: { socketMode: true, retryDelaysMs: [0, 100, 1_000], orderWaitMs: 60_000 },
    });
    const { config } = loadConfig(configOf(sandbox), envOf(sandbox), protocols);
    const disk = openNodeSql(":memory:");
    let fails = 0;
    const sql: typeof disk = {
      ...disk,
      async commit(work) {
        if (fails === 0) return disk.commit(work);
        fails -= 1;
        throw new Error("disk full");
      },
    };
    const log = {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    };
    let calls = 0;
    const slots = createSlots(PROCESS_SLOTS);
    const web = { fetch: nodeFetch, slots, onCall: () => void (calls += 1) };
    const { relay } = await openRelay(config!, {
      makeStore: (options) => createSqliteStore(sql, options),
      web,
      hmac: nodeHmac,
      log,
      calls: () => calls,
      longLived: true,
    });
    runner = runRelay(relay, createOpenStream(web), openSocket, log);
    const { slack, gitter } = sandbox;
    await until(sandbox, () => slack.sockets.count() === 1 && gitter.streams.count() === 1);

    const texts = Array.from({ length: 40 }, (_each, nth) => `s ${nth}`);
    for (const text of texts) slack.say("ada", "general", text);
    await until(sandbox, () => slack.deliveries.length >= 10);
    fails = 5;
    await until(sandbox, () => seenAtGitter(sandbox).length >= texts.length);
    // History may have brought it all before the next connection.
    await until(sandbox, () => slack.sockets.opened() > 1);
    // The one that failed came back without its acknowledgement.
    expect(slack.deliveries.some(({ outcome }) => outcome.kind === "refused")).toBe(true);
    slack.say("ada", "general", "last");
    await until(sandbox, () => seenAtGitter(sandbox).includes("Ada last"));
    expect(seenAtGitter(sandbox)).toEqual([...texts, "last"].map((text) => `Ada ${text}`));
  }, 60_000);
});
