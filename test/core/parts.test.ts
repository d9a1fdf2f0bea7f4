/** Edits of messages that are several posts at their destination: the number of posts follows what is said. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import type { MessageEdited } from "../../src/core/event.ts";
import { channelId, messageId, position } from "../../src/core/ids.ts";
import { CallFailed, type Outcome } from "../../src/core/ports.ts";
import { A, B, createWorld, type World } from "./world.ts";

const editOf = (world: World, id: string, version: string): MessageEdited => ({
  ...world.say(A, id),
  kind: "message.edited",
  content: plain(`new ${version}`),
  position: position(`${id.padStart(8, "0")}-${version}`),
  version,
});
/** What was called, without what does not matter here. */
const called = (world: World) =>
  world.services[B]!.calls.map(
    ({ kind, part, target }) => `${kind as string} ${String(target ?? part)}`,
  );

async function said(parts: number, extra = {}): Promise<World> {
  const world = await createWorld();
  world.services[B]!.partsOf = () => parts;
  await world.accept(world.say(A, "1", "text", extra));
  await world.run();
  world.services[B]!.calls.length = 0;
  return world;
}
async function edited(world: World, parts: number, version: string): Promise<void> {
  world.services[B]!.partsOf = () => parts;
  world.services[B]!.calls.length = 0;
  await world.accept(editOf(world, "1", version));
  await world.run();
}

it("adds posts in order, and the next edit finds them", async () => {
  const world = await said(1);
  await edited(world, 3, "2");
  expect(called(world)).toEqual(["edit 0", "create 1", "create 2"]);
  await edited(world, 3, "3");
  expect(called(world)).toEqual(["edit 0", "edit 1", "edit 2"]);
});

it("takes posts away, and the next edit asks nothing of them", async () => {
  const world = await said(3);
  await edited(world, 1, "2");
  expect(called(world)).toEqual(["edit 0", `remove ${B}-2`, `remove ${B}-3`]);
  await edited(world, 2, "3");
  expect(called(world)).toEqual(["edit 0", "create 1"]);
  expect(world.services[B]!.calls[0]).toMatchObject({ targets: [`${B}-1`] });
});

it("takes away once more what a crash may have left", async () => {
  const world = await said(3);
  world.services[B]!.partsOf = () => 1;
  world.services[B]!.script.push(
    () => ({ kind: "done" }),
    () => new Promise(() => undefined),
  );
  await world.accept(editOf(world, "1", "2"));
  void world.run();
  await new Promise((resolve) => setImmediate(resolve));
  expect(called(world)).toEqual(["edit 0", `remove ${B}-2`]);
  world.services[B]!.calls.length = 0;
  await world.crash();
  await world.run(10_000);
  expect(called(world)).toEqual(["edit 0", `remove ${B}-2`, `remove ${B}-3`]);
});

it("puts added posts into the thread of the message, also after a crash", async () => {
  const world = await createWorld();
  await world.accept(world.say(A, "0", "root"));
  await world.accept(world.say(A, "1", "text", { thread: messageId("0") }));
  await world.run();
  await world.crash();
  await world.run(10_000);
  await edited(world, 2, "2");
  expect(world.services[B]!.calls[1]).toMatchObject({ kind: "create", thread: `${B}-1` });
});

it("does not add a post twice where a crash hid that it was made", async () => {
  const world = await said(1);
  const service = world.services[B]!;
  service.partsOf = () => 2;
  const posts = service.posts.length;
  // The edit of the first post is done; the second is made, and its answer never comes.
  service.script.push(
    () => ({ kind: "done" }),
    () => ({ kind: "uncertain", reason: "after the effect" }),
  );
  await world.accept(editOf(world, "1", "2"));
  await world.relay.drain(Infinity);
  expect(service.posts.slice(posts)).toEqual(["edit <ann> new 2", "create <ann> new 2"]);
  await world.crash();
  await world.run(10_000);
  expect(service.posts.slice(posts)).toEqual([
    "edit <ann> new 2",
    "create <ann> new 2",
    "edit <ann> new 2",
  ]);
  // The post that was found belongs to the message.
  await edited(world, 2, "3");
  expect(called(world)).toEqual(["edit 0", "edit 1"]);
});

