/** A message at fault itself, echoes of our own posts, and a second bridge on the same bot. */
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { channelId, deliveryKey, entryId, laneId, laneTag, messageId } from "../../src/core/ids.ts";
import { A, B, createWorld, type World } from "./world.ts";

const town1 = { channel: channelId("id-town1") };

describe("a message that keeps failing", () => {
  /** The first lane fails for ever, the other works. */
  const broken = async (outcome: "later" | "uncertain") => {
    const world = await createWorld({ channels: 2 });
    const service = world.services[B]!;
    const fail = (call: Record<string, unknown>) =>
      String(call["text"]).includes("poison")
        ? { kind: outcome, reason: "500" }
        : { kind: "done" as const };
    service.script.push(...Array.from({ length: 200 }, () => fail));
    await world.accept(world.say(A, "1", "poison"));
    await world.accept(world.say(A, "2", "behind it"));
    return world;
  };

  it("is tried once more in plain text and set aside while others of its account work", async () => {
    const world = await broken("uncertain");
    for (let id = 10; id < 40; id += 1) {
      await world.accept(world.say(A, String(id), `elsewhere ${id}`, town1));
      await world.run(5_000);
    }
    const { calls, posts } = world.services[B]!;
    expect(posts).toContain("create <ann> behind it");
    const poison = calls.filter((call) => String(call["text"]).includes("poison"));
    expect(poison.slice(0, -1).every((call) => call["plain"] === false)).toBe(true);
    expect(poison.at(-1)?.["plain"]).toBe(true);
    expect(poison).toHaveLength(6);
    expect(world.log).toContain("a message was given up");
  });

  it("is not at fault where the disk cannot be read", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    world.unreadable = true;
    await world.run(300_000);
    world.unreadable = false;
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
    expect(await world.relay.letters.list({ text: false })).toEqual([]);
  });

  it("is not at fault where it never reached the service", async () => {
    const world = await broken("later");
    for (let id = 10; id < 40; id += 1) {
      await world.accept(world.say(A, String(id), `elsewhere ${id}`, town1));
      await world.run(5_000);
    }
    expect(world.log).not.toContain("a message was given up");
  });

  it("is not at fault where its failures are spread over more than ten minutes", async () => {
    const world = await createWorld({ channels: 2 });
    const service = world.services[B]!;
    let tries = 0;
    // Each failure is followed by a while in which it is certainly not there.
    const fail = ({ text }: Record<string, unknown>) => {
      if (!String(text).includes("spread")) return { kind: "done" as const };
      tries += 1;
      if (tries > 10) return { kind: "done" as const };
      return tries % 2 === 1
        ? { kind: "uncertain" as const, reason: "500" }
        : { kind: "later" as const, reason: "503", retryAfterMs: 160_000 };
    };
    service.script.push(...Array.from({ length: 400 }, () => fail));
    await world.accept(world.say(A, "1", "spread"));
    for (let id = 10; id < 250; id += 1) {
      await world.accept(world.say(A, String(id), `elsewhere ${id}`, town1));
      await world.run(5_000);
    }
    const spread = service.calls.filter((call) => String(call["text"]).includes("spread"));
    expect(spread.map((call) => call["plain"])).toEqual(Array.from({ length: 11 }, () => false));
  });

  it("waits with its lane while nothing else of its account works either", async () => {
    const world = await broken("uncertain");
    await world.run(3_600_000);
    expect(world.services[B]!.posts).toEqual([]);
    expect(world.log).not.toContain("a message was given up");
  });

  it("is not at fault where the service says when to come again", async () => {
    const world = await createWorld({ channels: 2 });
    const limited = () => ({ kind: "later" as const, reason: "429", retryAfterMs: 1_000 });
    world.services[B]!.script.push(...Array.from({ length: 12 }, () => limited));
    await world.accept(world.say(A, "1"));
    for (let id = 10; id < 30; id += 1) {
      await world.accept(world.say(A, String(id), `elsewhere ${id}`, town1));
      await world.run(2_000);
    }
    expect(world.services[B]!.posts).toContain("create <ann> text 1");
  });
});

describe("the echo of our own post", () => {
  const keyOf = (id: string, part = 0) =>
    deliveryKey(`${id}-${laneTag(laneId(B, "town"))}-${part}`);

  it("settles an uncertain call without a look, and the message map knows it", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    service.script.push(() => ({ kind: "uncertain", reason: "cut" }));
    await world.accept(world.say(A, "1"));
    await world.run();
    const id = entryId(eventKey(world.say(A, "1")));
    const echo = { key: keyOf(id), instance: `id${world.now}-1` };
    await world.accept({ ...world.say(B, "echo-1"), echo });
    await world.run(20_000);
    expect(service.calls).toHaveLength(1);
    await world.accept({ ...world.say(A, "1"), kind: "message.deleted" } as never);
    await world.run();
    expect(service.calls.at(-1)?.["targets"]).toEqual([messageId("echo-1")]);
  });
});

