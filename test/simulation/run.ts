/** Many seeds one after another, in this thread or shared out to several. */
import { Worker } from "node:worker_threads";

import { loadCode } from "./code.ts";
import { describe } from "./report.ts";
import { runSeed } from "./seed.ts";

export interface Range {
  /** Where the bridge's code is. */
  readonly src: string;
  readonly from: number;
  readonly count: number;
  /** Each worker takes every so many-th seed. */
  readonly step: number;
  /** Failing seeds after which it ends. */
  readonly most: number;
}

export interface Summary {
  done: number;
  said: number;
  /** A report for each failing seed. */
  failed: string[];
  hits: Map<string, number>;
}

export async function runRange({ src, from, count, step, most }: Range): Promise<Summary> {
  const code = await loadCode(src);
  const summary: Summary = { done: 0, said: 0, failed: [], hits: new Map() };
  for (let seed = from; seed < from + count && summary.failed.length < most; seed += step) {
    const result = await runSeed(seed, code);
    summary.done += 1;
    summary.said += result.said;
    merge(summary.hits, result.hits);
    if (result.failures.length > 0) summary.failed.push(describe(result));
  }
  return summary;
}

export async function runShared(range: Range, workers: number): Promise<Summary> {
  if (workers <= 1) return runRange(range);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_each, index) =>
      inWorker({ ...range, from: range.from + index, count: range.count - index, step: workers }),
    ),
  );
  const hits = new Map<string, number>();
  for (const part of parts) merge(hits, part.hits);
  return {
    done: parts.reduce((sum, part) => sum + part.done, 0),
    said: parts.reduce((sum, part) => sum + part.said, 0),
    failed: parts.flatMap(({ failed }) => failed),
    hits,
  };
}

const inWorker = (range: Range): Promise<Summary> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: range });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (status) => reject(new Error(`a worker ended with ${status}`)));
  });

function merge(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, times] of from) into.set(name, (into.get(name) ?? 0) + times);
}
