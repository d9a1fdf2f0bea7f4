/** The bridge's process: the real core, connectors, store and HTTP app, and a runner as in `hosts/node/relay-runner.ts`. */
import { createHmac } from "node:crypto";

import type { Config } from "../../src/core/config/config.ts";
import type { Logger, SourceBatch, Wait } from "../../src/core/ports.ts";
import type { Relay } from "../../src/core/relay.ts";
import { createCarry } from "./carry.ts";
import type { Code } from "./code.ts";
import type { Disk } from "./disk.ts";
import { EVICTED, SUPERSEDED } from "./faults.ts";
import { type Life, newLife } from "./life.ts";
import type { Network } from "./network.ts";
import { inSteps } from "./steps.ts";
import type { Streams } from "./streams.ts";
import type { Timer } from "./timeline.ts";
import type { World } from "./world.ts";

export interface Bridge {
  /** The running life, or the last one. */
  life(): Life | undefined;
  start(): void;
  /** One that sleeps is woken by whatever comes. */
  wake(): void;
  /** Ends a life that has nothing to do, until something comes; false where it has. */
  evict(): boolean;
}

/** More turns than this in ten seconds are a timer that spins. */
const MOST_TURNS = 4_000;
/** What is to be read after a trouble is read by then. */
const CALM_MS = 180_000;

export function createBridge(
  world: World,
  code: Code,
  disk: Disk,
  network: Network,
  streams: () => Streams,
): Bridge {
  const { time, journal, random, topology } = world;
  const { config, problems } = code.loadConfig(topology.toml, topology.env, code.protocols);
  if (config === undefined) throw new Error(problems.map(({ what }) => what).join("\n"));
  let current: Life | undefined;
  let lives = 0;

  const end = (life: Life): void => {
    life.alive = false;
    life.endedAt = time.now();
    world.book.upsets.push(time.now());
    for (const cut of [...life.requests, ...life.streams]) cut();
  };
  world.kill = (why, downMs) => {
    const life = current;
    if (life === undefined || !life.alive) return false;
    journal.note(`KILLED ${why}, life ${life.number}, down ${downMs} ms`);
    end(life);
    time.after(downMs, start);
    return true;
  };
  world.killIf = (kind, why = kind) =>
    current?.alive === true &&
    world.faults.takeKind("kill", kind) &&
    world.kill(why, random.faults.spread(200, 20_000));
  world.supersede = (unawareMs) => {
    const life = current;
    if (life === undefined || !life.alive) return;
    journal.note(`SUPERSEDED life ${life.number}, which does not know it for ${unawareMs} ms`);
    world.faults.hit(SUPERSEDED);
    life.supersededAt = time.now();
    world.book.upsets.push(time.now());
    current = undefined;
    start();
    time.after(unawareMs, () => {
      if (life.alive) end(life);
    });
  };
  /** It fell asleep and was not needed yet. */
  let asleep: Timer | undefined;
  const wake = (): void => {
    if (asleep !== undefined) start();
  };
  const evict = (): boolean => {
    const life = current;
    const due = life?.alive === true ? life.nextDue() : undefined;
    const isMissing = world.faults.troubles.some(({ until }) => until > time.now() - CALM_MS);
    if (life === undefined || due === undefined || isMissing) return false;
    journal.note(`EVICTED life ${life.number}`);
    world.faults.alsoHit(EVICTED);
    life.alive = false;
    life.endedAt = time.now();
    asleep = time.after(Math.max(1, due - time.now() - world.skewMs), wake);
    return true;
  };
  const start = (): void => {
    if (current?.alive === true) return;
    const catchUp = asleep === undefined;
    const life = newLife((lives += 1), !catchUp);
    current = life;
    asleep?.cancel();
    asleep = undefined;
    journal.note(`STARTED life ${life.number}${catchUp ? "" : ", as it was woken"}`);
    run(world, code, config, life, { disk, network, streams: streams(), catchUp }).catch(
      (error: unknown) => {
        // As a supervisor does with a process that could not start.
        if (life.alive)
          world.kill(`it could not start: ${String(error)}`, random.bridge.int(500, 3_000));
      },
    );
  };
  return { life: () => current, start, wake, evict };
}

interface Outside {
  /** Something may have been missed before. */
  readonly catchUp: boolean;
  readonly disk: Disk;
  readonly network: Network;
  readonly streams: Streams;
}

