/** What a stream brings and nothing follows from is heard at once: no request of a platform, no write, no call. */
import { describe, expect, it } from "vitest";

import { type Event, eventKey } from "../../src/core/event.ts";
import { channelId, deliveryKey, entryId, laneId, laneTag, messageId } from "../../src/core/ids.ts";
import { A, B, createWorld, type World } from "./world.ts";

const batch = (events: readonly Event[], flags: { opened?: boolean; moved?: boolean } = {}) => ({
  account: B,
  channel: channelId("id-town"),
  opened: false,
  items: events.map((event) => JSON.stringify([event])),
  ...flags,
});

const counted = (world: World, name: string): number => world.relay.report().counts[name] ?? 0;

/** A message whose call had no answer, and the post of it as the stream brings it. */
async function uncertain() {
  const world = await createWorld();
  world.services[B]!.script.push(() => ({ kind: "uncertain", reason: "cut" }));
  await world.accept(world.say(A, "1"));
  await world.run();
  const id = entryId(eventKey(world.say(A, "1")));
  const key = deliveryKey(`${id}-${laneTag(laneId(B, "town"))}-0`);
  return {
    world,
    echo: { ...world.say(B, "echo-1"), echo: { key, instance: `id${world.now}-1` } },
  };
}

describe("our own post in a stream", () => {
  it("is heard at once, and what was uncertain about it is due at once", async () => {
    const { world, echo } = await uncertain();
    expect(world.relay.nextDue()).toBeGreaterThan(world.now);
    expect(world.relay.overhear(batch([echo]))).toBe(true);
    expect(world.relay.nextDue()).toBe(world.now);
    await world.run();
    expect(counted(world, "found")).toBe(1);
    expect(world.services[B]!.calls).toHaveLength(1);
    await world.accept({ ...world.say(A, "1"), kind: "message.deleted" } as never);
    await world.run();
    expect(world.services[B]!.calls.at(-1)?.["targets"]).toEqual([messageId("echo-1")]);
  });

  it("is counted as one", async () => {
    const world = await createWorld();
    world.relay.overhear(batch([{ ...world.say(B, "9"), echo: {} }]));
    expect([counted(world, "echoes"), counted(world, "accepted")]).toEqual([1, 0]);
  });

  it("is left alone, uncounted, beside something to relay: both are handed", async () => {
    const { world, echo } = await uncertain();
    expect(world.relay.overhear(batch([echo, world.say(B, "2")]))).toBe(false);
    expect(counted(world, "echoes")).toBe(0);
    expect(world.relay.nextDue()).toBeGreaterThan(world.now);
    await world.relay.hand(batch([echo, world.say(B, "2")]));
    await world.run();
    expect(counted(world, "found")).toBe(1);
    expect(world.services[A]!.posts).toEqual(["create <ann> text 2"]);
  });

  it("is left alone where the stream was just opened or its channel has moved", async () => {
    const { world, echo } = await uncertain();
    expect(world.relay.overhear(batch([echo], { opened: true }))).toBe(false);
    expect(world.relay.overhear(batch([echo], { moved: true }))).toBe(false);
    expect(world.relay.overhear(batch([], { opened: true }))).toBe(false);
  });
});

describe("what others do, in a stream", () => {
  it("is heard at once where it is nothing that is relayed", async () => {
    const world = await createWorld();
    const elsewhere = { ...world.say(B, "2"), channel: channelId("id-elsewhere") };
    const topic: Event = { ...elsewhere, kind: "topic.changed", topic: "news" };
    const { content: _, ...unsaid } = topic as typeof topic & { content?: unknown };
    expect(world.relay.overhear(batch([unsaid]))).toBe(true);
    expect(counted(world, "unwanted")).toBe(1);
  });

  it("is left alone where it is to be stored, though nothing is said in it", async () => {
    const world = await createWorld();
    const { content: _, author: __, ...said } = world.say(B, "2");
    expect(world.relay.overhear(batch([{ ...said, kind: "message.deleted" }]))).toBe(false);
  });

  it("is left alone where somebody says something", async () => {
    const world = await createWorld();
    expect(world.relay.overhear(batch([world.say(B, "2")]))).toBe(false);
    await world.run();
    expect(world.services[A]!.posts).toEqual([]);
  });
});
