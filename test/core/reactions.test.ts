/** Reactions through the relay: one of the bridge's stands for everybody's, whatever comes twice or breaks off. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Event, ReactionAdded } from "../../src/core/event.ts";
import { channelId, messageId, position, userId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const reaction = (
  world: World,
  kind: "added" | "removed",
  user: string,
  version: string,
  over: Partial<ReactionAdded> = {},
): Event => ({
  account: A,
  channel: channelId("id-town"),
  message: messageId("1"),
  sentAt: world.now,
  position: position(`9${version}`),
  author: { id: userId(user) },
  emoji: "👍",
  version,
  ...over,
  kind: `reaction.${kind}` as "reaction.added",
});

/** Message 1 of A is at B as `talk.b-1`. */
async function relayed(): Promise<World> {
  const world = await createWorld();
  await world.accept(world.say(A, "1"));
  await world.run();
  return world;
}

const reactionsIn = (world: World, account = B): string[] =>
  world.services[account]!.posts.filter((post) => /react/u.test(post));

describe("several people's same reaction", () => {
  it("is one of the bridge's, there from the first to the last of them", async () => {
    const world = await relayed();
    for (const user of ["ann", "bob"]) await world.accept(reaction(world, "added", user, "1"));
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1"]);
    await world.accept(reaction(world, "removed", "ann", "2"));
    await world.run();
    expect(reactionsIn(world)).toHaveLength(1);
    await world.accept(reaction(world, "removed", "bob", "2"));
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1", "unreact 👍 talk.b-1"]);
  });

  it("with another emoji is another", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.accept(reaction(world, "added", "ann", "2", { emoji: "🎉" }));
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1", "react 🎉 talk.b-1"]);
  });

  it("comes back when somebody reacts anew", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.accept(reaction(world, "removed", "ann", "2"));
    await world.accept(reaction(world, "added", "ann", "3"));
    await world.run();
    expect(reactionsIn(world).at(-1)).toBe("react 👍 talk.b-1");
  });
});

it("a reaction to a copy goes to the message that it is a copy of", async () => {
  const world = await relayed();
  const at = { account: B, message: messageId("talk.b-1") };
  await world.accept(reaction(world, "added", "bea", "1", at));
  await world.run();
  expect(reactionsIn(world, A)).toEqual(["react 👍 1"]);
  expect(reactionsIn(world, B)).toEqual([]);
});

describe("what comes twice or in the wrong order", () => {
  it("an event that comes twice is one reaction", async () => {
    const world = await relayed();
    for (let times = 0; times < 2; times += 1)
      await world.accept(reaction(world, "added", "ann", "1"));
    await world.run();
    expect(world.services[B]!.calls.filter(({ kind }) => kind === "react")).toHaveLength(1);
  });

  it("a removal before its reaction leaves none", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "removed", "ann", "2"));
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.run();
    expect(reactionsIn(world)).toEqual([]);
  });

  it("a reaction before its message waits for it", async () => {
    const world = await createWorld();
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.run(5_000);
    await world.accept(world.say(A, "1"));
    await world.run(5_000);
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1"]);
  });

  it("one at a message that nobody relayed is given up after a minute", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "added", "ann", "1", { message: messageId("0") }));
    await world.run(61_000);
    expect(world.relay.report().lanes.every(({ depth }) => depth === 0)).toBe(true);
    expect(reactionsIn(world)).toEqual([]);
  });
});

describe("a deletion that names a reaction alone", () => {
  const deletion = (world: World, id: string): Event => ({
    kind: "message.deleted",
    account: A,
    channel: channelId("id-town"),
    message: messageId(id),
    sentAt: world.now,
    position: position("99"),
  });

  it("takes it back", async () => {
    const world = await relayed();
    const given = { reaction: messageId("r1") };
    await world.accept(reaction(world, "added", "ann", "1", given));
    await world.run();
    await world.crash();
    await world.accept(deletion(world, "r1"));
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1", "unreact 👍 talk.b-1"]);
    // Nothing of it is left when the next one comes.
    await world.accept(reaction(world, "added", "bob", "1", { reaction: messageId("r2") }));
    await world.run();
    expect(reactionsIn(world)).toHaveLength(3);
  });

  it("that came first keeps it away", async () => {
    const world = await relayed();
    await world.accept(deletion(world, "r1"));
    await world.accept(reaction(world, "added", "ann", "1", { reaction: messageId("r1") }));
    await world.run(61_000);
    expect(reactionsIn(world)).toEqual([]);
  });
});

it("what a service refuses is counted and no dead letter, and holds up nothing", async () => {
  const world = await relayed();
  world.services[B]!.script.push(() => ({
    kind: "rejected",
    reason: "invalid_name",
    moot: true,
  }));
  await world.accept(reaction(world, "added", "ann", "1", { emoji: ":parrot:" }));
  await world.accept(world.say(A, "2"));
  await world.run();
  expect(world.services[B]!.posts.at(-1)).toBe("create <ann> text 2");
  expect(world.relay.report().deadLetters).toBe(0);
});

