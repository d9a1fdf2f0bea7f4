/** A channel that tells that another one has its place, as an upgraded room does. */
import { describe, expect, it } from "vitest";

import { channelId, position } from "../../src/core/ids.ts";
import { A, B, createWorld } from "./world.ts";

async function movingWorld() {
  const place = { now: "old" };
  const world = await createWorld({ idOf: (name) => `${place.now}-${name}` });
  await world.accept(world.say(A, "1", "hi", { channel: channelId("old-town") }));
  await world.run();
  const moves = () =>
    world.relay.hand({
      account: B,
      channel: channelId("old-town"),
      opened: false,
      moved: true,
      items: [],
    });
  return { world, place, moves };
}

describe("a channel that another one has replaced", () => {
  it("gets nothing more, as nobody reads it, even where the bridge might still write", async () => {
    const { world, place, moves } = await movingWorld();
    place.now = "new";
    await moves();
    await world.accept(world.say(A, "2", "hi", { channel: channelId("old-town") }));
    await world.run(1_000);
    expect(world.services[B]!.calls.map(({ to }) => to)).toEqual(["old-town", "new-town"]);
  });

  it("is written to again after half a minute where no other is found", async () => {
    let isAway = false;
    const world = await createWorld({ away: () => isAway });
    await world.accept(world.say(A, "1"));
    await world.run();
    isAway = true;
    await world.relay.hand({
      account: B,
      channel: channelId("id-town"),
      opened: false,
      moved: true,
      items: [],
    });
    await world.accept(world.say(A, "2"));
    await world.run(29_000);
    expect(world.services[B]!.posts).toHaveLength(1);
    await world.run(2_000);
    expect(world.services[B]!.posts).toHaveLength(2);
  });

  it("is swept from where the old one ended, as people may have gone there at once", async () => {
    const place = { now: "old" };
    const world = await createWorld({
      idOf: (name) => `${place.now}-${name}`,
      now: (clock) => String(clock),
    });
    const here = { channel: channelId("old-town"), position: position(String(world.now)) };
    await world.accept(world.say(A, "1", "hi", here));
    await world.run(60_000);
    const oldest = world.now;
    world.now += 3 * 3_600_000;
    place.now = "new";
    const sinces: string[] = [];
    world.services[A]!.history = (since) => {
      sinces.push(since);
      return { events: [] };
    };
    const moved = { account: A, channel: channelId("old-town"), opened: false, moved: true };
    await world.relay.hand({ ...moved, items: [] });
    await world.run(16 * 60_000);
    expect(Number(sinces.at(-1))).toBeLessThan(oldest);
  });
});
