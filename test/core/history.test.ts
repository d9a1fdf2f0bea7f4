/** Gaps of many messages and of many channels, where outbound calls are counted. */
import { describe, expect, it } from "vitest";

import { CallFailed, type Outcome } from "../../src/core/ports.ts";
import { A, B, createWorld } from "./world.ts";

/** As a Worker gives its drains. */
const SHARE = 30;

const posts = (...ids: number[]) => ids.map((id) => `create <ann> text ${id}`);
const upTo = (last: number) =>
  Array.from({ length: last }, (_each, index) => `create <ann> text ${index + 1}`);

describe("the relay, where calls are counted", () => {
  it("reads a long gap in shares of calls, in front of what came live meanwhile", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    from.history = (_since, cursor = "2") => ({
      events: [world.say(A, cursor)],
      ...(cursor === "60" ? {} : { next: `${Number(cursor) + 1}` }),
    });
    await world.relay.gap(A, "app_rate_limited");
    await world.accept(world.say(A, "61"));
    const shares: number[] = [];
    while (from.pages < 59) {
      const before = from.pages;
      await world.relay.drain(SHARE);
      shares.push(from.pages - before);
    }
    await world.run();
    expect(Math.max(...shares)).toBeLessThanOrEqual(SHARE);
    expect(world.services[B]!.posts).toEqual(upTo(61));
  });

  it("is asked for again and again while messages wait for it", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let left = 3;
    from.history = () => {
      left -= 1;
      if (left >= 0) throw new CallFailed({ kind: "later", reason: "500" });
      return { events: [world.say(A, "2")] };
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.accept(world.say(A, "3"));
    await world.run(5_000);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });

  it("is asked for as soon as a limit is over, while messages still wait for it", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let isLimited = true;
    from.history = () => {
      if (!isLimited) return { events: [world.say(A, "2")] };
      isLimited = false;
      throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: 4_900 });
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.accept(world.say(A, "3"));
    await world.run(10_000);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });

  it("is asked for as soon as what is left of a limit is over, though that is next to nothing", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let asked = 0;
    from.history = () => {
      asked += 1;
      if (asked === 8) return { events: [world.say(A, "2")] };
      throw new CallFailed({ kind: "later", reason: "used up", retryAfterMs: 6 });
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.accept(world.say(A, "3"));
    await world.run(4_900);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });

  it("goes on behind a limit where it was: from its beginning it would come to the limit again", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let allowed = 0;
    from.history = (_since, cursor = "2") => {
      allowed -= 1;
      if (allowed < 0) {
        allowed = 20;
        throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: 30_000 });
      }
      return {
        events: [world.say(A, cursor)],
        ...(cursor === "60" ? {} : { next: `${Number(cursor) + 1}` }),
      };
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.run(5 * 60_000);
    expect(world.services[B]!.posts).toEqual(upTo(60));
  });

  it("goes on where it was after several limits and a failure", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    const failures = [
      ...Array.from({ length: 40 }, () => ({ reason: "429", retryAfterMs: 10_000 })),
      { reason: "500" },
    ];
    let listings = 0;
    from.history = (_since, cursor) => {
      if (cursor === undefined) {
        listings += 1;
        return { events: [world.say(A, "2")], next: "page 2" };
      }
      const failure = failures.shift();
      if (failure !== undefined) throw new CallFailed({ kind: "later", ...failure });
      return { events: [world.say(A, "3")] };
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.run(10 * 60_000);
    expect(world.services[B]!.posts).toEqual(upTo(3));
    expect(listings).toBe(1);
  });

  it("begins anew where a page fails and fails: its place may be what the service cannot read", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let listings = 0;
    from.history = (_since, cursor) => {
      if (cursor === undefined) {
        listings += 1;
        return { events: [world.say(A, "2")], next: `page 2 of ${listings}` };
      }
      if (cursor === "page 2 of 1") throw new CallFailed({ kind: "later", reason: "500" });
      return { events: [world.say(A, "3")] };
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.run(3 * 3_600_000);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });

  it("is asked for less and less often once nothing waits for it", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    from.history = () => {
      throw new CallFailed({ kind: "later", reason: "500" });
    };
    await world.relay.gap(A, "app_rate_limited");
    await world.run(5_000);
    const before = from.pages;
    await world.run(600_000);
    expect(from.pages - before).toBeLessThan(12);
  });

  it("reads to its new end a gap that becomes longer meanwhile", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    let last = 40;
    from.history = (_since, cursor = "2") => ({
      events: [world.say(A, cursor)],
      ...(Number(cursor) >= last ? {} : { next: `${Number(cursor) + 1}` }),
    });
    await world.relay.gap(A, "app_rate_limited");
    await world.relay.drain(SHARE);
    last = 50;
    await world.relay.gap(A, "app_rate_limited");
    await world.run();
    await world.accept(world.say(A, "51"));
    await world.run();
    expect(world.services[B]!.posts).toEqual(upTo(51));
  });
});

