/** Synapse in a virtual environment of its own, outside the checkout where there is a cache for such things. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { cacheFolder } from "../cache.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");
const BASE_PYTHON = process.env["PYTHON"] ?? "python3";

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (status === 0) return stdout.trim();
  const said = error?.message ?? `${stdout}${stderr}`.trim();
  throw new Error(
    `test:synapse needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv); \`${program} ${args.join(" ")}\` failed:\n${said}`,
  );
}

/** One environment for each set of pins and each Python: a new pin makes a new one. */
function venvFolder(): string {
  const pins = readFileSync(REQUIREMENTS, "utf8");
  const version = /^matrix-synapse==(?<version>\S+)/mu.exec(pins)?.groups?.["version"];
  const python = run(BASE_PYTHON, ["-c", "import sys; print('py%d.%d' % sys.version_info[:2])"]);
  const digest = createHash("sha256").update(pins).digest("hex").slice(0, 12);
  return cacheFolder(`synapse-${version}-${python}-${digest}`);
}

const pythonIn = (venv: string): string => join(venv, "bin/python");

/** An environment outlives the Python it was made of: that it exists does not mean that it works. */
const works = (venv: string): boolean =>
  spawnSync(pythonIn(venv), ["-c", "import synapse"]).status === 0;

let found: string | undefined;

/** The Python that has Synapse, installed if it is not there yet. */
export const installedPython = (): string => (found ??= findOrInstall());

function findOrInstall(): string {
  const venv = venvFolder();
  if (works(venv)) return pythonIn(venv);
  mkdirSync(dirname(venv), { recursive: true });
  // Made aside and then renamed, so that a half-made one is never taken for a whole one.
  const aside = mkdtempSync(`${venv}-`);
  try {
    run(BASE_PYTHON, ["-m", "venv", aside]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(pythonIn(aside), [
      ...pip,
      "--only-binary",
      ":all:",
      "--require-hashes",
      "-r",
      REQUIREMENTS,
    ]);
    rmSync(venv, { recursive: true, force: true });
    renameSync(aside, venv);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return pythonIn(venv);
}

/** Vitest's global set-up: once, and under no test's time limit. */
export default function setup(): void {
  const before = performance.now();
  installedPython();
  console.log(`Synapse is installed (${((performance.now() - before) / 1000).toFixed(1)} s)`);
}
