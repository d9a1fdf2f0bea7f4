/** Looks for calls without an answer: from when on, what a failed one means, and what must be written down beforehand. */
import { describe, expect, it } from "vitest";

import { messageId } from "../../src/core/ids.ts";
import { CallFailed, type Outcome } from "../../src/core/ports.ts";
import { A, B, C, createWorld } from "./world.ts";

describe("an edit", () => {
  it("is not made once its message was deleted, whichever of the two was let in first", async () => {
    const world = await createWorld();
    const event = world.say(A, "1");
    await world.accept(event);
    await world.run();
    const { kind: _kind, ...rest } = event;
    await world.accept({ ...rest, kind: "message.edited", version: "2" });
    await world.accept({ ...rest, kind: "message.deleted" });
    await world.run();
    expect(world.services[B]!.calls.map(({ kind }) => kind)).toEqual(["create", "delete"]);
  });
});

describe("a call without an answer", () => {
  it("is looked for after a crash with all others of its channel, by one read", async () => {
    const world = await createWorld({ accounts: [A, B, C] });
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(C, "2"));
    await world.crash();
    let found = 0;
    service.keys.get = () => messageId(`there-${(found += 1)}`);
    await world.run(60_000);
    expect(service.lookedAfter).toHaveLength(2);
    expect(service.lookReads).toBe(1);
    expect(service.posts).toEqual([]);
  });

  it("is found though it shows up between two looks, by pages of its own", async () => {
    const world = await createWorld({ accounts: [A, B, C] });
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(C, "2"));
    await world.crash();
    service.keys.get = () =>
      service.lookedAfter.length > 1 ? messageId(`there-${service.lookedAfter.length}`) : undefined;
    await world.run(60_000);
    const [first, second] = service.spans.map(({ shared }) => shared.since);
    expect(second! - first!).toBe(2_000);
    expect(service.posts).toEqual([]);
  });

  it("is found with one that is hours younger by one read, and reads nothing for one that is older", async () => {
    const world = await createWorld({ accounts: [A, B, C] });
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    world.now += 3_600_000;
    await world.accept(world.say(C, "2"));
    await world.crash();
    let found = 0;
    service.keys.get = () => messageId(`there-${(found += 1)}`);
    await world.run(60_000);
    expect(service.lookReads).toBe(1);
    for (const { after, shared } of service.spans) expect(shared.from).toBe(after);
  });

  it("is looked for up to its last call, however long ago the one before was", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    const backAt = world.now + 2_400_000;
    const kicked = (): Outcome => {
      if (world.now < backAt) {
        service.script.push(kicked);
        return { kind: "channel", reason: "we were kicked", fix: "invite us" };
      }
      world.full = true;
      return { kind: "done", message: messageId("made") };
    };
    service.script.push(() => ({ kind: "uncertain", reason: "before the effect" }), kicked);
    await world.accept(world.say(A, "1"));
    await world.run(3_000_000);
    world.full = false;
    await world.run(60_000);
    expect(service.spans.length).toBeGreaterThan(2);
    for (const { after, before } of service.spans) expect(before).toBeGreaterThan(after);
  });

  it("looks from when the message was said, where its own clock was ahead", async () => {
    const world = await createWorld();
    const { script, lookedAfter } = world.services[B]!;
    script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    const said = world.say(A, "1", "hi", { sentAt: world.now - 240_000 });
    await world.accept(said);
    await world.run(60_000);
    expect(lookedAfter).toEqual([said.sentAt]);
  });

  it("looks no farther back than clocks can differ, however old the message is", async () => {
    const world = await createWorld();
    const { script, lookedAfter } = world.services[B]!;
    script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    const triedAt = world.now;
    await world.accept(world.say(A, "1", "hi", { sentAt: triedAt - 86_400_000 }));
    await world.run(60_000);
    expect(lookedAfter).toEqual([triedAt - 600_000]);
  });

  it("is told by no refused look that a post is not there", async () => {
    const world = await createWorld();
    const { script, keys } = world.services[B]!;
    script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    const get = keys.get.bind(keys);
    keys.get = () => {
      keys.get = get;
      throw new CallFailed({ kind: "rejected", reason: "no history for you" });
    };
    await world.accept(world.say(A, "1"));
    await world.run(60_000);
    expect(world.services[B]!.posts).toHaveLength(1);
    expect(await world.relay.letters.list({ text: false })).toEqual([]);
  });

  it("writes a first attempt down that names were looked up for long before", async () => {
    let lookedUp = 0;
    const lookUp = (slow: { now: number }): void => {
      lookedUp += 1;
      if (lookedUp === 1) slow.now += 8_000;
    };
    const world = await createWorld({ lookUp });
    const { calls } = world.services[B]!;
    world.services[B]!.script.push(() => new Promise(() => undefined));
    await world.accept(world.say(A, "1"));
    void world.relay.drain(Infinity);
    for (let turns = 0; calls.length === 0 && turns < 100; turns += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(calls).toHaveLength(1);
    const saved = await world.open();
    expect(saved.pending[0]?.lanes[0]?.attempts).toBe(1);
  });

  it("is looked for after a second crash too, when something that was missed went before it", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    const lost = () => ({ kind: "uncertain" as const, reason: "after the effect" });
    service.script.push(lost);
    await world.accept(world.say(A, "5"));
    await world.run();
    service.script.push(lost);
    world.services[A]!.history = () => ({ events: [world.say(A, "3")] });
    await world.crash();
    await world.run();
    expect(service.posts).toEqual(["1", "5", "3"].map((id) => `create <ann> text ${id}`));
    await world.crash();
    await world.run(60_000);
    expect(service.posts).toHaveLength(3);
  });

  it("is looked for, too, when the second crash came before anything was called", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    service.script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    await world.accept(world.say(A, "5"));
    await world.run();
    await world.crash();
    await world.accept(world.say(A, "3"));
    await world.crash();
    await world.run(60_000);
    expect(service.posts).toEqual(["1", "5", "3"].map((id) => `create <ann> text ${id}`));
  });

  it("is looked for behind an edit that waits for its message", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    const edit = { ...world.say(A, "9"), kind: "message.edited" as const, version: "1" };
    await world.accept(edit);
    await world.run();
    service.script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    await world.accept(world.say(A, "5"));
    await world.run();
    await world.crash();
    await world.run(60_000);
    expect(service.posts).toEqual(["create <ann> text 5"]);
  });

  it("that an edit added is looked for from when it was made, though two lives were cut short since", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    service.partsOf = () => 2;
    const none = { kind: "later", reason: "no answer" } as const;
    service.script.push(
      () => ({ kind: "done" }),
      () => ({ kind: "uncertain", reason: "after the effect" }),
    );
    const madeAt = world.now;
    await world.accept({ ...world.say(A, "1", "long"), kind: "message.edited", version: "2" });
    await world.run(10);
    world.now += 40 * 3_600_000;
    service.script.push(() => none);
    await world.crash();
    await world.run(1_500);
    await world.crash();
    await world.run(60_000);
    expect(service.posts.filter((post) => post === "create <ann> long")).toHaveLength(1);
    expect(service.lookedAfter.at(-1)).toBeLessThanOrEqual(madeAt);
  });

  it("is looked for less and less often while looks fail", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    service.script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    let looks = 0;
    service.keys.get = () => {
      looks += 1;
      throw new CallFailed({ kind: "rejected", reason: "no" });
    };
    await world.accept(world.say(A, "1"));
    await world.run(3_600_000);
    expect(looks).toBeLessThan(60);
    expect(service.posts).toHaveLength(1);
  });
});

it("looks for a call whose repeat never reached a service that would have known it", async () => {
  const world = await createWorld({ repeatableMs: 20 * 60_000 });
  const { script, posts, lookedAfter } = world.services[B]!;
  script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
  const away = (): Outcome => ({ kind: "later", reason: "ECONNREFUSED" });
  script.push(...Array.from({ length: 200 }, () => away));
  await world.accept(world.say(A, "1"));
  await world.run(25 * 60_000);
  script.length = 0;
  await world.run(600_000);
  expect(posts).toEqual(["create <ann> text 1"]);
  expect(lookedAfter.length).toBeGreaterThan(0);
});
