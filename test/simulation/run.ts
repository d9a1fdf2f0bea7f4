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
  failed: number;
  hits: Map<string, number>;
}

/** Told after each seed, with a report when it failed. */
export type Progress = (report: string | undefined) => void;

/** What a worker posts: each seed as it ends, then the sum. */
export type Posted =
  | { readonly kind: "seed"; readonly report: string | undefined }
  | { readonly kind: "sum"; readonly summary: Summary };

export async function runRange(
  { src, from, count, step, most }: Range,
  progress: Progress,
): Promise<Summary> {
  const code = await loadCode(src);
  const summary: Summary = { done: 0, said: 0, failed: 0, hits: new Map() };
  for (let seed = from; seed < from + count && summary.failed < most; seed += step) {
    const result = await runSeed(seed, code);
    summary.done += 1;
    summary.said += result.said;
    merge(summary.hits, result.hits);
    const hasFailed = result.failures.length > 0;
    if (hasFailed) summary.failed += 1;
    progress(hasFailed ? describe(result) : undefined);
  }
  return summary;
}

export async function runShared(
  range: Range,
  workers: number,
  progress: Progress,
): Promise<Summary> {
  if (workers <= 1) return runRange(range, progress);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_each, index) =>
      inWorker(
        { ...range, from: range.from + index, count: range.count - index, step: workers },
        progress,
      ),
    ),
  );
  const hits = new Map<string, number>();
  for (const part of parts) merge(hits, part.hits);
  return {
    done: parts.reduce((sum, part) => sum + part.done, 0),
    said: parts.reduce((sum, part) => sum + part.said, 0),
    failed: parts.reduce((sum, part) => sum + part.failed, 0),
    hits,
  };
}

const inWorker = (range: Range, progress: Progress): Promise<Summary> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: range });
    worker.on("message", (posted: Posted) => {
      if (posted.kind === "seed") progress(posted.report);
      else resolve(posted.summary);
    });
    worker.once("error", reject);
    worker.once("exit", (status) => reject(new Error(`a worker ended with ${status}`)));
  });

function merge(into: Map<string, number>, from: ReadonlyMap<string, number>): void {
  for (const [name, times] of from) into.set(name, (into.get(name) ?? 0) + times);
}