it("one whose author nobody can name holds up nothing, and goes by its author's id", async () => {
  let isAway = false;
  const world = await createWorld({
    settings: { IgnoreNicks: ["spammer"] },
    lookUp() {
      if (isAway) throw new CallFailed({ kind: "account", reason: "missing_scope", fix: "add it" });
    },
  });
  await world.accept(world.say(A, "1"));
  await world.run();
  isAway = true;
  await world.accept(reaction(world, "added", "spammer", "1"));
  await world.accept(reaction(world, "added", "ann", "2"));
  await world.accept(world.say(A, "2"));
  await world.run(10_000);
  expect(world.services[B]!.posts).toEqual([
    "create <ann> text 1",
    "react 👍 talk.b-1",
    "create <ann> text 2",
  ]);
});

it("a service without reactions costs no row", async () => {
  const world = await createWorld({ reacts: false });
  await world.accept(world.say(A, "1"));
  await world.run();
  await world.accept(reaction(world, "added", "ann", "1"));
  expect(world.relay.report().lanes.every(({ depth }) => depth === 0)).toBe(true);
  const unwanted = world.relay.report().series.find(({ name }) => name === "unwanted");
  expect(unwanted?.labels).toMatchObject({ reason: "not shown there" });
});

describe("history that shows who holds what", () => {
  const shows = (world: World, users: string[], more = false) => {
    world.services[A]!.history = () => ({
      events: [],
      reactions: {
        asOf: "5",
        messages: [
          {
            message: messageId("1"),
            sentAt: world.now,
            position: position("1"),
            held:
              users.length === 0 && !more ? [] : [{ emoji: "👍", users: users.map(userId), more }],
          },
        ],
      },
    });
  };

  it("brings a reaction that was missed, once", async () => {
    const world = await relayed();
    shows(world, ["ann"]);
    await world.crash();
    await world.run();
    await world.crash();
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1"]);
    // Its own event, late.
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.accept(reaction(world, "removed", "ann", "2"));
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1", "unreact 👍 talk.b-1"]);
  });

  it("brings a removal that was missed", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.run();
    shows(world, []);
    await world.crash();
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1", "unreact 👍 talk.b-1"]);
    shows(world, ["ann"]);
    await world.crash();
    await world.run();
    expect(reactionsIn(world).at(-1)).toBe("react 👍 talk.b-1");
  });

  it("says nothing of those whom it does not name", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "added", "ann", "1"));
    await world.run();
    shows(world, [], true);
    await world.crash();
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1"]);
  });

  it("says nothing of what is newer than it", async () => {
    const world = await relayed();
    await world.accept(reaction(world, "added", "ann", "7"));
    await world.run();
    shows(world, []);
    await world.crash();
    await world.run();
    expect(reactionsIn(world)).toEqual(["react 👍 talk.b-1"]);
  });

  it("brings none to a message that was never relayed", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "0"));
    await world.run();
    shows(world, ["ann"]);
    await world.crash();
    await world.run(61_000);
    expect(reactionsIn(world)).toEqual([]);
  });
});

it("whatever people do, whenever it breaks off, the last state is the right one", async () => {
  const step = fc.record({
    user: fc.constantFrom("ann", "bob", "cid"),
    added: fc.boolean(),
    copy: fc.boolean(),
    twice: fc.boolean(),
    next: fc.constantFrom("run", "crash", "uncertain before", "uncertain after", "nothing"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const world = await createWorld();
      await world.accept(world.say(A, "1"));
      await world.run();
      // What the model of the service keeps: one reaction or none.
      const there: Record<string, boolean> = { [A]: false, [B]: false };
      for (const account of [A, B]) {
        const { calls } = world.services[account]!;
        const push = calls.push.bind(calls);
        calls.push = (...given) => {
          const [call] = given;
          const fails = world.services[account]!.script.length > 0 && uncertain === "before";
          if (call?.["kind"] === "react" && !fails) there[account] = true;
          if (call?.["kind"] === "unreact" && !fails) there[account] = false;
          return push(...given);
        };
      }
      let uncertain: "before" | "after" = "after";
      const held = new Map([A, B].map((account) => [account, new Set<string>()]));
      let version = 10;
      for (const { user, added, copy, twice, next } of steps) {
        const at = copy ? B : A;
        // A person cannot do what is done.
        const users = held.get(at)!;
        if (users.has(user) === added) continue;
        if (added) users.add(user);
        else users.delete(user);
        version += 1;
        const over = copy ? { account: B, message: messageId("talk.b-1") } : {};
        const event = reaction(world, added ? "added" : "removed", user, `${version}`, over);
        if (next.startsWith("uncertain")) {
          uncertain = next === "uncertain before" ? "before" : "after";
          world.services[copy ? A : B]!.script.push(() => ({ kind: "uncertain", reason: next }));
        }
        await world.accept(event);
        if (twice) await world.accept(event);
        if (next === "run" || next.startsWith("uncertain")) await world.run(10_000);
        if (next === "crash") await world.crash();
      }
      await world.run(120_000);
      expect(there).toEqual({ [A]: held.get(B)!.size > 0, [B]: held.get(A)!.size > 0 });
    }),
    { numRuns: 60 },
  );
});
