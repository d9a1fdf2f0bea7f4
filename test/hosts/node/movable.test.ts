/** A process whose relay can rest, and whose configuration can change meanwhile. */
import { expect, it } from "vitest";

import type { Config } from "../../../src/core/config/config.ts";
import { openNodeSql } from "../../../src/hosts/node/drivers.ts";
import type { Running } from "../../../src/hosts/node/keeper.ts";
import { createMovable } from "../../../src/hosts/node/movable.ts";
import { createSqliteMover } from "../../../src/stores/sqlite.ts";

const named = (name: string): Config => ({ name }) as unknown as Config;
const nameOf = (config: Config): string => (config as unknown as { readonly name: string }).name;

async function host() {
  const begun: string[] = [];
  const sql = openNodeSql(":memory:");
  const none = (): void => undefined;
  const keeper = await createMovable(named("first"), {
    mover: createSqliteMover(sql),
    awaits: false,
    clock: () => 1_000,
    log: { debug: none, info: none, warn: none, error: none },
    async begin(config) {
      if (nameOf(config) === "bad") throw new Error("bad does not begin");
      begun.push(nameOf(config));
      const runner = { stop: async () => undefined };
      return { config, connectors: new Map(), runner } as unknown as Running;
    },
    connect: () => new Map(),
  });
  return { keeper, begun };
}

it("begins after a rest by the newest configuration that worked, whatever came before it", async () => {
  const { keeper, begun } = await host();
  const [bad, good] = await Promise.allSettled([
    keeper.replace(named("bad")),
    keeper.replace(named("good")),
  ]);
  expect([bad.status, good.status]).toEqual(["rejected", "fulfilled"]);
  await keeper.door.move!.give();
  await keeper.door.move!.resume();
  expect(begun.at(-1)).toBe("good");
});

it("begins after a rest by the configuration that came in it", async () => {
  const { keeper, begun } = await host();
  await keeper.door.move!.give();
  await keeper.replace(named("next"));
  await keeper.door.move!.resume();
  expect(begun).toEqual(["first", "next"]);
});
