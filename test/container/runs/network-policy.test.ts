/** The component networkpolicy, enforced: who reaches whom without it, with it, and with its egress-only form. */
import { createServer, type Server } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { INTERNET, METADATA, NODE } from "../cluster/addresses.ts";
import type { Guest } from "../cluster/guests.ts";
import { podman } from "../machine/podman.ts";
import { type Bridge, startBridge, talk, until } from "./bridge.ts";

const listen = (host: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end());
    server.once("error", reject);
    server.listen(port, host, () => resolve(server));
  });

/** A name server as far as it is asked here, by TCP and UDP; and other things in the cluster. */
const SERVES = `
  for (const port of [53, 5432, 8080]) require("node:net").createServer((s) => s.end()).listen(port);
  const udp = require("node:dgram").createSocket("udp4");
  udp.on("message", (text, from) => udp.send(text, from.port, from.address)).bind(53);`;

type Target = readonly [protocol: "tcp" | "udp", host: string, port: number];

/** Whether each target answers. */
const REACHES = (targets: readonly Target[]): string => `
  const reach = ([protocol, host, port]) => new Promise((resolve) => {
    setTimeout(resolve, 1000, false);
    if (protocol === "tcp") require("node:net").connect(port, host, () => resolve(true)).on("error", () => resolve(false));
    else {
      const socket = require("node:dgram").createSocket("udp4").on("message", () => resolve(true)).on("error", () => resolve(false));
      socket.send("x", port, host, (error) => error && resolve(false));
    }
  });
  Promise.all(${JSON.stringify(targets)}.map(reach)).then((all) => { console.log(JSON.stringify(all)); process.exit(); });`;

describe("the network policy", () => {
  let bridge: Bridge;
  let dns: Guest;
  let stranger: Guest;
  let gateway: Guest;
  const servers: Server[] = [];
  beforeAll(async () => {
    bridge = await startBridge();
    const { cluster } = bridge;
    await cluster.apply(await bridge.overlay({ overlay: "single" }));
    dns = await cluster.guest("kube-system", { "k8s-app": "kube-dns" }, SERVES);
    stranger = await cluster.guest("default", { app: "other" }, SERVES);
    gateway = await cluster.guest("envoy-gateway-system", { app: "envoy" });
    servers.push(await listen(INTERNET, 8443), await listen(METADATA, 80), await listen(NODE, 443));
  });
  afterAll(async () => {
    await bridge?.close();
    for (const server of servers) server.close();
  });

  const from = async (container: string, targets: readonly Target[]): Promise<readonly boolean[]> =>
    JSON.parse(
      await podman(["exec", container, "/nodejs/bin/node", "-e", REACHES(targets)]),
    ) as boolean[];
  /** What Footbridge reaches, and who reaches Footbridge. */
  async function reached(): Promise<Readonly<Record<string, boolean>>> {
    const { cluster } = bridge;
    const [pod] = cluster.ready;
    const outward: readonly (readonly [string, Target])[] = [
      ["services at 443", ["tcp", INTERNET, 443]],
      ["names by TCP", ["tcp", dns.ip, 53]],
      ["names by UDP", ["udp", dns.ip, 53]],
      ["other ports outside", ["tcp", INTERNET, 8443]],
      ["the cloud's metadata", ["tcp", METADATA, 80]],
      ["the node", ["tcp", NODE, 443]],
      ["other pods", ["tcp", stranger.ip, 8080]],
      ["a database", ["tcp", stranger.ip, 5432]],
      ["what only looks like a name server", ["tcp", stranger.ip, 53]],
    ];
    const out = await from(
      pod!.name,
      outward.map(([, target]) => target),
    );
    const own: Target = ["tcp", pod!.ip!, 8080];
    return {
      ...Object.fromEntries(outward.map(([what], index) => [`to ${what}`, out[index]!])),
      "from the gateway": (await from(gateway.name, [own]))[0]!,
      "from strangers": (await from(stranger.name, [own]))[0]!,
    };
  }
  const allowed = async (): Promise<readonly string[]> =>
    Object.entries(await reached()).flatMap(([what, open]) => (open ? [what] : []));

  it("is what stops all that it stops: without it everything is reached", async () => {
    expect((await allowed()).length).toBe(11);
  });

  it("lets Footbridge out to services and names, and only the gateway in; it is probed and relays", async () => {
    const { cluster } = bridge;
    await cluster.apply(await bridge.overlay({ overlay: "single", components: ["networkpolicy"] }));
    // The rules of a new pod too, so that they hold from its start.
    await cluster.delete(cluster.ready[0]!);
    expect(await allowed()).toEqual([
      "to services at 443",
      "to names by TCP",
      "to names by UDP",
      "from the gateway",
    ]);
    const traffic = talk(bridge, 3, "policy ");
    await until("all has arrived", () => traffic.arrived() === traffic.said, traffic.counts);
  });

  it("lets nobody in for Socket Mode, and the kubelet still probes", async () => {
    const { cluster } = bridge;
    const components = ["networkpolicy-egress-only"];
    await cluster.apply(await bridge.overlay({ overlay: "single", components }));
    await cluster.delete(cluster.ready[0]!);
    expect(await allowed()).toEqual(["to services at 443", "to names by TCP", "to names by UDP"]);
  });
});
