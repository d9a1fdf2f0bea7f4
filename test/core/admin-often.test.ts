/** What `AdminChannel` is not told again and again. */
import { describe, expect, it } from "vitest";

import { userId } from "../../src/core/ids.ts";
import type { Outcome } from "../../src/core/ports.ts";
import { noticesIn } from "./talk.ts";
import { A, B, createWorld, type World } from "./world.ts";

const MINUTE = 60_000;

describe("messages that are given up one after the other", () => {
  it("are told of at once, then every ten minutes, with their number", async () => {
    const world = await createWorld({ admin: true });
    for (let n = 1; n <= 60; n += 1) {
      world.services[A]!.script.push(() => ({ kind: "rejected", reason: "no" }));
      await world.accept(world.say(B, `${n}`));
      await world.run(5_000);
    }
    await world.run(30 * MINUTE);
    const notices = noticesIn(world);
    expect(notices).toHaveLength(2);
    expect(notices[0]).toContain("⚠️ 1 message that was given up is kept");
    expect(notices[1]).toContain("⚠️ 60 messages that were given up are kept");
  });
});

describe("what comes and goes", () => {
  const revoked = (): Outcome => ({ kind: "account", reason: "revoked", fix: "put a new token" });

  it("is over once it has stayed away for half an hour", async () => {
    const world = await createWorld({ admin: true });
    const { script } = world.services[A]!;
    for (let n = 1; n <= 20; n += 1) {
      script.push(revoked);
      await world.accept(world.say(B, `${n}`));
      await world.run(2 * MINUTE);
    }
    const paused = "notice Footbridge:\n⚠️ talk.a is paused: revoked: put a new token";
    const works = "notice Footbridge:\n✅ talk.a works again";
    expect(noticesIn(world)).toEqual([paused, works, paused]);
    await world.run(31 * MINUTE);
    expect(noticesIn(world)).toEqual([paused, works, paused, works]);
  });
});

describe("a loop", () => {
  const repeat = async (world: World, n: number, author: string) => {
    await world.accept(world.say(A, `${2 * n}`, `hello everybody ${n}`));
    await world.run();
    const copy = { author: { id: userId(author), bot: true as const } };
    await world.accept(world.say(B, `${2 * n + 1}`, `<ann> hello everybody ${n}`, copy));
    await world.run(MINUTE);
  };
  const loopsIn = (world: World) => noticesIn(world).filter((notice) => notice.includes("a loop"));

  it("is told of once, however many names take part", async () => {
    const world = await createWorld({ admin: true });
    for (let n = 1; n <= 100; n += 1) await repeat(world, n, `ghost${n}`);
    expect(loopsIn(world)).toHaveLength(1);
  });

  it("is over half an hour after its last message, and a start does not tell of it again", async () => {
    const world = await createWorld({ admin: true });
    await repeat(world, 1, "relay");
    await world.crash();
    await repeat(world, 2, "relay");
    await world.run(20 * MINUTE);
    expect(loopsIn(world)).toHaveLength(1);
    await world.run(15 * MINUTE);
    expect(loopsIn(world)).toHaveLength(2);
    expect(loopsIn(world)[1]).toBe(
      "notice Footbridge:\n✅ a loop in gateway main at talk.b/town is over",
    );
  });
});

it("what is no longer configured does not work again: nothing is said of it", async () => {
  const world = await createWorld({ admin: true, channels: 2 });
  world.services[B]!.script.push(
    ...Array.from(
      { length: 9 },
      () =>
        (call: Record<string, unknown>): Outcome =>
          call["kind"] === "notice"
            ? { kind: "done" }
            : { kind: "channel", reason: "archived", fix: "open it" },
    ),
  );
  await world.accept(world.say(A, "1"));
  await world.run(MINUTE);
  expect(noticesIn(world)).toHaveLength(1);
  world.legs.splice(0, Infinity, ...world.legs.filter(({ channel }) => channel !== "town"));
  await world.crash();
  await world.run(60 * MINUTE);
  expect(noticesIn(world).join()).not.toContain("works again");
});
