/** Time in which nothing could be tried: it counts for nothing, and ends by itself. */
import { describe, expect, it } from "vitest";

import type { Event } from "../../src/core/event.ts";
import { CallFailed, type Outcome } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const HOUR_MS = 3_600_000;
const REVOKED: Outcome = { kind: "account", reason: "token_revoked", fix: "a new token" };
const KICKED: Outcome = { kind: "channel", reason: "not_in_channel", fix: "invite the bridge" };
const AWAY: Outcome = { kind: "later", reason: "503" };

/** Every call to B is refused until that is lifted. */
const refuse = (world: World, refusal: Outcome): { lift(): void } => {
  let isRefused = true;
  const answer = (): Outcome => (isRefused ? refusal : { kind: "done" });
  world.services[B]!.script.push(...Array.from({ length: 5_000 }, () => answer));
  return { lift: () => void (isRefused = false) };
};
const revoke = (world: World) => refuse(world, REVOKED);

const reactionTo = (world: World, id: string): Event => {
  const { content: _none, ...at } = world.say(A, id);
  return { ...at, kind: "reaction.added", emoji: "👍", version: "5" };
};
const editOf = (world: World, id: string): Event => ({
  ...world.say(A, id, "edited"),
  kind: "message.edited",
  version: "5",
});

describe("an account that cannot be signed in to", () => {
  it("is asked by its signing in alone, not by each lane with a row", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    const revoked = { kind: "account", reason: "token_revoked", fix: "a new token" } as const;
    let asked = 0;
    service.signsIn = () => {
      asked += 1;
      throw new CallFailed(revoked);
    };
    for (let n = 0; n < 50; n += 1) service.script.push(() => revoked);
    await world.crash();
    await world.run();
    await world.accept(world.say(A, "1"));
    await world.run(600_000);
    expect(service.calls).toEqual([]);
    expect(asked).toBe(21);
    service.signsIn = () => undefined;
    service.script.length = 0;
    await world.run(31_000);
    expect(service.posts).toHaveLength(1);
  });
});

describe("an account that works again", () => {
  it.each([
    ["a reaction", reactionTo],
    ["an edit", editOf],
  ])("goes on, though %s waits for its message in front of it", async (_what, eventOf) => {
    const world = await createWorld();
    const revoked = revoke(world);
    await world.accept(eventOf(world, "1"));
    await world.run(500);
    await world.accept(world.say(A, "1"));
    await world.run(10_000);
    revoked.lift();
    await world.accept(world.say(A, "2"));
    await world.run(5 * 60_000);
    expect(world.services[B]!.posts).toContain("create <ann> text 2");
  });

  it("is found out about by one call for all its lanes", async () => {
    const world = await createWorld({ channels: 3 });
    revoke(world);
    for (const town of ["", "1", "2"]) {
      const channel = { channel: `id-town${town}` as never };
      await world.accept(world.say(A, `1${town}`, "hello", channel));
    }
    await world.run(1_000);
    const { calls } = world.services[B]!;
    const before = calls.length;
    await world.run(29_500);
    expect(calls.length - before).toBe(1);
  });
});

describe("what is tried for 72 hours", () => {
  it.each([AWAY, { kind: "uncertain", reason: "502" } as const])(
    "is not given up for time in which the bridge was off: $kind",
    async (outcome) => {
      const world = await createWorld();
      const service = world.services[B]!;
      service.script.push(...Array.from({ length: 100 }, () => () => outcome));
      await world.accept(world.say(A, "1"));
      await world.run(60_000);
      world.now += 80 * HOUR_MS;
      service.script.splice(0, Infinity, () => outcome);
      await world.crash();
      await world.run(HOUR_MS);
      expect(service.posts).toHaveLength(1);
      expect(world.relay.report().counts["dead"]).toBeUndefined();
    },
  );

  it.each<[string, Outcome]>([
    ["its account was revoked", REVOKED],
    ["the bridge was put out of its channel", KICKED],
  ])("is not given up for time in which %s", async (_what, refusal) => {
    const world = await createWorld();
    const refused = refuse(world, refusal);
    await world.accept(world.say(A, "1"));
    await world.run(80 * HOUR_MS);
    refused.lift();
    world.services[B]!.script.splice(0, Infinity, () => AWAY);
    await world.run(HOUR_MS);
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("is given up in a bridge that slept between its tries", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    service.script.push(...Array.from({ length: 5_000 }, () => () => AWAY));
    await world.accept(world.say(A, "1"));
    for (let hour = 0; hour < 74; hour += 1) {
      await world.run(HOUR_MS);
      await world.evict();
    }
    expect(world.log).toContain("a message was given up");
  });

  it("is given up, too, when it is a look that is refused", async () => {
    const world = await createWorld();
    const service = world.services[B]!;
    await world.accept(world.say(A, "1"));
    await world.crash();
    service.keys.get = () => {
      throw new CallFailed({ kind: "rejected", reason: "conversations.history: whatever" });
    };
    await world.accept(world.say(A, "2"));
    await world.run(74 * HOUR_MS);
    expect(world.log).toContain("a message was given up");
  });

  it("is an edit's from the first time that its service was asked in vain", async () => {
    let doubt = false;
    const world = await createWorld({
      ownEdit() {
        if (doubt) throw new CallFailed({ kind: "later", reason: "503" });
        return true;
      },
    });
    await world.accept(world.say(A, "1"));
    await world.run();
    const revoked = revoke(world);
    await world.accept(world.say(A, "2"));
    await world.accept(editOf(world, "1"));
    await world.run(80 * HOUR_MS);
    revoked.lift();
    doubt = true;
    await world.run(301_000);
    doubt = false;
    await world.run(HOUR_MS);
    expect(world.services[B]!.posts.at(-1)).toBe("edit <ann> edited");
  });

  it("ends, whatever time the service asks to wait for", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ ...AWAY, retryAfterMs: 9_999_999_000 }));
    await world.accept(world.say(A, "1"));
    await world.run(25 * HOUR_MS);
    expect(world.services[B]!.posts).toHaveLength(1);
  });
});

it("what holds up an account, or a limit, says nothing of the file that a message carries", async () => {
  const world = await createWorld();
  const { script, tries } = world.services[B]!;
  const limited: Outcome = { kind: "later", reason: "429", retryAfterMs: 1_000 };
  for (const outcome of [REVOKED, limited, AWAY, AWAY]) script.push(() => outcome);
  await world.accept(world.say(A, "1"));
  await world.run(1_000);
  await world.crash();
  await world.run(HOUR_MS);
  expect(tries.at(-1)).toBe(2);
});
