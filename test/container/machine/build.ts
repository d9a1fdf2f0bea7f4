/** Builds the Dockerfile as it is: from what is cached, from nothing, and for the other architecture. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cacheFolder } from "../../cache.ts";
import { ARCHITECTURE, makeBases } from "./bases.ts";
import { podman } from "./podman.ts";

const PROJECT = join(import.meta.dirname, "../../..");
const RESULT = join(cacheFolder("containers"), "builds.json");

/** The image that all tests run. */
export const IMAGE = "localhost/footbridge:test";
const AGAIN = "localhost/footbridge:again";
const OTHER = "localhost/footbridge:other";

interface Built {
  readonly name: string;
  readonly id: string;
  readonly seconds: number;
}

export interface Builds {
  readonly image: Built;
  /** With nothing taken from the first but the bases. */
  readonly again: Built;
  /** For the architecture that this machine is not. */
  readonly other: Built & { readonly architecture: string };
}

async function build(name: string, flags: readonly string[]): Promise<Built> {
  const before = performance.now();
  await podman(
    [
      "build",
      "--pull=never",
      "--network=host",
      "--isolation=chroot",
      "--timestamp",
      "0",
      "--quiet",
      ...flags,
      "-f",
      join(PROJECT, "k8s-fallback/Dockerfile"),
      "-t",
      name,
      PROJECT,
    ],
    { timeoutMs: 300_000 },
  );
  const id = await podman(["image", "inspect", name, "--format", "{{.Id}}"]);
  return { name, id, seconds: (performance.now() - before) / 1000 };
}

export async function buildAll(): Promise<Builds> {
  await podman(["rm", "-af"]);
  await makeBases();
  const architecture = ARCHITECTURE === "amd64" ? "arm64" : "amd64";
  const image = await build(IMAGE, []);
  const again = await build(AGAIN, ["--no-cache"]);
  const other = await build(OTHER, ["--platform", `linux/${architecture}`]);
  const builds = { image, again, other: { ...other, architecture } };
  mkdirSync(cacheFolder("containers"), { recursive: true });
  writeFileSync(RESULT, JSON.stringify(builds, undefined, 2));
  // What earlier builds left.
  await podman(["image", "prune", "-f"]);
  return builds;
}

/** What `buildAll` built last. */
export const builds = (): Builds => JSON.parse(readFileSync(RESULT, "utf8")) as Builds;