async function run(
  world: World,
  code: Code,
  config: Config,
  life: Life,
  outside: Outside,
): Promise<void> {
  const { time, random, journal } = world;
  const clock = (): number => time.now() + world.skewMs;
  const roll = random.bridge.next;
  const randomId = (): string =>
    Array.from({ length: 4 }, () =>
      random.bridge.int(0, 0xffff_ffff).toString(16).padStart(8, "0"),
    ).join("");
  const log = loggerOf(world, life);
  const options = { randomId, retentionMs: code.retentionMs(config) };
  const store = inSteps(code.createSqliteStore(outside.disk.open(life), options), life);
  const saved = await store.open();
  let calls = 0;
  const isWorker = random.bridge.chance(0.3);
  const slots = code.createSlots(isWorker ? code.WORKER_SLOTS : code.PROCESS_SLOTS);
  const web = { fetch: outside.network.fetchOf(life), slots, onCall: () => void (calls += 1) };
  const wait: Wait = (ms) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = time.after(ms, () => life.alive && resolve());
    return { over: promise, cancel: () => timer.cancel() };
  };
  const connectors = code.connectAll(config, {
    http: (account) => code.createHttp(account, web),
    copy: () => () => Promise.reject(new Error("no files here")),
    carry: (account, connectorOf) =>
      createCarry(account, (of) => code.createHttp(of, web), connectorOf, wait),
    hmac: async (secret, parts) => {
      const mac = createHmac("sha256", secret);
      for (const part of parts) mac.update(part);
      return mac.digest("hex");
    },
    clock,
    log,
    instance: saved.instance,
    longLived: world.topology.services.length > 1,
  });
  const routing = code.createRouting(config);
  const chance = { random: roll, calls: () => calls };
  const deps = { config, routing, connectors, store, clock, wait, log, ...chance };
  const relay = code.startRelay(deps, saved, { catchUp: outside.catchUp });
  const kick = runnerOf(world, relay, life, outside.streams, isWorker ? 30 : Infinity, log);
  life.app = code.createApp({
    webhookOf: (account) => connectors.get(account)?.webhook,
    relay: {
      webhook: (account, raw) => relay.webhook(account, raw).finally(kick),
      gap: (account, reason) => relay.gap(account, reason).finally(kick),
      report: async () => relay.report(),
      letters: relay.letters,
    },
    adminToken: undefined,
    clock,
    pause: async () => undefined,
    openMetrics: true,
    log,
  });

  life.readyAt = time.now();
  journal.note(`READY life ${life.number}`);
  if (outside.catchUp) world.book.gaps.push({ place: undefined, at: time.now() });
  kick();
}

function runnerOf(
  world: World,
  relay: Relay,
  life: Life,
  streams: Streams,
  share: number,
  log: Logger,
): () => void {
  const { time, random } = world;
  const clock = (): number => time.now() + world.skewMs;
  const running = new Set<string>();
  let timer: Timer | undefined;
  let turns = { since: 0, count: 0 };
  let drains = 0;
  life.nextDue = () => (drains === 0 && life.requests.size === 0 ? relay.nextDue() : undefined);

  const watch = (): void => {
    if (time.now() - turns.since > 10_000) turns = { since: time.now(), count: 0 };
    turns.count += 1;
    if (turns.count === MOST_TURNS) world.broken.push(`a timer spins: ${MOST_TURNS} turns in 10 s`);
  };
  const kick = (): void => {
    if (!life.alive) return;
    watch();
    drains += 1;
    const drain = relay
      .drain(share)
      .catch((error: unknown) => log.error("a drain failed", { reason: String(error) }))
      .finally(() => {
        drains -= 1;
        follow();
        schedule();
      });
    void drain;
    schedule();
  };
  const schedule = (): void => {
    timer?.cancel();
    if (!life.alive) return;
    const wait = Math.min(30_000, Math.max(1, relay.nextDue() - clock()));
    timer = time.after(wait, kick);
  };
  const hand = async (batch: SourceBatch): Promise<void> => {
    if (!relay.overhear(batch)) await relay.hand(batch);
    kick();
  };
  const follow = (): void => {
    for (const source of relay.sources()) {
      const { key } = source;
      if (running.has(key) || !life.alive) continue;
      running.add(key);
      void source
        .run({
          open: streams.openOf(life),
          hand,
          log,
          stopped: () => !life.alive,
          sleep: (ms) => new Promise((resolve) => time.after(ms, () => life.alive && resolve())),
          random: random.bridge.next,
          clock,
          pollGapMs: 0,
          state: () => undefined,
        })
        .catch((error: unknown) => log.error("a stream loop ended", { reason: String(error) }))
        .then(() => new Promise<void>((resolve) => time.after(1_000, resolve)))
        .then(() => {
          running.delete(key);
          follow();
        });
    }
  };
  return kick;
}

function loggerOf({ journal }: World, life: Life): Logger {
  const say = (level: string) => (message: string, fields?: Record<string, unknown>) => {
    if (life.alive)
      journal.note(
        `${level}: ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}`,
      );
  };
  return { debug: () => undefined, info: say("info"), warn: say("warn"), error: say("error") };
}
