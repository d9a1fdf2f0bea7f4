/**
 * The check that an API server would make: the types of Kubernetes and of the operators, with fields that they do not have
 * as errors. The schemas' own validators know formats and limits, TypeScript's `satisfies` knows what is too much.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../machine/run.ts";
import type { Document } from "./documents.ts";

const PROJECT = join(import.meta.dirname, "../../..");
/** Below the project, so that the packages are found. */
const SCRATCH = join(PROJECT, "node_modules/.cache/manifests");

const PACKAGES: Readonly<Record<string, string>> = {
  "gateway.networking.k8s.io/v1": "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
  "external-secrets.io/v1": "@kubernetes-models/external-secrets/external-secrets.io/v1",
};
const packageOf = (apiVersion: string): string =>
  PACKAGES[apiVersion] ?? `kubernetes-models/${apiVersion}`;

type Models = Readonly<Record<string, new (document: Document) => { validate(): void }>>;

/** Kustomize breaks long base64 into lines, which API servers read and the validator does not. */
const unwrapped = (document: Document): Document =>
  document.kind === "Secret"
    ? (JSON.parse(JSON.stringify(document).replaceAll(String.raw`\n`, "")) as Document)
    : document;

/** What is wrong with them; empty where nothing is. */
export async function problemsOf(documents: readonly Document[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const document of documents) {
    const models = (await import(packageOf(document.apiVersion))) as Models;
    const Model = models[document.kind];
    if (Model === undefined) problems.push(`${document.apiVersion} has no ${document.kind}`);
    else
      try {
        new Model(unwrapped(document)).validate();
      } catch (error) {
        problems.push(`${document.kind} ${document.metadata.name}: ${String(error)}`);
      }
  }
  return [...problems, ...(await unknownFields(documents))];
}

/** TypeScript's complaints about the documents as literals. */
async function unknownFields(documents: readonly Document[]): Promise<readonly string[]> {
  mkdirSync(SCRATCH, { recursive: true });
  const folder = mkdtempSync(join(SCRATCH, "check-"));
  try {
    const source = documents
      .map(
        (document, index) =>
          `import type { I${document.kind} as T${index} } from "${packageOf(document.apiVersion)}";\nexport const d${index} = ${JSON.stringify(document, undefined, 1)} satisfies T${index};\n`,
      )
      .join("");
    writeFileSync(join(folder, "documents.ts"), source);
    const options = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: "nodenext",
      target: "es2024",
      types: [],
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, files: ["documents.ts"] }),
    );
    const tsc = join(PROJECT, "node_modules/typescript/bin/tsc");
    return await run(process.execPath, [tsc, "-p", folder, "--pretty", "false"]).then(
      () => [],
      (error: Error) => [error.message],
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
