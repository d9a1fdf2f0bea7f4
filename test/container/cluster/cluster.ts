/** A cluster of one node, as far as Footbridge's manifests need one: `apply` takes what kustomize renders. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import type { IDeployment } from "kubernetes-models/apps/v1";
import type { INetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";

import { IMAGE } from "../machine/build.ts";
import { podman } from "../machine/podman.ts";
import { all, type Document, the } from "../manifests/documents.ts";
import { addAddresses } from "./addresses.ts";
import { startRollout } from "./deployment.ts";
import { type Guest, startGuest } from "./guests.ts";
import { firewallOf, type Seen, selects } from "./network-policy.ts";
import { type Ended, type Pod, startPod } from "./pod.ts";
import { startService, type ServicePort } from "./service.ts";
import { sourcesOf } from "./volumes.ts";

export interface Cluster {
  /** Resolves when the Deployment is rolled out. */
  apply(documents: readonly Document[], withinMs?: number): Promise<void>;
  /** As `kubectl delete pod`: how it ended, once another is ready. */
  delete(pod: Pod): Promise<Ended>;
  /** A pod of others, that runs a script. */
  guest(
    namespace: string,
    labels: Readonly<Record<string, string>>,
    script?: string,
  ): Promise<Guest>;
  /** All that the Deployment ever had, oldest first. */
  readonly pods: readonly Pod[];
  /** The pods that are ready. */
  readonly ready: readonly Pod[];
  /** The most programs of the Deployment that ever ran at once. */
  readonly mostAtOnce: number;
  /** Where the Service is, seen from the node. */
  readonly url: string;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 20;

export async function startCluster(): Promise<Cluster> {
  const home = mkdtempSync(join(tmpdir(), "footbridge-cluster-"));
  // Users of pods pass through to what is theirs.
  chmodSync(home, 0o755);
  await podman(["rm", "-af", "-t", "0"]);
  await addAddresses();
  const pods: Pod[] = [];
  const guests: Guest[] = [];
  /** Claims of one pod that have it. */
  const taken = new Set<string>();
  let documents: readonly Document[] = [];
  let policies: readonly INetworkPolicy[] = [];
  let service: ServicePort | undefined;
  let current: IDeployment | undefined;
  let made = 0;
  let mostAtOnce = 0;

  const seen = (pod: Pod | Guest): Seen => {
    const ports = "spec" in pod ? (pod.spec.containers[0]!.ports ?? []) : [];
    return {
      labels: pod.labels,
      namespace: pod.namespace,
      ip: pod.ip,
      ports: Object.fromEntries(ports.map(({ name, containerPort }) => [name!, containerPort])),
    };
  };
  /** Every pod's rules name other pods' addresses, so that all are made anew. */
  const enforce = async (): Promise<void> => {
    const there = [...pods, ...guests].filter(({ ip }) => ip !== undefined);
    const world = { policies, pods: there.map(seen) };
    for (const pod of there) {
      const rules = firewallOf(seen(pod), world);
      if (rules !== undefined && pod.pid !== undefined) await restore(pod.pid, rules);
    }
  };
  const count = (): void => {
    mostAtOnce = Math.max(mostAtOnce, pods.filter(({ ip }) => ip !== undefined).length);
  };
  /** Waits as the scheduler does for a claim that only one pod may have. */
  const claim = async (name: string | undefined): Promise<() => void> => {
    const claims = all(documents, "PersistentVolumeClaim");
    const modes = claims.findLast(({ metadata }) => metadata.name === name)?.spec?.accessModes;
    if (name === undefined || modes?.includes("ReadWriteOncePod") !== true) return () => undefined;
    while (taken.has(name)) await wait(LOOK_EVERY_MS);
    taken.add(name);
    return () => taken.delete(name);
  };
  const makePod = async ({ metadata, spec: wanted }: IDeployment): Promise<Pod> => {
    const name = `pod-${(made += 1)}`;
    const { metadata: own, spec } = wanted!.template;
    const volumes = spec!.volumes ?? [];
    const claimName = volumes.find((each) => each.persistentVolumeClaim)?.persistentVolumeClaim;
    const gone = await claim(claimName?.claimName);
    return startPod({
      name,
      spec: spec!,
      image: IMAGE,
      labels: own!.labels as Record<string, string>,
      namespace: metadata!.namespace!,
      sources: sourcesOf(name, spec!, documents, home),
      changed: count,
      async started(pod) {
        if (!pods.includes(pod)) pods.push(pod);
        await enforce();
      },
      gone,
    });
  };
  const rollout = startRollout(makePod);
  const ready = (): readonly Pod[] => pods.filter((pod) => pod.ready);

  return {
    async apply(given, withinMs) {
      documents = [...documents, ...given];
      policies = all(given, "NetworkPolicy");
      const deployment = the(given, "Deployment");
      const { selector, ports } = the(given, "Service").spec!;
      const container = deployment.spec!.template.spec!.containers[0]!;
      const target = container.ports!.find(({ name }) => name === ports![0]!.targetPort)!;
      service ??= await startService(
        () => ready().filter(({ labels }) => selects({ matchLabels: selector! }, labels)),
        target.containerPort,
      );
      await enforce();
      current = deployment;
      await rollout.apply(deployment, withinMs);
    },
    async delete(pod) {
      const ended = rollout.end(pod);
      await rollout.apply(current!);
      return ended;
    },
    async guest(namespace, labels, script = "setInterval(() => {}, 1_000_000)") {
      const guest = await startGuest(`guest-${(made += 1)}`, namespace, labels, script);
      guests.push(guest);
      await enforce();
      return guest;
    },
    pods,
    get ready() {
      return ready();
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    get url() {
      return service!.url;
    },
    async close() {
      await rollout.remove();
      await service?.close();
      await podman(["rm", "-af", "-t", "0"]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

/** Replaces the rules of the network that a process is in; one that has ended meanwhile needs none. */
const restore = (pid: number, rules: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn("nsenter", ["-t", String(pid), "-n", "iptables-restore"], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 || !isAlive(pid)
        ? resolve()
        : reject(new Error(`iptables-restore ended with ${code}:\n${rules}`)),
    );
    // Where it ends before it has read them, how it ended says why.
    child.stdin.once("error", () => undefined);
    child.stdin.end(rules);
  });