describe("a store that fails while history is read", () => {
  it("misses nothing of it after a restart either", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    await world.relay.webhook(A, [{ ...world.say(A, "3"), echo: {} }]);
    await world.run(61_000);
    const missed = world.say(A, "2");
    world.services[A]!.history = () => {
      throw new CallFailed({ kind: "later", reason: "503" });
    };
    world.full = true;
    await expect(world.accept(missed)).rejects.toThrow();
    await world.run(61_000);
    world.full = false;
    await world.run(61_000);
    world.services[A]!.history = (since) => ({ events: missed.position >= since ? [missed] : [] });
    await world.evict();
    await world.run(5_000);
    expect(world.services[B]!.posts).toHaveLength(2);
  });

  it.each(["webhook", "stream"])(
    "misses nothing of a %s that was said before a post of ours that was heard meanwhile",
    async (way) => {
      const world = await createWorld();
      await world.accept(world.say(A, "1"));
      await world.run();
      const missed = world.say(A, "2");
      const ours = { ...world.say(A, "3"), echo: {} };
      world.services[A]!.history = (since) => ({
        events: [missed, ours].filter(({ position }) => position >= since),
      });
      world.full = true;
      const live = { account: A, channel: missed.channel, items: [JSON.stringify([missed])] };
      const refused =
        way === "webhook" ? world.accept(missed) : world.relay.hand({ ...live, opened: false });
      const heard = world.relay.webhook(A, [ours]);
      await expect(refused).rejects.toThrow();
      await heard;
      if (way === "stream") await world.relay.hand({ ...live, items: [], opened: true });
      world.full = false;
      await world.run(2_000);
      await world.accept(world.say(A, "4"));
      await world.run();
      expect(world.services[B]!.posts).toEqual(
        ["1", "2", "4"].map((id) => `create <ann> text ${id}`),
      );
    },
  );

  it("gets what was read as soon as it works, and the service is not asked again", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    from.history = () => ({ events: [world.say(A, "2")] });
    world.full = true;
    await world.relay.gap(A, "app_rate_limited").catch(() => undefined);
    const before = from.pages;
    await world.run(300_000);
    world.full = false;
    await world.run(1_500);
    await world.accept(world.say(A, "3"));
    await world.run(100);
    expect(from.pages - before).toBeLessThanOrEqual(1);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });

  it("is waited for, so that what comes live then does not pass what was read", async () => {
    const world = await createWorld();
    const from = world.services[A]!;
    await world.accept(world.say(A, "1"));
    await world.run();
    from.history = () => ({ events: [world.say(A, "2")] });
    world.full = true;
    await world.relay.gap(A, "app_rate_limited").catch(() => undefined);
    await world.run(14_950);
    world.full = false;
    await world.accept(world.say(A, "3"));
    await world.run(3_000);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });
});

describe("a page of history of which one event cannot be stored", () => {
  it("holds up nothing else of its channel", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    const poison = world.say(A, "3", "x", {
      toJSON() {
        throw new Error("string or blob too big");
      },
    } as never);
    world.services[A]!.history = () => ({ events: [world.say(A, "2"), poison, world.say(A, "4")] });
    await world.relay.gap(A, "app_rate_limited");
    for (const id of ["5", "6"]) await world.accept(world.say(A, id));
    await world.run(20_000);
    expect(world.services[B]!.posts).toEqual(posts(1, 2, 4, 5, 6));
  });
});

