/** Replicas as real processes in traffic, judged by what the services have seen. Times are printed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { until } from "../scenarios/hosts.ts";
import { newPlace } from "./place.ts";
import { startProxy } from "./proxy.ts";
import { leads, startReplicas } from "./replicas.ts";
import { type Server, startServer } from "./server.ts";

const PAIRS = 4;
const EACH = 25;
const ALL = 2 * PAIRS * EACH;

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

/** Waits in steps that are short beside what is measured. */
async function when(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue().catch(() => false)))
    await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.concurrent("two replicas in traffic", () => {
  it("lose, double and reorder nothing when the one that relays is killed; idle lanes go on within 5 s", async () => {
    // The last pair is idle until then.
    const replicas = await startReplicas(await newPlace(server.url), 2, PAIRS + 1);
    const { sandbox } = replicas;
    try {
      const leader = await replicas.leader();
      for (let index = 0; index < EACH; index += 1) replicas.say(index, PAIRS);
      await until(sandbox, () => replicas.arrived() >= 0.3 * ALL);
      replicas.take(leader);
      const killedAt = performance.now();
      await leader.kill();
      sandbox.slack.say("ada", `pair-${PAIRS}`, "s 0");
      sandbox.gitter.say("ivo", `footbridge/room-${PAIRS}`, "g 0");
      await when(() => leads(replicas.hosts[0]!));
      const tookOver = performance.now() - killedAt;
      const isThere = (text: string) => text === "Ada s 0";
      await until(sandbox, () =>
        sandbox.gitter.messages(`footbridge/room-${PAIRS}`).some(({ text }) => isThere(text)),
      );
      const wentOn = performance.now() - killedAt;
      await until(sandbox, () => replicas.arrived() >= ALL + 2);
      const done = performance.now() - killedAt;
      console.log(
        `killed: taken over after ${ms(tookOver)}, an idle lane went on after ${ms(wentOn)}, all of ${ALL} messages after ${ms(done)}`,
      );
      await replicas.idle();
      replicas.expectAll([...Array.from({ length: PAIRS }, () => EACH), 1]);
      expect(wentOn).toBeLessThan(5_000);
    } finally {
      await replicas.close();
    }
  });

  it("lose, double and reorder nothing when the one that relays loses sight of the database", async () => {
    const place = await newPlace(server.url);
    const proxy = await startProxy(server.port);
    const replicas = await startReplicas(proxy.through(place), 1, PAIRS);
    const { sandbox } = replicas;
    try {
      const cutOff = await replicas.leader();
      const other = await replicas.start(place);
      for (let index = 0; index < EACH; index += 1) replicas.say(index);
      await until(sandbox, () => replicas.arrived() >= 0.3 * ALL);
      expect(await leads(cutOff)).toBe(true);
      const cutAt = performance.now();
      proxy.cut();
      replicas.take(cutOff);
      await when(() => leads(other));
      console.log(`cut off: taken over after ${ms(performance.now() - cutAt)}`);
      await when(async () => (await fetch(`${cutOff.url}/readyz`)).status === 503);
      await when(async () => !(await leads(cutOff)));
      await until(sandbox, () => replicas.arrived() >= 0.6 * ALL);
      proxy.heal();
      await when(async () => (await fetch(`${cutOff.url}/readyz`)).status === 200);
      await until(sandbox, () => replicas.arrived() >= ALL);
      await replicas.idle();
      replicas.expectAll(Array.from({ length: PAIRS }, () => EACH));
    } finally {
      await replicas.close();
      await proxy.close();
    }
  });

  it("hear nothing of one that was stopped and wakes up when it is too late", async () => {
    const place = await newPlace(server.url);
    const replicas = await startReplicas(place, 2, PAIRS);
    const { sandbox } = replicas;
    try {
      const sleeper = await replicas.leader();
      for (let index = 0; index < EACH; index += 1) replicas.say(index);
      await until(sandbox, () => replicas.arrived() >= 0.3 * ALL);
      replicas.take(sleeper);
      process.kill(sleeper.pid!, "SIGSTOP");
      const stoppedAt = performance.now();
      await when(() => leads(replicas.hosts[0]!));
      console.log(`stopped: taken over after ${ms(performance.now() - stoppedAt)}`);
      await until(sandbox, () => replicas.arrived() >= 0.5 * ALL);
      process.kill(sleeper.pid!, "SIGCONT");
      await when(async () => !(await leads(sleeper)));
      await until(sandbox, () => replicas.arrived() >= ALL);
      await replicas.idle();
      replicas.expectAll(Array.from({ length: PAIRS }, () => EACH));
      expect(await leads(replicas.hosts[0]!)).toBe(true);
    } finally {
      await replicas.close();
    }
  });

  it("hand over at once when the one that relays is told to end, which it does with 0", async () => {
    const replicas = await startReplicas(await newPlace(server.url), 2, PAIRS);
    const { sandbox } = replicas;
    try {
      const leader = await replicas.leader();
      for (let index = 0; index < EACH; index += 1) replicas.say(index);
      await until(sandbox, () => replicas.arrived() >= 0.3 * ALL);
      replicas.take(leader);
      const endedAt = performance.now();
      await leader.stop();
      expect(leader.exitCode?.()).toBe(0);
      await when(() => leads(replicas.hosts[0]!));
      await until(sandbox, () => replicas.arrived() >= ALL);
      console.log(
        `told to end: all of ${ALL} messages ${ms(performance.now() - endedAt)} after that`,
      );
      await replicas.idle();
      replicas.expectAll(Array.from({ length: PAIRS }, () => EACH));
    } finally {
      await replicas.close();
    }
  });
});

const ms = (time: number): string => `${(time / 1000).toFixed(1)} s`;

describe("a database that goes away in traffic", () => {
  it("is waited for: 503 meanwhile, the same processes go on, nothing is lost, doubled or out of order", async () => {
    const replicas = await startReplicas(await newPlace(server.url), 2, PAIRS);
    const { sandbox, hosts } = replicas;
    try {
      await replicas.leader();
      for (let index = 0; index < EACH; index += 1) replicas.say(index);
      await until(sandbox, () => replicas.arrived() >= 0.3 * ALL);
      await server.stop();
      const status = async (url: string, path: string) => (await fetch(url + path)).status;
      for (const { url } of hosts) {
        await when(async () => (await status(url, "/readyz")) === 503);
        expect(await status(url, "/healthz")).toBe(200);
      }
      replicas.say(EACH);
      const isRefused = () =>
        sandbox.slack.deliveries.some(
          ({ outcome }) => outcome.kind === "answered" && outcome.status === 503,
        );
      await until(sandbox, isRefused);
      const startedAt = performance.now();
      await server.start();
      for (const { url } of hosts) await when(async () => (await status(url, "/readyz")) === 200);
      const ready = performance.now() - startedAt;
      await until(sandbox, () => replicas.arrived() >= ALL + 2 * PAIRS);
      console.log(
        `database away: ready ${ms(ready)} after its start began, all messages after ${ms(performance.now() - startedAt)}`,
      );
      await replicas.idle();
      replicas.expectAll(Array.from({ length: PAIRS }, () => EACH + 1));
    } finally {
      await replicas.close();
    }
  });
});
