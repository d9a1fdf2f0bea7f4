/** A bridge that moves from several replicas on PostgreSQL to one container, and back, by the commands that an operator has. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { command } from "../scenarios/command.ts";
import {
  type Host,
  seenAtGitter,
  seenAtSlack,
  startNode,
  startNodeWith,
  until,
} from "../scenarios/hosts.ts";
import { newPlace } from "./place.ts";
import { leads } from "./replicas.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let sandbox: Sandbox;
/** Those that Slack's events go to, by turns. */
let known: readonly Host[] = [];
let started: Host[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());
beforeEach(async () => {
  let turn = 0;
  sandbox = await startSandbox({
    gitter: { rateLimit: 100_000 },
    slack: { retryDelaysMs: [0, ...Array.from({ length: 30 }, () => 500)], orderWaitMs: 0 },
    eventsUrl() {
      turn += 1;
      const host = known[turn % known.length];
      return host === undefined ? undefined : `${host.url}/slack/team/events`;
    },
  });
});
afterEach(async () => {
  known = [];
  await Promise.all(started.map((host) => host.kill().catch(() => undefined)));
  started = [];
  await sandbox.close();
});

const folder = () => mkdtempSync(join(tmpdir(), "footbridge-"));
const begin = async (env: NodeJS.ProcessEnv): Promise<Host> => {
  const start = Object.keys(env).length === 0 ? startNode : startNodeWith(env);
  const host = await start(sandbox, folder());
  started.push(host);
  return host;
};
const end = async (host: Host): Promise<void> => {
  started = started.filter((each) => each !== host);
  await host.kill();
};
const statusOf = async (host: Host, path: string, method = "GET"): Promise<number> =>
  (await fetch(`${host.url}${path}`, { method })).status;

/** Two replicas, the one that relays first; where nothing is relayed, in any order. */
async function replicas(databaseUrl: string, env: NodeJS.ProcessEnv = {}): Promise<Host[]> {
  const all = [];
  for (let count = 0; count < 2; count += 1)
    all.push(await begin({ DATABASE_URL: databaseUrl, ...env }));
  return all;
}
async function leaderFirst(all: readonly Host[]): Promise<readonly [Host, Host]> {
  for (;;)
    for (const host of all)
      if (await leads(host).catch(() => false))
        return [host, all.find((each) => each !== host)!] as const;
}

/** Messages that were accepted and cannot go out yet. */
async function sayAndHold(texts: readonly string[]): Promise<void> {
  sandbox.gitter.fault({
    method: "POST chatMessages",
    times: 1,
    fault: { kind: "429", retryAfterS: 10 },
  });
  for (const text of texts) sandbox.slack.say("ada", "general", text);
  await until(
    sandbox,
    () =>
      sandbox.slack.deliveries.filter(
        ({ outcome }) => outcome.kind === "answered" && outcome.status === 200,
      ).length >= texts.length,
  );
  // Whoever stops before it has asked leaves the fault to the next host.
  await until(sandbox, () => sandbox.gitter.state.faults.planned.length === 0);
}
const refusals = (): number =>
  sandbox.slack.deliveries.filter(
    ({ outcome }) => outcome.kind === "answered" && outcome.status === 503,
  ).length;
const HELD = ["h0", "h1", "h2", "h3", "h4", "h5"];

