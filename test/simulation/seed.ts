/** One seed from its first event to its judgement. */
import { createBridge } from "./bridge.ts";
import type { Code } from "./code.ts";
import { createDisk } from "./disk.ts";
import { BIRTH_KILLS, isMoment, RARE_KILLS, ROUTED_KILLS, SHARP, STEP_KILLS } from "./faults.ts";
import { type Failure, judge } from "./judge.ts";
import type { Line } from "./journal.ts";
import { createNetwork } from "./network.ts";
import { createPeople } from "./people.ts";
import type { Effects } from "./services.ts";
import { createStreams } from "./streams.ts";
import { createTroubles } from "./troubles.ts";
import { type About, createWebhooks } from "./webhooks.ts";
import { createWorld, type World } from "./world.ts";

export interface Result {
  readonly seed: number;
  /** Of the whole transcript. */
  readonly hash: string;
  readonly failures: readonly Failure[];
  readonly hits: ReadonlyMap<string, number>;
  readonly said: number;
  readonly events: number;
  readonly simulatedMs: number;
  readonly lines: readonly Line[];
  readonly toml: string;
}

/** Rooms are found and streams open by then, as nothing goes wrong before. */
const WARM_UP_MS = 20_000;
/** The same where the first life is ended meanwhile, or is not told which channels are which. */
const HARD_BIRTH_MS = 120_000;
/** All that is due after everything is repaired is done by then, or it is stuck. */
const QUIET_MS = 4 * 3_600_000;
/** So long after all is well nothing may come a second time. */
const AFTER_MS = 400_000;
const LEAST_SAID = 50;
const LEAST_FAULTS = 3;

/** The world that runs now, for errors that nobody catches. */
let running: World | undefined;
process.on("unhandledRejection", (reason) => {
  const text = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
  if (running === undefined) throw reason;
  running.broken.push(`a rejection was not handled: ${text}`);
});

