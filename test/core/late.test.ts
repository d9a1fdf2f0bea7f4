import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { plain, toText } from "../../src/core/content.ts";
import { messageId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { markLate, utcText } from "../../src/core/rules/late.ts";
import { A, B, createWorld } from "./world.ts";

const HOUR_MS = 3_600_000;

describe("a late message", () => {
  it("carries the time at which it was said", async () => {
    const world = await createWorld();
    const said = world.say(A, "1", "hello", { sentAt: world.now - 11 * 60_000 });
    await world.accept(said);
    await world.run();
    expect(world.services[B]!.posts).toEqual([`create <ann> [${utcText(said.sentAt)}] hello`]);
  });

  it("is none within ten minutes", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "hello", { sentAt: world.now - 9 * 60_000 }));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> hello"]);
  });

  it("stays one between an uncertain call and the next, though a look fails meanwhile", async () => {
    const world = await createWorld();
    const { script, keys, calls } = world.services[B]!;
    const refused = { kind: "later" as const, reason: "503", retryAfterMs: 60_000 };
    script.push(
      () => refused,
      () => ({ kind: "uncertain", reason: "cut" }),
    );
    const get = keys.get.bind(keys);
    keys.get = () => {
      keys.get = get;
      throw new CallFailed(refused);
    };
    await world.accept(world.say(A, "1", "hello", { sentAt: world.now - 9.5 * 60_000 }));
    await world.run(240_000);
    const texts = calls.map((call) => String(call["text"]));
    expect(texts.map((text) => text.includes("UTC"))).toEqual([false, true, true]);
  });

  it("is one whose calls ended without an answer until then, also where a repeat is known", async () => {
    const world = await createWorld({ repeatableMs: 20 * 60_000 });
    const { script, posts } = world.services[B]!;
    const cut = () => ({ kind: "uncertain" as const, reason: "cut" });
    script.push(...Array.from({ length: 100 }, () => cut));
    const said = world.say(A, "1", "hello");
    await world.accept(said);
    await world.run(15 * 60_000);
    script.length = 0;
    await world.run(5 * 60_000);
    expect(posts).toEqual([`create <ann> [${utcText(said.sentAt)}] hello`]);
  });

  it("is none where one of its calls had worked in time", async () => {
    const world = await createWorld({ repeatableMs: 20 * 60_000 });
    const { script, posts } = world.services[B]!;
    script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    script.push(
      ...Array.from({ length: 100 }, () => () => ({ kind: "uncertain" as const, reason: "cut" })),
    );
    await world.accept(world.say(A, "1", "hello"));
    await world.run(20 * 60_000);
    script.length = 0;
    await world.run(5 * 60_000);
    expect(posts).toEqual(["create <ann> hello"]);
  });

  it("is one that a crash left before its first call, once it was looked for in vain", async () => {
    const world = await createWorld();
    const said = world.say(A, "1", "hello");
    await world.accept(said);
    world.now += 11 * 60_000;
    await world.crash();
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual([`create <ann> [${utcText(said.sentAt)}] hello`]);
  });

  it("has its time in front of each part, though a crash hid that the first was made", async () => {
    const world = await createWorld();
    const { script, calls } = world.services[B]!;
    world.services[B]!.partsOf = () => 2;
    script.push(
      () => ({ kind: "later", reason: "busy", retryAfterMs: 11 * 60_000 }),
      () => ({ kind: "done", message: messageId("1") }),
      () => ({ kind: "done", message: messageId("2") }),
      () => {
        world.full = true;
        return { kind: "done" };
      },
    );
    await world.accept(world.say(A, "1", "what held it up"));
    const said = world.say(A, "2", "hello");
    await world.accept(said);
    await world.run(12 * 60_000);
    world.full = false;
    await world.crash();
    await world.run(60_000);
    const texts = calls.flatMap(({ text }) => (String(text).includes("hello") ? [text] : []));
    expect(texts).toEqual(Array(2).fill(`<ann> [${utcText(said.sentAt)}] hello`));
  });

  it("is one that its source brings hours later, and once where that brings it again", async () => {
    const world = await createWorld();
    const said = world.say(A, "1", "hello");
    world.now += 23 * HOUR_MS;
    await world.accept(world.say(A, "2", "said since"));
    await world.accept(said);
    await world.run();
    world.now += HOUR_MS;
    await world.accept(said);
    await world.run();
    expect(world.services[B]!.posts).toEqual([
      "create <ann> said since",
      `create <ann> [${utcText(said.sentAt)}] hello`,
    ]);
  });

  it("is none that history has brought meanwhile", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    const said = world.say(A, "2");
    world.services[A]!.history = () => ({ events: [said] });
    await world.relay.gap(A, "a commit failed");
    await world.run(1_000);
    world.services[A]!.history = () => ({ events: [] });
    world.now += 23 * HOUR_MS;
    await world.accept(said);
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1", "create <ann> text 2"]);
    expect(world.relay.report().counts["duplicates"]).toBe(1);
  });

  it("has its time in front of whatever it begins with", () => {
    const code = { type: "code" as const, value: "x = 1" };
    const marked = markLate({ type: "root", children: [code] }, 0);
    expect(toText(marked)).toBe("[1970-01-01 00:00 UTC] \nx = 1");
    expect(toText(markLate(plain("a\nb"), 0))).toBe("[1970-01-01 00:00 UTC] a\nb");
  });
});

describe("a time as text", () => {
  it("is the calendar's, leap days and all", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7_258_118_400_000 }), (ms) => {
        const iso = new Date(ms).toISOString();
        expect(utcText(ms)).toBe(`${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`);
      }),
    );
  });
});
