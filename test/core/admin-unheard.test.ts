/** What becomes of a notice that does not arrive in `AdminChannel`. */
import { describe, expect, it } from "vitest";

import { troublesOf } from "../../src/core/admin/troubles.ts";
import type { Outcome } from "../../src/core/ports.ts";
import { noticesIn } from "./talk.ts";
import { A, B, createWorld, type World } from "./world.ts";

const MINUTE = 60_000;

/** Gives the bridge something to say: a message is given up. */
async function giveUp(world: World): Promise<void> {
  world.services[A]!.script.push(() => ({ kind: "rejected", reason: "no" }));
  await world.accept(world.say(B, "1"));
  await world.run(5 * MINUTE);
}
const warnings = (world: World) =>
  world.lines.filter((line) => line["level"] === "warn").map((line) => line["message"]);

describe("a notice", () => {
  it("that is refused is not made again, and the log says why", async () => {
    const world = await createWorld({ admin: true });
    world.services[B]!.script.push(() => ({ kind: "rejected", reason: "restricted" }));
    await giveUp(world);
    expect(world.services[B]!.calls).toHaveLength(1);
    expect(world.lines).toContainEqual({
      level: "warn",
      message: "a notice was refused in AdminChannel",
      lane: `${B}/ops`,
      reason: "restricted",
    });
  });

  it("that may have arrived is looked for, and is not written twice", async () => {
    const world = await createWorld({ admin: true });
    world.services[B]!.script.push(() => ({ kind: "uncertain", reason: "after the effect" }));
    await giveUp(world);
    expect(noticesIn(world)).toHaveLength(1);
    expect(warnings(world)).not.toContain("a notice may be missing in AdminChannel");
  });

  it("that may have arrived and is not found is made once more, then the log says so", async () => {
    const world = await createWorld({ admin: true });
    const cut = (): Outcome => ({ kind: "uncertain", reason: "cut" });
    world.services[B]!.script.push(cut, cut);
    await giveUp(world);
    expect(world.services[B]!.calls).toHaveLength(2);
    expect(warnings(world)).toContain("a notice may be missing in AdminChannel");
  });

  it("in several parts goes on with the one that failed", async () => {
    const world = await createWorld({ admin: true });
    const service = world.services[B]!;
    service.partsOf = () => 3;
    service.script.push(
      () => ({ kind: "done" }),
      () => ({ kind: "later", reason: "busy" }),
    );
    await giveUp(world);
    expect(service.calls.map((call) => call["part"])).toEqual([0, 1, 1, 2]);
  });
});

describe("a channel that cannot be written to", () => {
  it("is told in the log once, and in the report until it can be", async () => {
    const world = await createWorld({ admin: true });
    const { script } = world.services[B]!;
    const missing: Outcome = { kind: "channel", reason: "not_in_channel", fix: "invite the bot" };
    script.push(...Array.from({ length: 100 }, () => () => missing));
    await giveUp(world);
    await world.run(5 * MINUTE);
    expect(warnings(world).filter((each) => each === "AdminChannel cannot be written to")).toEqual([
      "AdminChannel cannot be written to",
    ]);
    const now = () => troublesOf(world.relay.report(), world.now).get("AdminChannel");
    expect(now()).toBe("cannot be written to: not_in_channel");
    script.length = 0;
    await world.run(2 * MINUTE);
    expect(now()).toBeUndefined();
    expect(noticesIn(world)).toHaveLength(1);
  });

  it("is told afterwards what was wrong with its own account", async () => {
    const world = await createWorld({ admin: true });
    const { script } = world.services[B]!;
    const revoked: Outcome = { kind: "account", reason: "token_revoked", fix: "put a new token" };
    script.push(...Array.from({ length: 1_000 }, () => () => revoked));
    await world.accept(world.say(A, "1"));
    await world.run(120 * MINUTE);
    expect(noticesIn(world)).toEqual([]);
    script.length = 0;
    await world.run(10 * MINUTE);
    expect(noticesIn(world)).toEqual([
      "notice Footbridge:\n✅ talk.b was paused for 2 h: token_revoked: put a new token",
    ]);
  });
});
