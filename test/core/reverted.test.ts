/** Edits that are taken back: the text that counts then is shown again. */
import { expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import type { Current } from "../../src/core/event.ts";
import { userId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const author = { id: userId("ann") };
const now = (text: string, edited: boolean): Current => ({ author, content: plain(text), edited });
const edit = (world: World, text: string, version: string) =>
  world.accept({ ...world.say(A, "1", text), kind: "message.edited", version });
const takeBack = (world: World, version: string) => {
  const { content: _, ...at } = world.say(A, "1");
  return world.accept({ ...at, kind: "message.reverted", version });
};
/** A message that was delivered, edited, and its edit too. */
async function edited(settings = {}): Promise<World> {
  const world = await createWorld({ settings });
  await world.accept(world.say(A, "1", "first"));
  await world.run();
  await edit(world, "second", "e1");
  await world.run();
  return world;
}

it("shows again what the message said before", async () => {
  const world = await edited();
  world.services[A]!.current = () => now("first", false);
  await takeBack(world, "e1");
  await world.run();
  expect(world.services[B]!.posts).toEqual([
    "create <ann> first",
    "edit <ann> second",
    "edit <ann> first",
  ]);
});

it("has EditSuffix only where an earlier edit counts still", async () => {
  const world = await edited({ EditSuffix: " (edited)" });
  world.services[A]!.current = () => now("between", true);
  await takeBack(world, "e1");
  await world.run();
  world.services[A]!.current = () => now("first", false);
  await takeBack(world, "e2");
  await world.run();
  expect(world.services[B]!.posts.slice(2)).toEqual([
    "edit <ann> between (edited)",
    "edit <ann> first",
  ]);
});

it("is relayed once, and after the next edit shows that", async () => {
  const world = await edited();
  world.services[A]!.current = () => now("first", false);
  for (let times = 0; times < 2; times += 1) await takeBack(world, "e1");
  await edit(world, "third", "e3");
  await world.run();
  expect(world.services[B]!.posts.slice(2)).toEqual(["edit <ann> first", "edit <ann> third"]);
});

it("changes nothing where the message is gone, or edits are not relayed", async () => {
  const gone = await edited();
  await takeBack(gone, "e1");
  await gone.run();
  expect(gone.services[B]!.posts).toHaveLength(2);

  const disabled = await edited({ EditDisable: true });
  let asked = 0;
  disabled.services[A]!.current = () => {
    asked += 1;
    return now("first", false);
  };
  await takeBack(disabled, "e1");
  await disabled.run();
  expect([disabled.services[B]!.posts, asked]).toEqual([["create <ann> first"], 0]);
});

it("is not given up where its source does not answer at once", async () => {
  const world = await edited();
  let asked = 0;
  world.services[A]!.current = () => {
    asked += 1;
    return asked === 1 ? new Promise(() => undefined) : now("first", false);
  };
  await takeBack(world, "e1");
  await world.run(60_000);
  expect(world.services[B]!.posts.at(-1)).toBe("edit <ann> first");
});

it("does not keep a deletion behind it that came meanwhile", async () => {
  const world = await edited();
  world.services[A]!.current = () => {
    throw new CallFailed({ kind: "later", reason: "away" });
  };
  await takeBack(world, "e1");
  await world.run(60_000);
  const { content: _, ...at } = world.say(A, "1");
  await world.accept({ ...at, kind: "message.deleted" });
  await world.run(600_000);
  expect(world.services[B]!.calls.at(-1)).toMatchObject({ kind: "delete" });
});

it("holds its lane up only for a few tries where the source cannot be asked", async () => {
  const world = await edited();
  world.services[A]!.current = () => {
    throw new CallFailed({ kind: "later", reason: "away" });
  };
  await takeBack(world, "e1");
  await world.accept(world.say(A, "2", "behind it"));
  await world.run(60_000);
  expect(world.services[B]!.posts.at(-1)).toBe("create <ann> behind it");
});
