import { describe, expect, it } from "vitest";

import { channelId, sourceKey, userId } from "../../src/core/ids.ts";
import { createLoops, type Heard, type Verdict } from "../../src/core/rules/loops.ts";
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

const stopped = (verdicts: readonly Verdict[]) =>
  verdicts.filter((verdict) => verdict !== undefined);

describe("another bridge's copy", () => {
  const judgeCopy = (text: string, more: Partial<Heard> = {}, said: Partial<Heard> = {}) => {
    const loops = createLoops();
    loops.judge(heard("1", { text: "hello everybody", ...said }), 0);
    return loops.judge(heard("2", { ...other, bot: true, text, ...more }), 1_000)?.kind;
  };

  it.each([
    "<Ann> hello everybody",
    "Ann: hello everybody",
    "Ann - hello everybody",
    "[slack] Ann: hello everybody",
    "Ann hello everybody",
    "A\u200bnn: hello everybody",
  ])("is not relayed on where a bot posts it: %s", (text) =>
    expect(judgeCopy(text)).toBe("repeats"),
  );

  it.each(["Ann", "[slack] <Ann>", "Ann (slack)"])(
    "is not relayed on where a bot posts it under the author's name: %s",
    (name) => expect(judgeCopy("hello everybody", { name })).toBe("repeats"),
  );

  it("is not relayed on where it is a file", () => {
    const file = { text: "", files: true };
    expect(judgeCopy("<Ann>", { files: true }, file)).toBe("repeats");
  });

  it("is one for two minutes: later, somebody quotes", () => {
    const loops = createLoops();
    loops.judge(heard("1", { text: "hello everybody" }), 0);
    const copy = heard("2", { ...other, bot: true, text: "<Ann> hello everybody" });
    expect(loops.judge(copy, 120_001)).toBeUndefined();
  });

  it.each([
    ["the same words by another bot", "hello everybody", "hello everybody"],
    ["a bot's answer in a sentence", "Correct, Ann, the answer is 42", "42"],
    ["a quotation in a sentence", "I say: hello everybody, as Ann did", "hello everybody"],
    ["an empty text", "Ann: ", ""],
  ])("is not %s", (_what, text, said) =>
    expect(judgeCopy(text, {}, { text: said })).toBeUndefined(),
  );

  it("is told once, with what to do", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "hello everybody"));
    await world.run();
    const relay = { author: { id: userId("relay"), bot: true as const } };
    for (const id of ["2", "3"])
      await world.accept(world.say(B, id, "<ann> hello everybody", relay));
    await world.run();
    expect(world.services[A]!.posts).toEqual([]);
    expect(world.log.filter((line) => line.includes("repeats"))).toHaveLength(1);
  });
});

describe("another bridge that looks like a person", () => {
  /** It repeats each of so many messages. */
  const repeatAll = (count: number) => {
    const loops = createLoops();
    const verdicts = Array.from({ length: count }, (_each, index) => {
      const now = index * 10_000;
      loops.judge(heard(`${index}`, { text: `what I say is ${index}` }), now);
      const text = `<Ann> what I say is ${index}`;
      return loops.judge(heard(`copy ${index}`, { ...other, text }), now + 1_000);
    });
    return { loops, verdicts };
  };

  it("is known after a few copies with nothing between them, and told of once", () => {
    const { verdicts } = repeatAll(20);
    expect(stopped(verdicts).length).toBeGreaterThanOrEqual(16);
    expect(stopped(verdicts).filter(({ begins }) => begins)).toHaveLength(1);
  });

  it("is heard with what it brings from elsewhere", () => {
    const { loops } = repeatAll(20);
    const news = heard("news", { ...other, text: "<Zed> Ann, I am new here" });
    expect(loops.judge(news, 200_000)).toBeUndefined();
  });

  it("is known at once where it copies what this bridge made of its copy", () => {
    const loops = createLoops();
    const own = ["Footbridge"];
    loops.judge(heard("1", { text: "hello everybody" }), 0);
    const copy = heard("2", { ...other, own, text: "<Ann> hello everybody" });
    expect(loops.judge(copy, 1_000)).toBeUndefined();
    const again = { author: "relay in A", name: "relay", own };
    const back = heard("3", { ...again, text: "<Footbridge> <Ann> hello everybody" });
    expect(loops.judge(back, 2_000)).toEqual({ kind: "repeats", begins: true });
  });

  it("comes to an end, too, where it copies one message for ever", () => {
    const loops = createLoops();
    loops.judge(heard("1", { text: "hello everybody" }), 0);
    const verdicts = Array.from({ length: 100 }, (_each, index) =>
      loops.judge(
        heard(`copy ${index}`, {
          ...other,
          text: `${"x: ".repeat(index % 20)}Ann: hello everybody`,
        }),
        1_000 + index * 1_000,
      ),
    );
    expect(stopped(verdicts).length).toBeGreaterThan(80);
  });
});

