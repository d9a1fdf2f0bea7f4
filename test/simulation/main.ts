/** `npm run sim -- --seed 7` replays one seed twice; `npm run sim -- --seeds 20000` is the long run. */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { loadCode } from "./code.ts";
import { coverage, describe } from "./report.ts";
import { runSeed } from "./seed.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string", default: "500" },
    from: { type: "string", default: "1" },
    /** Where the bridge's code is. */
    src: { type: "string", default: join(import.meta.dirname, "../../src") },
    /** Prints the whole transcript of `--seed`. */
    all: { type: "boolean", default: false },
    /** Failing seeds after which a run ends. */
    most: { type: "string", default: "5" },
    coverage: { type: "boolean", default: false },
  },
});

const code = await loadCode(values.src);

if (values.seed !== undefined) {
  const seed = Number(values.seed);
  const first = await runSeed(seed, code);
  const second = await runSeed(seed, code);
  if (values.all) {
    console.log(first.toml);
    for (const { at, text, about } of first.lines)
      console.log(`${(at - first.lines[0]!.at) / 1000} ${about.map((one) => `#${one} `).join("")}${text}`);
  }
  console.log(`transcript ${first.hash}, again ${second.hash}`);
  console.log(first.failures.length === 0 ? `seed ${seed}: all invariants hold` : describe(first));
  process.exitCode = first.failures.length > 0 || first.hash !== second.hash ? 1 : 0;
} else {
  const hits = new Map<string, number>();
  const [from, count] = [Number(values.from), Number(values.seeds)];
  const started = performance.now();
  let failed = 0;
  let said = 0;
  let done = 0;
  for (let seed = from; seed < from + count && failed < Number(values.most); seed += 1) {
    const result = await runSeed(seed, code);
    done += 1;
    said += result.said;
    for (const [name, times] of result.hits) hits.set(name, (hits.get(name) ?? 0) + times);
    if (result.failures.length === 0) continue;
    failed += 1;
    console.log(`${describe(result)}\n`);
  }
  const seconds = (performance.now() - started) / 1000;
  const { text, missing } = coverage(hits);
  if (values.coverage) console.log(text);
  console.log(
    `${done} seeds, ${said} messages, ${failed} failing, ${seconds.toFixed(1)} s (${(seconds / done).toFixed(3)} s a seed)`,
  );
  const isWhole = done === count;
  if (isWhole && missing.length > 0) console.log(`no seed hit: ${missing.join(", ")}`);
  process.exitCode = failed > 0 || (isWhole && count >= 500 && missing.length > 0) ? 1 : 0;
}
