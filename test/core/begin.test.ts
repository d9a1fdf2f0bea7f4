/** Where a channel begins that is new to the bridge. */
import { describe, expect, it } from "vitest";

import { channelId, sourceKey } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { every, HOUR, MINUTE, now, relayed, saidAt, SECOND, talk } from "./talk.ts";
import { A, B, createWorld, type World } from "./world.ts";

/** What happens once, between the commits that make a channel of A known; whether it did. */
function whenFound(world: World, happens: () => Promise<void>): () => boolean {
  let isOver = false;
  world.slow = async () => {
    if (isOver || !world.log.includes('found "town" in talk.a')) return;
    isOver = true;
    await happens();
  };
  return () => isOver;
}

const opened = (world: World): Promise<void> =>
  world.relay.hand({ account: A, channel: channelId("id-town"), opened: true, items: [] });

describe("a channel that is new to the bridge", () => {
  it("begins with the bridge, however long it takes to be found", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    const from = world.now;
    talk(world, every(10 * SECOND, from - MINUTE, 18));
    await world.run(2 * MINUTE);
    isAway = false;
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual(every(10 * SECOND, 0, 12));
  });

  it("begins when it lets the bridge in: what was said there before is not for others", async () => {
    let isClosed = true;
    const world = await createWorld({ now, unresolved: () => isClosed });
    const from = world.now;
    talk(world, every(10 * SECOND, from, 30));
    await world.run(2 * MINUTE);
    isClosed = false;
    await world.run(2 * MINUTE);
    await world.crash();
    await world.run(MINUTE);
    // It is looked for once a minute.
    expect(relayed(world, from)).toEqual(every(10 * SECOND, 3 * MINUTE, 7));
  });

  it("has its beginning as soon as it is found, so that a crash before its source opens loses nothing", async () => {
    const world = await createWorld({ now, source: { kind: "channel", run: async () => {} } });
    const begun = String(world.now);
    await world.run(MINUTE);
    const { began, checkpoints } = await world.open();
    expect([...began]).toEqual([
      ["talk.a/id-town", begun],
      ["talk.b/id-town", begun],
    ]);
    expect([...checkpoints]).toEqual([...began]);
  });

  it("is swept from its beginning on where a short life ended before its history was read", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    const from = world.now;
    const said = [MINUTE, 28 * MINUTE];
    world.services[A]!.history = () => {
      throw new CallFailed({ kind: "later", reason: "429", retryAfterMs: MINUTE });
    };
    await world.run(30 * MINUTE);
    isAway = false;
    await world.run(3 * MINUTE);
    talk(
      world,
      said.map((at) => from + at),
    );
    for (let lives = 0; lives < 20; lives += 1) {
      await world.evict();
      await world.run(5 * MINUTE);
    }
    expect(relayed(world, from)).toEqual(said);
  });

  it("keeps its order where something is heard while it is being found", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: (account) => isAway && account === A });
    const from = world.now;
    talk(world, [from + 3 * SECOND]);
    await world.run(8 * SECOND);
    await world.accept(saidAt(world, world.now));
    whenFound(world, () => world.accept(saidAt(world, from + 9 * SECOND)));
    isAway = false;
    await world.run(2 * MINUTE);
    expect(relayed(world, from)).toEqual([3 * SECOND, 8 * SECOND, 9 * SECOND]);
  });

  it("begins an hour before it is found at most, as the clock may have been far behind at the start", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    await world.run(20 * SECOND);
    world.now += 30 * 24 * HOUR;
    const set = world.now;
    talk(world, every(40 * MINUTE, set - 20 * HOUR, 31));
    isAway = false;
    await world.run(10 * MINUTE);
    expect(relayed(world, set)).toEqual([-40 * MINUTE, 0]);
  });

  it("begins no later than now, also where the clock was ahead at the start", async () => {
    let isAway = true;
    const world = await createWorld({ now, away: () => isAway });
    await world.run(20 * SECOND);
    world.now -= 10 * MINUTE;
    await world.run(20 * SECOND);
    isAway = false;
    await world.run(2 * MINUTE);
    const from = world.now;
    talk(world, [from + 10 * SECOND]);
    await world.run(20 * SECOND);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual([10 * SECOND]);
  });

  it("begins with the next start where an earlier program knew it and gave it no beginning", async () => {
    const world = await createWorld({ now });
    for (const kind of ["began", "checkpoint", "swept"] as const) await world.forget(kind);
    await world.crash();
    await world.run(MINUTE);
    const from = world.now;
    talk(world, [from + SECOND]);
    await world.run(5 * SECOND);
    await world.crash();
    await world.run(MINUTE);
    expect(relayed(world, from)).toEqual([SECOND]);
  });

  it("is not written to before the bridge knows itself: it would take its own posts for others'", async () => {
    const world = await createWorld();
    for (const kind of ["identity", "channel", "began", "checkpoint", "swept"] as const)
      await world.forget(kind);
    world.services[B]!.signsIn = () => {
      throw new CallFailed({ kind: "later", reason: "503" });
    };
    await world.crash();
    await world.accept(world.say(A, "1"));
    await world.run(3 * MINUTE);
    expect(world.services[B]!.posts).toEqual([]);
    world.services[B]!.signsIn = () => undefined;
    await world.run(3 * MINUTE);
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1"]);
  });

  it("is read and swept on where a second name for it is found later", async () => {
    let isAway = true;
    const world = await createWorld({
      now,
      channels: 2,
      source: { kind: "channel", run: async () => {} },
      idOf: (name) => {
        if (isAway && name === "town1") throw new CallFailed({ kind: "later", reason: "503" });
        return "id-town";
      },
    });
    await opened(world);
    await world.run(MINUTE);
    isAway = false;
    await world.run(5 * MINUTE);
    const { pages } = world.services[A]!;
    await world.run(50 * MINUTE);
    expect(world.services[A]!.pages).toBeGreaterThanOrEqual(pages + 3);
  });

  it("is swept on where a poll opened it, and all of it was read, while it was being found", async () => {
    let isAway = true;
    const world = await createWorld({
      now,
      away: (account) => isAway && account === A,
      source: { kind: "account", run: async () => {} },
    });
    await world.run(8 * SECOND);
    await world.accept(saidAt(world, world.now));
    const isOpened = whenFound(world, async () => {
      await opened(world);
      await world.relay.drain(Infinity);
    });
    isAway = false;
    await world.run(5 * MINUTE);
    expect(isOpened()).toBe(true);
    const { pages } = world.services[A]!;
    await world.run(50 * MINUTE);
    expect(world.services[A]!.pages).toBeGreaterThanOrEqual(pages + 3);
  });

  it("begins by the clock as it is when it is found, which may go back meanwhile", async () => {
    let isAway = true;
    const world = await createWorld({
      now,
      away: () => isAway,
      idOf: () => {
        if (world.now > start + HOUR) world.now -= 2 * HOUR;
        return "id-town";
      },
    });
    const start = world.now;
    world.now += 3 * HOUR;
    isAway = false;
    await world.run(5 * MINUTE);
    const { began } = await world.open();
    const at = Number(began.get(sourceKey({ account: A, channel: channelId("id-town") })));
    expect(at).toBeLessThanOrEqual(start + HOUR);
  });

  it("keeps its order where a poll opens it while it is being found", async () => {
    let isAway = true;
    const world = await createWorld({
      now,
      away: (account) => isAway && account === A,
      source: { kind: "account", run: async () => {} },
    });
    const from = world.now;
    talk(world, [from + 3 * SECOND]);
    await world.run(8 * SECOND);
    await world.accept(saidAt(world, world.now));
    whenFound(world, () => opened(world));
    isAway = false;
    await world.run(2 * MINUTE);
    expect(relayed(world, from)).toEqual([3 * SECOND, 8 * SECOND]);
  });
});
