/** `npm run sim -- --seed 7` replays one seed twice; `npm run sim -- --seeds 20000` is the long run. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { loadCode } from "./code.ts";
import { coverage, describe } from "./report.ts";
import { runShared } from "./run.ts";
import { runSeed } from "./seed.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "500" },
    from: { type: "string", default: "1" },
    workers: { type: "string", default: `${Math.min(8, availableParallelism())}` },
    /** Where the bridge's code is. */
    src: { type: "string", default: join(import.meta.dirname, "../../src") },
    /** Prints the whole transcript of `--seed`. */
    all: { type: "boolean", default: false },
    /** Failing seeds after which a worker ends. */
    most: { type: "string", default: "5" },
    /** Prints how often each fault hit. */
    coverage: { type: "boolean", default: false },
  },
});

/** A run of so many seeds must have met every fault. */
const ENOUGH_FOR_COVERAGE = 500;

async function replay(seed: number): Promise<boolean> {
  const code = await loadCode(values.src);
  const first = await runSeed(seed, code);
  const second = await runSeed(seed, code);
  if (values.all) {
    const start = first.lines[0]?.at ?? 0;
    console.log(first.toml);
    for (const { at, text, about } of first.lines)
      console.log(`${(at - start) / 1000} ${about.map((one) => `#${one} `).join("")}${text}`);
  }
  console.log(`transcript ${first.hash}, again ${second.hash}`);
  const isWell = first.failures.length === 0;
  console.log(isWell ? `seed ${seed}: all invariants hold` : describe(first));
  return isWell && first.hash === second.hash;
}

async function runMany(): Promise<boolean> {
  const count = Number(values.seeds);
  const range = {
    src: values.src,
    from: Number(values.from),
    count,
    step: 1,
    most: Number(values.most),
  };
  const started = performance.now();
  const { done, said, failed, hits } = await runShared(range, Number(values.workers));
  const seconds = (performance.now() - started) / 1000;
  const { text, missing } = coverage(hits);
  if (values.coverage) console.log(text);
  for (const report of failed) console.log(`${report}\n`);
  const pace = `${seconds.toFixed(1)} s, ${(done / seconds).toFixed(1)} seeds/s`;
  console.log(`${done} seeds, ${said} messages, ${failed.length} failing, ${pace}`);
  const isCovered = done < count || missing.length === 0;
  if (!isCovered) console.log(`no seed hit: ${missing.join(", ")}`);
  return failed.length === 0 && (isCovered || count < ENOUGH_FOR_COVERAGE);
}

const isWell = values.seed === undefined ? await runMany() : await replay(Number(values.seed));
process.exitCode = isWell ? 0 : 1;
