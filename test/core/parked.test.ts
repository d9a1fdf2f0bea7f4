/** Edits that have to wait: for their message, or to be known as its author's. */
import { expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import type { MessageEdited } from "../../src/core/event.ts";
import { position } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { A, B, C, createWorld, type World } from "./world.ts";

const editOf = (world: World, id: string, version: string): MessageEdited => ({
  ...world.say(A, id),
  kind: "message.edited",
  content: plain(`version ${version}`),
  position: position(`${id.padStart(8, "0")}-${version}`),
  version,
});

it("two edits that came before their message are made in their order", async () => {
  const world = await createWorld();
  await world.accept(editOf(world, "9", "1"));
  await world.run(600);
  await world.accept(editOf(world, "9", "2"));
  await world.run(600);
  await world.accept(world.say(A, "9"));
  await world.run(10_000);
  expect(world.services[B]!.posts.slice(1)).toEqual([
    "edit <ann> version 1",
    "edit <ann> version 2",
  ]);
});

it("a reaction to a copy waits for its message where that waits still", async () => {
  const world = await createWorld({ accounts: [A, B, C] });
  const [a, , c] = [A, B, C].map((account) => world.services[account]!);
  await world.accept(world.say(A, "1"));
  await world.accept(world.say(B, "b1"));
  await world.run(61_000);
  let isOut = true;
  const kicked = () =>
    isOut
      ? ({ kind: "channel", reason: "kicked", fix: "invite" } as const)
      : ({ kind: "done" } as const);
  c!.script.push(...Array.from({ length: 100 }, () => kicked));
  await world.accept(world.say(A, "2"));
  await world.run(100);
  const copy = String([...world.services[B]!.keys.values()].at(-1));
  const { content: _none, ...at } = world.say(B, copy);
  await world.accept({ ...at, kind: "reaction.added", emoji: "👍", version: "5" });
  await world.run(120_000);
  // The history of A cannot be read, so that its messages are held while B's reaction is not.
  a!.history = () => {
    throw new CallFailed({ kind: "later", reason: "503" });
  };
  await world.crash();
  isOut = false;
  await world.run(60_000);
  expect(c!.posts.slice(-2)).toEqual(["create <ann> text 2", "react 👍 talk.c-3"]);
});

/** A message and its edit, of which nobody tells whose it is. */
async function worldWithDoubt() {
  const doubt = { is: true };
  const world = await createWorld({
    ownEdit() {
      if (doubt.is) throw new CallFailed({ kind: "later", reason: "503" });
      return true;
    },
  });
  await world.accept(world.say(A, "1"));
  await world.run();
  await world.accept(editOf(world, "1", "2"));
  return { world, doubt };
}

it("an edit that may be somebody else's holds nothing up and is made once that is known", async () => {
  const { world, doubt } = await worldWithDoubt();
  await world.accept(world.say(A, "2"));
  await world.run();
  expect(world.services[B]!.posts.at(-1)).toBe("create <ann> text 2");
  await world.run(3_600_000);
  doubt.is = false;
  await world.run(600_000);
  expect(world.services[B]!.posts.at(-1)).toBe("edit <ann> version 2");
});

it("an edit that may be somebody else's keeps the next one behind it", async () => {
  const { world, doubt } = await worldWithDoubt();
  await world.run(60_000);
  await world.accept(editOf(world, "1", "3"));
  await world.run(10);
  doubt.is = false;
  await world.run(600_000);
  expect(world.services[B]!.posts.slice(-2)).toEqual([
    "edit <ann> version 2",
    "edit <ann> version 3",
  ]);
});

it("an edit of which nobody tells for three days whose it is is a dead letter", async () => {
  const { world } = await worldWithDoubt();
  await world.run(73 * 3_600_000);
  const [letter] = await world.relay.letters.list({ text: false });
  expect(letter?.reason).toBe("503");
});
