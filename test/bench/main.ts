/**
 * `npm run bench`: what the bridge costs and how fast it is, beside what it is to be. The services run in a process of
 * their own; the node host is the one of `npm start`, the Worker the bundle of `npm run deploy` in workerd. Ends with 1
 * where a target is missed.
 *
 *   npm run bench -- --only latency --only memory --repeat 3 --json
 */
import { readArgs } from "./args.ts";
import { latency } from "./latency.ts";
import { type Figure, isMet, type Measurement, medians } from "./measurement.ts";
import { memory } from "./memory.ts";
import { recovery } from "./recovery.ts";
import { relayed } from "./relayed.ts";
import { requests } from "./requests.ts";
import { type Rig, startRig } from "./rig.ts";
import { toTable } from "./table.ts";
import { webhooks } from "./webhooks.ts";
import { workerCpu } from "./worker-cpu.ts";

const ALL: readonly Measurement[] = [
  requests,
  workerCpu,
  webhooks,
  ...relayed,
  latency,
  recovery,
  memory,
];

/** Rigs that are up, for an end from outside. */
const up = new Set<Rig>();
const closeAll = async (): Promise<void> => {
  await Promise.all([...up].map((rig) => rig.close()));
  up.clear();
};

/** Of each rig that is up: a slow machine goes on arriving, a message that is lost does not. */
const arrived = (): Promise<string> =>
  Promise.race([
    Promise.all([...up].map((rig) => rig.ask({ kind: "arrived" }))).then(String, String),
    new Promise<string>((resolve) => {
      setTimeout(resolve, 5_000, "unknown").unref();
    }),
  ]);

async function measure({ name, limitS, run }: Measurement): Promise<readonly Figure[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const tell = (count: string) =>
      reject(new Error(`${name}: not done after ${limitS} s; messages that arrived: ${count}`));
    timer = setTimeout(() => void arrived().then(tell), limitS * 1000);
  });
  try {
    const figures = run(async (start, options) => {
      const rig = await startRig(start, options);
      up.add(rig);
      return rig;
    });
    return await Promise.race([figures, late]);
  } finally {
    clearTimeout(timer);
    await closeAll();
  }
}

/** Resolves with whether all is as it is to be. */
async function main(): Promise<boolean> {
  const { only, json, repeat } = readArgs(
    process.argv.slice(2),
    ALL.map(({ name }) => name),
  );
  if (process.platform !== "linux")
    throw new Error("CPU time and memory are read from /proc, which only Linux has");
  const wanted = ALL.filter(({ name }) => only.length === 0 || only.includes(name));
  const figures: Figure[] = [];
  try {
    for (const measurement of wanted) {
      const rounds: (readonly Figure[])[] = [];
      for (let round = 1; round <= repeat; round += 1) {
        console.error(`${measurement.name} ${repeat > 1 ? `${round}/${repeat} ` : ""}...`);
        rounds.push(await measure(measurement));
      }
      figures.push(...medians(rounds));
    }
    return figures.every((figure) => isMet(figure) !== false);
  } finally {
    // What was measured before one that failed is told, too.
    console.log(
      json
        ? JSON.stringify(figures.map((figure) => ({ ...figure, met: isMet(figure) })))
        : toTable(figures),
    );
  }
}

const end = (code: number): void => void closeAll().finally(() => process.exit(code));
process.once("SIGINT", () => end(130));
process.once("SIGTERM", () => end(143));
main().then(
  (isWell) => end(isWell ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    end(1);
  },
);
