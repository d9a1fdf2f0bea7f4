/** `overlays/single` as it is rendered, run: one replica, SQLite on a claim that one pod has at a time. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Bridge, startBridge, talk, type Traffic, until } from "./bridge.ts";

const WHOLE = { lost: 0, doubled: 0, outOfOrder: 0 };
/**
 * Where the bridge is away for long: Slack repeats each event for itself, in no order, and on a slow machine history may
 * take longer than the five seconds for which a gate is closed.
 */
const COMPLETE = { lost: 0, doubled: 0 };
const KILLED = 137;

describe("the overlay single", () => {
  let bridge: Bridge;
  beforeAll(async () => {
    bridge = await startBridge();
    await bridge.cluster.apply(await bridge.overlay({ overlay: "single" }));
  });
  afterAll(() => bridge?.close());

  const arrived = (traffic: Traffic, share: number): Promise<void> =>
    until(
      `${share} of all has arrived`,
      () => traffic.arrived() >= share * traffic.said,
      () => ({ arrived: traffic.arrived(), ...traffic.counts() }),
    );

  it("is ready soon after its first start, and relays both ways", async () => {
    const { cluster } = bridge;
    console.log(`ready after ${Math.round(cluster.ready[0]!.readyAfterMs!)} ms, by its probes`);
    expect(cluster.ready.length).toBe(1);
    const traffic = talk(bridge, 5, "first ");
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("may write its data and nothing else, as a user without any right", async () => {
    const [pod] = bridge.cluster.ready;
    const script = `
      const { writeFileSync, readFileSync } = require("node:fs");
      const tried = (file) => { try { writeFileSync(file, ""); return "written"; } catch (e) { return e.code; } };
      const status = readFileSync("/proc/1/status", "utf8");
      const field = (name) => new RegExp("^" + name + ":\\\\s+(\\\\S+)", "m").exec(status)[1];
      console.log(JSON.stringify({
        writes: ["/app/x", "/tmp/x", "/etc/footbridge/x", "/x", "/var/lib/footbridge/x"].map(tried),
        user: field("Uid"), group: field("Gid"), capabilities: field("CapEff"), bounding: field("CapBnd"),
        noNewPrivileges: field("NoNewPrivs"), seccomp: field("Seccomp"),
      }));`;
    const seen = JSON.parse(await pod!.execute(["/nodejs/bin/node", "-e", script])) as object;
    expect(seen).toEqual({
      writes: ["EROFS", "EROFS", "EROFS", "EROFS", "written"],
      user: "65532",
      group: "65532",
      capabilities: "0000000000000000",
      bounding: "0000000000000000",
      noNewPrivileges: "1",
      seccomp: "2",
    });
  });

  it("keeps what it compiled with its data, where its root is read-only", async () => {
    const list = `console.log(require("node:fs").readdirSync("/var/lib/footbridge/compile-cache").length)`;
    const [pod] = bridge.cluster.ready;
    expect(Number(await pod!.execute(["/nodejs/bin/node", "-e", list]))).toBeGreaterThan(0);
  });

  it("ends by itself when it is told to, in the middle of its calls, within its grace period", async () => {
    const { cluster } = bridge;
    const traffic = talk(bridge, 20, "stop ");
    await arrived(traffic, 0.3);
    const [pod] = cluster.ready;
    const ended = await cluster.delete(pod!);
    expect(ended).toEqual({ code: 0, asked: true });
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("loses and doubles nothing when it is killed in traffic, and knows what it knew", async () => {
    const { cluster } = bridge;
    const traffic = talk(bridge, 40, "kill ");
    for (const share of [0.2, 0.5, 0.8]) {
      await arrived(traffic, share);
      cluster.ready[0]!.signal("SIGKILL");
      await until("it is down", () => cluster.ready.length === 0);
      await until("it is up again", () => cluster.ready.length === 1);
    }
    await arrived(traffic, 1);
    expect(cluster.ready[0]!.ends.map(({ code }) => code)).toEqual([KILLED, KILLED, KILLED]);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("is restarted by its liveness probe when it is frozen, and goes on", async () => {
    const { cluster } = bridge;
    const [pod] = cluster.ready;
    const before = pod!.ends.length;
    pod!.signal("SIGSTOP");
    const traffic = talk(bridge, 3, "frozen ");
    await until("the kubelet gives it up", () => pod!.givenUp);
    // It hears the kubelet's SIGTERM; were it really frozen, SIGKILL would follow.
    pod!.signal("SIGCONT");
    await until("it is up again", () => pod!.ends.length > before && cluster.ready.length === 1);
    expect(pod!.ends.at(-1)).toEqual({ code: 0, asked: true });
    await arrived(traffic, 1);
    expect(traffic.counts()).toMatchObject(COMPLETE);
  });

  it("never has two programs on its data while it is updated in traffic", async () => {
    const { cluster } = bridge;
    const traffic = talk(bridge, 40, "update ");
    await arrived(traffic, 0.3);
    const [old] = cluster.ready;
    await cluster.apply(await bridge.overlay({ overlay: "single" }, "SendInterval=1"));
    expect(cluster.ready[0]).not.toBe(old);
    expect(old!.ends.at(-1)).toEqual({ code: 0, asked: true });
    expect(cluster.mostAtOnce).toBe(1);
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
  });

  it("says what is wrong with a configuration, is never ready with it, and is rolled back", async () => {
    const { cluster } = bridge;
    const good = await bridge.overlay({ overlay: "single" });
    const bad = await bridge.overlay({
      overlay: "single",
      toml: "[slack.team]\nTokn='x'\n[[gateway]]",
    });
    const traffic = talk(bridge, 5, "rollback ");
    const before = cluster.pods.length;
    const rollout = cluster.apply(bad);
    await until("its pod has ended", () => (cluster.pods[before]?.ends.length ?? 0) > 0);
    const broken = cluster.pods[before]!;
    expect(broken.ends[0]).toEqual({ code: 1, asked: false });
    expect(await broken.logs()).toMatch(/\/etc\/footbridge\/matterbridge\.toml:\d+: /u);
    expect(cluster.ready).toEqual([]);
    await cluster.apply(good);
    await rollout;
    expect(broken.readyAfterMs).toBeUndefined();
    await arrived(traffic, 1);
    expect(traffic.counts()).toMatchObject(COMPLETE);
  });

  it("is updated as safely on storage that two pods of a node may have", async () => {
    const { cluster } = bridge;
    const edits = { overlay: "single", components: ["readwriteonce"] } as const;
    await cluster.apply(await bridge.overlay(edits));
    const traffic = talk(bridge, 40, "once ");
    await arrived(traffic, 0.3);
    await cluster.apply(await bridge.overlay(edits, "SendInterval=1"));
    expect(cluster.mostAtOnce).toBe(2);
    await arrived(traffic, 1);
    expect(traffic.counts()).toEqual(WHOLE);
  });
});
