/** The benchmarks themselves: what they are told, what they print, and that a small one measures what it says. */
import { describe, expect, it } from "vitest";

import { readArgs } from "./args.ts";
import { medians, percentile } from "./measurement.ts";
import { cpuMs } from "./process.ts";
import { nodeHost, startRig } from "./rig.ts";
import { toTable } from "./table.ts";

const NAMES = ["latency", "memory"];

describe("npm run bench", () => {
  it("measures everything once where nothing else is said", () => {
    expect(readArgs([], NAMES)).toEqual({ only: [], json: false, repeat: 1 });
  });

  it("takes names, a number of rounds and JSON", () => {
    expect(
      readArgs(["--only", "latency", "--only", "memory", "--json", "--repeat", "3"], NAMES),
    ).toEqual({ only: ["latency", "memory"], json: true, repeat: 3 });
  });

  it("names the measurements where one is unknown", () => {
    expect(() => readArgs(["--only", "speed"], NAMES)).toThrow("only latency, memory");
  });

  it("says beside each figure whether its target is met", () => {
    const most = (value: number) => ({ what: "a", value, unit: "ms", target: { most: 5 } });
    const least = (value: number) => ({ what: "b", value, unit: "/s", target: { least: 5 } });
    const verdicts = toTable([most(5), most(5.1), least(5), least(4.9)])
      .split("\n")
      .slice(2)
      .map((line) => line.split("|").at(-2)!.trim());
    expect(verdicts).toEqual(["met", "MISSED", "met", "MISSED"]);
  });

  it("takes the median of several rounds", () => {
    const round = (value: number) => [{ what: "a", value, unit: "" }];
    expect(medians([round(9), round(1), round(3)])).toEqual(round(3));
  });

  it("finds the value below which a share lies", () => {
    const values = Array.from({ length: 200 }, (_each, index) => 200 - index);
    expect([percentile(values, 0.5), percentile(values, 0.99)]).toEqual([100, 198]);
  });

  it("counts each message that arrives on the other side once", async () => {
    const rig = await startRig(nodeHost, { pairs: 2, apiDelayMs: 0 });
    try {
      const { messages } = await rig.ask({ kind: "relay", each: 3, window: 2, ways: "both" });
      expect(messages).toBe(12);
      const flooded = await rig.ask({ kind: "flood", count: 10, connections: 2 });
      expect(flooded.accepted).toBe(10);
      if (process.platform === "linux") expect(cpuMs(rig.host().pid)).toBeGreaterThan(0);
    } finally {
      await rig.close();
    }
  }, 60_000);
});