describe("a gate", () => {
  /** The bridge comes back, history cannot be read at first, and somebody says something. */
  const comeBack = async (brokenMs: number) => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    const healsAt = world.now + brokenMs;
    world.services[A]!.history = () => {
      if (world.now < healsAt) throw new CallFailed({ kind: "later", reason: "503" });
      return { events: [world.say(A, "2")] };
    };
    await world.crash();
    await world.accept(world.say(A, "3"));
    return world;
  };

  it("holds what comes live until a history that failed at first is read", async () => {
    const world = await comeBack(3_000);
    await world.run(20_000);
    expect(world.services[B]!.posts).toEqual(upTo(3));
  });

  it("opens after five seconds, read or not, and what is read then comes late", async () => {
    const world = await comeBack(60_000);
    await world.run(4_900);
    expect(world.services[B]!.posts).toEqual(posts(1));
    await world.run(200);
    expect(world.services[B]!.posts).toEqual(posts(1, 3));
    await world.run(120_000);
    expect(world.services[B]!.posts).toEqual(posts(1, 3, 2));
  });

  it("opens as soon as history is read, and asks for no wake-up after that", async () => {
    const world = await comeBack(0);
    await world.run(1);
    expect(world.services[B]!.posts).toEqual(upTo(3));
    expect(world.relay.nextDue() - world.now).toBeGreaterThan(10_000);
  });

  it("keeps the order of what was on its way into the store when it closed", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    await Promise.all([
      world.accept(world.say(A, "2")),
      world.accept(world.say(A, "3")),
      world.relay.gap(A, "app_rate_limited"),
    ]);
    await world.accept(world.say(A, "4"));
    await world.run(20_000);
    expect(world.services[B]!.posts).toEqual(upTo(4));
  });
});

describe("the relay, after a crash", () => {
  it("goes on with what it was trying, though gates had sorted it in memory only", async () => {
    const world = await createWorld();
    const [from, to] = [world.services[A]!, world.services[B]!];
    const busy = (): Outcome => ({ kind: "later", reason: "429", retryAfterMs: 10_000 });
    await world.accept(world.say(A, "1"));
    await world.run();
    to.script.push(busy);
    for (const id of ["2", "4", "6", "8"]) await world.accept(world.say(A, id));
    await world.run();
    from.history = () => ({ events: [world.say(A, "3")] });
    await world.relay.gap(A, "told");
    await world.run();
    // 2 to 4 go; 6, which the gate has sorted, has to wait when the next gate finds 7.
    to.script.push(...[1, 2, 3].map(() => (): Outcome => ({ kind: "done" })), busy);
    await world.run(11_000);
    from.history = () => ({ events: [world.say(A, "7")] });
    await world.relay.gap(A, "told");
    await world.run();
    expect(to.posts).toEqual(posts(1, 2, 3, 4));
    await world.crash();
    await world.run(60_000);
    expect(to.posts).toEqual(posts(1, 2, 3, 4, 6, 7, 8));
  });
});

describe("the history of a channel", () => {
  it("is not relayed from before the channel was bridged, however far a page goes back", async () => {
    const world = await createWorld({ now: (clock) => String(clock).padStart(15, "0") });
    const said = (id: string, agoMs: number) => world.say(A, id, id, { sentAt: world.now - agoMs });
    await world.run(60_000);
    const events = [said("before", 120_000), said("since", 30_000)];
    world.services[A]!.history = () => ({ events });
    await world.relay.gap(A, "app_rate_limited");
    await world.run();
    await world.crash();
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> since"]);
  });
});

it("starts with 4,000 messages that wait, which would take half a minute for each of them with all others", async () => {
  const world = await createWorld();
  world.services[B]!.script.push(() => ({ kind: "account", reason: "revoked", fix: "x" }));
  for (let id = 1; id <= 4_000; id += 1) await world.accept(world.say(A, String(id)));
  await world.crash();
  expect(world.relay.report().lanes.find(({ depth }) => depth > 0)?.depth).toBe(4_000);
}, 20_000);