export async function runSeed(seed: number, code: Code): Promise<Result> {
  const world = createWorld(seed);
  running = world;
  const { time, faults, random, book, topology, journal } = world;
  const disk = createDisk(world);
  const network = createNetwork(world);
  const streams = createStreams(world, network);
  const bridge = createBridge(world, code, disk, network, () => streams);
  const webhooks = createWebhooks(world, bridge);
  const troubles = createTroubles(world, network, streams, webhooks, bridge.life);
  const spread = (given: Effects, about?: About): void => {
    let first = true;
    if (given.service === "slack")
      for (const effect of given.effects) {
        if (effect.kind !== "event") continue;
        webhooks.send(effect.channel, effect.body, first ? about : undefined);
        first = false;
      }
    else if (given.service === "gitter") {
      for (const effect of given.effects)
        if (effect.kind === "stream") streams.line(effect.room, effect.line);
    } else if (given.effects.length > 0) streams.news();
  };
  network.spread = (given) => spread(given);
  const people = createPeople(world, spread);

  const startedAt = time.now();
  const { steps: aim } = random;
  const isHardBirth = aim.chance(0.25);
  if (isHardBirth) {
    // What is said meanwhile is heard before it is known which channels these are.
    const isBlind = aim.chance(0.5);
    if (isBlind) faults.arm("slack read 500 before", aim.int(1, 4));
    faults.arm(aim.pick(isBlind && aim.chance(0.6) ? ROUTED_KILLS : BIRTH_KILLS), 1);
    const told = topology.places.filter(({ service }) => service === "slack");
    for (let left = aim.int(2, 6); left > 0; left -= 1)
      time.after(aim.int(200, WARM_UP_MS), () => people.say(aim.pick(told)));
  }
  if (random.old.chance(0.7)) {
    const isEarly = !isHardBirth && random.old.chance(0.4);
    const laterMs = random.old.spread(1_000, 900_000);
    time.after(isEarly ? WARM_UP_MS - 5_000 : HARD_BIRTH_MS + laterMs, people.revive);
  }
  const { birth } = random;
  const isSlow = !isHardBirth && birth.chance(0.3);
  if (isSlow) faults.arm(`${birth.pick(topology.services)} read 500 before`, birth.int(1, 4));
  const birthMs = isHardBirth || isSlow ? HARD_BIRTH_MS : WARM_UP_MS;
  // From the first moment on people may rely on it, however long it takes until streams are open.
  if (birth.chance(0.5))
    for (let left = birth.int(1, 5); left > 0; left -= 1)
      time.after(birth.spread(1, birthMs), () => people.say(birth.pick(topology.places)));
  bridge.start();
  await time.run(startedAt + birthMs);
  const born = bridge.life();
  // What an earlier life had not found yet has no beginning before this one.
  const readyAt = Math.min(time.now(), born?.alive === true ? born.readyAt : Infinity);
  for (const said of book.said) said.late ||= said.at < readyAt;

  const actions = random.people.int(LEAST_SAID + 15, LEAST_SAID + 40);
  const { supersede: dice } = random;
  if (dice.chance(0.3))
    for (let left = dice.int(1, 3); left > 0; left -= 1)
      time.after(dice.spread(1_000, 900_000), () => world.supersede(dice.int(500, 20_000)));
  const possible = faults.possible(topology.services);
  const beats = new Map<number, string[]>();
  for (let left = random.faults.int(4, 14); left > 0; left -= 1) {
    const beat = random.faults.int(0, actions - 5);
    const name = random.faults.pick(random.faults.chance(0.3) ? SHARP : possible);
    beats.set(beat, [...(beats.get(beat) ?? []), name]);
  }
  if (aim.chance(0.6))
    for (let left = aim.int(1, 3); left > 0; left -= 1) {
      const name = aim.pick(aim.chance(0.6) ? RARE_KILLS : STEP_KILLS);
      time.after(aim.spread(1_000, 900_000), () => faults.arm(name, 1));
    }
  const { evict: sleep } = random;
  const fallAsleep = (): void => {
    const isAsleep = bridge.evict();
    time.after(isAsleep ? sleep.spread(5_000, 300_000) : 5_000, fallAsleep);
  };
  if (topology.services.length === 1) time.after(sleep.spread(5_000, 300_000), fallAsleep);
  /** A long trouble is not sat out in the talk's own time: after some more words it is nearly over. */
  let skipTo: { at: number; after: number } | undefined;
  const pause = (): number => {
    const dice = random.people.next();
    return dice < 0.35
      ? random.people.int(0, 200)
      : dice < 0.7
        ? random.people.int(200, 5_000)
        : random.people.int(5_000, 40_000);
  };
  const enough = (): boolean => book.said.length >= LEAST_SAID;
  for (let beat = 0; beat < actions || !enough(); beat += 1) {
    for (const name of beats.get(beat) ?? []) {
      if (isMoment(name)) {
        faults.arm(name, random.faults.chance(0.8) ? 1 : random.faults.int(2, 3));
        continue;
      }
      const forMs = troubles.begin(name);
      if (forMs > 120_000)
        skipTo = { at: time.now() + forMs - 5_000, after: beat + random.faults.int(2, 8) };
    }
    people.act();
    let next = time.now() + pause();
    if (skipTo !== undefined && beat >= skipTo.after) {
      next = Math.max(next, skipTo.at);
      skipTo = undefined;
    }
    await time.run(next);
  }
  // Nothing hits a bridge that is down for days.
  if (faults.count() < LEAST_FAULTS) bridge.start();
  for (let more = 0; faults.count() < LEAST_FAULTS && more < 20; more += 1) {
    faults.arm(`${topology.services[more % topology.services.length]!} write reset after`, 1);
    for (const place of topology.places) people.say(place);
    await time.run(time.now() + 20_000);
  }

  journal.note("QUIET: everything is repaired");
  faults.stop();
  troubles.end();
  bridge.start();
  const quietAt = time.now();
  let failures: Failure[] = [];
  for (let waitMs = 10_000; ; waitMs *= 1.5) {
    await time.run(Math.min(quietAt + QUIET_MS, time.now() + waitMs));
    failures = judge(world, { readyAt, quietAt });
    if (failures.length === 0 || time.now() >= quietAt + QUIET_MS) break;
  }
  if (failures.length === 0) {
    await time.run(time.now() + AFTER_MS);
    failures = judge(world, { readyAt, quietAt });
  }
  if (faults.count() < LEAST_FAULTS)
    failures.push({ what: `only ${faults.count()} faults hit`, about: [] });
  world.kill("at the end", 1e12);
  disk.close();
  running = undefined;
  return {
    seed,
    hash: journal.hash(),
    failures,
    hits: faults.hits,
    said: book.said.length,
    events: time.count(),
    simulatedMs: time.now() - startedAt,
    lines: journal.lines,
    toml: topology.toml,
  };
}