describe("a person's quotation is relayed", () => {
  const said = "shall we meet at five";
  const quotations = [
    `Ann: ${said}`,
    `<Ann> ${said}`,
    `[10:42] <Ann> ${said}`,
    `That is the place (as Ann wrote): ${said}`,
    `Ann ${said}`,
    `@Ann ${said}`,
    `[10:42] Footbridge: <Ann> ${said}`,
    said,
  ];
  const here = heard("1", { text: said });
  const bob = { author: "bob", name: "Bob", own: ["Footbridge"] };

  it.each(quotations)("in either channel: %s", (text) => {
    for (const channel of [here.channel, other.channel]) {
      const loops = createLoops();
      loops.judge(here, 0);
      expect(loops.judge(heard("2", { ...bob, channel, text }), 5_000)).toBeUndefined();
    }
  });

  it.each(quotations)("also where somebody in the other channel quotes the same: %s", (text) => {
    const loops = createLoops();
    loops.judge(here, 0);
    const { channel } = other;
    loops.judge(heard("2", { ...bob, channel, text: `Ann: ${said}` }), 5_000);
    const carl = { author: "carl", name: "Carl" };
    expect(loops.judge(heard("3", { ...carl, text }), 9_000)).toBeUndefined();
  });

  it("also where it quotes a quotation", () => {
    const loops = createLoops();
    loops.judge(here, 0);
    const { channel } = other;
    loops.judge(heard("2", { ...bob, channel, text: `Ann: ${said}` }), 5_000);
    const carl = { author: "carl", name: "Carl" };
    const nested = heard("3", { ...carl, text: `Bob: Ann: ${said}` });
    expect(loops.judge(nested, 9_000)).toBeUndefined();
  });
});

describe("50 messages in 10 s from people are relayed", () => {
  const bob = { ...other, author: "bob", name: "Bob" };
  const isAnn = (index: number): boolean => index % 2 === 0;
  const patterns: readonly [string, (index: number) => Partial<Heard>][] = [
    ["two in turns", (index) => (isAnn(index) ? {} : bob)],
    ["one who pastes lines", () => ({})],
    ["the same text by two", (index) => ({ ...(isAnn(index) ? {} : bob), text: "ok" })],
    [
      "the same text by two of one name",
      (index) => ({
        ...(isAnn(index) ? {} : { ...bob, name: "Ann" }),
        text: "hello everybody",
      }),
    ],
    [
      "one who quotes all that another says",
      (index) =>
        isAnn(index) ? { text: `line ${index}` } : { ...bob, text: `Ann: line ${index - 1}` },
    ],
    [
      "two who quote each other's quotations",
      (index) => {
        const names = Array.from({ length: index }, (_each, at) =>
          isAnn(index - at) ? "Bob" : "Ann",
        );
        return { ...(isAnn(index) ? {} : bob), text: [...names, "hello everybody"].join(": ") };
      },
    ],
    [
      "many at once",
      (index) => ({
        ...(isAnn(index) ? {} : bob),
        author: `p${index % 7}`,
        name: `p${index % 7}`,
      }),
    ],
  ];

  it.each(patterns)("%s", (_what, each) => {
    const loops = createLoops();
    const verdicts = Array.from({ length: 50 }, (_each, index) =>
      loops.judge(heard(`${index}`, each(index)), index * 200),
    );
    expect(stopped(verdicts)).toEqual([]);
  });

  it("and a bot that answers each", () => {
    const loops = createLoops();
    const verdicts = Array.from({ length: 50 }, (_each, index) => [
      loops.judge(heard(`${index}`, {}), index * 200),
      loops.judge(heard(`answer ${index}`, { ...other, bot: true }), index * 200 + 100),
    ]);
    expect(stopped(verdicts.flat())).toEqual([]);
  });
});

describe("a bot that answers a person", () => {
  it("is none for much that was said at once, and a question soon after it", () => {
    const loops = createLoops();
    const times = [...Array.from({ length: 50 }, (_each, nth) => 200 * nth), 20_000, 30_000];
    const verdicts = times.flatMap((at) => [
      loops.judge(heard(`${at}`, {}), at),
      loops.judge(heard(`answer ${at}`, { ...other, bot: true }), at + 100),
    ]);
    expect(stopped(verdicts)).toEqual([]);
  });
});

