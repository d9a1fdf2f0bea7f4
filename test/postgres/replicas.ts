/** Replicas as real processes on one PostgreSQL, with Slack's webhooks to all of them by turns. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "vitest";

import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { ADMIN_TOKEN, type Host, startNodeWith, until } from "../scenarios/hosts.ts";

const ROOMS = "5f1a2b3c4d5e6f7081920b0";

export interface Replica extends Host {
  /** Where its configuration is. */
  readonly dir: string;
}

export interface Replicas {
  readonly sandbox: Sandbox;
  /** Those that webhooks go to. */
  readonly hosts: Replica[];
  start(databaseUrl?: string): Promise<Replica>;
  /** Webhooks go to the others from now on. */
  take(host: Replica): void;
  /** Resolves when nothing waits in any lane: a double may come behind the last message. */
  idle(): Promise<void>;
  /** Fails where something was lost, doubled or out of order: `counts` of each pair. */
  expectAll(counts: readonly number[]): void;
  /** The one that relays, once there is one. */
  leader(): Promise<Replica>;
  /** Says a message on both sides of each of the first pairs. */
  say(index: number, pairs?: number): void;
  /** How many different messages have arrived. */
  arrived(): number;
  close(): Promise<void>;
}

export async function startReplicas(
  databaseUrl: string,
  count: number,
  pairs: number,
  options: SandboxOptions = {},
): Promise<Replicas> {
  const hosts: Replica[] = [];
  const all: Replica[] = [];
  let turn = 0;
  const sandbox = await startSandbox({
    apiDelayMs: 20,
    eventsUrl: () => {
      turn += 1;
      const host = hosts[turn % hosts.length];
      return host === undefined ? undefined : `${host.url}/slack/team/events`;
    },
    slack: {
      channels: Array.from({ length: pairs }, (_each, index) => ({
        id: `C0PAIR${index}`,
        name: `pair-${index}`,
      })),
      retryDelaysMs: [0, 100, 500, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000],
      // Slack promises no order; here it keeps one, so that what is out of order is our doing.
      orderWaitMs: 60_000,
    },
    gitter: {
      rooms: Array.from({ length: pairs }, (_each, index) => ({
        id: `${ROOMS}${index}`,
        uri: `footbridge/room-${index}`,
      })),
      rateLimit: 1_000_000,
    },
    ...options,
  });
  const start = async (url = databaseUrl): Promise<Replica> => {
    const dir = mkdtempSync(join(tmpdir(), "footbridge-"));
    const host = { ...(await startNodeWith({ DATABASE_URL: url })(sandbox, dir)), dir };
    all.push(host);
    // As Kubernetes does: what is not ready gets nothing.
    while ((await fetch(`${host.url}/readyz`)).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 20));
    hosts.push(host);
    return host;
  };
  for (let index = 0; index < count; index += 1) await start();

  const range = Array.from({ length: pairs }, (_each, index) => index);
  const there = () =>
    range.map((pair) =>
      sandbox.gitter
        .messages(`footbridge/room-${pair}`)
        .flatMap(({ text }) => (text.startsWith("Ada ") ? [text.slice(4)] : [])),
    );
  const here = () =>
    range.map((pair) =>
      sandbox.slack
        .messages(`pair-${pair}`)
        .flatMap(({ username, text }) => (username === "ivo" ? [text] : [])),
    );
  const arrived = () => [...there(), ...here()].reduce((sum, each) => sum + new Set(each).size, 0);
  return {
    sandbox,
    hosts,
    start,
    take: (host) => void hosts.splice(hosts.indexOf(host), 1),
    async leader() {
      for (;;) {
        for (const host of hosts)
          if (await leads(host).catch(() => false)) {
            await until(sandbox, () => sandbox.gitter.streams.count() >= pairs);
            return host;
          }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    say(index, first = pairs) {
      for (const pair of range.slice(0, first)) {
        sandbox.slack.say("ada", `pair-${pair}`, `s ${index}`);
        sandbox.gitter.say("ivo", `footbridge/room-${pair}`, `g ${index}`);
      }
    },
    arrived,
    async idle() {
      for (const host of hosts) while (!(await isIdle(host))) await until(sandbox, () => true);
    },
    expectAll(counts) {
      const wanted = (side: string) =>
        counts.map((count) => Array.from({ length: count }, (_each, index) => `${side} ${index}`));
      expect(there()).toEqual(wanted("s"));
      expect(here()).toEqual(wanted("g"));
    },
    async close() {
      await Promise.all(all.map((host) => host.kill().catch(() => undefined)));
      await sandbox.close();
    },
  };
}

export const metricsOf = async ({ url }: Host): Promise<string> => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await fetch(`${url}/metrics`, { headers })).text();
};
export const leads = async (host: Host): Promise<boolean> =>
  /^footbridge_leader 1$/mu.test(await metricsOf(host));

/** Nothing waits in any lane. A replica that does not relay has none. */
async function isIdle(host: Host): Promise<boolean> {
  const depths = [...(await metricsOf(host)).matchAll(/^footbridge_lane_depth\{.*\} (\d+)$/gmu)];
  return depths.every(([, depth]) => depth === "0");
}
