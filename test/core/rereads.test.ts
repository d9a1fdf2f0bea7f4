/** Changes that no source tells of are found by reading again, at a pace and only while something may change. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import type { Event, MessageEdited } from "../../src/core/event.ts";
import { position } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const MINUTE = 60_000;
const editOf = (world: World, id: string): MessageEdited => ({
  ...world.say(A, id),
  kind: "message.edited",
  content: plain("better"),
  position: position(`${id.padStart(8, "0")}-2`),
  version: "2",
});
const deletionOf = (world: World, id: string): Event => {
  const { author: _author, content: _content, ...rest } = world.say(A, id);
  return { ...rest, kind: "message.deleted" };
};
/** A quiet world in which one message was just said. */
async function said(channels = 1): Promise<World> {
  const world = await createWorld({ rereads: true, channels });
  await world.run(MINUTE);
  await world.accept(world.say(A, "1"));
  await world.run();
  return world;
}

it("relays an edit and a deletion that are found", async () => {
  const world = await said();
  world.services[A]!.changes = () => [editOf(world, "1")];
  await world.run(20_000);
  expect(world.services[B]!.posts.at(-1)).toBe("edit <ann> better");
  world.services[A]!.changes = () => [deletionOf(world, "1")];
  await world.run(20_000);
  expect(world.services[B]!.posts.at(-1)).toBe("delete");
});

it("tells the connector what is known already", async () => {
  const world = await said();
  const seen: unknown[] = [];
  world.services[A]!.changes = (known) => {
    seen.push(...known);
    return seen.length === 1 ? [editOf(world, "1")] : [];
  };
  await world.run(40_000);
  expect(seen).toEqual([
    ["1", { deleted: false }],
    ["1", { deleted: false, edited: "2" }],
  ]);
});

describe("looks", () => {
  it("come every 20 s while something may change, and then none", async () => {
    const world = await said();
    const before = world.now;
    await world.run(60 * MINUTE);
    const looks = world.services[A]!.looks.map((at) => at - before);
    expect(looks.slice(0, 3)).toEqual([20_000, 40_000, 60_000]);
    // The window of 10 minutes, and a little more for clocks and the last look.
    expect(looks.at(-1)).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(looks.at(-1)).toBeLessThanOrEqual(12 * MINUTE);
    expect(world.relay.nextDue() - world.now).toBeGreaterThan(20_000);
  });

  it("cost nothing where nothing was said", async () => {
    const world = await createWorld({ rereads: true });
    await world.run(10 * MINUTE);
    expect(world.services[A]!.looks).toEqual([]);
  });

  it("begin again after a restart for what was said before it", async () => {
    const world = await said();
    await world.crash();
    world.services[A]!.changes = () => [editOf(world, "1")];
    await world.run(30_000);
    expect(world.services[B]!.posts.at(-1)).toBe("edit <ann> better");
  });

  it("are shared out to many channels, 4 s apart", async () => {
    const world = await said(10);
    for (let index = 1; index < 10; index += 1)
      await world.accept({ ...world.say(A, `m${index}`), channel: `id-town${index}` as never });
    world.services[A]!.looks.length = 0;
    await world.run(5 * MINUTE);
    const { looks } = world.services[A]!;
    expect(Math.min(...looks.slice(1).map((at, index) => at - looks[index]!))).toBe(4_000);
    expect(looks.length).toBeLessThanOrEqual(75);
  });

  it("wait for as long as a limit says, and are no trouble for the log", async () => {
    const world = await said();
    world.services[A]!.changes = () => {
      throw new CallFailed({ kind: "later", reason: "used up", retryAfterMs: 45_000 });
    };
    const lines = world.log.length;
    await world.run(70_000);
    expect(world.services[A]!.looks).toHaveLength(2);
    expect(world.log.slice(lines)).toEqual([]);
  });

  it("give way while there is much to deliver", async () => {
    const world = await said();
    world.services[B]!.script.push(() => ({
      kind: "later",
      reason: "limited",
      retryAfterMs: 5 * MINUTE,
    }));
    for (let index = 2; index < 60; index += 1) await world.accept(world.say(A, String(index)));
    await world.run(2 * MINUTE);
    expect(world.services[A]!.looks).toEqual([]);
    await world.run(4 * MINUTE);
    expect(world.services[A]!.looks.length).toBeGreaterThan(0);
  });
});
