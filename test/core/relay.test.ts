import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";

import { channelId, messageId } from "../../src/core/ids.ts";
import { A, B, createWorld } from "./world.ts";

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_each, index) => String(from + index));

describe("the relay", () => {
  it("relays a message to the other side under its author's name", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "hello"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> hello"]);
    expect(world.services[A]!.posts).toEqual([]);
  });

  it("relays an event that comes twice once", async () => {
    const world = await createWorld();
    const event = world.say(A, "1");
    await Promise.all([world.accept(event), world.accept(event)]);
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("keeps the order of a lane through retries", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "later", reason: "busy" }));
    for (const id of numbers(1, 3)) await world.accept(world.say(A, id));
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(numbers(1, 3).map((id) => `create <ann> text ${id}`));
  });

  it("waits as long as the service asks before it tries again", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "later", reason: "429", retryAfterMs: 30_000 }));
    await world.accept(world.say(A, "1"));
    await world.run(29_000);
    expect(world.services[B]!.calls).toHaveLength(1);
    await world.run(2_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("does not post again what an uncertain call did post", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    await world.accept(world.say(A, "1"));
    await world.run(10_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("posts again, after two looks, what an uncertain call did not post", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "uncertain", reason: "cut" }));
    await world.accept(world.say(A, "1"));
    await world.run(2_900);
    expect(world.services[B]!.posts).toHaveLength(0);
    await world.run(1_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("delivers after a crash what was accepted, in order and once", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => new Promise<never>(() => undefined));
    for (const id of numbers(1, 5)) await world.accept(world.say(A, id));
    void world.relay.drain(Infinity);
    await world.crash();
    await world.run(10_000);
    expect(world.services[B]!.posts).toEqual(numbers(1, 5).map((id) => `create <ann> text ${id}`));
  });

  it("does not double what was in flight at a crash", async () => {
    const world = await createWorld();
    const { promise, resolve } = Promise.withResolvers<void>();
    world.services[B]!.script.push(async () => {
      resolve();
      return { kind: "uncertain", reason: "after the effect" };
    });
    await world.accept(world.say(A, "1"));
    void world.relay.drain(Infinity);
    await promise;
    await world.crash();
    await world.run(10_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("goes on with the parts of a split message where a crash left it", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    service.partsOf = () => 3;
    service.script.push(() => ({ kind: "done", message: messageId("p1") }));
    service.script.push(() => ({ kind: "later", reason: "busy", retryAfterMs: 1_000 }));
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(service.calls.map((call) => call["part"])).toEqual([0, 1]);
    // Not even a service that finds nothing again is sent the first part twice.
    service.keys.clear();
    await world.crash();
    await world.run(10_000);
    expect(service.calls.map((call) => call["part"])).toEqual([0, 1, 1, 2]);
  });

  it("lets one lane wait without holding up another of the same account", async () => {
    const world = await createWorld({ channels: 2 });
    world.services[B]!.script.push(() => ({
      kind: "channel",
      reason: "archived",
      fix: "unarchive it",
    }));
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(A, "2", "text 2", { channel: channelId("id-town1") }));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 2"]);
    expect(world.relay.report().lanes.map(({ paused }) => paused)).toEqual([
      expect.stringContaining("unarchive it"),
      undefined,
    ]);
  });

  it("resumes a paused channel by itself", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({
      kind: "channel",
      reason: "kicked",
      fix: "invite the bot",
    }));
    await world.accept(world.say(A, "1"));
    await world.run(31_000);
    expect(world.services[B]!.posts).toHaveLength(1);
    expect(world.relay.report().lanes.every(({ paused }) => paused === undefined)).toBe(true);
  });

  it("follows a channel that cannot be written to, where no source tells that it has moved", async () => {
    let moves = "";
    const world = await createWorld({
      idOf: (name) => `id-${name}${moves}`,
      source: { kind: "account", run: async () => undefined },
    });
    moves = "-next";
    world.services[B]!.script.push(() => ({ kind: "channel", reason: "closed", fix: "invite" }));
    await world.accept(world.say(A, "1"));
    await world.run(10_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("asks no more often than it probes for a channel that stays closed", async () => {
    const world = await createWorld({ source: { kind: "account", run: async () => undefined } });
    for (let time = 0; time < 20; time += 1)
      world.services[B]!.script.push(() => ({ kind: "channel", reason: "muted", fix: "speak" }));
    await world.accept(world.say(A, "1"));
    await world.run(61_000);
    expect(world.services[B]!.calls.length).toBeLessThan(6);
  });

  it("stalls an account whose token is dead, and resumes by itself", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({
      kind: "account",
      reason: "token_revoked",
      fix: "put a new token",
    }));
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.relay.report().accounts.find(({ account }) => account === B)?.paused).toContain(
      "put a new token",
    );
    await world.run(31_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("sets a rejected message aside and goes on with the next", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "rejected", reason: "no_text" }));
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(A, "2"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 2"]);
    expect(world.relay.report().counts["dead"]).toBe(1);
  });

  it("tries a message whose formatting is refused once more as plain text", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({
      kind: "rejected",
      reason: "invalid_blocks",
      plainHelps: true,
    }));
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(1);
    expect(world.services[B]!.calls.map((call) => call["plain"])).toEqual([false, true]);
  });

  it("paces posts to one channel after a burst of five", async () => {
    const world = await createWorld({ intervalMs: 1_000 });
    for (const id of numbers(1, 8)) await world.accept(world.say(A, id));
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(5);
    await world.run(3_000);
    expect(world.services[B]!.posts).toHaveLength(8);
  });

  it("relays what came before a channel's id was known, once it is", async () => {
    let unresolved = true;
    const world = await createWorld({ unresolved: () => unresolved });
    await world.accept(world.say(A, "1"));
    await world.run();
    unresolved = false;
    await world.run(180_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("answers in a thread as a reply to the copy of the thread's first message", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    await world.accept(world.say(A, "2", "reply", { thread: messageId("1") }));
    await world.run();
    expect(world.services[B]!.calls[1]).toMatchObject({ thread: `${B}-1` });
  });

  it("answers in a thread that began on the other side as a reply to its first message", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    await world.accept(world.say(B, "2", "reply", { thread: messageId(`${B}-1`) }));
    await world.run();
    expect(world.services[A]!.calls[0]).toMatchObject({ thread: "1" });
  });

  it("edits and deletes the copy of a message", async () => {
    const world = await createWorld();
    const event = world.say(A, "1");
    await world.accept(event);
    await world.run();
    const { kind: _kind, ...rest } = event;
    await world.accept({
      ...rest,
      kind: "message.edited",
      version: "2",
      content: plain("new"),
    });
    await world.run();
    await world.accept({ ...rest, kind: "message.deleted" });
    await world.run();
    expect(world.services[B]!.calls.slice(1)).toMatchObject([
      { kind: "edit", targets: [`${B}-1`], text: "<ann> new" },
      { kind: "delete", targets: [`${B}-1`] },
    ]);
  });

  it("makes sure that it is still its place before a step that comes late", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(async (_call, sure) => {
      world.now += 2_000;
      world.full = true;
      await sure();
      return { kind: "done" };
    });
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.services[B]!.posts).toEqual([]);
    world.full = false;
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("lets others pass an edit whose message is not there, and gives it up after a minute", async () => {
    const world = await createWorld();
    const { kind: _kind, ...rest } = world.say(A, "9");
    await world.accept({ ...rest, kind: "message.edited", version: "1" });
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
    await world.run(70_000);
    expect(world.relay.report().lanes.every(({ depth }) => depth === 0)).toBe(true);
  });

  it("keeps a message out that a rule ignores, and does not ask again", async () => {
    const world = await createWorld({ settings: { IgnoreMessages: ["^!"] } });
    const event = world.say(A, "1", "!command");
    await world.accept(event);
    await world.run();
    await world.accept(event);
    await world.run();
    expect(world.services[B]!.calls).toEqual([]);
    expect(world.relay.report().counts["duplicates"]).toBe(1);
  });

  it("reads history after a gap, in front of what came live meanwhile", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    world.services[A]!.history = () => ({ events: [world.say(A, "2"), world.say(A, "3")] });
    await world.relay.gap(A, "app_rate_limited");
    await world.accept(world.say(A, "4"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(numbers(1, 4).map((id) => `create <ann> text ${id}`));
  });

  it("reads after a crash what was said while it was down, in order", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(61_000);
    world.services[A]!.history = (since) => ({
      events: numbers(1, 3)
        .map((id) => world.say(A, id))
        .filter((event) => event.position >= since),
    });
    await world.crash();
    await world.accept(world.say(A, "4"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(numbers(1, 4).map((id) => `create <ann> text ${id}`));
  });

  it("sorts what history adds among what still waits", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(61_000);
    world.services[B]!.script.push(() => ({ kind: "channel", reason: "kicked", fix: "invite" }));
    for (const id of ["2", "5"]) await world.accept(world.say(A, id));
    await world.run();
    world.services[A]!.history = () => ({ events: [world.say(A, "3"), world.say(A, "4")] });
    await world.relay.gap(A, "app_rate_limited");
    await world.run(31_000);
    expect(world.services[B]!.posts).toEqual(numbers(1, 5).map((id) => `create <ann> text ${id}`));
  });

  it("keeps the order of what history added over crashes and an eviction", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(61_000);
    const pause = () =>
      world.services[B]!.script.push(() => ({ kind: "channel", reason: "kicked", fix: "invite" }));
    const crash = async (...missed: readonly string[]) => {
      world.services[A]!.history = () => ({ events: missed.map((id) => world.say(A, id)) });
      pause();
      await world.crash();
      await world.run();
    };
    pause();
    for (const id of ["2", "5"]) await world.accept(world.say(A, id));
    await world.run();
    await crash("3", "6");
    await world.accept(world.say(A, "7"));
    await crash("4", "8");
    await world.evict();
    world.services[B]!.script.length = 0;
    await world.run(30_000);
    expect(world.services[B]!.posts).toEqual(numbers(1, 8).map((id) => `create <ann> text ${id}`));
  });

  it("presses a service that leaves every call uncertain less and less, and gives up after 72 hours", async () => {
    const world = await createWorld();
    const cut = () => ({ kind: "uncertain", reason: "cut" }) as const;
    for (let call = 0; call < 5_000; call += 1) world.services[B]!.script.push(cut);
    await world.accept(world.say(A, "1"));
    await world.run(3_600_000);
    expect(world.services[B]!.calls.length).toBeLessThan(60);
    await world.run(73 * 3_600_000);
    expect(world.relay.report().counts["dead"]).toBe(1);
  });

  it("probes a stalled account with one lane, not with each", async () => {
    const world = await createWorld({ channels: 4 });
    const revoked = () =>
      ({ kind: "account", reason: "token_revoked", fix: "a new token" }) as const;
    for (let call = 0; call < 100; call += 1) world.services[B]!.script.push(revoked);
    for (let channel = 0; channel < 4; channel += 1)
      await world.accept(
        world.say(A, String(channel + 1), "x", { channel: channelId(`id-town${channel || ""}`) }),
      );
    await world.run();
    const first = world.services[B]!.calls.length;
    await world.run(301_000);
    expect(world.services[B]!.calls.length - first).toBeLessThanOrEqual(11);
  });

  it("relays once what waited for its channel, though two channels are found at the same moment", async () => {
    let unresolved = true;
    const world = await createWorld({ unresolved: () => unresolved, channels: 2 });
    await world.accept(world.say(A, "1"));
    await world.run();
    unresolved = false;
    await world.run(180_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("looks for what passed a parked edit before it posts it again after a crash", async () => {
    const world = await createWorld();
    const { kind: _kind, ...rest } = world.say(A, "9");
    await world.accept({ ...rest, kind: "message.edited", version: "1" });
    await world.run();
    const { promise, resolve } = Promise.withResolvers<void>();
    world.services[B]!.script.push(() => {
      resolve();
      return { kind: "uncertain", reason: "after the effect" };
    });
    await world.accept(world.say(A, "1"));
    void world.relay.drain(Infinity);
    await promise;
    await world.crash();
    await world.run(90_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("does not take a quiet room's last message for a new one once its dedupe row is gone", async () => {
    const world = await createWorld();
    const last = world.say(A, "1");
    await world.accept(last);
    await world.run(61_000);
    world.services[A]!.history = () => ({ events: [last] });
    world.now += 45 * 86_400_000;
    await world.run(61_000);
    await world.relay.gap(A, "stream");
    await world.run(61_000);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("gives up a message that our own code cannot handle, and goes on with the next", async () => {
    const world = await createWorld();
    world.services[B]!.partsOf = (outgoing) => {
      if ("nick" in outgoing && JSON.stringify(outgoing).includes("poison"))
        throw new TypeError("bug");
      return 1;
    };
    await world.accept(world.say(A, "1", "poison"));
    await world.accept(world.say(A, "2"));
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 2"]);
    expect(world.relay.report().counts["dead"]).toBe(1);
  });
});
