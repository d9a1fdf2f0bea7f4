/** What every rendered overlay keeps, whichever components it takes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { CONFIG_PLACES } from "../../../src/cli/config-path.ts";
import { STOP_MS } from "../../../src/hosts/node/host.ts";
import { all, type Document, the } from "./documents.ts";
import { type Edits, render, VARIANTS } from "./overlays.ts";
import { containerOf, podOf, references, selectors, unrestricted } from "./policy.ts";

const dockerfile = readFileSync(
  join(import.meta.dirname, "../../../k8s-fallback/Dockerfile"),
  "utf8",
);

describe.each(VARIANTS)("%s", (_name, edits: Edits) => {
  let documents: readonly Document[] = [];
  beforeAll(async () => {
    documents = await render(edits);
  });

  it("is let into a namespace of Pod Security restricted, which it makes", () => {
    expect(unrestricted(podOf(documents))).toEqual([]);
    expect(containerOf(documents).securityContext?.readOnlyRootFilesystem).toBe(true);
    expect(the(documents, "Namespace").metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "restricted",
    });
  });

  it("asks for memory and CPU, and is limited in memory only", () => {
    const { requests, limits } = containerOf(documents).resources!;
    expect(Object.keys(requests!).sort()).toEqual(["cpu", "memory"]);
    expect(Object.keys(limits!)).toEqual(["memory"]);
  });

  it("has no token of a service account, no role, and no variables of other services", () => {
    const pod = podOf(documents);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(the(documents, "ServiceAccount").automountServiceAccountToken).toBe(false);
    expect(pod.enableServiceLinks).toBe(false);
    expect(documents.filter(({ kind }) => kind.includes("Role"))).toEqual([]);
  });

  it("has three probes at the named port; liveness asks only whether the process answers", () => {
    const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(documents);
    expect(ports!.map(({ name }) => name)).toEqual(["http"]);
    expect(
      [startupProbe, livenessProbe, readinessProbe].map((probe) => [
        probe!.httpGet!.path,
        probe!.httpGet!.port,
      ]),
    ).toEqual([
      ["/healthz", "http"],
      ["/healthz", "http"],
      ["/readyz", "http"],
    ]);
  });

  it("is given more time to end than it takes", () => {
    const wait = containerOf(documents).lifecycle!.preStop!.sleep!.seconds;
    expect(wait).toBeGreaterThan(0);
    expect(podOf(documents).terminationGracePeriodSeconds!).toBeGreaterThan(wait + STOP_MS / 1000);
  });

  it("names its image exactly", () => {
    expect(containerOf(documents).image).toMatch(/(?::\d+\.\d+\.\d+|@sha256:[\da-f]{64})$/u);
  });

  it("puts port, data and configuration where the image has them", () => {
    const { ports, volumeMounts } = containerOf(documents);
    expect(dockerfile).toContain(`PORT=${ports![0]!.containerPort}`);
    const mounts = Object.fromEntries(
      volumeMounts!.map(({ name, mountPath }) => [name, mountPath]),
    );
    expect(dockerfile).toContain(`DATA_DIR=${mounts["data"]}`);
    expect(CONFIG_PLACES).toContain(`${mounts["config"]}/matterbridge.toml`);
    expect(Object.keys(mounts).sort()).toEqual(["config", "data"]);
  });

  it("names nothing that is not there", () => {
    const there = documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const outside = all(documents, "ExternalSecret").map(
      ({ spec }) => `Secret ${spec!.target!.name}`,
    );
    expect(references(documents).filter((it) => ![...there, ...outside].includes(it))).toEqual([]);
  });

  it("is found by its labels, by all that select and by nothing more", () => {
    const { metadata } = the(documents, "Deployment").spec!.template;
    const own = {
      "app.kubernetes.io/name": "footbridge",
      "app.kubernetes.io/instance": "footbridge",
    };
    for (const selector of selectors(documents)) expect(selector).toEqual(own);
    expect(metadata!.labels).toMatchObject(own);
    expect(the(documents, "Service").metadata.labels).toMatchObject(own);
  });

  it("is all in one namespace", () => {
    const elsewhere = documents.filter(
      ({ kind, metadata }) => kind !== "Namespace" && metadata.namespace !== "footbridge",
    );
    expect(elsewhere).toEqual([]);
  });

  it("carries no secret, and names what it generates by content", () => {
    for (const { data, metadata } of all(documents, "Secret"))
      if (metadata.name.startsWith("footbridge-secrets"))
        expect(Object.values(data ?? {}).filter((value) => value !== "")).toEqual([]);
    for (const { metadata } of [...all(documents, "Secret"), ...all(documents, "ConfigMap")])
      expect(metadata.name).toMatch(/-[a-z\d]{10}$/u);
  });

  it("shows people outside only what is meant for them", () => {
    const paths = [
      ...all(documents, "HTTPRoute").flatMap(({ spec }) =>
        spec.rules!.flatMap(({ matches }) => matches!.map(({ path }) => path!.value)),
      ),
      ...all(documents, "Ingress").flatMap(({ spec }) =>
        spec!.rules!.flatMap(({ http }) => http!.paths.map(({ path }) => path)),
      ),
    ];
    expect(paths).toEqual(
      all(documents, "HTTPRoute").length + all(documents, "Ingress").length > 0
        ? ["/slack/", "/media/"]
        : [],
    );
  });

  it("lets nothing in from anywhere, and nothing out to the cluster's or the cloud's own addresses", () => {
    const policies = all(documents, "NetworkPolicy");
    for (const { spec, metadata } of policies) {
      if (metadata.name === "footbridge-database") continue;
      expect([...spec!.policyTypes!].sort()).toEqual(["Egress", "Ingress"]);
      for (const { from } of spec!.ingress!) expect(from!.length).toBeGreaterThan(0);
      const blocks = spec!.egress!.flatMap(({ to }) => to!.flatMap(({ ipBlock }) => ipBlock ?? []));
      const everywhere = blocks.find(({ cidr }) => cidr === "0.0.0.0/0")!;
      expect(everywhere.except).toEqual(expect.arrayContaining(["10.0.0.0/8", "169.254.0.0/16"]));
      if (edits.components?.includes("networkpolicy-egress-only") === true)
        expect(spec!.ingress).toEqual([]);
    }
  });

  it("has one writer at a time, or none that matters", () => {
    const { spec } = the(documents, "Deployment");
    const { strategy, replicas } = spec!;
    const [claim] = all(documents, "PersistentVolumeClaim");
    const budgets = all(documents, "PodDisruptionBudget");
    if (edits.overlay === "single") {
      expect(replicas).toBe(1);
      expect(strategy).toEqual({
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
      });
      expect(claim!.spec!.accessModes).toEqual([
        edits.components?.includes("readwriteonce") === true ? "ReadWriteOnce" : "ReadWriteOncePod",
      ]);
      expect(budgets).toEqual([]);
    } else {
      expect(replicas).toBeGreaterThanOrEqual(2);
      expect(strategy!.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
      expect(claim).toBeUndefined();
      expect(budgets.map(({ spec }) => spec!.maxUnavailable)).toEqual([1]);
      expect(podOf(documents).topologySpreadConstraints!.map((each) => each.topologyKey)).toEqual([
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
      ]);
    }
  });
});

describe("an edit of the configuration", () => {
  it("is a new pod, as the pod names what it reads by content", async () => {
    const before = await render({ overlay: "single" });
    const after = await render({ overlay: "single", toml: "[general]\n" });
    expect(podOf(after)).not.toEqual(podOf(before));
    expect(the(after, "Deployment").spec!.selector).toEqual(
      the(before, "Deployment").spec!.selector,
    );
  });

  it("of PUBLIC_URL is the host name of the routes", async () => {
    const documents = await render({
      overlay: "single",
      components: ["httproute", "ingress"],
      edit: (it) => it.replace("https://footbridge.example.org", "https://chat.example.net"),
    });
    expect(the(documents, "HTTPRoute").spec.hostnames).toEqual(["chat.example.net"]);
    const { rules, tls } = the(documents, "Ingress").spec!;
    expect([rules![0]!.host, tls![0]!.hosts]).toEqual(["chat.example.net", ["chat.example.net"]]);
  });
});
