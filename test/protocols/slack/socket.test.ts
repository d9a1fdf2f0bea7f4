import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { CallFailed } from "../../../src/core/ports.ts";
import { readFrame } from "../../../src/protocols/slack/frames.ts";
import { HELLO, said, settle, socketWorld, WARNING } from "./sockets.ts";

describe("a connection in Socket Mode", () => {
  it("asks for what was missed once Slack says hello, and not before", async () => {
    const world = socketWorld();
    await settle();
    expect([world.missed, world.states]).toEqual([[], []]);
    world.lines[0]!.say(HELLO);
    await settle();
    expect([world.missed, world.states]).toEqual([["opened"], ["open"]]);
    await world.stop();
  });

  it("acknowledges an envelope after its commit, not before", async () => {
    const commit = Promise.withResolvers<void>();
    const world = socketWorld({ store: () => commit.promise });
    await settle();
    world.lines[0]!.say(HELLO);
    world.lines[0]!.say(said("e1"));
    await settle();
    expect(world.lines[0]!.acked).toEqual([]);
    commit.resolve();
    await settle();
    expect([world.stored, world.lines[0]!.acked]).toEqual([["e1"], ["e1"]]);
    await world.stop();
  });

  it("ends when a commit fails, acknowledges nothing more, and asks for what was missed on a new one", async () => {
    const world = socketWorld({
      store: async (text) => {
        if (text === "e2") throw new Error("disk full");
      },
    });
    await settle();
    const [first] = world.lines;
    for (const frame of [HELLO, said("e1"), said("e2"), said("e3")]) first!.say(frame);
    await settle();
    expect([first!.acked, first!.closed, world.states]).toEqual([
      ["e1"],
      true,
      ["open", "closed: disk full"],
    ]);
    await world.wake();
    world.lines[1]!.say(HELLO);
    await settle();
    expect(world.missed).toEqual(["opened", "opened"]);
    await world.stop();
  });

  it.each(["warning", "refresh_requested"])(
    "is replaced before it ends when Slack says %s, without a look at history",
    async (reason) => {
      const world = socketWorld();
      await settle();
      const [first] = world.lines;
      first!.say(HELLO);
      first!.say({ type: "disconnect", reason });
      await settle();
      expect([world.lines.length, first!.closed]).toEqual([2, false]);
      world.lines[1]!.say(HELLO);
      await settle();
      first!.say(said("late"));
      world.lines[1]!.say(said("new"));
      await settle();
      expect([world.missed, first!.acked, world.lines[1]!.acked]).toEqual([
        ["opened"],
        ["late"],
        ["new"],
      ]);
      await world.stop();
    },
  );

  it("that was replaced is closed after half a minute", async () => {
    const world = socketWorld();
    await settle();
    world.lines[0]!.say(HELLO);
    world.lines[0]!.say(WARNING);
    await settle();
    world.lines[1]!.say(HELLO);
    await settle();
    expect([world.sleeping, world.lines[0]!.closed]).toEqual([[30_000], false]);
    await world.wake();
    expect([world.lines[0]!.closed, world.lines[1]!.closed]).toEqual([true, false]);
    await world.stop();
  });

  it("that ends before its replacement is there leaves a gap to be read", async () => {
    const world = socketWorld();
    await settle();
    world.lines[0]!.say(HELLO);
    world.lines[0]!.say(WARNING);
    await settle();
    world.lines[0]!.end();
    await settle();
    world.lines[1]!.say(HELLO);
    await settle();
    expect(world.missed).toEqual(["opened", "opened"]);
    await world.stop();
  });

  it("is never one of three", async () => {
    const world = socketWorld();
    await settle();
    for (let turn = 0; turn < 4; turn += 1) {
      world.lines[turn]!.say(HELLO);
      world.lines[turn]!.say(WARNING);
      await settle();
    }
    expect(world.lines.filter(({ closed }) => !closed).length).toBe(2);
    await world.stop();
  });

  it("opens again after an end, and waits longer with each one that did not last", async () => {
    const world = socketWorld();
    const waits: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      await settle();
      world.lines[turn]!.say(HELLO);
      await settle();
      world.lines[turn]!.end("read ECONNRESET");
      await settle();
      waits.push(...world.sleeping);
      await world.wake();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000]);
    await world.stop();
  });

  it("begins the backoff anew when it lasted", async () => {
    let refusals = 3;
    const world = socketWorld({
      connect: async () => {
        refusals -= 1;
        if (refusals >= 0) throw new Error("refused");
      },
    });
    await settle();
    for (let turn = 0; turn < 3; turn += 1) await world.wake();
    world.lines[0]!.say(HELLO);
    await settle();
    world.now += 5_000;
    world.lines[0]!.end();
    await settle();
    expect(world.sleeping).toEqual([1_000]);
    await world.stop();
  });

  it("waits as long as Slack asks for when it gives no address", async () => {
    const world = socketWorld({
      address: async (asked) => {
        if (asked > 1) return "wss://slack.example/";
        throw new CallFailed({ kind: "later", reason: "ratelimited", retryAfterMs: 47_000 });
      },
    });
    await settle();
    expect([world.sleeping, world.lines.length]).toEqual([[47_000], 0]);
    await world.wake();
    expect(world.lines.length).toBe(1);
    await world.stop();
  });

  it("says once what to do when the token is refused, and tries on slowly", async () => {
    const outcome = { kind: "account", reason: "invalid_auth", fix: "set X" } as const;
    const world = socketWorld({ address: () => Promise.reject(new CallFailed(outcome)) });
    await settle();
    const first = world.sleeping;
    await world.wake();
    expect([first, world.sleeping]).toEqual([[60_000], [60_000]]);
    expect(world.errors).toEqual(["Socket Mode refused: invalid_auth | set X"]);
    await world.stop();
  });

  it("says what to do when Socket Mode is switched off", async () => {
    const world = socketWorld();
    await settle();
    world.lines[0]!.say(HELLO);
    world.lines[0]!.say({ type: "disconnect", reason: "link_disabled" });
    await settle();
    expect(world.errors).toEqual([expect.stringContaining("link_disabled")]);
    expect(world.errors).toEqual([expect.stringContaining("switch it on at Slack")]);
    expect([world.lines[0]!.closed, world.sleeping]).toEqual([true, [60_000]]);
    await world.stop();
  });

  it("passes on that Slack held events back", async () => {
    const world = socketWorld();
    await settle();
    world.lines[0]!.say(HELLO);
    const payload = { type: "app_rate_limited", team_id: "T1" };
    world.lines[0]!.say({ type: "events_api", envelope_id: "e1", payload });
    await settle();
    expect(world.missed).toEqual(["opened", "gap: Slack held events back (app_rate_limited)"]);
    expect(world.lines[0]!.acked).toEqual(["e1"]);
    await world.stop();
  });

  it("acknowledges what an app with commands would get, and hands it nowhere", async () => {
    const world = socketWorld();
    await settle();
    world.lines[0]!.say(HELLO);
    world.lines[0]!.say({ ...said("e1"), type: "slash_commands" });
    await settle();
    expect([world.lines[0]!.acked, world.stored]).toEqual([["e1"], []]);
    await world.stop();
  });

  it("ends when it is told to stop", async () => {
    const world = socketWorld();
    await settle();
    world.lines[0]!.say(HELLO);
    await settle();
    await world.stop();
    expect(world.lines.every(({ closed }) => closed)).toBe(true);
  });
});

