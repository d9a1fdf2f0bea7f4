/** What waits for a time, where the bridge's clock was ahead and is set right. */
import { describe, expect, it } from "vitest";

import { channelId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld } from "./world.ts";

const HOUR = 3_600_000;

describe("a clock that goes back", () => {
  it("holds up no delivery that waits for its next attempt", async () => {
    const world = await createWorld();
    const { script, posts } = world.services[B]!;
    script.push(() => ({ kind: "later", reason: "429", retryAfterMs: 30_000 }));
    await world.accept(world.say(A, "1"));
    await world.run();
    world.now -= HOUR;
    await world.run(31_000);
    expect(posts).toEqual(["create <ann> text 1"]);
  });

  it("keeps no gate closed", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    world.services[A]!.history = () => {
      throw new Error("away");
    };
    await world.crash();
    await world.accept(world.say(A, "2"));
    await world.run();
    world.now -= HOUR;
    await world.run(6_000);
    expect(world.services[B]!.posts).toHaveLength(2);
  });

  it("opens no gate that is closed right after that", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    let isAway = true;
    world.services[A]!.history = () => {
      if (!isAway) return { events: [world.say(A, "2")] };
      isAway = false;
      throw new CallFailed({ kind: "later", reason: "503" });
    };
    world.now -= HOUR;
    await world.relay.gap(A, "a commit failed");
    await world.accept(world.say(A, "3"));
    await world.run(6_000);
    expect(world.services[B]!.posts.map((post) => post.at(-1))).toEqual(["1", "2", "3"]);
  });

  it("makes no message's fault of a service that is away since", async () => {
    const world = await createWorld({ channels: 2 });
    await world.accept(world.say(A, "1", "hi", { channel: channelId("id-town1") }));
    await world.run();
    world.now -= 120_000;
    world.services[B]!.script.push(
      ...Array.from({ length: 30 }, () => () => ({
        kind: "uncertain" as const,
        reason: "500",
      })),
    );
    await world.accept(world.say(A, "2"));
    await world.run(110_000);
    expect(await world.relay.letters.list({ text: false, most: 9 })).toEqual([]);
  });

  it("does not make a look begin after the call", async () => {
    const world = await createWorld();
    const { script, lookedAfter } = world.services[B]!;
    script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    const said = world.say(A, "1", "hi", { sentAt: world.now - HOUR });
    await world.accept(said);
    await world.run();
    world.now -= HOUR;
    await world.run(10_000);
    expect(lookedAfter[0]).toBeLessThanOrEqual(said.sentAt);
    expect(world.services[B]!.posts).toHaveLength(1);
  });
});

describe("a clock that leaps ahead", () => {
  const DAY = 24 * HOUR;

  it("lets nothing be forgotten: a message that comes once more is still known", async () => {
    const world = await createWorld();
    const said = world.say(A, "1");
    await world.accept(said);
    await world.run();
    world.now += 60 * DAY;
    await world.run(5 * 60_000);
    world.now -= 60 * DAY;
    await world.crash();
    await world.accept(said);
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("is believed when it has gone on for two days", async () => {
    const world = await createWorld();
    const said = world.say(A, "1");
    await world.accept(said);
    await world.run();
    world.now += 60 * DAY;
    for (let day = 0; day < 3; day += 1) await world.run(DAY);
    await world.accept(said);
    await world.run(60_000);
    expect(world.services[B]!.posts).toHaveLength(2);
  });
});
