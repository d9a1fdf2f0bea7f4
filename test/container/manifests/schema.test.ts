/** Every overlay, with every component, is what Kubernetes and the operators take. */
import { describe, expect, it } from "vitest";

import { type Document, the } from "./documents.ts";
import { render, VARIANTS } from "./overlays.ts";
import { problemsOf } from "./schema.ts";

describe("the schemas of Kubernetes", () => {
  it("take every overlay with every component, to the last field", async () => {
    const documents: Document[] = [];
    for (const [, edits] of VARIANTS) documents.push(...(await render(edits)));
    console.log(`${documents.length} documents of ${VARIANTS.length} renderings`);
    expect(await problemsOf(documents)).toEqual([]);
  });

  it("would see a field that there is not, a wrong type and a wrong word", async () => {
    const documents = await render({ overlay: "postgres", components: ["httproute"] });
    const broken = (change: (pod: Record<string, unknown>) => void): readonly Document[] => {
      const copy = structuredClone(documents);
      change(the(copy, "Deployment").spec!.template.spec as unknown as Record<string, unknown>);
      return copy;
    };
    for (const change of [
      (pod: Record<string, unknown>) => (pod["terminationGraceSeconds"] = 30),
      (pod: Record<string, unknown>) => (pod["terminationGracePeriodSeconds"] = "30"),
      (pod: Record<string, unknown>) => (pod["restartPolicy"] = "Sometimes"),
    ])
      expect(await problemsOf(broken(change))).not.toEqual([]);
  });
});