it("what a bridge posted before it moved settles the uncertain call that it brought along", async () => {
  const world = await createWorld();
  const service = world.services[B]!;
  service.script.push(() => ({ kind: "uncertain", reason: "cut" }));
  const before = world.now - 1;
  await world.accept(world.say(A, "1"));
  await world.run();
  const key = deliveryKey(
    `${entryId(eventKey(world.say(A, "1")))}-${laneTag(laneId(B, "town"))}-0`,
  );
  const echo = { key, instance: "former" };
  await world.accept({ ...world.say(B, "echo-1"), sentAt: before, echo });
  await world.run(20_000);
  expect(service.calls).toHaveLength(1);
  expect(world.log.filter((line) => line.includes("a second Footbridge"))).toEqual([]);
});

describe("a second bridge on the same bot", () => {
  const echoOf = (instance: string, world: { now: number }) => ({
    sentAt: world.now,
    echo: { instance, key: deliveryKey("x-y-0") },
  });

  it("pauses the account of the one with the greater id, loudly, and only while it posts", async () => {
    const world = await createWorld();
    world.now += 1_000;
    await world.accept(world.say(B, "9", "theirs", echoOf("aaa", world)));
    await world.accept(world.say(A, "1"));
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual([]);
    expect(world.log.filter((line) => line.includes("a second Footbridge"))).toHaveLength(1);
    await world.run(20 * 60_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  const townKey = (id: string, world: World) =>
    deliveryKey(`${entryId(eventKey(world.say(A, id)))}-${laneTag(laneId(B, "town"))}-0`);

  it("relays what this one holds back, which then knows it as relayed", async () => {
    const world = await createWorld();
    world.now += 1_000;
    await world.accept(world.say(B, "9", "theirs", echoOf("aaa", world)));
    await world.accept(world.say(A, "1"));
    await world.run(2_000);
    const echo = { instance: "aaa", key: townKey("1", world) };
    await world.accept(world.say(B, "theirs-1", "text 1", { sentAt: world.now, echo }));
    await world.run(20 * 60_000);
    await world.accept({ ...world.say(A, "1"), kind: "message.deleted" } as never);
    await world.run();
    const { calls } = world.services[B]!;
    expect(calls.map(({ kind, targets }) => [kind, targets])).toEqual([
      ["delete", [messageId("theirs-1")]],
    ]);
  });

  it.each([{}, { repeatableMs: 1_200_000 }])(
    "is given the time to relay a message first for a day after its last word",
    async (options) => {
      const world = await createWorld(options);
      const { keys, posts, calls } = world.services[B]!;
      world.now += 1_000;
      await world.accept(world.say(B, "9", "theirs", echoOf("aaa", world)));
      await world.run(20 * 60_000);
      await world.accept(world.say(A, "1"));
      await world.run(1_000);
      keys.set(townKey("1", world), messageId("theirs-1"));
      await world.run(60_000);
      expect(calls).toEqual([]);
      await world.accept(world.say(A, "2"));
      await world.run(60_000);
      expect(posts).toEqual(["create <ann> text 2"]);
      expect(world.relay.report().counts["doubled_possible"]).toBeUndefined();
    },
  );

  it("pauses its other accounts too, as the other bridge hears what it hears", async () => {
    const world = await createWorld();
    world.now += 1_000;
    await world.accept(world.say(B, "9", "theirs", echoOf("aaa", world)));
    await world.accept(world.say(B, "1"));
    await world.run(60_000);
    expect(world.services[A]!.posts).toEqual([]);
  });

  it("lets the one with the lesser id go on", async () => {
    const world = await createWorld();
    world.now += 1_000;
    await world.accept(world.say(B, "9", "theirs", echoOf("zzz", world)));
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("is not this one before it lost its data", async () => {
    const world = await createWorld();
    const old = { ...echoOf("aaa", world), sentAt: world.now - 1_000 };
    await world.accept(world.say(B, "9", "ours of yesterday", old));
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(1);
  });
});

describe("an event that our own code cannot store", () => {
  it("is left out of what a service sends, and told, as sending it again helps nobody", async () => {
    const world = await createWorld();
    const broken = world.say(A, "1", "x", {
      toJSON() {
        throw new TypeError("of our own");
      },
    } as never);
    const { pages } = world.services[A]!;
    await world.accept(broken);
    await world.accept(world.say(A, "2"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 2"]);
    expect(world.services[A]!.pages).toBe(pages);
    expect(world.log).toContain("an event that cannot be taken in was left out");
  });
});

describe("a life that another one has replaced, so that it can commit nothing", () => {
  it("posts nothing of what it took in long before, as the other one does", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    world.full = true;
    world.now += 1_001;
    await world.run(5_000);
    expect(world.services[B]!.posts).toEqual([]);
    world.full = false;
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("posts what it has just taken in: the other one looks for that before it posts it", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    world.full = true;
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });
});