describe("posts in a room that was upgraded since", () => {
  const at = { channel: "id-old" as never };
  /** One was made in the old room. */
  const moved = async () => {
    let room = "id-old";
    const source = { kind: "account" as const, run: async () => undefined };
    const world = await createWorld({ idOf: () => room, source });
    await world.accept({ ...world.say(A, "1"), ...at });
    await world.run(10_000);
    room = "id-new";
    await world.relay.hand({ account: B, ...at, opened: false, moved: true, items: [] });
    await world.run(10_000);
    world.services[B]!.calls.length = 0;
    return world;
  };
  const remove = async (world: World) => {
    const { author: _author, content: _content, ...rest } = world.say(A, "1");
    await world.accept({ ...rest, ...at, kind: "message.deleted" });
  };

  it.each(["as it ran", "after a restart"])(
    "are deleted there and not edited, %s",
    async (when) => {
      const world = await moved();
      if (when === "after a restart") await world.crash();
      await world.accept({ ...editOf(world, "1", "2"), ...at });
      await remove(world);
      await world.run(120_000);
      expect(world.services[B]!.calls).toMatchObject([{ kind: "delete", former: "id-old" }]);
      expect(world.relay.report().deadLetters).toBe(0);
    },
  );

  it.each([
    { kind: "channel" as const, reason: "closed", fix: "none" },
    { kind: "rejected" as const, reason: "no power" },
  ])("hold nothing up where they cannot be deleted: $kind", async (refusal) => {
    const world = await moved();
    world.services[B]!.script.push(() => refusal);
    await remove(world);
    await world.accept({ ...world.say(A, "2"), ...at });
    await world.run(10_000);
    expect(world.services[B]!.posts.at(-1)).toBe("create <ann> text 2");
    expect(world.relay.report().deadLetters).toBe(0);
  });
});

it("says with EditDisable what was said first, also where it still waited when it was edited", async () => {
  const world = await createWorld({ settings: { EditDisable: true } });
  await world.accept(world.say(A, "1", "first"));
  await world.accept(editOf(world, "1", "2"));
  await world.run();
  await world.accept(editOf(world, "1", "3"));
  await world.run(120_000);
  expect(world.services[B]!.posts).toEqual(["create <ann> first"]);
});

it("waits with an edit that came first until all posts of its message are there", async () => {
  const world = await createWorld();
  world.services[B]!.partsOf = () => 3;
  const later = (): Outcome => ({ kind: "later", reason: "busy", retryAfterMs: 5_000 });
  world.services[B]!.script.push(() => ({ kind: "done", message: messageId(`${B}-1`) }), later);
  await world.accept(editOf(world, "1", "2"));
  await world.accept(world.say(A, "1"));
  await world.run(20_000);
  const posts = ["create 0", "create 1", "create 1", "create 2"];
  expect(called(world)).toEqual([...posts, "edit 0", "edit 1", "edit 2"]);
});

it("cuts the parts of an edit where its first one was cut, though a name is told only meanwhile", async () => {
  let isAway = true;
  const world = await createWorld({
    lookUp() {
      if (isAway) throw new CallFailed({ kind: "later", reason: "503" });
    },
    profile: { name: "Annabel" },
  });
  world.services[B]!.partsOf = () => 2;
  await world.accept(world.say(A, "1"));
  await world.run(20_000);
  world.services[B]!.script.push(() => {
    isAway = false;
    return { kind: "done" };
  });
  world.services[B]!.calls.length = 0;
  await world.accept(editOf(world, "1", "2"));
  await world.run(20_000);
  const texts = world.services[B]!.calls.map(({ text }) => text);
  expect(texts).toEqual(["<ann> new 2", "<ann> new 2"]);
});

it("says the last of several edits that all came before their message", async () => {
  const world = await createWorld();
  await world.accept(editOf(world, "1", "2"));
  await world.accept({ ...world.say(A, "1"), position: position("00000001") });
  await world.accept(editOf(world, "1", "3"));
  await world.run(20_000);
  expect(world.services[B]!.posts).toEqual(["create <ann> new 3"]);
});

