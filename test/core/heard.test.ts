/** A channel that is only written to, and what becomes of it once it is heard. */
import { describe, expect, it } from "vitest";

import { channelId } from "../../src/core/ids.ts";
import { every, HOUR, MINUTE, now, relayed, talk } from "./talk.ts";
import { A, B, createWorld, type World } from "./world.ts";

/** The channel of A is configured anew; it counts from the next start. */
function set(world: World, isIn: boolean): void {
  const index = world.legs.findIndex(({ account }) => account === A);
  world.legs[index] = { ...world.legs[index]!, in: isIn };
}

/** One whose channel of A was only written to for three days, in which people talked every hour; when that ended. */
async function written(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld({ now, ...options });
  for (const kind of ["began", "checkpoint", "swept", "channel"] as const) await world.forget(kind);
  set(world, false);
  await world.crash();
  await world.run(MINUTE);
  talk(world, every(HOUR, world.now, 100));
  await world.run(72 * HOUR + MINUTE);
  set(world, true);
  return { world, from: world.now - MINUTE };
}

const fromThen = [HOUR, 2 * HOUR];

describe("a channel that was only written to", () => {
  it("begins when it is heard", async () => {
    const { world, from } = await written();
    await world.crash();
    await world.run(2 * HOUR);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual(fromThen);
  });

  it("begins no earlier where its service says before it is found that something was missed", async () => {
    let isAway = false;
    const { world, from } = await written({ away: () => isAway });
    isAway = true;
    await world.crash();
    await world.relay.gap(A, "dropped");
    await world.run(MINUTE);
    isAway = false;
    await world.run(2 * HOUR);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual(fromThen);
  });

  it("begins no earlier where another one has its place by then", async () => {
    const place = { now: "old" };
    const { world, from } = await written({ idOf: (name) => `${place.now}-${name}` });
    place.now = "id";
    await world.crash();
    await world.run(2 * HOUR);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual(fromThen);
  });

  it("begins when the bridge is let in again, where it was put out meanwhile", async () => {
    let isClosed = false;
    const { world, from } = await written({ unresolved: () => isClosed });
    isClosed = true;
    await world.forget("channel");
    await world.crash();
    await world.run(90 * MINUTE);
    isClosed = false;
    await world.run(HOUR);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual([2 * HOUR]);
  });

  it("is known as the place of our posts when another one has its place", async () => {
    const place = { now: "old" };
    const world = await createWorld({ idOf: (name) => `${place.now}-${name}` });
    for (const kind of ["began", "checkpoint", "swept", "channel"] as const)
      await world.forget(kind);
    const index = world.legs.findIndex(({ account }) => account === B);
    world.legs[index] = { ...world.legs[index]!, in: false };
    await world.crash();
    await world.run(MINUTE);
    const said = world.say(A, "1", "hi", { channel: channelId("old-town") });
    await world.accept(said);
    await world.run(MINUTE);
    place.now = "new";
    const moved = { account: B, channel: channelId("old-town"), opened: false, moved: true };
    await world.relay.hand({ ...moved, items: [] });
    await world.run(MINUTE);
    const { content: _, ...at } = said;
    await world.accept({ ...at, kind: "message.deleted" });
    await world.run(MINUTE);
    expect(world.services[B]!.calls.at(-1)).toMatchObject({ kind: "delete", to: "old-town" });
  });
});
