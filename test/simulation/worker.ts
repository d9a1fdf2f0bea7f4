/** One thread's share of a run. */
import { parentPort, workerData } from "node:worker_threads";

import { type Posted, type Range, runRange } from "./run.ts";

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
const post = (posted: Posted): void => parentPort?.postMessage(posted);

const summary = await runRange(workerData as Range, (report) => post({ kind: "seed", report }));
post({ kind: "sum", summary });
