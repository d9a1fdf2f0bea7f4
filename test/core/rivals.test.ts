/** What two Footbridges on one bot say of each other. */
import { describe, expect, it } from "vitest";

import { deliveryKey } from "../../src/core/ids.ts";
import { noticesIn } from "./talk.ts";
import { A, createWorld, type World } from "./world.ts";

const MINUTE = 60_000;

/** `id`: the greater one gives way. */
async function hear(world: World, instance: string, message: string): Promise<void> {
  const echo = { instance, key: deliveryKey("x-y-0") };
  await world.accept(world.say(A, message, "theirs", { echo }));
  await world.run(10_000);
}
async function running(): Promise<World> {
  const world = await createWorld({ admin: true });
  await world.run(1_000);
  return world;
}

describe("the one that goes on", () => {
  it("says once of each other one that it is there", async () => {
    const world = await running();
    for (const message of ["1", "2", "3"]) await hear(world, "zzz", message);
    expect(noticesIn(world)).toHaveLength(1);
    expect(noticesIn(world)[0]).toMatch(/a second Footbridge posts as the same bot.*stop one/u);
    await hear(world, "zzzz", "4");
    expect(noticesIn(world)).toHaveLength(2);
  });
});

describe("the one that gives way", () => {
  it("says so, though it relays nothing more", async () => {
    const world = await running();
    await hear(world, "aaa", "1");
    expect(noticesIn(world)).toHaveLength(1);
    expect(noticesIn(world)[0]).toContain("talk.a is paused: a second Footbridge");
  });

  it("is not paused any more once the other one is silent, and says so, though nobody says anything", async () => {
    const world = await running();
    await hear(world, "aaa", "1");
    const pausedOf = () => world.relay.report().accounts.map(({ paused }) => paused);
    expect(pausedOf()).not.toContain(undefined);
    await world.run(20 * MINUTE);
    expect(pausedOf()).toEqual([undefined, undefined]);
    expect(noticesIn(world)).toHaveLength(2);
    expect(noticesIn(world)[1]).toContain("✅ talk.a works again");
  });
});
