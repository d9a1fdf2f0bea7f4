/** Resident memory of the node host: idle, and after 100,000 messages. */
import type { Figure, Measurement, Open } from "./measurement.ts";
import { rssMb } from "./process.ts";
import { nodeHost } from "./rig.ts";

const PAIRS = 10;
const MESSAGES = 100_000;
const SETTLE_MS = 5_000;

async function run(open: Open): Promise<readonly Figure[]> {
  const rig = await open(nodeHost, { pairs: PAIRS, apiDelayMs: 0 });
  const { pid } = rig.host();
  const settled = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return rssMb(pid);
  };
  const idle = await settled();
  await rig.ask({ kind: "relay", each: MESSAGES / (2 * PAIRS), window: 5, ways: "both" });
  const after = await settled();
  return [
    { what: "memory, idle (node host)", value: idle, unit: "MB", target: { most: 110 } },
    {
      what: "memory after 100,000 messages (node host)",
      value: after,
      unit: "MB",
      target: { most: 150 },
    },
  ];
}

/** The one that takes longer: 100,000 messages are many. */
export const memory: Measurement = { name: "memory", limitS: 240, run };