describe("two robots that answer each other", () => {
  const turns = (
    count: number,
    bots: boolean | "one",
    gapMs: number,
    { every, ms } = { every: Infinity, ms: 0 },
  ) => {
    const loops = createLoops();
    return Array.from({ length: count }, (_each, index) =>
      loops.judge(
        heard(
          `${index}`,
          index % 2 === 0 ? { bot: bots !== false } : { ...other, bot: bots === true },
        ),
        index * gapMs + ms * Math.floor(index / every),
      ),
    ).filter((verdict) => verdict !== undefined);
  };

  it("are stopped, and told of once for each", () => {
    const verdicts = turns(100, true, 500);
    // One of the two is enough to end it.
    expect(verdicts.length).toBeGreaterThan(35);
    expect(verdicts.filter(({ begins }) => begins).length).toBeLessThanOrEqual(2);
  });

  it("are stopped where nothing tells that they are robots, after half an hour", () => {
    // Ten minutes of one of them: by then no answer is left to be answered.
    expect(turns(1_800, false, 2_000)).toHaveLength(150);
  });

  it("are stopped then though the bridge between them pauses now and then", () => {
    expect(turns(2_000, false, 1_000, { every: 300, ms: 5_000 })).not.toEqual([]);
  });

  it("are no two people who are quick in three of four answers", () => {
    expect(turns(10_000, false, 1_000, { every: 4, ms: 5_000 })).toEqual([]);
  });

  it("are no two people who talk for ten minutes now and then", () => {
    expect(turns(10_000, false, 1_000, { every: 590, ms: 120_000 })).toEqual([]);
  });

  it("are no two people who had much to say at once, and now and then something after it", () => {
    const loops = createLoops();
    const verdicts = [
      ...Array.from({ length: 2_000 }, (_each, nth) => 400 * nth),
      ...Array.from({ length: 200 }, (_each, nth) => 800_000 + 25_000 * nth - 24_000 * (nth % 2)),
    ].map((at, nth) => loops.judge(heard(`${nth}`, nth % 2 === 0 ? {} : other), at));
    expect(stopped(verdicts)).toEqual([]);
  });

  it("are no two people of whom very much was said while the bridge was off", () => {
    expect(turns(4_000, false, 400)).toEqual([]);
  });

  it("are no two people who answer within seconds for an hour", () => {
    expect(turns(1_000, false, 3_500)).toEqual([]);
  });

  it.each([
    [true, 300],
    [false, 2_400],
  ])(
    "are stopped where each answers people, too, so that two chains go on (bots: %s)",
    (bot, rounds) => {
      const loops = createLoops();
      // What waits for an answer, by the side that has to give it.
      const waiting = [1, 1];
      let verdicts: Verdict[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const now = round * 1_000;
        if (round % 60 === 0) {
          loops.judge(heard(`person ${round}`, {}), now);
          for (const side of [0, 1]) waiting[side] = waiting[side]! + 1;
        }
        const turnOf = [
          { author: "p", bot },
          { ...other, author: "q", bot },
        ].map((who, side) =>
          Array.from({ length: waiting[side]! }, (_each, number) =>
            loops.judge(heard(`${round} ${side} ${number}`, who), now + 100 * side + number),
          ),
        );
        waiting[1] = turnOf[0]!.filter((verdict) => verdict === undefined).length;
        waiting[0] = turnOf[1]!.filter((verdict) => verdict === undefined).length;
        verdicts = [...verdicts, ...turnOf.flat()];
      }
      expect(waiting).toEqual([0, 0]);
      expect(stopped(verdicts).filter(({ begins }) => begins)).toHaveLength(1);
    },
  );

  it("are not two bots that people call all the time", () => {
    const loops = createLoops();
    const verdicts = Array.from({ length: 100 }, (_each, index) => {
      const now = index * 5_000;
      loops.judge(heard(`ask ${index}`, { author: `p${index % 3}` }), now);
      loops.judge(heard(`p ${index}`, { author: "p", bot: true }), now + 500);
      return loops.judge(heard(`q ${index}`, { ...other, author: "q", bot: true }), now + 900);
    });
    expect(stopped(verdicts)).toEqual([]);
  });

  it("are stopped, too, where they take their time", () => {
    expect(turns(100, true, 10_000).length).toBeGreaterThan(25);
  });

  it("are stopped where one of them looks like a person and takes its time", () => {
    expect(turns(1_000, "one", 5_000).length).toBeGreaterThan(150);
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
    expect(loops.judge(heard("now", { bot: true }), 10_000)?.kind).toBe("storm");
    expect(loops.judge(heard("later", { bot: true }), 700_000)).toBeUndefined();
  });
});

it("judges a message once, whatever comes between its destinations and attempts", () => {
  const loops = createLoops();
  const first = heard("1", { text: "hello everybody" });
  loops.judge(first, 0);
  loops.judge(heard("2", { ...other, text: "hello everybody" }), 10);
  expect(loops.judge(first, 20)).toBeUndefined();
});
