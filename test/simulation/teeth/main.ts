/** `node test/simulation/teeth/main.ts`: each deliberate bug has to be caught within 500 seeds. */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { loadCode } from "../code.ts";
import { runSeed } from "../seed.ts";
import { createBuilder } from "./build.ts";
import { TEETH } from "./definitions.ts";
import { HINTS } from "./hints.ts";

const { values } = parseArgs({
  options: {
    src: { type: "string", default: join(import.meta.dirname, "../../../src") },
    seeds: { type: "string", default: "500" },
    /** Takes every so many-th, from this one on: to share them out. */
    step: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    only: { type: "string", default: "" },
  },
});

const chosen = TEETH.filter(
  ({ name }, index) =>
    name.includes(values.only) &&
    index >= Number(values.from) &&
    (index - Number(values.from)) % Number(values.step) === 0,
);
const builder = createBuilder(values.src, values.from);
const clean = await loadCode(builder.clean, "js");
let missed = 0;
for (const tooth of chosen) {
  const built = builder.build(tooth);
  if ("problem" in built) {
    missed += 1;
    console.log(`NO LONGER APPLIES: ${tooth.name}: ${built.problem}`);
    continue;
  }
  const code = await loadCode(built.folder, "js");
  let caught: string | undefined;
  const most = Number(values.seeds);
  // One that was seen to catch it comes first: that saves the rest as long as the simulator stays as it is.
  const seeds = Array.from({ length: most }, (_each, index) => index + 1);
  const hint = HINTS.get(tooth.name);
  if (hint !== undefined && hint <= most) seeds.unshift(hint);
  for (const seed of seeds) {
    const { failures } = await runSeed(seed, code);
    if (failures.length === 0) continue;
    // A seed that the whole code fails too proves nothing of the bug.
    const isWell = (await runSeed(seed, clean)).failures.length === 0;
    if (!isWell) continue;
    caught = `in seed ${seed}: ${failures[0]!.what}`;
    break;
  }
  if (caught === undefined) missed += 1;
  console.log(
    `${caught === undefined ? "NOT CAUGHT" : "caught"}: ${tooth.name} ${caught?.split("\n")[0] ?? ""}`,
  );
}
process.exitCode = missed > 0 ? 1 : 0;
