/** Two whole Footbridges over the same pair of channels, each under an account of its own that the other takes for anybody. */
import { expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import { userId } from "../../src/core/ids.ts";
import { A, B, createWorld, type World } from "./world.ts";

/** What the two post is heard by the other one, as by everybody in the channel. */
async function together(): Promise<{
  readonly worlds: readonly [World, World];
  /** What stands in both channels by the bridges. */
  readonly copies: () => readonly string[];
  /** Until nobody has anything to say any more. */
  settle(): Promise<void>;
}> {
  const worlds = [await createWorld(), await createWorld()] as const;
  const heard = new Map<string, number>();
  const copies = (): string[] =>
    worlds.flatMap(({ services }, index) =>
      [A, B].flatMap((account) =>
        services[account]!.posts.map((post) => `${index} ${account} ${post}`),
      ),
    );
  let number = 0;
  return {
    worlds,
    copies,
    async settle() {
      for (let turn = 0; turn < 200; turn += 1) {
        let isQuiet = true;
        for (const [index, world] of worlds.entries())
          for (const account of [A, B]) {
            const other = worlds[1 - index]!;
            const { posts } = world.services[account]!;
            const key = `${index} ${account}`;
            for (const post of posts.slice(heard.get(key) ?? 0)) {
              isQuiet = false;
              number += 1;
              const text = post.replace(/^create /u, "");
              await other.accept({
                ...other.say(account, `${1_000 + number}`),
                author: { id: userId(`bridge${index}`) },
                content: plain(text),
              });
            }
            heard.set(key, posts.length);
          }
        for (const world of worlds) await world.run(1_000);
        if (isQuiet) return;
      }
      throw new Error("they never come to an end");
    },
  };
}

it("makes one extra copy of a message at most, then tells what is wrong and goes on with what people say", async () => {
  const { worlds, copies, settle } = await together();
  for (const id of ["1", "2", "3"]) {
    for (const world of worlds) await world.accept(world.say(A, id, `hello everybody ${id}`));
    await settle();
  }
  // Each relays what people say; neither repeats what the other has relayed.
  expect(copies().filter((copy) => copy.includes(`${B} create`))).toHaveLength(6);
  expect(copies().filter((copy) => copy.includes(`${A} create`))).toEqual([]);
  for (const world of worlds)
    expect(world.log.filter((line) => line.includes("another bridge is in the same"))).toHaveLength(
      1,
    );
});
