/** From `kill -9` in the middle of traffic to the first delivery of the new process, its start included. */
import { type Figure, type Measurement, type Open, percentile } from "./measurement.ts";
import { nodeHost } from "./rig.ts";

const PAIRS = 10;
const API_DELAY_MS = 50;
const KILLS = 5;
const TRAFFIC_MS = 1_500;

async function run(open: Open): Promise<readonly Figure[]> {
  const rig = await open(nodeHost, { pairs: PAIRS, apiDelayMs: API_DELAY_MS });
  await rig.ask({ kind: "relay on", window: 5 });
  const times: number[] = [];
  for (let index = 0; index < KILLS; index += 1) {
    await new Promise((resolve) => setTimeout(resolve, TRAFFIC_MS));
    // Only what is asked for after the kill: a call that the kill found on its way still has its effect.
    process.kill(rig.host().pid, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, API_DELAY_MS));
    const arrival = rig.ask({ kind: "arrival" });
    const killedAt = performance.now();
    const started = rig.crash();
    await arrival;
    times.push(performance.now() - killedAt);
    await started;
  }
  await rig.ask({ kind: "enough" });
  return [
    {
      what: `first delivery after kill -9 in traffic, median of ${KILLS} (node host)`,
      value: percentile(times, 0.5),
      unit: "ms",
    },
  ];
}

export const recovery: Measurement = { name: "recovery", limitS: 60, run };
