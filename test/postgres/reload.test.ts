/** A replica that is given another configuration: it tells what came of that, and goes back where nothing could. */
import { afterEach, describe, expect, it } from "vitest";

import type { Config } from "../../src/core/config/config.ts";
import type { Keeper, Running } from "../../src/hosts/node/keeper.ts";
import { createReplica } from "../../src/hosts/node/postgres/replica.ts";
import { NOW } from "../contract/said.ts";
import { sessionsOnServer } from "./sessions.ts";

const place = sessionsOnServer();
const named = (name: string): Config => ({ name }) as unknown as Config;
const nameOf = (config: Config): string => (config as unknown as { readonly name: string }).name;
const keepers: Keeper[] = [];
afterEach(async () => {
  await Promise.all(keepers.splice(0).map((keeper) => keeper.stop()));
});

/** A replica whose relays only write down that they began. No relay can be made of a configuration named bad. */
function replica(first: string) {
  const begun: string[] = [];
  const errors: string[] = [];
  const refused: string[] = [];
  const watching = new Set<() => void>();
  const note = (list: string[], text: string): void => {
    list.push(text);
    for (const look of watching) look();
  };
  const keeper = createReplica(named(first), {
    url: place.url(),
    web: {} as never,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (text, fields) => note(errors, `${text}: ${String(fields?.["reason"])}`),
    },
    monotonic: () => performance.now(),
    connect: () => new Map(),
    awaits: false,
    clock: () => NOW,
    async begin(config, { makeStore }) {
      await makeStore({ randomId: () => "id", retentionMs: 86_400_000 }).open();
      if (nameOf(config).startsWith("bad")) throw new Error(`${nameOf(config)} cannot begin`);
      note(begun, nameOf(config));
      return {
        config,
        connectors: new Map(),
        relay: { report: () => ({ accounts: [] }) },
        runner: { stop: async () => undefined },
      } as unknown as Running;
    },
    refused: (error) => note(errors, error.message),
    configRefused: (error) => note(refused, error.message),
  });
  keepers.push(keeper);
  return {
    keeper,
    begun,
    errors,
    refused,
    /** Resolves once it is so, looked at whenever something was noted. */
    when: (isTrue: () => boolean) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (isTrue() && watching.delete(look)) resolve();
        };
        watching.add(look);
        look();
      }),
  };
}

describe("a replica that relays and is given another configuration", () => {
  it("has begun with it when that is told", async () => {
    const { keeper, begun, when } = replica("a");
    await when(() => begun.length === 1);
    await keeper.replace(named("b"));
    expect(begun).toEqual(["a", "b"]);
    expect(nameOf(keeper.running().config)).toBe("b");
  });

  it("goes back to the one before where none can begin with it, and says why", async () => {
    const { keeper, begun, errors, when } = replica("a");
    await when(() => begun.length === 1);
    await expect(keeper.replace(named("bad"))).rejects.toThrow("bad cannot begin");
    await when(() => begun.length === 2);
    expect(begun).toEqual(["a", "a"]);
    expect(nameOf(keeper.running().config)).toBe("a");
    expect(errors).toEqual([]);
    await keeper.replace(named("c"));
    expect(begun).toEqual(["a", "a", "c"]);
  });

  it("takes none over any more once it was told to stop", async () => {
    const { keeper, begun, when } = replica("a");
    await when(() => begun.length === 1);
    const stopped = keeper.stop();
    await expect(keeper.replace(named("b"))).rejects.toThrow("the process stops");
    await stopped;
    expect(begun).toEqual(["a"]);
  });
});

describe("a replica that does not relay and is given another configuration", () => {
  it("goes back to the one before when it is to relay and cannot", async () => {
    const leader = replica("a");
    await leader.when(() => leader.begun.length === 1);
    const other = replica("b");
    await other.keeper.replace(named("bad"));
    await leader.keeper.stop();
    await other.when(() => other.begun.length === 1);
    expect([other.begun, other.refused]).toEqual([["b"], ["bad cannot begin"]]);
    expect(nameOf(other.keeper.running().config)).toBe("b");
  });
});

describe("a replica that no relay can be made of", () => {
  it("says why, once, and leaves the lease to one that can", async () => {
    const unable = replica("bad");
    await unable.when(() => unable.errors.length === 1);
    expect(unable.errors).toEqual([
      "this replica cannot relay; what comes is kept for one that can: bad cannot begin",
    ]);
    const able = replica("a");
    await able.when(() => able.begun.length === 1);
    expect(unable.errors).toHaveLength(1);
  });
});
