/**
 * What `k8s-fallback/` says of the program is true, as far as its files tell that without being rendered: a change of the
 * program that they do not know of is seen here. All else is `npm run test:container`.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { check } from "../src/cli/check.ts";
import { CONFIG_PLACES } from "../src/cli/config-path.ts";
import type { Report } from "../src/core/report.ts";
import { STOP_MS } from "../src/hosts/node/host.ts";
import { toPrometheus } from "../src/http/metrics.ts";
import { protocols } from "../src/protocols/registry.ts";

const ROOT = join(import.meta.dirname, "..");
const FOLDER = join(ROOT, "k8s-fallback");
const read = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One of everything that a report may have. */
const REPORT = {
  startedAt: 0,
  leads: true,
  lanes: [{ lane: "slack.a b", depth: 1, oldestMs: 1 }],
  accounts: [{ account: "slack.a" }],
  sources: [{ source: "slack.a", open: true }],
  troubles: { "slack.a b": "not found" },
  config: { file: "matterbridge.toml", since: 0 },
  unrouted: 0,
  deadLetters: 0,
  series: [
    { name: "dead", labels: { lane: "slack.a b" }, value: 1 },
    { name: "internal_errors", labels: {}, value: 1 },
  ],
} as unknown as Report;

describe("the folder k8s-fallback", () => {
  it("has every file that one of its kustomizations names, and no other YAML", () => {
    const wanted = globSync("**/kustomization.yaml", { cwd: FOLDER }).flatMap((file) => {
      const { resources, components, configurations, patches, configMapGenerator } = parse(
        // What is in a comment is there to be taken.
        read(file).replaceAll(/^( {2})# (- )/gmu, "$1$2"),
      ) as Record<string, unknown[] | undefined>;
      const named = [
        ...(resources ?? []),
        ...(components ?? []),
        ...(configurations ?? []),
        ...(patches ?? []).flatMap((each) => (each as { path?: string }).path ?? []),
        ...(configMapGenerator ?? []).flatMap((each) => (each as { files?: string[] }).files ?? []),
      ] as string[];
      return [file, ...named.map((name) => join(dirname(file), name))];
    });
    expect(wanted.filter((file) => !existsSync(join(FOLDER, file)))).toEqual([]);
    const files = globSync("**/*.yaml", { cwd: FOLDER });
    expect(files.filter((file) => !wanted.includes(file))).toEqual([]);
  });

  it.each(["single", "postgres"])(
    "has a template in %s that is right, and lists its secrets",
    (name) => {
      const file = `overlays/${name}/matterbridge.toml`;
      const text = read(file);
      const example = read(`overlays/${name}/secrets.env.example`);
      const names = [...example.matchAll(/^(\w+)=$/gmu)].map(([, variable]) => variable);
      const checked = check({ file, text, env: {}, protocols, deploy: false });
      expect(checked.ok).toBe(true);
      expect(checked.missing.filter((variable) => !names.includes(variable))).toEqual([]);
      expect(names.includes("DATABASE_URL")).toBe(name === "postgres");
      // No secret is ever written into an example.
      expect(example.split("\n").filter((line) => /^[^#].*=./u.test(line))).toEqual([]);
    },
  );

  it("knows where the program looks, listens and writes, and how long it takes to end", () => {
    const dockerfile = read("Dockerfile");
    const { spec } = parse(read("base/deployment.yaml")).spec.template as {
      spec: {
        terminationGracePeriodSeconds: number;
        containers: {
          ports: { containerPort: number }[];
          lifecycle: { preStop: { sleep: { seconds: number } } };
          volumeMounts: { mountPath: string }[];
        }[];
      };
    };
    const [container] = spec.containers;
    const [config, data] = container!.volumeMounts;
    expect(CONFIG_PLACES).toContain(`${config!.mountPath}/matterbridge.toml`);
    expect(dockerfile).toContain(
      `DATA_DIR=${data!.mountPath} PORT=${container!.ports[0]!.containerPort}`,
    );
    const given = spec.terminationGracePeriodSeconds - container!.lifecycle.preStop.sleep.seconds;
    expect(given * 1000).toBeGreaterThan(STOP_MS);
    const [, entry] = /^ENTRYPOINT .*"\/app\/(.*)"\]$/mu.exec(dockerfile)!;
    expect(existsSync(join(ROOT, entry!))).toBe(true);
  });

  it("alerts of metrics that there are, by labels that these have", () => {
    const metrics = new Map(
      [...toPrometheus(REPORT).matchAll(/^(footbridge_\w+)(?:\{(.*)\})? \S+$/gmu)].map(
        ([, name, labels = ""]) => [name!, labels],
      ),
    );
    const { spec } = parse(read("components/servicemonitor/alerts.yaml")) as {
      spec: { groups: { rules: Rule[] }[] };
    };
    const { rules } = spec.groups[0]!;
    expect(rules.length).toBeGreaterThan(8);
    for (const { alert, expr, annotations } of rules) {
      const [, metric] = /(footbridge_\w+)/u.exec(expr)!;
      expect([alert, metrics.has(metric!)]).toEqual([alert, true]);
      const [, by] = /\bby \((\w+)\)/u.exec(expr) ?? [];
      if (by !== undefined) expect(metrics.get(metric!)).toContain(`${by}=`);
      // `pod` is what Prometheus itself adds, where nothing is summed up.
      for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/gu))
        expect([alert, label]).toEqual([alert, by ?? "pod"]);
    }
  });
});
