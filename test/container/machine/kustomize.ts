/** The program that renders the overlays: kubectl's own kustomize, or kustomize, or one built by Go into the cache. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "../../cache.ts";
import { run } from "./run.ts";

/** The newest that Debian 12's own Go (1.19) builds. */
const VERSION = "v5.0.3";
const MODULE = `sigs.k8s.io/kustomize/kustomize/v5@${VERSION}`;

export interface Kustomize {
  readonly version: string;
  /** The YAML of a folder. */
  render(folder: string): Promise<string>;
}

const commandOf = (version: string, program: string, args: readonly string[]): Kustomize => ({
  version,
  render: (folder) => run(program, [...args, folder]),
});

/** Undefined where there is none, or one from before version 5. */
async function kubectl(): Promise<Kustomize | undefined> {
  const said = await run("kubectl", ["version", "--client"]).catch(() => "");
  const version = /Kustomize Version: (v[5-9]\S*)/u.exec(said)?.[1];
  return version === undefined
    ? undefined
    : commandOf(`kubectl (kustomize ${version})`, "kubectl", ["kustomize"]);
}

async function standalone(program: string): Promise<Kustomize | undefined> {
  const version = /v[5-9]\.\S+/u.exec(await run(program, ["version"]).catch(() => ""))?.[0];
  return version === undefined ? undefined : commandOf(`kustomize ${version}`, program, ["build"]);
}

/** Go's module proxy has kustomize's source; a minute the first time. */
async function built(): Promise<Kustomize> {
  const folder = cacheFolder(`kustomize-${VERSION}`);
  const program = join(folder, "kustomize");
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    await run("go", ["install", MODULE], { env: { GOBIN: folder }, timeoutMs: 600_000 }).catch(
      (error: unknown) => {
        throw new Error(
          "test:container renders with kubectl 1.27 or newer, kustomize 5, or Go to build it (Debian: apt-get install golang-go)",
          { cause: error },
        );
      },
    );
  }
  return commandOf(`kustomize ${VERSION}, built by Go`, program, ["build"]);
}

let found: Promise<Kustomize> | undefined;

/** Found once; built where there is none. */
export const kustomize = (): Promise<Kustomize> =>
  (found ??= kubectl()
    .then(async (it) => it ?? (await standalone("kustomize")))
    .then(async (it) => it ?? (await built())));
