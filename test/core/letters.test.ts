/** Dead letters through the relay: what a replay makes of its lane, and what people see. */
import { describe, expect, it } from "vitest";

import type { MessageEdited } from "../../src/core/event.ts";
import { channelId, laneId, position, userId, messageId } from "../../src/core/ids.ts";
import type { Outcome } from "../../src/core/ports.ts";
import { utcText } from "../../src/core/rules/late.ts";
import { A, B, createWorld, type World } from "./world.ts";

const REJECTED = (): Outcome => ({ kind: "rejected", reason: "not allowed" });
/** In the front of what is relayed late. */
const mark = (at: number): string => `[${utcText(at)}]`;

/** A message that its service refused for good, and what the world knows of it. */
async function withLetter(world?: World): Promise<{ world: World; id: string; said: number }> {
  const made = world ?? (await createWorld());
  const said = made.now;
  made.services[B]!.script.push(REJECTED);
  await made.accept(made.say(A, "1", "first"));
  await made.run();
  const [letter] = await made.relay.letters.list({ text: false });
  return { world: made, id: letter!.id, said };
}
const edit = (world: World, content: string): MessageEdited => {
  const { thread: _thread, late: _late, ...said } = world.say(A, "1", content);
  return { ...said, kind: "message.edited", version: "e1", position: position("00000009") };
};

describe("a dead letter", () => {
  it("is listed with its way, its reason and its author, without what was said", async () => {
    const { world, said } = await withLetter();
    const [letter] = await world.relay.letters.list({ text: false });
    expect(letter).toMatchObject({
      lane: laneId(B, "town"),
      account: A,
      channel: channelId("id-town"),
      name: "town",
      at: said,
      sentAt: said,
      reason: "not allowed",
      author: userId("ann"),
    });
    expect(letter).not.toHaveProperty("text");
  });

  it("shows what was said when that is asked for", async () => {
    const { world } = await withLetter();
    expect(await world.relay.letters.list({ text: true })).toMatchObject([{ text: "first" }]);
  });

  it("is counted until it is replayed, over a crash too", async () => {
    const { world, id } = await withLetter();
    expect(world.relay.report().deadLetters).toBe(1);
    await world.crash();
    expect(world.relay.report().deadLetters).toBe(1);
    await world.relay.letters.replay([id]);
    expect(world.relay.report().deadLetters).toBe(0);
  });

  it("is counted no longer once its time is over", async () => {
    const { world } = await withLetter();
    // A clock is believed a day later.
    for (const days of [45, 2]) {
      world.now += days * 86_400_000;
      await world.run(120_000);
    }
    expect(world.relay.report().deadLetters).toBe(0);
  });

  it("is thrown away when that is asked for, and never sent", async () => {
    const { world, id } = await withLetter();
    expect(await world.relay.letters.discard([id])).toMatchObject({ done: [id] });
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual([]);
    expect(await world.relay.letters.list({ text: false })).toEqual([]);
  });
});

