/** Overlays as a user leaves them: three files edited, components taken, rendered. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { kustomize } from "../machine/kustomize.ts";
import { type Document, parseDocuments } from "./documents.ts";

const FOLDER = join(import.meta.dirname, "../../../k8s-fallback");

type Overlay = "single" | "postgres";

export interface Edits {
  readonly overlay: Overlay;
  /** Components whose line is taken out of its comment. */
  readonly components?: readonly string[];
  /** Resources whose line is taken out of its comment. */
  readonly resources?: readonly string[];
  /** Absent: the template. */
  readonly toml?: string;
  /** Absent: the example. */
  readonly secrets?: string;
  /** A `kustomization.yaml` above the overlay, which is then rendered. */
  readonly above?: string;
  /** Further changes of the overlay's `kustomization.yaml`. */
  readonly edit?: (kustomization: string) => string;
}

/** Takes lines out of their comment; one that is not there is a mistake. */
function uncomment(kustomization: string, line: string): string {
  const commented = `  # - ${line}\n`;
  if (!kustomization.includes(commented)) throw new Error(`no line "# - ${line}"`);
  return kustomization.replace(commented, `  - ${line}\n`);
}

export async function render(edits: Edits): Promise<readonly Document[]> {
  const {
    overlay,
    components = [],
    resources = [],
    toml,
    secrets,
    above,
    edit = (it) => it,
  } = edits;
  const copy = mkdtempSync(join(tmpdir(), "footbridge-overlay-"));
  try {
    cpSync(FOLDER, copy, { recursive: true });
    const folder = join(copy, "overlays", overlay);
    const read = (name: string): string => readFileSync(join(folder, name), "utf8");
    let kustomization = read("kustomization.yaml");
    for (const name of components)
      kustomization = uncomment(kustomization, `../../components/${name}`);
    for (const name of resources) kustomization = uncomment(kustomization, name);
    writeFileSync(join(folder, "kustomization.yaml"), edit(kustomization));
    writeFileSync(join(folder, "secrets.env"), secrets ?? read("secrets.env.example"));
    if (toml !== undefined) writeFileSync(join(folder, "matterbridge.toml"), toml);
    const mine = join(copy, "overlays/mine");
    if (above !== undefined) {
      mkdirSync(mine);
      writeFileSync(join(mine, "kustomization.yaml"), above);
    }
    const { render } = await kustomize();
    return parseDocuments(await render(above === undefined ? folder : mine));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** As `externalsecret/kustomization.yaml` says. */
const withoutSecretGenerator = (kustomization: string): string =>
  kustomization.replace(/^secretGenerator:\n(?: .*\n)+/mu, "");

/** As `toml-secret/kustomization.yaml` says. */
const withSecretToml = (kustomization: string): string => {
  const entry = /^ {2}- name: footbridge-config\n {4}files: .*\n/mu.exec(kustomization)![0];
  return kustomization.replace(entry, "").replace(/^secretGenerator:\n/mu, `$&${entry}`);
};

/** Every overlay with every component that fits it, in as few renderings as that takes. */
export const VARIANTS: readonly (readonly [name: string, Edits])[] = [
  ["single", { overlay: "single" }],
  [
    "single, with a route",
    { overlay: "single", components: ["httproute", "networkpolicy", "servicemonitor"] },
  ],
  [
    "single, with an ingress and older storage",
    { overlay: "single", components: ["ingress", "networkpolicy", "readwriteonce"] },
  ],
  ["single, for Socket Mode", { overlay: "single", components: ["networkpolicy-egress-only"] }],
  [
    "single, secrets from a vault",
    { overlay: "single", components: ["externalsecret"], edit: withoutSecretGenerator },
  ],
  [
    "single, an old TOML with tokens",
    { overlay: "single", components: ["toml-secret"], edit: withSecretToml },
  ],
  ["postgres", { overlay: "postgres" }],
  [
    "postgres, with a route",
    {
      overlay: "postgres",
      components: ["httproute", "networkpolicy", "servicemonitor"],
      resources: ["database-policy.yaml"],
    },
  ],
  [
    "postgres, with an ingress and secrets from a vault",
    {
      overlay: "postgres",
      components: ["ingress", "networkpolicy", "externalsecret"],
      edit: withoutSecretGenerator,
    },
  ],
  [
    "postgres, for Socket Mode, an old TOML with tokens",
    {
      overlay: "postgres",
      components: ["networkpolicy-egress-only", "toml-secret"],
      resources: ["database-policy.yaml"],
      edit: withSecretToml,
    },
  ],
];