it("takes away what an edit had added when it was cut off twice, and then its message deleted", async () => {
  const world = await said(1);
  const { keys, script } = world.services[B]!;
  world.services[B]!.partsOf = ({ kind }) => (kind === "delete" ? 1 : 2);
  const cutOff = (): Promise<Outcome> => new Promise(() => undefined);
  script.push(() => ({ kind: "done" }), cutOff);
  await world.accept(editOf(world, "1", "2"));
  void world.run();
  await new Promise((resolve) => setImmediate(resolve));
  expect(called(world)).toEqual(["edit 0", "create 1"]);
  // It arrived.
  keys.get = () => messageId("added");
  script.push(cutOff);
  await world.crash();
  void world.run(5_000);
  while (script.length > 0) await new Promise((resolve) => setImmediate(resolve));
  await world.crash();
  const { account, channel, message, sentAt, position: at } = world.say(A, "1");
  await world.accept({ kind: "message.deleted", account, channel, message, sentAt, position: at });
  await world.run(20_000);
  expect(world.services[B]!.calls.at(-1)).toMatchObject({
    kind: "delete",
    targets: [`${B}-1`, "added"],
  });
});

it("cuts a message where its first post was cut, whatever its author is called meanwhile", async () => {
  const profile = { name: "ann" };
  const world = await createWorld({ profile });
  world.services[B]!.partsOf = ({ kind, ...rest }) =>
    kind === "create" && "nick" in rest && rest.nick.includes("ann") ? 3 : 5;
  const later = (): Outcome => ({ kind: "later", reason: "busy", retryAfterMs: 5_000 });
  world.services[B]!.script.push(() => ({ kind: "done", message: messageId(`${B}-1`) }), later);
  await world.accept(world.say(A, "1"));
  await world.run();
  profile.name = "bert";
  await world.run(60_000);
  expect(called(world)).toEqual(["create 0", "create 1", "create 1", "create 2"]);
  expect(world.services[B]!.calls.at(-1)).toMatchObject({ text: "<ann> text 1" });
});

it("cuts it there after a crash, too", async () => {
  const profile = { name: "ann" };
  const world = await createWorld({ profile });
  world.services[B]!.partsOf = ({ kind, ...rest }) =>
    kind === "create" && "nick" in rest && rest.nick.includes("ann") ? 3 : 5;
  const later = (): Outcome => ({ kind: "later", reason: "busy", retryAfterMs: 5_000 });
  world.services[B]!.script.push(() => ({ kind: "done", message: messageId(`${B}-1`) }), later);
  await world.accept(world.say(A, "1"));
  await world.run();
  profile.name = "bert";
  await world.crash();
  await world.run(60_000);
  expect(called(world)).toEqual(["create 0", "create 1", "create 1", "create 2"]);
});

it("says the rest of a message where its channel has moved to", async () => {
  let id = "old";
  const world = await createWorld({ idOf: (name) => `${id}-${name}` });
  const { script, calls } = world.services[B]!;
  world.services[B]!.partsOf = () => 3;
  script.push(
    () => ({ kind: "done", message: messageId(`${B}-1`) }),
    () => ({ kind: "later", reason: "429", retryAfterMs: 30_000 }),
  );
  await world.accept(world.say(A, "1", "x", { channel: channelId("old-town") }));
  await world.run(1_000);
  id = "new";
  const moved = { account: B, channel: channelId("old-town"), items: [], opened: false };
  await world.relay.hand({ ...moved, moved: true });
  await world.run(120_000);
  expect(calls.slice(2).map((call) => call["to"])).toEqual(["new-town", "new-town"]);
});

it("does not post what is deleted while its deletion is on its way from the store", async () => {
  const world = await createWorld();
  const { script, posts } = world.services[B]!;
  const tick = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const answered = Promise.withResolvers<void>();
  const stored = Promise.withResolvers<void>();
  script.push(() => answered.promise.then(() => ({ kind: "done", message: messageId(`${B}-1`) })));
  await world.accept(world.say(A, "1"));
  await world.accept(world.say(A, "2"));
  const draining = world.relay.drain(Infinity);
  await tick();
  let isFirst = true;
  world.slow = async () => {
    if (isFirst) await stored.promise.finally(() => undefined);
    isFirst = false;
  };
  const { account, channel, message, sentAt, position: at } = world.say(A, "2");
  const gone = { account, channel, message, sentAt, position: at };
  const deleted = world.accept({ ...gone, kind: "message.deleted" });
  await tick();
  isFirst = false;
  answered.resolve();
  await tick();
  stored.resolve();
  await deleted;
  await draining;
  await world.run(120_000);
  expect(posts.filter((post) => post.includes("text 2"))).toEqual([]);
});
