/** Services outside of the cluster, and an overlay that bridges them. */
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../src/sandbox/server.ts";
import { ADMIN_TOKEN, configOf, envOf } from "../../scenarios/hosts.ts";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { INTERNET, addAddresses } from "../cluster/addresses.ts";
import type { Pod } from "../cluster/pod.ts";
import { type Edits, render } from "../manifests/overlays.ts";
import type { Document } from "../manifests/documents.ts";

/** Public services are reached at this port, and the NetworkPolicy lets nothing else out. */
const HTTPS_PORT = 443;

export interface Bridge {
  readonly sandbox: Sandbox;
  readonly cluster: Cluster;
  /** The overlay with the configuration of these services; `more` are lines of `secrets.env`. */
  overlay(edits: Edits, settings?: string, more?: string): Promise<readonly Document[]>;
  close(): Promise<void>;
}

const PAIRS = 4;
/** People's messages have what the tests count; nothing else is written by a bridge. */
const NUMBERS = Array.from({ length: PAIRS }, (_each, index) => index);

export async function startBridge(options: SandboxOptions = {}): Promise<Bridge> {
  // The services listen on an address of the cluster's outside.
  await addAddresses();
  const cluster = await startCluster();
  const sandbox = await startSandbox({
    apiDelayMs: 30,
    ...options,
    host: INTERNET,
    port: HTTPS_PORT,
    slack: {
      channels: NUMBERS.map((index) => ({ id: `C0PAIR${index}`, name: `pair-${index}` })),
      // An event whose answer a kill took comes again soon, not after a minute.
      retryDelaysMs: [100, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 8_000, 8_000],
      // Slack promises no order; here it keeps one, so that what is out of order is our doing.
      orderWaitMs: 60_000,
    },
    gitter: {
      rooms: NUMBERS.map((index) => ({
        id: `5f1a2b3c4d5e6f7081920b0${index}`,
        uri: `footbridge/room-${index}`,
      })),
      rateLimit: 1_000_000,
    },
    eventsUrl: () => `${cluster.url}/slack/team/events`,
  });
  return {
    sandbox,
    cluster,
    overlay(edits, settings = "SendInterval=0", more = "") {
      const { PUBLIC_URL: _here, ...secrets } = envOf(sandbox);
      const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}`);
      return render({
        toml: configOf(sandbox, settings),
        secrets: [...lines, more].join("\n"),
        ...edits,
      });
    },
    async close() {
      await cluster.close();
      await sandbox.close();
    },
  };
}

/** What people said on one side and what came of it on the other. */
export interface Traffic {
  readonly said: number;
  /** Of all, on both sides. */
  arrived(): number;
  counts(): { readonly lost: number; readonly doubled: number; readonly outOfOrder: number };
}

/** Everybody talks, `each` messages a pair and side, at once or one every `everyMs`. */
export function talk({ sandbox }: Bridge, each: number, prefix: string, everyMs = 0): Traffic {
  const say = (index: number): void => {
    for (const pair of NUMBERS) {
      sandbox.slack.say("ada", `pair-${pair}`, `${prefix}s ${index}`);
      sandbox.gitter.say("ivo", `footbridge/room-${pair}`, `${prefix}g ${index}`);
    }
  };
  for (let index = 0; index < each; index += 1)
    if (everyMs === 0) say(index);
    else setTimeout(say, index * everyMs, index);
  const wanted = (side: string) => Array.from({ length: each }, (_e, n) => `${prefix}${side} ${n}`);
  const lanes = (): readonly (readonly [string[], string[]])[] =>
    NUMBERS.flatMap((pair) => [
      [wanted("s"), textsAtGitter(sandbox, pair, prefix)] as const,
      [wanted("g"), textsAtSlack(sandbox, pair, prefix)] as const,
    ]);
  return {
    said: 2 * PAIRS * each,
    arrived: () => lanes().reduce((sum, [, seen]) => sum + new Set(seen).size, 0),
    counts() {
      const all = lanes();
      return {
        lost: all.flatMap(([want, seen]) => want.filter((text) => !seen.includes(text))).length,
        doubled: all.reduce((sum, [, seen]) => sum + seen.length - new Set(seen).size, 0),
        outOfOrder: all.reduce(
          (sum, [want, seen]) =>
            sum +
            [...new Set(seen)].filter(
              (text, at, list) => at > 0 && want.indexOf(text) < want.indexOf(list[at - 1]!),
            ).length,
          0,
        ),
      };
    },
  };
}

/** What Ada said, as Gitter shows it. The author's name stands in front. */
const textsAtGitter = (sandbox: Sandbox, pair: number, prefix: string): string[] =>
  sandbox.gitter
    .messages(`footbridge/room-${pair}`)
    .flatMap(({ text }) => /^(?:\W*)Ada\W+(.*)$/su.exec(text)?.[1] ?? [])
    .filter((text) => text.startsWith(prefix));

/** What Ivo said, as Slack shows it: as a bot with his name. */
const textsAtSlack = (sandbox: Sandbox, pair: number, prefix: string): string[] =>
  sandbox.slack
    .messages(`pair-${pair}`)
    .filter(({ username, text }) => username !== undefined && text.startsWith(prefix))
    .map(({ text }) => text);

/** Whether a pod is the one that relays. */
export async function leads({ ip }: Pod): Promise<boolean> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, connection: "close" };
  const metrics = await fetch(`http://${ip}:8080/metrics`, { headers }).then(
    (answer) => answer.text(),
    () => "",
  );
  return /^footbridge_leader 1$/mu.test(metrics);
}

/** Resolves as soon as it is true; rejects with what there was in its place. */
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  seen: () => unknown = () => "",
  withinMs = 45_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline)
      throw new Error(`after ${withinMs} ms still not: ${what} ${JSON.stringify(await seen())}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
}
