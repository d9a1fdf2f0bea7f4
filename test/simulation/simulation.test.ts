/** The simulator over the real code. `npm run sim -- --seed N` tells what became of one seed. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { loadCode } from "./code.ts";
import { runSeed } from "./seed.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

describe("the simulator", () => {
  it("makes the same transcript of the same seed, and another of another", async () => {
    const code = await loadCode(join(root, "src"));
    const hashes: string[] = [];
    for (const seed of [7, 7, 8]) hashes.push((await runSeed(seed, code)).hash);
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it("finds every promise kept in 500 seeds that hit every fault", async () => {
    const args = ["test/simulation/main.ts", "--seeds", "500", "--workers", "2"];
    const { stdout } = await run(process.execPath, args, { cwd: root }).catch(
      (error: unknown) => error as { stdout: string },
    );
    expect(stdout.trim()).toMatch(/^500 seeds, \d+ messages, 0 failing, [^\n]*$/u);
  }, 240_000);
});
