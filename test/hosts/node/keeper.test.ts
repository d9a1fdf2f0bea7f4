/** How one relay gives way to the next: what comes meanwhile is taken by exactly one of them. */
import { describe, expect, it } from "vitest";

import { accountId } from "../../../src/core/ids.ts";
import type { Config } from "../../../src/core/config/config.ts";
import { BothFailed, createKeeper, type Running } from "../../../src/hosts/node/keeper.ts";

const SLACK = accountId("slack.team");
const named = (name: string): Config => ({ name }) as unknown as Config;
const nameOf = (config: Config): string => (config as unknown as { readonly name: string }).name;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Relays of a config's name, which write down what becomes of them. */
function relays() {
  const log: string[] = [];
  /** What a relay that stops, begins or stores waits for. */
  const waits = { stop: Promise.resolve(), begin: Promise.resolve(), store: Promise.resolve() };
  const begin = async (config: Config): Promise<Running> => {
    const name = nameOf(config);
    await waits.begin;
    if (name.startsWith("bad")) throw new Error(`${name} does not begin`);
    log.push(`${name} begins`);
    return {
      config,
      connectors: new Map(),
      runner: {
        async webhook(_account: unknown, raw: unknown) {
          log.push(`${name} takes ${String(raw)}`);
          await waits.store;
          log.push(`${name} has ${String(raw)}`);
        },
        async stop() {
          await waits.stop;
          log.push(`${name} ends`);
        },
      },
    } as unknown as Running;
  };
  return { log, waits, begin };
}

describe("a relay that gives way to another", () => {
  it("takes webhooks while its last calls end", async () => {
    const { log, waits, begin } = relays();
    const keeper = await createKeeper(named("a"), begin);
    const call = Promise.withResolvers<void>();
    waits.stop = call.promise;
    const replaced = keeper.replace(named("b"));
    await keeper.door.webhook(SLACK, 1);
    call.resolve();
    await replaced;
    expect(log).toEqual(["a begins", "a takes 1", "a has 1", "a ends", "b begins"]);
  });

  it("is waited for until it has stored what it took, and what comes then is the next one's", async () => {
    const { log, waits, begin } = relays();
    const keeper = await createKeeper(named("a"), begin);
    const commit = Promise.withResolvers<void>();
    waits.store = commit.promise;
    const first = keeper.door.webhook(SLACK, 1);
    await settle();
    const replaced = keeper.replace(named("b"));
    await settle();
    const second = keeper.door.webhook(SLACK, 2);
    await settle();
    expect(log).toEqual(["a begins", "a takes 1", "a ends"]);
    commit.resolve();
    await Promise.all([first, second, replaced]);
    expect(log.slice(3)).toEqual(["a has 1", "b begins", "b takes 2", "b has 2"]);
  });

  it("goes on when the next cannot begin", async () => {
    const { log, begin } = relays();
    const keeper = await createKeeper(named("a"), begin);
    await expect(keeper.replace(named("bad"))).rejects.toThrow("bad does not begin");
    await keeper.door.webhook(SLACK, 1);
    expect(log).toEqual(["a begins", "a ends", "a begins", "a takes 1", "a has 1"]);
  });

  it("says so when neither begins", async () => {
    const { begin } = relays();
    let begun = 0;
    const keeper = await createKeeper(named("a"), async (config) => {
      begun += 1;
      if (begun > 1) throw new Error("disk gone");
      return begin(config);
    });
    await expect(keeper.replace(named("b"))).rejects.toThrow(BothFailed);
  });

  it("gives way once at a time", async () => {
    const { log, begin } = relays();
    const keeper = await createKeeper(named("a"), begin);
    await Promise.all([keeper.replace(named("b")), keeper.replace(named("c"))]);
    await keeper.stop();
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("is followed by none once it was told to stop", async () => {
    const { log, waits, begin } = relays();
    const keeper = await createKeeper(named("a"), begin);
    const call = Promise.withResolvers<void>();
    waits.stop = call.promise;
    const replaced = Promise.allSettled([keeper.replace(named("b")), keeper.replace(named("c"))]);
    await settle();
    const stopped = keeper.stop();
    const webhook = keeper.door.webhook(SLACK, 1);
    call.resolve();
    await Promise.all([stopped, webhook]);
    expect((await replaced).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(log.filter((line) => line.endsWith("begins"))).toEqual(["a begins"]);
    expect(log).toContain("a has 1");
  });

  it("is not begun again where the stop came while the next was being begun", async () => {
    const { log, waits, begin } = relays();
    const keeper = await createKeeper(named("a"), begin);
    const opened = Promise.withResolvers<void>();
    waits.begin = opened.promise;
    const replaced = keeper.replace(named("bad"));
    await settle();
    const stopped = keeper.stop();
    opened.resolve();
    await expect(replaced).rejects.toThrow("bad does not begin");
    await stopped;
    expect(log.filter((line) => line.endsWith("begins"))).toEqual(["a begins"]);
  });
});
