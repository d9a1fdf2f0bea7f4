/** Webhooks that the node host accepts a second while its lanes deliver what it has accepted. */
import type { Figure, Measurement, Open } from "./measurement.ts";
import { nodeHost } from "./rig.ts";

const PAIRS = 10;
const API_DELAY_MS = 50;
const WARM_UP = 4_000;
const WEBHOOKS = 20_000;
const CONNECTIONS = 64;

async function run(open: Open): Promise<readonly Figure[]> {
  const rig = await open(nodeHost, { pairs: PAIRS, apiDelayMs: API_DELAY_MS });
  await rig.ask({ kind: "flood", count: WARM_UP, connections: CONNECTIONS });
  const { accepted, ms, arrived } = await rig.ask({
    kind: "flood",
    count: WEBHOOKS,
    connections: CONNECTIONS,
  });
  const where = `node host, ${PAIRS} pairs, services at ${API_DELAY_MS} ms`;
  return [
    {
      what: `webhooks accepted (${where})`,
      value: (accepted / ms) * 1000,
      unit: "/s",
      target: { least: 3_000 },
    },
    { what: "... delivered meanwhile", value: (arrived / ms) * 1000, unit: "/s" },
  ];
}

export const webhooks: Measurement = { name: "webhooks", limitS: 60, run };