describe("whatever comes over connections", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("say" as const), line: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("warn" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), line: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("wake" as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("junk" as const), text: fc.string() }) },
  );

  it("acknowledges exactly what was stored, where it came from, and misses no gap", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 10 }),
        async (steps, failures) => {
          const fails = [...failures];
          const world = socketWorld({
            store: async () => {
              if (fails.shift() === true) throw new Error("disk full");
            },
          });
          const hello = async (): Promise<void> => {
            await settle();
            for (const line of world.lines) if (!greeted.has(line)) greet(line);
            await settle();
          };
          const greeted = new Set<object>();
          /** Whether any connection was open when this one began. */
          const alone: boolean[] = [];
          const greet = (line: (typeof world.lines)[number]): void => {
            alone.push(!world.lines.some((each) => greeted.has(each) && !each.closed));
            greeted.add(line);
            line.say(HELLO);
          };
          let id = 0;
          const sentTo = new Map<string, object>();
          await hello();
          for (const each of steps) {
            const open = world.lines.filter(({ closed }) => !closed);
            if (each.kind === "wake") await world.wake();
            else if (open.length > 0) {
              const line = open[("line" in each ? each.line : 0) % open.length]!;
              if (each.kind === "say") {
                id += 1;
                sentTo.set(`e${id}`, line);
                line.say(said(`e${id}`));
              } else if (each.kind === "warn") open.at(-1)!.say(WARNING);
              else if (each.kind === "cut") line.end("cut");
              else line.say(each.text);
            }
            await hello();
          }
          const acked = world.lines.flatMap((line) => line.acked);
          expect([...acked].sort()).toEqual([...world.stored].sort());
          for (const line of world.lines)
            expect(line.acked.every((each) => sentTo.get(each) === line)).toBe(true);
          expect(world.missed.length).toBe(alone.filter(Boolean).length);
          await world.stop();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("is read without an error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(["hello", "disconnect", "envelope", "other"]).toContain(readFrame(text).kind);
      }),
    );
  });
});
