/**
 * Everything at once, on a real process with a real disk: a tenth of all posts fail (half of them after they were done),
 * limits, answers that get lost, cut streams, webhooks that come late and twice, and kill -9 again and again. The judge
 * reads the services' transcripts only. `CHAOS_MESSAGES` is the number each way; the full run takes 2,000.
 */
import { createServer, type Server } from "node:http";
import { mkdtempSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import type { Fault } from "../../src/sandbox/wire.ts";
import { ADMIN_TOKEN, type Host, startNode, until } from "../scenarios/hosts.ts";

const EACH_WAY = Number(process.env["CHAOS_MESSAGES"] ?? 100);
const PAIRS = 10;
const KILLS = Math.max(3, EACH_WAY / 100);
const CUTS = 2 * KILLS;
/** A post a second in each Slack channel, and what each of its mishaps takes, ms. */
const LIMIT_MS = Math.max(600_000, 900 * EACH_WAY);

/** The same mishaps at every run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Between Slack and the bridge: one webhook in ten comes late, one in ten twice. */
async function startMischief(
  target: () => string | undefined,
  random: () => number,
): Promise<{ readonly url: string; readonly server: Server; readonly doubled: () => number }> {
  let doubled = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const headers = new Headers();
      for (const [name, value] of Object.entries(request.headers))
        if (typeof value === "string" && !/^(?:host|connection|content-length)$/u.test(name))
          headers.set(name, value);
      const forward = async (): Promise<number> => {
        const base = target();
        if (base === undefined) throw new Error("killed");
        const body = Buffer.concat(pieces);
        return (await fetch(base + request.url, { method: "POST", headers, body })).status;
      };
      const [late, twice] = [random() < 0.1, random() < 0.1];
      const answer = async (): Promise<void> => {
        const status = await forward();
        if (twice) {
          doubled += 1;
          await forward();
        }
        response.writeHead(status).end();
      };
      const begin = () => void answer().catch(() => response.destroy());
      if (late) setTimeout(begin, Math.floor(random() * 800));
      else begin();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server, doubled: () => doubled };
}

const FAULTS: readonly (readonly [number, Fault])[] = [
  [0.05, { kind: "500", when: "before" }],
  [0.1, { kind: "500", when: "after" }],
  [0.15, { kind: "429", retryAfterS: 1 }],
  [0.2, { kind: "reset", when: "after" }],
];

/** Plans what befalls the next posts, as the bridge's own arrive. */
function plagues(sandbox: Sandbox, random: () => number): () => void {
  return sandbox.onChange((change) => {
    if (change.kind !== "created") return;
    const chance = random();
    const fault = FAULTS.find(([below]) => chance < below)?.[1];
    if (fault === undefined) return;
    if (change.service === "slack" && change.message.username !== undefined)
      sandbox.slack.fault({ method: "chat.postMessage", times: 1, fault });
    else if (change.service === "gitter" && change.message.text.startsWith("Ada "))
      sandbox.gitter.fault({ method: "POST chatMessages", times: 1, fault });
    else if (change.service === "matrix" && change.message.body.startsWith("Ada: "))
      sandbox.matrix.fault({ method: "send", times: 1, fault });
  });
}

const pairs = Array.from({ length: PAIRS }, (_each, index) => index);
const roomOf = (pair: number) => `footbridge/room-${pair}`;

/** Nothing waits in any lane. */
async function isIdle({ url }: Host): Promise<boolean> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
  const depths = [...metrics.matchAll(/^footbridge_lane_depth\{.*\} (\d+)$/gmu)];
  return depths.length > 0 && depths.every(([, depth]) => depth === "0");
}

