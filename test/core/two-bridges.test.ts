/** Two whole Footbridges over the same pair of channels, each under an account of its own that the other takes for anybody. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import type { Attachment } from "../../src/core/event.ts";
import { userId } from "../../src/core/ids.ts";
import { A, B, createWorld, type World } from "./world.ts";

/** How a service shows what a bridge posts. */
interface Side {
  /** The name stands over the text, as on Slack; it stands in front of it unless told. */
  readonly named?: boolean;
  /** It tells that it is no person. */
  readonly bot?: boolean;
}

interface Layout {
  readonly a: Side;
  readonly b: Side;
  readonly format: string;
  /** What the two are called. */
  readonly names: readonly [string, string];
  /** Do the services tell them so? */
  readonly isTold: boolean;
}

const FILE: Attachment = { id: "F1", name: "plan.png", size: 5 };

/** What the two post is heard by the other one, as by everybody in the channel. */
async function together({ a, b, format, names, isTold }: Layout): Promise<{
  readonly worlds: readonly [World, World];
  /** What the bridges posted in a channel. */
  readonly posts: (account: typeof A) => readonly string[];
  /** Somebody says it in the channel, and all that comes of it is heard. */
  say(account: typeof A, text: string): Promise<void>;
}> {
  const start = (index: 0 | 1) =>
    createWorld({
      settings: { RemoteNickFormat: format },
      ...(isTold ? { me: names[index] } : {}),
    });
  const worlds = [await start(0), await start(1)] as const;
  const sides = { [A]: a, [B]: b };
  const heard = new Map<string, number>();
  let number = 0;
  const id = (): string => `${1_000 + (number += 1)}`;
  /** Whether there was anything. */
  const hear = async (index: 0 | 1, account: typeof A): Promise<boolean> => {
    const other = worlds[index === 0 ? 1 : 0];
    const calls = worlds[index].services[account]!.calls.filter(({ kind }) => kind === "create");
    const key = `${index} ${account}`;
    const fresh = calls.slice(heard.get(key) ?? 0);
    heard.set(key, calls.length);
    for (const call of fresh) {
      const { named = false, bot = false } = sides[account]!;
      const nick = String(call["nick"]);
      const text = String(call["text"]);
      const files = call["files"] === undefined ? {} : { files: [FILE] };
      const author = {
        id: userId(`bridge${index} in ${account}`),
        name: named ? nick.trim() : names[index],
        ...(bot ? { bot: true as const } : {}),
      };
      await other.accept(
        other.say(account, id(), "", {
          author,
          content: plain(named ? text.slice(nick.length) : text),
          ...files,
        }),
      );
    }
    return fresh.length > 0;
  };
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 100; round += 1) {
      for (const world of worlds) await world.run(1_000);
      let isQuiet = true;
      for (const index of [0, 1] as const)
        for (const account of [A, B]) if (await hear(index, account)) isQuiet = false;
      if (isQuiet) return;
    }
    throw new Error("they never come to an end");
  };
  return {
    worlds,
    posts: (account) => worlds.flatMap((world) => postsOf(world, account)),
    async say(account, text) {
      const message = id();
      const files = text === "" ? { files: [FILE] } : {};
      for (const world of worlds) await world.accept(world.say(account, message, text, files));
      await settle();
    },
  };
}

const postsOf = ({ services }: World, account: typeof A): readonly string[] =>
  services[account]!.posts.filter((post) => post.startsWith("create"));

/** How often: once for each of the two channels at most. */
const told = ({ log }: World): number =>
  log.filter((line) => line.includes("another bridge is in the same")).length;

const plainSide: Side = {};
const botSide: Side = { bot: true };
const slack: Side = { named: true, bot: true };

const LAYOUTS: readonly [string, Side, Side][] = [
  ["Slack and Gitter", slack, plainSide],
  ["Gitter and Slack", plainSide, slack],
  ["Slack and a Gitter that tells bots", slack, botSide],
  ["two Slacks", slack, slack],
  ["two Gitters", plainSide, plainSide],
  ["two Gitters that tell bots", botSide, botSide],
];
const FORMATS = [
  "[{PROTOCOL}] <{NICK}> ",
  "<{NICK}> ",
  "{NICK} ",
  "{NICK}: ",
  "{NICK} - ",
  "{NICK} via {PROTOCOL} ",
];
const TEXTS = ["ok", "hello everybody", ""];
const CALLED = [
  { names: ["bridge", "relay"], isTold: true },
  { names: ["Footbridge", "Footbridge"], isTold: true },
  { names: ["bridge", "relay"], isTold: false },
] as const;

describe.each(LAYOUTS)("two Footbridges over %s", (_name, a, b) => {
  const cases = FORMATS.flatMap((format) => TEXTS.map((text) => ({ format, text })));

  it.each(cases)(
    "$format: each makes one extra copy of $text at most, tells, and goes on with what people say",
    async ({ format, text }) => {
      for (const called of CALLED) {
        const { worlds, posts, say } = await together({ a, b, format, ...called });
        await say(A, text);
        for (const world of worlds) {
          expect(postsOf(world, B)).toHaveLength(1);
          expect(postsOf(world, A).length).toBeLessThanOrEqual(1);
          expect(told(world)).toBeGreaterThan(0);
        }

        const extra = posts(A);
        for (const more of ["2", "3"]) await say(A, `${text}${more}`);
        for (const world of worlds) expect(postsOf(world, B)).toHaveLength(3);
        expect(posts(A)).toEqual(extra);
        for (const world of worlds) expect(told(world)).toBeLessThanOrEqual(2);
      }
    },
  );
});
