/** Where a channel begins that is new to the bridge. */
import { describe, expect, it } from "vitest";

import { position } from "../../src/core/ids.ts";
import { A, B, createWorld, type World } from "./world.ts";

const MINUTE = 60_000;
const now = (clock: number): string => String(clock);

/** People say something every ten seconds, from a minute ago on; nothing but history tells of it. */
function talk(world: World, from: number): void {
  world.services[A]!.history = (since) => ({
    events: Array.from({ length: 100 }, (_each, index) => from + index * 10_000)
      .filter((at) => at <= world.now && position(String(at)) >= since)
      .map((at) => {
        const told = world.say(A, String(at), `at ${at - from}`, { sentAt: at });
        return { ...told, position: position(String(at)) };
      }),
  });
}

describe("a channel that is new to the bridge", () => {
  it("begins with the bridge, however long it takes to be found", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    talk(world, world.now - MINUTE);
    await world.run(2 * MINUTE);
    isAway = false;
    await world.run(MINUTE);
    const { posts } = world.services[B]!;
    expect(posts).toEqual(
      posts.map((_post, index) => `create <ann> at ${60_000 + 10_000 * index}`),
    );
    expect(posts.length).toBeGreaterThanOrEqual(13);
  });

  it("begins when it lets the bridge in: what was said there before is not for others", async () => {
    let isClosed = true;
    const world = await createWorld({ now, unresolved: () => isClosed });
    const from = world.now - MINUTE;
    talk(world, from);
    await world.run(2 * MINUTE);
    isClosed = false;
    const letInAt = world.now;
    await world.run(2 * MINUTE);
    const [first] = world.services[B]!.posts;
    expect(Number(/\d+$/u.exec(first!)![0])).toBeGreaterThanOrEqual(letInAt - from);
  });

  it("has its beginning as soon as it is found, so that a crash before its source opens loses nothing", async () => {
    const world = await createWorld({ now, source: { kind: "channel", run: async () => {} } });
    const begun = String(world.now);
    await world.run(MINUTE);
    const { began, checkpoints } = await world.open();
    expect([...began]).toEqual([
      ["talk.a/id-town", begun],
      ["talk.b/id-town", begun],
    ]);
    expect([...checkpoints]).toEqual([...began]);
  });
});