describe("a replay", () => {
  it("delivers a letter once, with the time at which it was said", async () => {
    const { world, id, said } = await withLetter();
    await world.run(60_000);
    expect(await world.relay.letters.replay([id])).toEqual({ done: [id], unknown: [], kept: [] });
    await world.run();
    expect(world.services[B]!.posts).toEqual([`create <ann> ${mark(said)} first`]);
  });

  it("stands behind what waited before it", async () => {
    const { world, id, said } = await withLetter();
    world.services[B]!.script.push(() => ({ kind: "later", reason: "500" }));
    await world.accept(world.say(A, "2", "second"));
    await world.run();
    await world.relay.letters.replay([id]);
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual([
      "create <ann> second",
      `create <ann> ${mark(said)} first`,
    ]);
  });

  it("stays there when the process is killed before it is delivered", async () => {
    const { world, id, said } = await withLetter();
    world.services[B]!.script.push(() => ({ kind: "later", reason: "500" }));
    await world.accept(world.say(A, "2", "second"));
    await world.accept(world.say(A, "3", "third"));
    await world.run();
    await world.relay.letters.replay([id]);
    await world.crash();
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual([
      "create <ann> second",
      "create <ann> third",
      `create <ann> ${mark(said)} first`,
    ]);
  });

  it("has edits and deletes that follow find its message", async () => {
    const { world, id } = await withLetter();
    await world.relay.letters.replay("all");
    await world.run();
    await world.accept(edit(world, "better"));
    await world.run();
    expect(world.services[B]!.calls.at(-1)).toMatchObject({ kind: "edit", targets: [`${B}-1`] });
    expect(id).not.toBe("");
  });

  it("says what the author's edit said meanwhile", async () => {
    const { world, said } = await withLetter();
    await world.accept(edit(world, "better"));
    await world.run();
    await world.relay.letters.replay("all");
    await world.run();
    expect(world.services[B]!.posts).toEqual([`create <ann> ${mark(said)} better`]);
  });

  it("is not made of what was deleted meanwhile", async () => {
    const { world, id } = await withLetter();
    const { content: _content, author: _author, ...said } = world.say(A, "1");
    await world.accept({ ...said, kind: "message.deleted" });
    await world.run();
    expect(await world.relay.letters.replay([id])).toMatchObject({ done: [], unknown: [id] });
  });

  it("sends only the parts that are not there", async () => {
    const world = await createWorld();
    world.services[B]!.partsOf = () => 3;
    world.services[B]!.script.push(() => ({ kind: "done" }), REJECTED);
    await world.accept(world.say(A, "1"));
    await world.run();
    await world.relay.letters.replay("all");
    await world.run();
    expect(world.services[B]!.calls.map((call) => call["part"])).toEqual([0, 1, 1, 2]);
  });

  it("looks for what an uncertain call may have written long ago", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    // Every look fails too, until it is given up; the post is there all the while.
    const cut = (): Outcome => ({ kind: "uncertain", reason: "after the effect" });
    service.script.push(cut);
    const keys = service.keys;
    const there = keys.set.bind(keys);
    const hidden: Parameters<typeof there>[] = [];
    keys.set = (...entry) => {
      hidden.push(entry);
      return keys;
    };
    service.script.push(
      ...Array.from({ length: 2_000 }, () => () => ({ kind: "uncertain", reason: "cut" }) as const),
    );
    const said = world.now;
    await world.accept(world.say(A, "1"));
    await world.run(80 * 3_600_000);
    expect(await world.relay.letters.list({ text: false })).toHaveLength(1);
    service.script.length = 0;
    for (const entry of hidden) there(...entry);
    await world.relay.letters.replay("all");
    await world.run(60_000);
    expect(service.posts).toHaveLength(1);
    expect(service.lookedAfter.at(-1)).toBe(said);
    expect(world.relay.report().lanes.every(({ depth }) => depth === 0)).toBe(true);
  });

  it("of letters that are not there says so", async () => {
    const { world } = await withLetter();
    expect(await world.relay.letters.replay(["x"])).toEqual({ done: [], unknown: ["x"], kept: [] });
  });

  it("of all takes all of them, and leaves those that die again for the next time", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(REJECTED, REJECTED, REJECTED);
    for (const id of ["1", "2", "3"]) await world.accept(world.say(A, id));
    await world.run();
    world.services[B]!.script.push(() => ({ kind: "done" }), REJECTED);
    expect((await world.relay.letters.replay("all")).done).toHaveLength(3);
    await world.run();
    expect(await world.relay.letters.list({ text: true })).toMatchObject([{ text: "text 2" }]);
  });
});

it("goes on with a replayed message where it was cut, with its time as its first part has it", async () => {
  const world = await createWorld();
  const { script, calls } = world.services[B]!;
  world.services[B]!.partsOf = () => 2;
  script.push(
    () => ({ kind: "done", message: messageId(`${B}-1`) }),
    () => ({ kind: "rejected", reason: "no" }),
  );
  await world.accept(world.say(A, "1", "long", { sentAt: world.now - 3_600_000 }));
  await world.run(1_000);
  await world.relay.letters.replay("all");
  await world.run(60_000);
  expect(calls).toHaveLength(3);
  expect(new Set(calls.map((call) => call["text"])).size).toBe(1);
});
