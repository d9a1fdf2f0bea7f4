/** Limits of a service, channels that are missing, and jobs that fail. */
import { describe, expect, it } from "vitest";

import { channelId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld } from "./world.ts";

const limited = () => ({ kind: "later" as const, reason: "429", retryAfterMs: 30_000 });
const town = (index: number) => ({ channel: channelId(`id-town${index === 0 ? "" : index}`) });

describe("a limit", () => {
  it("of one lane leaves the others alone", async () => {
    const world = await createWorld({ channels: 3 });
    const { script, posts } = world.services[B]!;
    script.push(limited);
    for (const index of [0, 1, 2])
      await world.accept(world.say(A, `${index}`, `text ${index}`, town(index)));
    await world.run(5_000);
    expect(posts).toHaveLength(2);
  });

  it("that a second lane meets meanwhile stands for the whole account", async () => {
    const world = await createWorld({ channels: 3 });
    const { script, calls, posts } = world.services[B]!;
    script.push(limited, limited);
    await world.accept(world.say(A, "0", "text 0", town(0)));
    await world.run();
    await world.accept(world.say(A, "1", "text 1", town(1)));
    await world.run(1_000);
    await world.accept(world.say(A, "2", "text 2", town(2)));
    await world.run(20_000);
    expect(calls).toHaveLength(2);
    await world.run(60_000);
    expect(posts).toHaveLength(3);
  });

  it("stands for the whole account though the service does not say for how long", async () => {
    const world = await createWorld({ channels: 3 });
    const { script, calls, posts } = world.services[B]!;
    const bare = () => ({ kind: "later" as const, reason: "429", limited: true as const });
    script.push(bare, bare);
    await world.accept(world.say(A, "0", "text 0", town(0)));
    await world.run();
    await world.accept(world.say(A, "1", "text 1", town(1)));
    await world.run(100);
    await world.accept(world.say(A, "2", "text 2", town(2)));
    await world.run(500);
    expect(calls).toHaveLength(2);
    await world.run(60_000);
    expect(posts).toHaveLength(3);
  });

  it("that a second lane meets after the first is over is that lane's alone", async () => {
    const world = await createWorld({ channels: 3 });
    const { script, posts } = world.services[B]!;
    script.push(limited);
    await world.accept(world.say(A, "0", "text 0", town(0)));
    await world.run(31_000);
    script.push(limited);
    await world.accept(world.say(A, "1", "text 1", town(1)));
    await world.run();
    await world.accept(world.say(A, "2", "text 2", town(2)));
    await world.run(1_000);
    expect(posts).toEqual(["create <ann> text 0", "create <ann> text 2"]);
  });
});

describe("events of a channel that is not known", () => {
  it("are kept while a configured one is looked for, but not for ever", async () => {
    let missing = true;
    const world = await createWorld({ unresolved: () => missing });
    await world.accept(world.say(A, "1", "elsewhere", { channel: channelId("id-other") }));
    expect(world.relay.report().unrouted).toBe(1);
    await world.run(3 * 3_600_000);
    expect(world.relay.report().unrouted).toBe(0);
    await world.accept(world.say(A, "2", "elsewhere", { channel: channelId("id-other") }));
    expect(world.relay.report().unrouted).toBe(0);
    missing = false;
    await world.run(120_000);
    await world.accept(world.say(A, "3"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 3"]);
  });
});

describe("a history that a service asks to leave for a while", () => {
  it("is left for so long, however often it is asked for", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    world.services[A]!.history = () => {
      throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: 30_000 });
    };
    const before = world.services[A]!.pages;
    for (let times = 0; times < 20; times += 1) {
      await world.relay.gap(A, "a commit failed");
      await world.run(1_000);
    }
    expect(world.services[A]!.pages - before).toBe(1);
  });

  it("keeps no gate closed for more than a quarter of a minute, however often it is asked for", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    world.services[A]!.history = () => {
      throw new CallFailed({ kind: "later", reason: "503" });
    };
    await world.relay.gap(A, "a commit failed");
    await world.accept(world.say(A, "2"));
    for (let times = 0; times < 15; times += 1) {
      await world.run(1_000);
      await world.relay.gap(A, "a commit failed");
    }
    await world.run(1_000);
    expect(world.services[B]!.posts).toHaveLength(2);
  });
});
