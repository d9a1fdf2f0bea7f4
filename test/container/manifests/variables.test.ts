/** The variables of the article's template, as the README sets them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { all, the } from "./documents.ts";
import { render } from "./overlays.ts";
import { containerOf, podOf, references, selectors, unrestricted } from "./policy.ts";
import { problemsOf } from "./schema.ts";

const readme = readFileSync(join(import.meta.dirname, "../../../k8s-fallback/README.md"), "utf8");
const EXAMPLE = [...readme.matchAll(/```yaml\n([\s\S]*?)```/gu)]
  .map(([, text]) => text!)
  .find((text) => text.includes("team-footbridge") || text.includes("namePrefix"))!;

it("each variable of the article's template arrives where it belongs, and all still fits together", async () => {
  const documents = await render({
    overlay: "postgres",
    components: ["httproute", "ingress", "networkpolicy", "servicemonitor"],
    above: EXAMPLE,
  });
  const { spec, metadata } = the(documents, "Deployment");
  expect(metadata).toMatchObject({ name: "team-footbridge", namespace: "chat" });
  expect(spec!.replicas).toBe(3);
  expect(containerOf(documents)).toMatchObject({
    image: "ghcr.io/team/footbridge:1.2.3",
    resources: { limits: { cpu: "500m", memory: "384Mi" }, requests: { memory: "128Mi" } },
  });
  expect(the(documents, "Namespace").metadata.name).toBe("chat");

  const there = documents.map((each) => `${each.kind} ${each.metadata.name}`);
  expect(references(documents).filter((it) => !there.includes(it))).toEqual([]);
  for (const selector of selectors(documents))
    expect(selector).toMatchObject({ "app.kubernetes.io/instance": "team-footbridge" });
  expect(unrestricted(podOf(documents))).toEqual([]);
  expect(await problemsOf(documents)).toEqual([]);
  // A rule for name servers is about theirs, whatever the installation is called.
  const [policy] = all(documents, "NetworkPolicy");
  expect(policy!.spec!.egress![0]!.to![0]!.podSelector).toEqual({
    matchExpressions: [{ key: "k8s-app", operator: "In", values: ["kube-dns"] }],
  });
});
