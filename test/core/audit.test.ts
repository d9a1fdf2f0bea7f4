/** The sweep that finds what a source never brought. */
import { describe, expect, it } from "vitest";

import { position } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { utcText } from "../../src/core/rules/late.ts";
import { A, B, createWorld } from "./world.ts";

const MINUTE = 60_000;

describe("the audit sweep", () => {
  /** One message came, another one only history knows. */
  const missedOne = async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(10 * MINUTE);
    const missed = world.say(A, "2");
    world.services[A]!.history = () => ({ events: [world.say(A, "1"), missed] });
    return { world, missed };
  };

  it("relays what the source never brought, marked with its time, and counts it", async () => {
    const { world, missed } = await missedOne();
    await world.run(6 * MINUTE);
    expect(world.services[B]!.posts).toEqual([
      "create <ann> text 1",
      `create <ann> [${utcText(missed.sentAt)}] text 2`,
    ]);
    expect(world.log.filter((line) => line.includes("a sweep of history"))).toHaveLength(1);
  });

  it("counts what its source missed", async () => {
    const { world } = await missedOne();
    await world.run(6 * MINUTE);
    expect(world.relay.report().counts["missed_by_source"]).toBe(1);
  });

  it("counts what one page brought though the next one cannot be read", async () => {
    const { world, missed } = await missedOne();
    const other = world.say(A, "3");
    let reads = 0;
    world.services[A]!.history = (_since, cursor) => {
      if (cursor === undefined) return { events: [missed], next: "2" };
      reads += 1;
      if (reads === 1) throw new CallFailed({ kind: "later", reason: "503" });
      return { events: [other] };
    };
    await world.run(30 * MINUTE);
    expect(world.services[B]!.posts).toHaveLength(3);
    expect(world.relay.report().counts["missed_by_source"]).toBe(2);
  });

  it("relays it once, however often it is found", async () => {
    const { world, missed } = await missedOne();
    await world.run(60 * MINUTE);
    await world.accept(missed);
    await world.run(MINUTE);
    expect(world.services[B]!.posts).toHaveLength(2);
  });

  it("leaves alone what may still be on its way", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(14 * MINUTE);
    const young = world.say(A, "2");
    world.services[A]!.history = () => ({ events: [young] });
    await world.run(MINUTE + 1_000);
    expect(world.services[B]!.posts).toHaveLength(1);
    await world.accept(young);
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1", "create <ann> text 2"]);
  });

  it("goes back to where the last one came, however long the bridge was away", async () => {
    const world = await createWorld({ now: (clock) => String(clock) });
    const at = (minutes: number) => ({ position: position(String(world.now + minutes * MINUTE)) });
    await world.accept(world.say(A, "1", "first", at(0)));
    await world.run(60 * MINUTE);
    // Its event is lost; later ones arrive, so that no gap is read for it.
    const missed = world.say(A, "2", "missed", at(0));
    await world.run(MINUTE);
    await world.accept(world.say(A, "3", "second", at(0)));
    await world.run();
    world.services[A]!.history = (since) => ({
      events: missed.position >= since ? [missed] : [],
    });
    world.now += 18 * 60 * MINUTE;
    await world.crash();
    await world.run(MINUTE);
    expect(world.services[B]!.posts).toContain(`create <ann> [${utcText(missed.sentAt)}] missed`);
  });

  it("comes though no life of the bridge is as long as a quarter of an hour", async () => {
    const { world, missed } = await missedOne();
    for (let minutes = 0; minutes < 6; minutes += 2) {
      await world.evict();
      await world.run(2 * MINUTE);
    }
    expect(world.services[B]!.posts).toContain(`create <ann> [${utcText(missed.sentAt)}] text 2`);
  });

  it("wakes one that sleeps when it is due, and not again for every life", async () => {
    const world = await createWorld();
    const began = world.now;
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(B, "1"));
    await world.run(MINUTE);
    await world.evict();
    await world.run();
    expect(world.relay.nextDue() - began).toBe(15 * MINUTE);
    await world.run(15 * MINUTE);
    const { pages } = world.services[A]!;
    for (let lives = 0; lives < 5; lives += 1) {
      await world.evict();
      await world.run(MINUTE);
    }
    expect(world.services[A]!.pages).toBe(pages);
  });

  it("tries a channel that it cannot read once a quarter of an hour, however short its lives are", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(B, "1"));
    await world.run(MINUTE);
    const tries: Record<string, number> = { [A]: 0, [B]: 0 };
    for (const account of [A, B])
      world.services[account]!.history = () => {
        tries[account] = tries[account]! + 1;
        if (account === B) return { events: [] };
        throw new CallFailed({ kind: "channel", reason: "not_in_channel", fix: "invite it" });
      };
    for (let lives = 0; lives < 60; lives += 1) {
      await world.evict();
      await world.run(MINUTE);
    }
    expect(tries).toEqual({ [A]: 4, [B]: 4 });
  });

  it("begins with another channel after one of them ended the life that swept it", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(B, "1"));
    await world.run(16 * MINUTE);
    const begun: string[] = [];
    for (const account of [A, B])
      world.services[account]!.history = () => {
        begun.push(account);
        if (account === A) throw new Error("this ends the life");
        return { events: [] };
      };
    world.now += 15 * MINUTE;
    for (let lives = 0; lives < 4; lives += 1) {
      await world.evict();
      await world.run(MINUTE);
    }
    expect(begun).toEqual([A, B]);
  });

  it("goes on where a busy service broke it off, so that a long one comes to its end", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(MINUTE);
    const read: number[] = [];
    world.services[A]!.history = (_since, cursor = "0") => {
      const page = Number(cursor);
      read.push(page);
      if (read.length % 4 === 0) throw new CallFailed({ kind: "later", reason: "429" });
      return { events: [], ...(page === 9 ? {} : { next: String(page + 1) }) };
    };
    await world.run(25 * MINUTE);
    expect(read).toEqual([0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 9, 9]);
  });

  it("begins anew in its turn where the same page fails twice", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(MINUTE);
    let reads = 0;
    world.services[A]!.history = () => {
      reads += 1;
      throw new CallFailed({ kind: "later", reason: "503" });
    };
    await world.run(60 * MINUTE);
    expect(reads).toBe(8);
  });

  it("waits for what one service asks for, and sweeps the others", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.accept(world.say(B, "1"));
    await world.run(MINUTE);
    const read: string[] = [];
    world.services[A]!.history = () => {
      read.push("A");
      throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: 120 * MINUTE });
    };
    world.services[B]!.history = () => {
      read.push("B");
      return { events: [] };
    };
    await world.run(60 * MINUTE);
    expect(read.filter((account) => account === "A")).toHaveLength(1);
    expect(read.filter((account) => account === "B")).toHaveLength(3);
  });

  it("waits for no longer than it was asked to, though the clock was ahead then", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(MINUTE);
    let reads = 0;
    world.services[A]!.history = () => {
      reads += 1;
      throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: 60_000 });
    };
    world.now += 7 * 24 * 60 * MINUTE;
    await world.run(MINUTE);
    world.now -= 7 * 24 * 60 * MINUTE;
    reads = 0;
    await world.run(40 * MINUTE);
    expect(reads).toBeGreaterThan(0);
  });

  it("leaves what comes before its first page to be read after a crash", async () => {
    const world = await createWorld({ now: (clock) => String(clock) });
    const said = (id: string) =>
      world.say(A, id, `text ${id}`, { position: position(String(world.now)) });
    await world.accept(said("1"));
    await world.run(2 * MINUTE);
    const older = said("2");
    await world.run(MINUTE);
    const newer = said("3");
    // The newest first, as Slack gives it; the second page cannot be read.
    world.services[A]!.history = (_since, cursor) => {
      if (cursor !== undefined) throw new CallFailed({ kind: "later", reason: "503" });
      return { events: [newer], next: "2" };
    };
    await world.run(13 * MINUTE);
    world.services[A]!.history = (since) => ({
      events: [older, newer].filter((event) => event.position >= since),
    });
    await world.crash();
    await world.run(1_000);
    expect(world.services[B]!.posts).toHaveLength(3);
  });

  it("waits for a source that is away: its history is read in order once it is back", async () => {
    const world = await createWorld({
      source: {
        kind: "channel",
        run: async (_channel, { state, stopped }) => {
          state("closed", "503");
          await new Promise(() => stopped());
        },
      },
    });
    await world.accept(world.say(A, "1"));
    await world.run();
    for (const source of world.relay.sources())
      void source.run({
        open: () => Promise.reject(new Error("nothing is opened here")),
        hand: async () => undefined,
        log: { debug() {}, info() {}, warn() {}, error() {} },
        stopped: () => false,
        sleep: async () => undefined,
        random: () => 0.5,
        clock: () => world.now,
        pollGapMs: 0,
        state: () => undefined,
      });
    const before = world.services[A]!.pages;
    await world.run(50 * MINUTE);
    expect(world.services[A]!.pages).toBe(before);
    // Nor does a clock that goes back make it seem away for longer or shorter than it is.
    world.now -= 5 * 60 * MINUTE;
    await world.run(5 * MINUTE);
    expect(world.services[A]!.pages).toBe(before);
    // One that stays away may never come back.
    await world.run(30 * MINUTE);
    expect(world.services[A]!.pages).toBeGreaterThan(before);
  });

  it("is not put off by what a clock that was ahead has written", async () => {
    const { world, missed } = await missedOne();
    world.now += 7 * 24 * 60 * MINUTE;
    world.services[A]!.history = () => ({ events: [world.say(A, "1")] });
    await world.run(30 * MINUTE);
    world.now -= 7 * 24 * 60 * MINUTE;
    world.services[A]!.history = () => ({ events: [world.say(A, "1"), missed] });
    await world.crash();
    await world.run(2 * MINUTE);
    expect(world.services[B]!.posts).toContain(`create <ann> [${utcText(missed.sentAt)}] text 2`);
  });

  it("reads page by page, so that deliveries have their turn", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run(13 * MINUTE);
    const pages = ["2", "3", "4"].map((id) => world.say(A, id));
    await world.run(2 * MINUTE - 1_000);
    world.services[A]!.history = (_since, cursor = "0") => ({
      events: [pages[Number(cursor)]!],
      ...(cursor === "2" ? {} : { next: String(Number(cursor) + 1) }),
    });
    world.now += 1_000;
    const before = world.services[A]!.pages;
    await world.relay.drain(1);
    expect(world.services[A]!.pages - before).toBe(1);
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(4);
  });

  it("takes channels in turn, each about every quarter of an hour", async () => {
    const world = await createWorld({ channels: 3 });
    for (const account of [A, B]) {
      const channels = ["id-town", "id-town1", "id-town2"];
      for (const channel of channels)
        await world.accept(world.say(account, channel, "hi", { channel: channel as never }));
    }
    await world.run(MINUTE);
    const before = world.services[A]!.pages + world.services[B]!.pages;
    await world.run(45 * MINUTE);
    // A minute apart: six in each of two quarters, and two in the first minutes of the third.
    expect(world.services[A]!.pages + world.services[B]!.pages - before).toBe(6 + 6 + 2);
  });
});
