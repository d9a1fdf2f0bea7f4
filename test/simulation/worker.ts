/** One thread's share of a run. */
import { parentPort, workerData } from "node:worker_threads";

import { type Range, runRange } from "./run.ts";

const summary = await runRange(workerData as Range);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(summary);