describe("two replicas that give their state away", () => {
  it("through the one that does not relay, with messages waiting: each comes once, from the new host", async () => {
    const url = await newPlace(server.url);
    const all = (known = await replicas(url));
    const [leader, other] = await leaderFirst(all);
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    await sayAndHold(HELD);
    expect(seenAtGitter(sandbox)).toEqual([]);

    const file = join(folder(), "state.jsonl");
    expect(await command(other, "export", file)).toMatchObject({
      code: 0,
      said: expect.stringContaining("relays nothing"),
    });
    await until(sandbox, () => sandbox.gitter.streams.count() === 0);
    // Both refuse what comes, and none is ready for more.
    sandbox.slack.say("ada", "general", "in between 1");
    sandbox.slack.say("ada", "general", "in between 2");
    sandbox.gitter.say("ivo", "footbridge/lobby", "in between");
    await until(sandbox, () => refusals() >= 4);
    for (const host of all) {
      expect(await statusOf(host, "/readyz")).toBe(503);
      expect((await command(host, "status")).said).toContain("another host goes on with it");
    }

    // Neither the loss of the one that holds the lease nor a start makes any of them relay.
    await end(leader);
    const third = await begin({ DATABASE_URL: url });
    for (let said = ""; !said.includes("another host goes on with it");)
      said = (await command(third, "status")).said;
    known = [other, third];
    const before = refusals();
    await until(sandbox, () => refusals() >= before + 2);

    const alone = await begin({ AWAIT_IMPORT: "1" });
    known = [alone];
    expect((await command(alone, "import", file)).said).toContain("goes on");
    const wanted = [...HELD, "in between 1", "in between 2"].map((text) => `Ada ${text}`);
    const fromAda = () => seenAtGitter(sandbox).filter((text) => text.startsWith("Ada "));
    await until(sandbox, () => fromAda().length >= wanted.length);
    await until(sandbox, () => seenAtSlack(sandbox).some((text) => text.startsWith("ivo")));
    sandbox.slack.say("ada", "general", "last");
    await until(sandbox, () => fromAda().includes("Ada last"));
    expect(fromAda().toSorted()).toEqual([...wanted, "Ada last"].toSorted());
    expect(seenAtSlack(sandbox).filter((text) => text.startsWith("ivo"))).toEqual([
      "ivo: in between",
    ]);
    expect((await command(other, "import", file)).said).toContain("not newer");
  });

  it("relay again after resume through any of them: what came meanwhile is relayed once", async () => {
    const all = (known = await replicas(await newPlace(server.url)));
    const [leader, other] = await leaderFirst(all);
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    sandbox.slack.say("ada", "general", "one");
    await until(sandbox, () => seenAtGitter(sandbox).length === 1);
    expect((await command(leader, "export", join(folder(), "state.jsonl"))).code).toBe(0);
    sandbox.slack.say("ada", "general", "two");
    await until(sandbox, () => refusals() > 0);
    expect((await command(other, "resume")).code).toBe(0);
    await until(sandbox, () => seenAtGitter(sandbox).length >= 2);
    sandbox.slack.say("ada", "general", "three");
    await until(sandbox, () => seenAtGitter(sandbox).includes("Ada three"));
    expect(seenAtGitter(sandbox)).toEqual(["Ada one", "Ada two", "Ada three"]);
    for (const host of all) expect(await statusOf(host, "/readyz")).toBe(200);
  });
});

describe("two replicas that await the state of a container", () => {
  it("take nothing in before they have it, and then deliver what waited, each once", async () => {
    const alone = await begin({});
    known = [alone];
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    await sayAndHold(HELD);
    const all = await replicas(await newPlace(server.url), { AWAIT_IMPORT: "1" });
    for (const host of all) {
      for (let said = ""; !said.includes("awaits the state");)
        said = (await command(host, "status")).said;
      expect(await statusOf(host, "/readyz")).toBe(503);
    }
    const file = join(folder(), "state.jsonl");
    expect((await command(alone, "export", file)).code).toBe(0);
    known = all;
    sandbox.slack.say("ada", "general", "in between");
    await until(sandbox, () => refusals() >= 2);
    // Through the first that comes to hand.
    const { code, said } = await command(all[1]!, "import", file);
    expect([code, said]).toEqual([0, expect.stringContaining("goes on")]);
    await until(sandbox, () => seenAtGitter(sandbox).length >= HELD.length + 1);
    sandbox.slack.say("ada", "general", "last");
    await until(sandbox, () => seenAtGitter(sandbox).includes("Ada last"));
    expect(seenAtGitter(sandbox).toSorted()).toEqual(
      [...HELD, "in between", "last"].map((text) => `Ada ${text}`).toSorted(),
    );
    expect((await command(all[0]!, "import", file)).said).toContain("relays already");
    for (const host of all) expect(await statusOf(host, "/readyz")).toBe(200);
  });
});
