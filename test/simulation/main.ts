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
/** Seeds after which a run says that it goes on. */
const PROGRESS_EVERY = 1000;

/** The whole number that an option gives. */
function numberOf(name: "seed" | "seeds" | "from" | "workers" | "most"): number {
  const given = values[name] ?? "";
  if (/^[1-9]\d{0,8}$/u.test(given)) return Number(given);
  console.error(`--${name} takes a whole number from 1 on, not "${given}"`);
  process.exit(2);
}

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
  const count = numberOf("seeds");
  const range = {
    src: values.src,
    from: numberOf("from"),
    count,
    step: 1,
    most: numberOf("most"),
  };
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  let ended = 0;
  const { done, said, failed, hits } = await runShared(range, numberOf("workers"), (report) => {
    ended += 1;
    if (report !== undefined) console.log(`${report}\n`);
    if (ended % PROGRESS_EVERY === 0 && ended < count)
      console.error(`${ended} of ${count} seeds, ${elapsed().toFixed(0)} s`);
  });
  const seconds = elapsed();
  const { text, missing } = coverage(hits);
  if (values.coverage) console.log(text);
  const pace = `${seconds.toFixed(1)} s, ${(done / seconds).toFixed(1)} seeds/s`;
  console.log(`${done} seeds, ${said} messages, ${failed} failing, ${pace}`);
  const isCovered = done < count || missing.length === 0;
  if (!isCovered) console.log(`no seed hit: ${missing.join(", ")}`);
  return failed === 0 && (isCovered || count < ENOUGH_FOR_COVERAGE);
}

const isWell = values.seed === undefined ? await runMany() : await replay(numberOf("seed"));
process.exitCode = isWell ? 0 : 1;
