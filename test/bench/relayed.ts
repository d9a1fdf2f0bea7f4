/** Messages a second over the node host, both ways together, with every lane always full; and the CPU they take. */
import type { Figure, Measurement, Open } from "./measurement.ts";
import { cpuMs } from "./process.ts";
import { nodeHost } from "./rig.ts";

const PAIRS = [1, 10, 50] as const;
/** Messages of a pair and way that are under way at once. */
const WINDOW = 20;
const ABOUT_MS = 3_000;
/** So many are enough, however fast. */
const MOST = 4_000;

const LEAST: Readonly<Record<string, number>> = { "50 50": 730, "150 10": 100 };

const measure = (apiDelayMs: number) =>
  async function run(open: Open): Promise<readonly Figure[]> {
    const figures: Figure[] = [];
    for (const pairs of PAIRS) {
      const rig = await open(nodeHost, { pairs, apiDelayMs });
      const { pid } = rig.host();
      const each = Math.ceil(Math.min(ABOUT_MS / (apiDelayMs + 3), MOST / (2 * pairs)));
      const warmUp = Math.ceil(Math.min(each / 2, 1_000 / pairs));
      await rig.ask({ kind: "relay", each: warmUp, window: WINDOW, ways: "both" });
      const before = cpuMs(pid);
      const { messages, ms } = await rig.ask({
        kind: "relay",
        each,
        window: WINDOW,
        ways: "both",
      });
      const cpu = cpuMs(pid) - before;
      const where = `${pairs} ${pairs === 1 ? "pair" : "pairs"}, services at ${apiDelayMs} ms`;
      const least = LEAST[`${apiDelayMs} ${pairs}`];
      figures.push({
        what: `messages relayed (node host, ${where})`,
        value: (messages / ms) * 1000,
        unit: "/s",
        ...(least === undefined ? {} : { target: { least } }),
      });
      if (pairs === 50 && apiDelayMs === 50)
        figures.push({
          what: `CPU of 1,000 messages (node host, ${where})`,
          value: cpu / messages,
          unit: "s",
          target: { most: 1.5 },
        });
      await rig.close();
    }
    return figures;
  };

export const relayed: readonly Measurement[] = [0, 50, 150].map((apiDelayMs) => ({
  name: `relayed-${apiDelayMs}`,
  limitS: 60,
  run: measure(apiDelayMs),
}));
