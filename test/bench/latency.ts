/** How much later a message is on the other side: from the webhook or stream line to its arrival, services at 0 ms. */
import { type Figure, type Measurement, type Open, percentile } from "./measurement.ts";
import { nodeHost } from "./rig.ts";

const PAIRS = 5;
const PER_SECOND = 5;
const COUNT = 200;

async function run(open: Open): Promise<readonly Figure[]> {
  const rig = await open(nodeHost, { pairs: PAIRS, apiDelayMs: 0 });
  await rig.ask({ kind: "relay", each: 40, window: 1, ways: "both" });
  const { latenciesMs } = await rig.ask({ kind: "pace", count: COUNT, perSecond: PER_SECOND });
  const figure = (name: string, share: number, most: number): Figure => ({
    what: `latency added at ${PER_SECOND} messages/s, ${name} of ${COUNT} (node host)`,
    value: percentile(latenciesMs, share),
    unit: "ms",
    target: { most },
  });
  return [figure("p50", 0.5, 5), figure("p99", 0.99, 25)];
}

export const latency: Measurement = { name: "latency", limitS: 60, run };
