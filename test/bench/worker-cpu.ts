/**
 * CPU of workerd for one webhook with all that follows: the Worker, the object, its commit, the call that delivers, the
 * echo that comes back. It is the process's time as the kernel counts it, less what the idle process takes.
 * So its HTTP, SQLite, garbage collector and compiler are in it, which the platform does not all charge.
 */
import type { Figure, Measurement, Open } from "./measurement.ts";
import { cpuMs } from "./process.ts";
import { workerdAlone } from "./workerd.ts";

const MESSAGES = 1_500;
const IDLE_MS = 3_000;

async function run(open: Open): Promise<readonly Figure[]> {
  const rig = await open(workerdAlone, { pairs: 1, apiDelayMs: 0 });
  const { pid } = rig.host();
  // Compiled and looked up once.
  await rig.ask({ kind: "relay", each: 500, window: 1, ways: "to gitter" });
  const idleFrom = cpuMs(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const idlePerMs = (cpuMs(pid) - idleFrom) / IDLE_MS;
  const before = cpuMs(pid);
  const { ms } = await rig.ask({ kind: "relay", each: MESSAGES, window: 1, ways: "to gitter" });
  const used = cpuMs(pid) - before - idlePerMs * ms;
  return [
    {
      what: "CPU of workerd for a webhook, delivered and its echo heard",
      value: used / MESSAGES,
      unit: "ms",
      target: { most: 3 },
    },
  ];
}

export const workerCpu: Measurement = { name: "worker-cpu", limitS: 60, run };
