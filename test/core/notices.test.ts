/** Joins, leaves and topics through the relay: off unless configured, many at once in one line. */
import { describe, expect, it } from "vitest";

import type { Event, MemberJoined } from "../../src/core/event.ts";
import { channelId, messageId, position, userId } from "../../src/core/ids.ts";
import { A, B, createWorld, type World } from "./world.ts";

let happened = 0;
const at = (world: World) => {
  happened += 1;
  return {
    account: A,
    channel: channelId("id-town"),
    message: messageId(`h${happened}`),
    sentAt: world.now,
    position: position(`h${String(happened).padStart(6, "0")}`),
  };
};
const joins = (world: World, user: string, more: Partial<MemberJoined> = {}): Event => ({
  ...at(world),
  kind: "member.joined",
  author: { id: userId(user) },
  ...more,
});
const leaves = (world: World, user: string): Event => ({
  ...at(world),
  kind: "member.left",
  author: { id: userId(user) },
});
const topic = (world: World, text: string): Event => ({
  ...at(world),
  kind: "topic.changed",
  author: { id: userId("ann") },
  topic: text,
});
const told = (world: World) => world.services[B]!.posts;
const deep = (world: World) =>
  world.relay.report().lanes.reduce((sum, { depth }) => sum + depth, 0);

describe("joins and leaves", () => {
  it("are told nowhere and stored nowhere unless ShowJoinPart is set there", async () => {
    const world = await createWorld();
    await world.accept(joins(world, "ann"));
    expect(deep(world)).toBe(0);
    await world.run();
    expect(told(world)).toEqual([]);
  });

  it("are told by the bridge itself with ShowJoinPart", async () => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    await world.accept(joins(world, "ann"));
    await world.run();
    await world.accept(leaves(world, "ann"));
    await world.run();
    expect(told(world)).toEqual(["notice ann joined", "notice ann left"]);
  });

  it("are not told of a source with NoSendJoinPart", async () => {
    const settings = { ShowJoinPart: true, NoSendJoinPart: true };
    const world = await createWorld({ settings });
    await world.accept(joins(world, "ann"));
    await world.run();
    expect(told(world)).toEqual([]);
  });

  it("that wait are told in one line", async () => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    for (const user of ["ann", "bob", "cid", "dan", "eva"]) await world.accept(joins(world, user));
    await world.run();
    expect(told(world)).toEqual(["notice ann, bob and 3 others joined"]);
  });

  it.each([
    [["ann", "bob"], "ann and bob joined"],
    [["ann", "bob", "cid"], "ann, bob and cid joined"],
    [["ann", "bob", "cid", "dan"], "ann, bob and 2 others joined"],
  ])("of %j are %j", async (users, line) => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    for (const user of users) await world.accept(joins(world, user));
    await world.run();
    expect(told(world)).toEqual([`notice ${line}`]);
  });

  it("are told once when they come twice, alone or folded", async () => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    const [ann, bob] = [joins(world, "ann"), joins(world, "bob")];
    for (const event of [ann, bob, ann, bob]) await world.accept(event);
    await world.run();
    for (const event of [ann, bob]) await world.accept(event);
    await world.crash();
    await world.run();
    expect(told(world)).toEqual(["notice ann and bob joined"]);
  });

  it("stay in order with what is said between them", async () => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    await world.accept(joins(world, "ann"));
    await world.accept(world.say(A, "1", "hi", { position: position("h5") }));
    await world.accept(joins(world, "bob"));
    await world.run();
    expect(told(world)).toEqual(["notice ann joined", "create <ann> hi", "notice bob joined"]);
  });

  it("are not added to a line that may be there already", async () => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    world.services[B]!.script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    await world.accept(joins(world, "ann"));
    await world.run(10);
    await world.accept(joins(world, "bob"));
    await world.run(60_000);
    expect(told(world)).toEqual(["notice ann joined", "notice bob joined"]);
  });

  it("of long ago are not told", async () => {
    const world = await createWorld({ settings: { ShowJoinPart: true } });
    await world.accept(joins(world, "ann", { sentAt: world.now - 3_600_000 }));
    await world.run();
    expect(told(world)).toEqual([]);
  });

  it("of names that IgnoreNicks names are not told", async () => {
    const settings = { ShowJoinPart: true, IgnoreNicks: ["^bot"] };
    const world = await createWorld({ settings });
    for (const user of ["bot1", "ann"]) await world.accept(joins(world, user));
    await world.run();
    await world.accept(joins(world, "bot2"));
    await world.run();
    expect(told(world)).toEqual(["notice ann joined"]);
  });
});

describe("topics", () => {
  it("are nobody's business unless configured", async () => {
    const world = await createWorld();
    await world.accept(topic(world, "apples"));
    expect(deep(world)).toBe(0);
  });

  it("are told with ShowTopicChange", async () => {
    const world = await createWorld({ settings: { ShowTopicChange: true } });
    for (const text of ["apples\nand  pears", ""]) {
      await world.accept(topic(world, text));
      await world.run();
    }
    expect(told(world)).toEqual([
      "notice ann changed the topic to: apples and pears",
      "notice ann cleared the topic",
    ]);
  });

  it("are set with SyncTopic, as ReplaceMessages has them", async () => {
    const settings = { SyncTopic: true, ReplaceMessages: [["apples", "pears"]] };
    const world = await createWorld({ settings });
    await world.accept(topic(world, "apples"));
    await world.run();
    expect(told(world)).toEqual(["topic pears"]);
  });
});
