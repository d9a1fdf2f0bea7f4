/** `overlays/postgres` as it is rendered, with its network policies, run: two replicas on one real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Server, startServer } from "../../postgres/server.ts";
import { NODE } from "../cluster/addresses.ts";
import type { Pod } from "../cluster/pod.ts";
import type { Document } from "../manifests/documents.ts";
import type { Edits } from "../manifests/overlays.ts";
import { type Bridge, leads, startBridge, talk, type Traffic, until } from "./bridge.ts";

const WHOLE = { lost: 0, doubled: 0, outOfOrder: 0 };
/** So that people talk for longer than what happens to the bridge takes. */
const PACE_MS = 300;
const EDITS: Edits = {
  overlay: "postgres",
  components: ["networkpolicy"],
  resources: ["database-policy.yaml"],
};

describe("the overlay postgres", () => {
  let server: Server;
  let bridge: Bridge;
  const overlay = (settings?: string): Promise<readonly Document[]> =>
    bridge.overlay(EDITS, settings, `DATABASE_URL=postgres://bridge@${NODE}:5432/postgres`);
  beforeAll(async () => {
    server = await startServer(true);
    bridge = await startBridge({ apiDelayMs: 200 });
    await bridge.cluster.apply(await overlay());
  });
  afterAll(async () => {
    await bridge?.close();
    await server?.remove();
  });

  const arrived = (traffic: Traffic, share: number): Promise<void> =>
    until(
      `${share} of all has arrived`,
      () => traffic.arrived() >= share * traffic.said,
      () => ({ arrived: traffic.arrived(), ...traffic.counts() }),
    );
  const leader = async (among: () => readonly Pod[] = () => bridge.cluster.ready): Promise<Pod> => {
    let found: Pod | undefined;
    await until("one of them relays", async () => {
      for (const pod of among()) if (pod.ip !== undefined && (await leads(pod))) found = pod;
      return found !== undefined;
    });
    return found!;
  };
  /** From now until another than this one relays. */
  const takeOver = async (gone: Pod): Promise<number> => {
    const since = performance.now();
    // It may be one that was begun in its place.
    await leader(() => bridge.cluster.pods.filter((pod) => pod !== gone && !pod.terminating));
    return Math.round(performance.now() - since);
  };

  it("has two pods that take what comes, one of which relays it", async () => {
    const { cluster } = bridge;
    const relaying = await leader();
    expect(cluster.ready.length).toBe(2);
    const others = cluster.ready.filter((pod) => pod !== relaying);
    expect(await Promise.all(others.map(leads))).toEqual([false]);
    const traffic = talk(bridge, 5, "first ");
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("loses and doubles nothing when the one that relays is killed in traffic", async () => {
    const { cluster, sandbox } = bridge;
    const traffic = talk(bridge, 40, "kill ", PACE_MS);
    await arrived(traffic, 0.3);
    const killed = await leader();
    await until("calls are in flight", () => sandbox.calls.now > 2);
    const inFlight = sandbox.calls.now;
    const waiting = traffic.said - traffic.arrived();
    killed.signal("SIGKILL");
    const took = await takeOver(killed);
    const since = performance.now();
    await arrived(traffic, 1);
    const done = Math.round(performance.now() - since);
    await until("the killed one is back", () => cluster.ready.length === 2);
    console.log(
      `killed with ${inFlight} calls in flight and ${waiting} of ${traffic.said} messages to come: another relays after ${took} ms, all has arrived ${done} ms later; ${JSON.stringify(traffic.counts())}`,
    );
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("hands over at once when the one that relays is drained from its node", async () => {
    const { cluster } = bridge;
    const traffic = talk(bridge, 40, "drain ", PACE_MS);
    await arrived(traffic, 0.3);
    const drained = await leader();
    const ended = cluster.delete(drained);
    const took = await takeOver(drained);
    await arrived(traffic, 1);
    expect(await ended).toEqual({ code: 0, asked: true });
    console.log(`drained: another relays after ${took} ms, its preStop of 5 s included`);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("always has two that are ready while it is updated in traffic, and loses and doubles nothing", async () => {
    const { cluster } = bridge;
    const traffic = talk(bridge, 60, "update ", PACE_MS);
    await arrived(traffic, 0.3);
    const before = new Set(cluster.ready);
    let fewest = Infinity;
    const watch = setInterval(() => (fewest = Math.min(fewest, cluster.ready.length)), 20);
    await cluster.apply(await overlay("SendInterval=1"));
    clearInterval(watch);
    expect(cluster.ready.filter((pod) => before.has(pod))).toEqual([]);
    expect(fewest).toBeGreaterThanOrEqual(2);
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("stays as it is while an update cannot start, and relays on", async () => {
    const { cluster } = bridge;
    const before = [...cluster.ready];
    const broken = await bridge.overlay({ ...EDITS, toml: "[[gateway]]" });
    const made = cluster.pods.length;
    const rollout = cluster.apply(broken);
    await until("its pod has ended", () => (cluster.pods[made]?.ends.length ?? 0) > 0);
    expect(cluster.ready).toEqual(before);
    const traffic = talk(bridge, 5, "broken ");
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
    await cluster.apply(await overlay("SendInterval=1"));
    await rollout;
    expect(cluster.ready).toEqual(before);
  });
});
