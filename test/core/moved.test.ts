/** A channel that tells that another one has its place, as an upgraded room does. */
import { describe, expect, it } from "vitest";

import { channelId } from "../../src/core/ids.ts";
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
});
