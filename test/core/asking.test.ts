/** How long messages wait for names that their service cannot tell, or does not answer for. */
import { describe, expect, it } from "vitest";

import { CallFailed, type Outcome } from "../../src/core/ports.ts";
import { A, B, createWorld } from "./world.ts";

async function worldWhoseNamesFail(outcome: Outcome) {
  let asked = 0;
  const state = { away: true, asked: () => asked };
  const world = await createWorld({
    lookUp() {
      asked += 1;
      if (state.away) throw new CallFailed(outcome as never);
    },
  });
  return { world, state };
}

describe("messages whose authors cannot be looked up", () => {
  it.each([
    ["away", { kind: "later", reason: "no connection" }],
    ["asking for time", { kind: "later", reason: "429", retryAfterMs: 60_000 }],
  ] as const)(
    "wait five seconds for a service that is %s, all of them together",
    async (_, why) => {
      const { world } = await worldWhoseNamesFail(why);
      for (let id = 1; id <= 20; id += 1) await world.accept(world.say(A, `${id}`));
      await world.run(5_100);
      expect(world.services[B]!.posts).toHaveLength(20);
    },
  );

  it("stand behind what a gate lets in before them, as nothing of them is there", async () => {
    const { world, state } = await worldWhoseNamesFail({ kind: "later", reason: "503" });
    state.away = false;
    await world.accept(world.say(A, "1"));
    await world.run();
    state.away = true;
    await world.accept(world.say(A, "3"));
    await world.run(10);
    world.services[A]!.history = () => ({ events: [world.say(A, "2"), world.say(A, "3")] });
    await world.relay.gap(A, "app_rate_limited");
    state.away = false;
    await world.run(20_000);
    expect(world.services[B]!.posts.map((post) => post.at(-1))).toEqual(["1", "2", "3"]);
  });

  it("wait anew in an outage that begins a minute after another", async () => {
    const { world, state } = await worldWhoseNamesFail({ kind: "later", reason: "no connection" });
    await world.accept(world.say(A, "1"));
    await world.run(6_000);
    await world.run(61_000);
    await world.accept(world.say(A, "2"));
    await world.run(1);
    expect(world.services[B]!.posts).toHaveLength(1);
    state.away = false;
    await world.run(6_000);
    expect(world.services[B]!.posts).toHaveLength(2);
  });

  it("wait no longer than five seconds anew where the clock went back meanwhile", async () => {
    const { world } = await worldWhoseNamesFail({ kind: "later", reason: "no connection" });
    await world.accept(world.say(A, "1"));
    await world.run(6_000);
    world.now -= 3_600_000;
    await world.accept(world.say(A, "2"));
    await world.run(5_100);
    expect(world.services[B]!.posts).toHaveLength(2);
  });
});

/** Look-ups that are answered when a test says so. */
async function worldWhoseNamesHang() {
  const answers: (() => void)[] = [];
  const world = await createWorld({
    lookUp: () => new Promise((resolve) => void answers.push(resolve)),
    profile: { name: "Ann" },
  });
  return { world, answers };
}

describe("messages whose authors are asked for without an answer", () => {
  it("wait five seconds, all of them together", async () => {
    const { world } = await worldWhoseNamesHang();
    for (let id = 1; id <= 20; id += 1) await world.accept(world.say(A, `${id}`));
    await world.run(5_100);
    expect(world.services[B]!.posts).toHaveLength(20);
  });

  it("go under their authors' ids, and under their names once there is an answer", async () => {
    const { world, answers } = await worldWhoseNamesHang();
    await world.accept(world.say(A, "1"));
    await world.run(5_100);
    answers.shift()?.();
    await world.accept(world.say(A, "2"));
    await world.run(500);
    answers.shift()?.();
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> text 1", "create <Ann> text 2"]);
  });

  it("are no reason to hold up what others say behind them", async () => {
    const { world } = await worldWhoseNamesHang();
    await world.accept(world.say(A, "1"));
    await world.run(61_000);
    const before = world.services[B]!.posts.length;
    await world.accept(world.say(A, "2"));
    await world.run(5_100);
    expect(world.services[B]!.posts).toHaveLength(before + 1);
  });
});
