/** What the README says of memory, at the worst start: nothing is in the compile cache. Linux counts it in /proc. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { seenAtGitter, setUp, startNodeWith, until } from "../scenarios/hosts.ts";

/** The most that the process ever had in memory, in MB of 1,048,576 bytes. */
const peakMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;

describe.runIf(process.platform === "linux")("the node host's memory", () => {
  it.each([
    ["with an empty compile cache", () => mkdtempSync(join(tmpdir(), "footbridge-"))],
    ["when Node's place for the cache cannot be written", () => "/dev/null/none"],
  ])(
    "stays below 110 MB at the first start %s",
    async (_where, temporary) => {
      const env = { TMPDIR: temporary(), NODE_COMPILE_CACHE: undefined };
      const setup = await setUp(startNodeWith(env));
      try {
        setup.sandbox.slack.say("ada", "general", "hello");
        await until(setup.sandbox, () => seenAtGitter(setup.sandbox).length > 0);
        expect(peakMb(setup.host().pid!)).toBeLessThan(110);
      } finally {
        await setup.close();
      }
    },
    60_000,
  );
});
