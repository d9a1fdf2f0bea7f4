/** Slack without a public address: the node host opens the connection, over real sockets. */
import { afterEach, describe, expect, it } from "vitest";

import type { Report } from "../../src/core/report.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/server.ts";
import {
  ADMIN_TOKEN,
  seenAtGitter,
  seenAtSlack,
  setUp,
  type Setup,
  startNode,
  until,
} from "./hosts.ts";

let setup: Setup;
afterEach(() => setup.close());

/** What is not acknowledged comes again soon, not after a minute. */
const SOCKET_MODE = {
  gitter: { rateLimit: 100_000 },
  slack: { socketMode: true, retryDelaysMs: [0, 100, 1_000], orderWaitMs: 60_000 },
} satisfies SandboxOptions;

async function begin(options: SandboxOptions = SOCKET_MODE): Promise<Sandbox> {
  setup = await setUp(startNode, options);
  return setup.sandbox;
}
const texts = (count: number): string[] =>
  Array.from({ length: count }, (_each, nth) => `s ${nth}`);
const arrived = (sandbox: Sandbox): string[] =>
  seenAtGitter(sandbox).flatMap((text) => (text.startsWith("Ada ") ? [text.slice(4)] : []));
/** Says so many things, with something else happening once so many of them are with the bridge. */
async function during(sandbox: Sandbox, count: number, at: number, happens: () => unknown) {
  for (const text of texts(count)) sandbox.slack.say("ada", "general", text);
  await until(sandbox, () => sandbox.slack.deliveries.length >= at);
  await happens();
  await until(sandbox, () => arrived(sandbox).length >= count);
}

describe("Socket Mode", () => {
  it("brings messages, edits and deletions across, and the other side's back", async () => {
    const sandbox = await begin();
    const said = sandbox.slack.say("ada", "general", "first");
    const gone = sandbox.slack.say("ada", "general", "second");
    sandbox.gitter.say("ivo", "footbridge/lobby", "hello");
    await until(sandbox, () => arrived(sandbox).length === 2);
    sandbox.slack.edit("general", said.ts, "first, edited");
    sandbox.slack.remove("general", gone.ts);
    await until(sandbox, () => arrived(sandbox).length === 1 && seenAtSlack(sandbox).length === 2);
    expect(arrived(sandbox)).toEqual(["first, edited"]);
    expect(seenAtSlack(sandbox)).toContain("ivo: hello");
    expect([sandbox.slack.sockets.opened(), sandbox.slack.deliveries.length > 0]).toEqual([
      1,
      true,
    ]);
  }, 60_000);

  it("opens a new connection before the old one ends, and misses and doubles nothing", async () => {
    const sandbox = await begin();
    await during(sandbox, 100, 20, () => sandbox.slack.sockets.refresh("warning", 300));
    await until(sandbox, () => sandbox.slack.sockets.count() === 1);
    const { opened, most } = sandbox.slack.sockets;
    expect([arrived(sandbox), opened(), most()]).toEqual([texts(100), 2, 2]);
  }, 60_000);

  it("that is cut in the middle of traffic loses, doubles and reorders nothing", async () => {
    const sandbox = await begin();
    await during(sandbox, 100, 20, () => sandbox.slack.sockets.cut());
    expect(arrived(sandbox)).toEqual(texts(100));
    expect(sandbox.slack.deliveries.some(({ outcome }) => outcome.kind === "lost")).toBe(true);
  }, 60_000);

  it("finds what was said while nobody was connected", async () => {
    const sandbox = await begin();
    sandbox.slack.say("ada", "general", "s 0");
    await until(sandbox, () => arrived(sandbox).length === 1);
    const limited = { kind: "429", retryAfterS: 1 } as const;
    sandbox.slack.fault({ method: "apps.connections.open", times: 2, fault: limited });
    sandbox.slack.sockets.cut();
    await until(sandbox, () => sandbox.slack.sockets.count() === 0);
    for (const text of texts(3).slice(1)) sandbox.slack.say("ada", "general", text);
    await until(sandbox, () => arrived(sandbox).length === 3);
    expect(arrived(sandbox)).toEqual(texts(3));
    expect(sandbox.slack.deliveries.some(({ outcome }) => outcome.kind === "lost")).toBe(true);
  }, 60_000);

  it("loses and doubles nothing when the process is killed in mid-traffic", async () => {
    const sandbox = await begin();
    await during(sandbox, 100, 20, () => setup.restart());
    expect(arrived(sandbox)).toEqual(texts(100));
  }, 60_000);

  it("keeps every promise through one mishap after the other", async () => {
    const sandbox = await begin();
    const { sockets } = sandbox.slack;
    const limited = { kind: "429", retryAfterS: 1 } as const;
    const mishaps: readonly (() => void | Promise<void>)[] = [
      () => sockets.refresh("refresh_requested", 200),
      () => sockets.cut(),
      () => sandbox.slack.fault({ method: "apps.connections.open", times: 1, fault: limited }),
      () => {
        sockets.refresh("warning", 50);
        sockets.cut();
      },
      () => setup.restart(),
      () => sockets.raw("[1, 2"),
      () => sockets.refresh("warning", 0),
    ];
    const all = texts(mishaps.length * 20);
    for (const [nth, happens] of mishaps.entries()) {
      const known = sandbox.slack.deliveries.length;
      for (const text of all.slice(nth * 20, nth * 20 + 20))
        sandbox.slack.say("ada", "general", text);
      await until(sandbox, () => sandbox.slack.deliveries.length >= known + 5);
      await happens();
    }
    await until(sandbox, () => arrived(sandbox).length >= all.length);
    expect(arrived(sandbox)).toEqual(all);
  }, 120_000);

  it("is told as closed with what to do when it is switched off, and comes back by itself", async () => {
    const sandbox = await begin();
    sandbox.slack.state.socketMode = false;
    sandbox.slack.sockets.refresh("link_disabled", 0);
    const closed = async () => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${setup.host().url}/admin/status`, { headers });
      const { sources } = (await answer.json()) as Report;
      return sources.find(({ source }) => source === "slack.team");
    };
    let source = await closed();
    while (source?.open !== false) {
      await until(sandbox, () => true);
      source = await closed();
    }
    expect(source.reason).toContain("switch it on at Slack");
  }, 60_000);
});
