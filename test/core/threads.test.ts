/** Replies: in their threads where those are known and can be answered, else with a quote of what they answer. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import { messageId, userId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const reply = (world: World, id: string, to: string, extra = {}) =>
  world.accept(world.say(A, id, `reply ${id}`, { thread: messageId(to), ...extra }));
const lastCall = (world: World) => world.services[B]!.calls.at(-1);

describe("a reply to a reply", () => {
  it("hangs on the first message of the thread, also after a crash", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "root"));
    await reply(world, "2", "1");
    await world.run();
    await world.crash();
    await world.run(10_000);
    await reply(world, "3", "2");
    await world.run();
    expect(lastCall(world)).toMatchObject({ thread: `${B}-1` });
  });

  it("hangs there too where the thread began on the other side", async () => {
    const world = await createWorld();
    await world.accept(world.say(B, "b1", "root"));
    await world.run();
    await world.accept(world.say(B, "b2", "first reply", { thread: messageId("b1") }));
    await world.run();
    await world.crash();
    await world.run(10_000);
    // Of A's copies the second answers the first; somebody at A answers the second.
    await reply(world, "3", `${A}-2`);
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> reply 3", thread: "b1" });
  });
});

describe("a reply to a copy that stands outside of its thread", () => {
  it("goes into the thread that its original is in", async () => {
    const world = await createWorld();
    // The thread began before the bridge: its second message stands alone at the other side.
    await world.accept(world.say(B, "b2", "first reply", { thread: messageId("b1") }));
    await world.run();
    await world.crash();
    await world.run(10_000);
    await reply(world, "3", `${A}-1`);
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> reply 3", thread: "b1" });
  });
});

describe("an answer to one message", () => {
  const answers = (message: string) => ({
    answers: { message: messageId(message), outside: true },
  });

  it("is one to its copy, where the destination has such answers", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "root"));
    await reply(world, "2", "1", answers("1"));
    await reply(world, "3", "1", answers("2"));
    await world.run();
    expect(lastCall(world)).toMatchObject({
      thread: `${B}-1`,
      answers: { message: `${B}-2`, outside: true },
    });
  });

  it("is one to the message itself, where that was said at the destination", async () => {
    const world = await createWorld();
    await world.accept(world.say(B, "b1", "root"));
    await world.run();
    await reply(world, "3", `${A}-1`, answers(`${A}-1`));
    await world.run();
    expect(lastCall(world)).toMatchObject({ answers: { message: "b1" }, thread: "b1" });
  });

  it("hangs on what it answers where only the thread's first message is unknown", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "2", "relayed"));
    await reply(world, "3", "1", answers("2"));
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> reply 3", thread: `${B}-1` });
  });

  it("quotes what it answers, not the thread's first message", async () => {
    const world = await createWorld({ settings: { PreserveThreading: false } });
    await world.accept(world.say(A, "1", "root"));
    await world.accept(world.say(A, "2", "what is answered"));
    await reply(world, "3", "1", answers("2"));
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> ann: what is answered\nreply 3" });
  });
});

it("shows a reply in the channel too where its author did, if it is in its thread", async () => {
  const world = await createWorld();
  await world.accept(world.say(A, "1", "root"));
  await reply(world, "2", "1", { broadcast: true });
  await world.run();
  expect(lastCall(world)).toMatchObject({ broadcast: true, thread: `${B}-1` });
  await reply(world, "3", "0", { broadcast: true });
  await world.run();
  expect(lastCall(world)).not.toHaveProperty("broadcast");
});

describe("a thread that cannot be answered", () => {
  const refused = { kind: "rejected", reason: "thread_locked", flatHelps: true } as const;

  it("is given up, not the formatting, and what is answered is quoted", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "where is the release?"));
    await world.run();
    world.services[B]!.script.push(() => refused);
    await reply(world, "2", "1");
    await world.run();
    expect(lastCall(world)).toMatchObject({
      plain: false,
      text: "<ann> ann: where is the release?\nreply 2",
    });
    expect(lastCall(world)).not.toHaveProperty("thread");
  });

  it("stays given up after a crash", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "root"));
    await world.run();
    world.services[B]!.script.push(
      () => refused,
      () => ({ kind: "later", reason: "busy", retryAfterMs: 5_000 }),
    );
    await reply(world, "2", "1");
    await world.run();
    await world.crash();
    await world.run(10_000);
    expect(lastCall(world)).not.toHaveProperty("thread");
    expect(world.services[B]!.calls).toHaveLength(4);
  });

  it("keeps its thread where only the formatting is refused", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "root"));
    await world.run();
    world.services[B]!.script.push(() => ({
      kind: "rejected",
      reason: "invalid_blocks",
      plainHelps: true,
    }));
    await reply(world, "2", "1");
    await world.run();
    expect(lastCall(world)).toMatchObject({ plain: true, thread: `${B}-1` });
  });
});

describe("a reply to a message that was never relayed", () => {
  const parent = { author: { id: userId("mara") }, content: plain("who broke the build?") };

  it("quotes what its payload says of it", async () => {
    const world = await createWorld();
    await reply(world, "2", "1", { quoted: parent });
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> mara: who broke the build?\nreply 2" });
  });

  it("quotes what its service says of it, asked once", async () => {
    const world = await createWorld();
    world.services[A]!.said = () => parent;
    await reply(world, "2", "1");
    await reply(world, "3", "1");
    await world.run();
    expect(world.services[A]!.asked).toEqual(["1"]);
    expect(lastCall(world)).toMatchObject({ text: "<ann> mara: who broke the build?\nreply 3" });
  });

  it("goes without a quote where its service knows nothing of it", async () => {
    const world = await createWorld();
    await reply(world, "2", "1");
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> (in a thread) reply 2" });
  });

  it("waits a little for a service that cannot answer now, and then goes without", async () => {
    const world = await createWorld();
    world.services[A]!.said = () => {
      throw new CallFailed({ kind: "later", reason: "down" });
    };
    await reply(world, "2", "1");
    await world.run();
    expect(world.services[B]!.calls).toEqual([]);
    await world.run(60_000);
    expect(lastCall(world)).toMatchObject({ text: "<ann> (in a thread) reply 2" });
  });

  it("quotes no more than its first words, in one line", async () => {
    const world = await createWorld();
    const long = `one\ntwo ${"word ".repeat(100)}`;
    await reply(world, "2", "1", { quoted: { ...parent, content: plain(long) } });
    await world.run();
    const text = String(lastCall(world)?.["text"]);
    expect(text).toMatch(/^<ann> mara: one two word (?:word )*word…\nreply 2$/u);
    expect(text.length).toBeLessThan(110);
  });

  it("quotes nothing that the rules keep back", async () => {
    const world = await createWorld({ settings: { IgnoreMessages: ["^secret"] } });
    await reply(world, "2", "1", { quoted: { ...parent, content: plain("secret: 1234") } });
    await world.run();
    expect(lastCall(world)).toMatchObject({ text: "<ann> (in a thread) reply 2" });
  });
});

it("quotes instead of threading with PreserveThreading=false", async () => {
  const world = await createWorld({ settings: { PreserveThreading: false } });
  await world.accept(world.say(A, "1", "root"));
  await reply(world, "2", "1");
  await world.run();
  expect(lastCall(world)).toMatchObject({ text: "<ann> ann: root\nreply 2" });
  expect(lastCall(world)).not.toHaveProperty("thread");
});
