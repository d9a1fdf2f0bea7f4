import { describe, expect, it } from "vitest";

import { channelId, sourceKey, userId } from "../../src/core/ids.ts";
import { createLoops, type Heard } from "../../src/core/rules/loops.ts";
import { A, B, createWorld } from "./world.ts";

const heard = (entry: string, more: Partial<Heard>): Heard => ({
  entry,
  gateway: "main",
  channel: sourceKey({ account: A, channel: channelId("town") }),
  author: "ann",
  bot: false,
  name: "Ann",
  text: entry,
  ...more,
});
const other = {
  channel: sourceKey({ account: B, channel: channelId("town") }),
  author: "relay",
  name: "relay",
};

describe("another bridge's copy", () => {
  const judgeCopy = (text: string, more: Partial<Heard> = {}, said = "hello everybody") => {
    const loops = createLoops();
    loops.judge(heard("1", { text: said }), 0);
    return loops.judge(heard("2", { ...other, text, ...more }), 1_000)?.kind;
  };

  it.each([
    "<Ann> hello everybody",
    "Ann: hello everybody",
    "[slack] Ann: hello everybody",
    "Ann hello everybody",
  ])("is not relayed on: %s", (text) => expect(judgeCopy(text)).toBe("repeats"));

  it("is not relayed on where a bot posts it under the author's own name", () => {
    expect(judgeCopy("hello everybody", { bot: true, name: "Ann" })).toBe("repeats");
  });

  it("is one for two minutes: later, somebody quotes", () => {
    const loops = createLoops();
    loops.judge(heard("1", { text: "hello everybody" }), 0);
    const copy = heard("2", { ...other, text: "<Ann> hello everybody" });
    expect(loops.judge(copy, 120_001)).toBeUndefined();
  });

  it.each([
    ["the same words by somebody else", "hello everybody", "hello everybody"],
    ["an answer that names whom it answers", "@Ann hello everybody", "hello everybody"],
    ["a short word behind a name", "Ann: ok", "ok"],
    ["a greeting", "Ann hi", "hi"],
    ["a quotation in a sentence", "I say: hello everybody, as Ann did", "hello everybody"],
    ["an empty text", "Ann: ", ""],
  ])("is not %s", (_what, text, said) => expect(judgeCopy(text, {}, said)).toBeUndefined());

  it("is told once, with what to do", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "hello everybody"));
    await world.run();
    const relay = { author: { id: userId("relay") } };
    for (const id of ["2", "3"])
      await world.accept(world.say(B, id, "<ann> hello everybody", relay));
    await world.run();
    expect(world.services[A]!.posts).toEqual([]);
    expect(world.log.filter((line) => line.includes("repeats"))).toHaveLength(1);
  });
});

describe("two robots that answer each other", () => {
  const turns = (count: number, bots: boolean | "one", gapMs: number) => {
    const loops = createLoops();
    return Array.from({ length: count }, (_each, index) =>
      loops.judge(
        heard(
          `${index}`,
          index % 2 === 0 ? { bot: bots !== false } : { ...other, bot: bots === true },
        ),
        index * gapMs,
      ),
    ).filter((verdict) => verdict !== undefined);
  };

  it("are stopped, and told of once for each", () => {
    const stopped = turns(100, true, 500);
    // One of the two is enough to end it.
    expect(stopped.length).toBeGreaterThan(35);
    expect(stopped.filter(({ begins }) => begins).length).toBeLessThanOrEqual(2);
  });

  it("are no two people, however fast: 50 messages in 10 s", () => {
    expect(turns(50, false, 200)).toEqual([]);
  });

  it("are stopped, too, where they take their time", () => {
    expect(turns(100, true, 10_000).length).toBeGreaterThan(25);
  });

  it("are not a bot and somebody who takes their time", () => {
    expect(turns(100, "one", 2_500)).toEqual([]);
  });

  it("are not two that tell something twice an hour", () => {
    expect(turns(100, true, 1_800_000)).toEqual([]);
  });

  it("are not a bot that many people talk to", () => {
    const loops = createLoops();
    const verdicts = Array.from({ length: 100 }, (_each, index) => {
      const person = heard(`${index}`, { author: `p${index % 3}`, name: `p${index % 3}` });
      const bot = heard(`${index}`, { ...other, bot: true });
      return loops.judge(index % 2 === 0 ? person : bot, index * 300);
    });
    expect(verdicts.filter((verdict) => verdict !== undefined)).toEqual([]);
  });

  it("are heard again after a while", () => {
    const loops = createLoops();
    for (let index = 0; index < 40; index += 1)
      loops.judge(
        heard(`${index}`, index % 2 === 0 ? { bot: true } : { ...other, bot: true }),
        index * 100,
      );
    expect(loops.judge(heard("now", { ...other, bot: true }), 10_000)?.kind).toBe("storm");
    expect(loops.judge(heard("later", { ...other, bot: true }), 700_000)).toBeUndefined();
  });
});

it("judges a message once, whatever comes between its destinations and attempts", () => {
  const loops = createLoops();
  const first = heard("1", { text: "hello everybody" });
  loops.judge(first, 0);
  loops.judge(heard("2", { ...other, text: "hello everybody" }), 10);
  expect(loops.judge(first, 20)).toBeUndefined();
});
