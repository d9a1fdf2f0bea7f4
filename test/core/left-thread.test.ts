/** Messages of several parts whose thread is refused in the middle: all parts must be cut from the same text. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import { messageId } from "../../src/core/ids.ts";
import type { Outcome } from "../../src/core/ports.ts";
import { A, B, createWorld } from "./world.ts";

const done = (): Outcome => ({ kind: "done", message: messageId(`made-${(made += 1)}`) });
const refused = (): Outcome => ({
  kind: "rejected",
  reason: "the thread is gone",
  flatHelps: true,
});
let made = 0;

describe("a part whose thread is refused", () => {
  /** A thread whose first message is there. */
  const inThread = async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "root"));
    await world.run();
    const { calls, script } = world.services[B]!;
    calls.length = 0;
    return { world, calls, script };
  };
  const reply = { thread: messageId("1") };

  it("goes outside the thread as it is, behind parts that are inside", async () => {
    const { world, calls, script } = await inThread();
    world.services[B]!.partsOf = () => 2;
    script.push(done, refused, done);
    await world.accept(world.say(A, "2", "long", reply));
    await world.run();
    expect(calls.map(({ part, text, thread }) => [part, text, thread])).toEqual([
      [0, "<ann> long", `${B}-1`],
      [1, "<ann> long", `${B}-1`],
      [1, "<ann> long", undefined],
    ]);
  });

  it("quotes what it answers where it is the first", async () => {
    const { world, calls, script } = await inThread();
    script.push(refused);
    await world.accept(world.say(A, "2", "short", reply));
    await world.run();
    expect(calls).toHaveLength(2);
    expect(calls[1]!["thread"]).toBeUndefined();
    expect(calls[1]!["text"]).not.toBe(calls[0]!["text"]);
  });

  it("is quoted in no post that stands inside, though an edit of it is made outside", async () => {
    const { world, calls, script } = await inThread();
    const said = world.say(A, "2", "short", reply);
    await world.accept(said);
    await world.run();
    script.push(refused);
    await world.accept({ ...said, kind: "message.edited", version: "1", content: plain("new") });
    await world.run();
    expect(calls.map(({ kind, text }) => [kind, text])).toEqual([
      ["create", "<ann> short"],
      ["edit", "<ann> new"],
      ["edit", "<ann> new"],
    ]);
  });

  it("stays quoted by an edit where the post stands outside", async () => {
    const { world, calls, script } = await inThread();
    script.push(refused);
    const said = world.say(A, "2", "short", reply);
    await world.accept(said);
    await world.run();
    await world.accept({ ...said, kind: "message.edited", version: "1", content: plain("new") });
    await world.run();
    const [, created, edited] = calls.map(({ text }) => String(text));
    expect(created).toContain("short");
    expect(edited).toBe(created!.replace("short", "new"));
  });

  it("makes an edit begin again with the first part", async () => {
    const { world, calls, script } = await inThread();
    const said = world.say(A, "2", "short", reply);
    await world.accept(said);
    await world.run();
    calls.length = 0;
    world.services[B]!.partsOf = () => 2;
    script.push(done, refused);
    await world.accept({ ...said, kind: "message.edited", version: "1", content: plain("long") });
    await world.run();
    expect(calls.map(({ part }) => part)).toEqual([0, 1, 0, 1]);
    expect(calls[2]!["text"]).toBe(calls[3]!["text"]);
  });
});