describe.each(["pairs", "matrix pairs"] as const)("chaos with Slack and %s", (layout) => {
  it(
    "loses, doubles and reorders nothing",
    async () => {
      const random = randomOf(20_261_123);
      const dataDir = mkdtempSync(join(tmpdir(), "footbridge-"));
      let host: Host | undefined;
      const mischief = await startMischief(() => host?.url, random);
      const sandbox = await startSandbox({
        apiDelayMs: 20,
        eventsUrl: () => `${mischief.url}/slack/team/events`,
        slack: {
          channels: pairs.map((index) => ({ id: `C0PAIR${index}`, name: `pair-${index}` })),
          retryDelaysMs: [0, 100, 500, 1_000, 1_000, 1_000, 1_000],
          orderWaitMs: 60_000,
        },
        gitter: {
          rooms: pairs.map((index) => ({
            id: `5f1a2b3c4d5e6f7081920b0${index}`,
            uri: roomOf(index),
          })),
          rateLimit: 1_000_000,
          // A refused call waits for the end of the window; in life that is a minute.
          rateWindowMs: 1_000,
        },
        matrix: { rooms: pairs.map((index) => ({ alias: `footbridge_room-${index}` })) },
      });
      const there = (pair: number): readonly string[] =>
        layout === "pairs"
          ? sandbox.gitter
              .messages(roomOf(pair))
              .flatMap(({ text }) => (text.startsWith("Ada ") ? [text.slice(4)] : []))
          : sandbox.matrix
              .messages(roomOf(pair))
              .flatMap(({ body }) => (body.startsWith("Ada: ") ? [body.slice(5)] : []));
      const here = (pair: number): readonly string[] =>
        sandbox.slack
          .messages(`pair-${pair}`)
          .flatMap(({ username, text }) => (username === undefined ? [] : [text]));
      const say = (pair: number, index: number): void => {
        sandbox.slack.say("ada", `pair-${pair}`, `s ${index}`);
        if (layout === "pairs") sandbox.gitter.say("ivo", roomOf(pair), `r ${index}`);
        else sandbox.matrix.say("@ivo:gitter.im", roomOf(pair), `r ${index}`);
      };
      const stopPlagues = plagues(sandbox, random);
      const each = EACH_WAY / PAIRS;
      const all = 2 * EACH_WAY;
      const arrived = () =>
        pairs.reduce((sum, pair) => sum + new Set(there(pair)).size + new Set(here(pair)).size, 0);
      const start = async () => {
        host = await startNode(sandbox, dataDir, undefined, layout);
      };
      try {
        await start();
        await until(sandbox, () =>
          layout === "pairs" ? sandbox.gitter.streams.count() >= PAIRS : sandbox.matrix.polls() > 0,
        );
        for (let index = 0; index < each; index += 1) for (const pair of pairs) say(pair, index);
        const mishaps = [
          ...Array.from({ length: KILLS }, (_each, nth) => ({
            at: (nth + 1) / (KILLS + 1),
            kill: true,
          })),
          ...Array.from({ length: CUTS }, (_each, nth) => ({
            at: (nth + 0.5) / CUTS,
            kill: false,
          })),
        ].sort((a, b) => a.at - b.at);
        for (const { at, kill } of mishaps) {
          await until(sandbox, () => arrived() >= at * all);
          if (kill) {
            const old = host!;
            host = undefined;
            await old.kill();
            await start();
          } else if (layout === "pairs") sandbox.gitter.streams.cut(undefined, "reset");
          else
            sandbox.matrix.fault({
              method: "sync",
              times: 2,
              fault: { kind: "reset", when: "after" },
            });
        }
        await until(sandbox, () => arrived() >= all);
        // A double may come behind the last of them: all that waits has to be settled, too.
        while (!(await isIdle(host!))) await until(sandbox, () => true);
        const wanted = (letter: string) =>
          Array.from({ length: each }, (_each, index) => `${letter} ${index}`);
        expect(pairs.map(there)).toEqual(pairs.map(() => wanted("s")));
        expect(pairs.map(here)).toEqual(pairs.map(() => wanted("r")));
        expect(mischief.doubled()).toBeGreaterThan(0);
      } finally {
        stopPlagues();
        await host?.stop();
        await sandbox.close();
        mischief.server.closeAllConnections();
        mischief.server.close();
      }
    },
    LIMIT_MS,
  );
});
