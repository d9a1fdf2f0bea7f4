/** What the log says of one message, by its id. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import { userId } from "../../src/core/ids.ts";
import { A, B, createWorld } from "./world.ts";

type World = Awaited<ReturnType<typeof createWorld>>;
const linesOf = (world: World, id: unknown) =>
  world.lines.filter((line) => line["id"] === id).map(({ level, message }) => [level, message]);
const idOf = (world: World) => world.lines.find(({ message }) => message === "accepted")?.["id"];

describe("the log of a message", () => {
  it("has one id from where it is accepted to where it is relayed", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(linesOf(world, idOf(world))).toEqual([
      ["debug", "accepted"],
      ["debug", "relayed"],
    ]);
    expect(world.lines.find((line) => line["message"] === "relayed")).toMatchObject({
      source: `${A}/id-town`,
      lane: `${B}/town`,
      ms: 0,
      attempts: 1,
    });
  });

  it("tells of each further try and of how long it took, unasked", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(
      () => ({ kind: "later", reason: "429", retryAfterMs: 30_000 }),
      () => ({ kind: "uncertain", reason: "cut" }),
    );
    await world.accept(world.say(A, "1"));
    await world.run(120_000);
    expect(linesOf(world, idOf(world))).toEqual([
      ["debug", "accepted"],
      ["info", "a delivery is tried again"],
      ["info", "a call may or may not have worked: its message is looked for"],
      ["warn", "a message was looked for in vain and is sent again"],
      ["info", "relayed"],
    ]);
    expect(world.lines.at(-1)).toMatchObject({ attempts: 3 });
  });

  it("says why a message was given up", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "rejected", reason: "msg_too_long" }));
    await world.accept(world.say(A, "1"));
    await world.run();
    expect(world.lines.at(-1)).toMatchObject({
      level: "error",
      message: "a message was given up",
      id: idOf(world),
      lane: `${B}/town`,
      reason: "msg_too_long",
    });
  });

  it("has the id of the message into which an edit is taken that still waits", async () => {
    const world = await createWorld();
    world.services[B]!.script.push(() => ({ kind: "later", reason: "busy", retryAfterMs: 5_000 }));
    await world.accept(world.say(A, "1"));
    await world.run();
    const said = world.say(A, "2");
    await world.accept(said);
    const [, second] = world.lines.filter((line) => line["message"] === "accepted");
    await world.accept({ ...said, kind: "message.edited", version: "1", content: plain("better") });
    expect(world.lines.at(-1)).toMatchObject({
      level: "debug",
      message: "taken into a message that still waits",
      id: second!["id"],
      kind: "message.edited",
    });
  });

  it("says nothing of what people say, nor who they are", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "a secret"));
    await world.run();
    expect(JSON.stringify(world.lines)).not.toMatch(/secret|ann/u);
  });

  it("says of a loop where it is and by which id, not by which name", async () => {
    const world = await createWorld({ profile: { name: "Carol" } });
    await world.accept(world.say(A, "1", "hello everybody"));
    await world.run();
    const relay = { author: { id: userId("U2"), bot: true as const } };
    await world.accept(world.say(B, "2", "<Carol> hello everybody", relay));
    await world.run();
    expect(world.lines.filter(({ level }) => level === "error")).toMatchObject([
      { gateway: "main", source: `${B}/id-town`, author: "U2" },
    ]);
    expect(JSON.stringify(world.lines)).not.toMatch(/hello|Carol/u);
  });
});
