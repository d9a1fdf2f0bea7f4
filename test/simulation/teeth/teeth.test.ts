/** Deliberate bugs: what the simulator would not notice, it does not prove. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, it } from "vitest";

import { TEETH } from "./definitions.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

describe("the simulator's teeth", () => {
  it("catches every deliberate bug within 500 seeds", async () => {
    const shares = ["0", "1"].map(async (from) => {
      const args = ["test/simulation/teeth/main.ts", "--step", "2", "--from", from];
      return run(process.execPath, args, { cwd: root }).catch(
        (error: unknown) => error as { stdout: string },
      );
    });
    const stdout = (await Promise.all(shares)).map((each) => each.stdout).join("");
    const lines = stdout.trim().split("\n");
    expect(lines.filter((line) => !line.startsWith("caught: "))).toEqual([]);
    expect(lines).toHaveLength(TEETH.length);
    expect(TEETH.length).toBeGreaterThanOrEqual(12);
  }, 300_000);
});
