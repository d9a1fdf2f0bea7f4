/**
 * `npm run test:container`: builds the image, then runs the tests in namespaces that leave nothing behind. Needs root and
 * the programs that `.ci/run` installs; without them it fails and says so. Arguments are Vitest's.
 */
import { join } from "node:path";
import process from "node:process";

import { buildAll } from "./machine/build.ts";
import { kustomize } from "./machine/kustomize.ts";
import { isolated, withOwnMounts } from "./machine/namespaces.ts";
import { requirePrograms } from "./machine/programs.ts";

const PROJECT = join(import.meta.dirname, "../..");
const [step = "all", ...args] = process.argv.slice(2);
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

async function all(): Promise<number> {
  requirePrograms();
  const before = performance.now();
  const { version } = await kustomize();
  console.log(`Overlays are rendered by ${version} (${seconds(before)})`);
  const built = await withOwnMounts([process.execPath, import.meta.filename, "build"]);
  if (built !== 0) return built;
  const vitest = join(PROJECT, "node_modules/vitest/vitest.mjs");
  const config = join(import.meta.dirname, "vitest.config.ts");
  return isolated([process.execPath, vitest, "run", "--config", config, ...args]);
}

async function build(): Promise<number> {
  const before = performance.now();
  const { image, again, other } = await buildAll();
  console.log(
    `The image is built (${seconds(before)} in all: ${[image, again, other].map((each) => each.seconds.toFixed(1)).join(", ")} s)`,
  );
  return 0;
}

try {
  if (step !== "build" && step !== "all") args.unshift(step);
  process.exitCode = await (step === "build" ? build() : all());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
