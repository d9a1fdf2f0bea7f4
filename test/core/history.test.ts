/** Gaps of many messages and of many channels, where outbound calls are counted. */
import { describe, expect, it } from "vitest";

import { channelId } from "../../src/core/ids.ts";
import { HISTORY_CALLS } from "../../src/core/ports.ts";
import { A, B, createWorld } from "./world.ts";

/** As a Worker gives its drains. */
const SHARE = 30;

const upTo = (last: number) =>
  Array.from({ length: last }, (_each, index) => `create <ann> text ${index + 1}`);

describe("the relay, where calls are counted", () => {
  it("reads a long gap in shares of calls, in front of what came live meanwhile", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    from.history = (_since, cursor = "2") => ({
      events: [world.say(A, cursor)],
      ...(cursor === "60" ? {} : { next: `${Number(cursor) + 1}` }),
    });
    world.relay.gap(A, "app_rate_limited");
    await world.accept(world.say(A, "61"));
    const shares: number[] = [];
    while (from.pages < 59) {
      const before = from.pages;
      await world.relay.drain(SHARE);
      shares.push(from.pages - before);
    }
    await world.run();
    expect(Math.max(...shares)).toBeLessThanOrEqual(SHARE);
    expect(world.services[B]!.posts).toEqual(upTo(61));
  });

  it("reads to its new end a gap that becomes longer meanwhile", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let last = 40;
    from.history = (_since, cursor = "2") => ({
      events: [world.say(A, cursor)],
      ...(Number(cursor) >= last ? {} : { next: `${Number(cursor) + 1}` }),
    });
    world.relay.gap(A, "app_rate_limited");
    await world.relay.drain(SHARE);
    last = 50;
    world.relay.gap(A, "app_rate_limited");
    await world.run();
    await world.accept(world.say(A, "51"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(upTo(51));
  });

  it("does not read more histories at once than one share of calls is good for", async () => {
    const world = await createWorld({ channels: 5 });
    const from = world.services[A]!;
    for (const name of ["town", "town1", "town2", "town3", "town4"])
      await world.accept(world.say(A, name, name, { channel: channelId(`id-${name}`) }));
    await world.run(61_000);
    let calls = 0;
    let most = 0;
    // Each page is as dear as it may be.
    from.history = () => {
      calls += HISTORY_CALLS;
      from.pages += HISTORY_CALLS - 1;
      return { events: [] };
    };
    world.relay.gap(A, "app_rate_limited");
    while (world.relay.nextDue() <= world.now) {
      const before = calls;
      await world.relay.drain(SHARE);
      most = Math.max(most, calls - before);
    }
    expect(calls).toBe(5 * HISTORY_CALLS);
    expect(most).toBeLessThanOrEqual(SHARE);
  });
});
