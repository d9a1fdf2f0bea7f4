/** How long messages wait for names that their service cannot tell, or does not answer for. */
import { describe, expect, it } from "vitest";

import { createAsking } from "../../src/core/asking.ts";
import { channelId } from "../../src/core/ids.ts";
import { CallFailed, type Outcome } from "../../src/core/ports.ts";
import { createWaits } from "./waits.ts";
import { A, B, C, createWorld } from "./world.ts";

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

it("a message that went without a name says the same after a crash, so that it is found", async () => {
  let isAway = true;
  const world = await createWorld({
    lookUp() {
      if (isAway) throw new CallFailed({ kind: "later", reason: "503" });
    },
    profile: { name: "Ann" },
  });
  world.services[B]!.script.push(() => ({ kind: "uncertain", reason: "no answer" }));
  await world.accept(world.say(A, "1"));
  await world.run(5_100);
  isAway = false;
  await world.crash();
  await world.run(60_000);
  expect(world.services[B]!.calls.map(({ text }) => text)).toEqual([
    "<ann> text 1",
    "<ann> text 1",
  ]);
});

describe("a message of several posts, the first of which a crash may have left,", () => {
  /** From the crash on its author's name is not told. */
  const crashed = async (outcome: CallFailed["outcome"], accounts = [A, B]) => {
    let isTold = true;
    const world = await createWorld({
      accounts,
      channels: 2,
      lookUp() {
        if (!isTold) throw new CallFailed(outcome);
      },
      profile: { name: "Ann" },
    });
    const { script, calls } = world.services[B]!;
    world.services[B]!.partsOf = () => 2;
    script.push(() => {
      world.full = true;
      return { kind: "done" };
    });
    await world.accept(world.say(A, "1"));
    await world.run();
    world.full = false;
    isTold = false;
    await world.crash();
    return {
      world,
      tell: () => void (isTold = true),
      said: () =>
        calls.flatMap(({ text }) => (String(text).endsWith("text 1") ? [String(text)] : [])),
    };
  };

  let said = 0;
  /** Others ask all the time, so that it stays one outage. */
  const talk = async ({ world }: Awaited<ReturnType<typeof crashed>>, minutes: number) => {
    for (let turn = 0; turn < 2 * minutes; turn += 1) {
      said += 1;
      await world.accept(world.say(A, `other ${said}`, "hi", { channel: channelId("id-town1") }));
      await world.run(30_000);
    }
  };

  it("waits for its name as long as an outage lasts: it would be cut in other places", async () => {
    const after = await crashed({ kind: "later", reason: "503" });
    await talk(after, 120);
    expect(after.said()).toEqual(["<Ann> text 1"]);
    after.tell();
    await after.world.run(600_000);
    expect(after.said()).toEqual(["<Ann> text 1", "<Ann> text 1"]);
  });

  it("waits for it for an hour or so where something of another service waits behind it", async () => {
    const after = await crashed({ kind: "later", reason: "503" }, [A, B, C]);
    await after.world.accept(after.world.say(C, "2"));
    await talk(after, 40);
    expect(after.said()).toEqual(["<Ann> text 1"]);
    await talk(after, 50);
    expect(after.said().at(-1)).toContain("text 1");
    expect(after.said()).toHaveLength(2);
    expect(after.world.services[B]!.posts).toContainEqual(expect.stringContaining("text 2"));
  });

  it.each([
    ["a name", { kind: "rejected", reason: "user_not_found" }],
    ["all names", { kind: "account", reason: "missing_scope", fix: "add users:read" }],
  ] as const)("does not wait for long where %s is refused", async (_what, outcome) => {
    const after = await crashed(outcome);
    await talk(after, 20);
    expect(after.said()).toHaveLength(2);
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
    await world.accept(world.say(A, "2"));
    await world.run(10);
    for (const answer of answers.splice(0)) answer();
    await world.run(10);
    await world.accept(world.say(A, "3"));
    await world.run(10);
    for (const answer of answers) answer();
    await world.run();
    const shown = world.services[B]!.posts.map((post) => post.replace("create ", ""));
    expect(shown).toEqual(["<ann> text 1", "<ann> text 2", "<Ann> text 3"]);
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

/** Questions at one account, with a clock that moves when told. */
function createDesk() {
  let now = 1_000_000;
  const waits = createWaits(() => now);
  const asking = createAsking(() => now, waits.wait);
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number): Promise<void> => {
    const end = now + ms;
    for (;;) {
      await turn();
      const next = waits.next();
      if (next > end) break;
      now = next;
      waits.end();
    }
    now = end;
    await turn();
  };
  /** What somebody is told, in a list once it is, and how to answer. */
  const ask = (leastMs?: number) => {
    const told: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    void asking.ask(A, () => promise, "nothing", leastMs).then((got) => void told.push(got));
    return { told, resolve, reject };
  };
  return { asking, ask, pass };
}

describe("a service that did not answer", () => {
  it("is waited for by all who ask within one second in ten", async () => {
    const { ask, pass } = createDesk();
    ask();
    await pass(12_000);
    const asked = [ask(), ask(), ask()];
    await pass(500);
    asked.push(ask());
    await pass(10);
    for (const { resolve } of asked) resolve("Ann");
    await pass(0);
    expect(asked.map(({ told }) => told)).toEqual([["Ann"], ["Ann"], ["Ann"], ["Ann"]]);
  });

  it("is waited for no longer than that", async () => {
    const { ask, pass } = createDesk();
    ask();
    await pass(12_000);
    const asked = ask();
    await pass(1_001);
    const next = ask();
    await pass(1);
    expect([asked.told, next.told]).toEqual([["nothing"], ["nothing"]]);
  });

  it("does not answer yet because somebody's name is known", async () => {
    const { asking, ask, pass } = createDesk();
    ask();
    await pass(5_100);
    const known = asking.ask(A, async () => "Ann", "nothing");
    await pass(1);
    expect(await known).toBe("Ann");
    const asked = ask();
    await pass(1);
    expect(asked.told).toEqual(["nothing"]);
  });

  it("is out until it refuses, also what nobody waits for any more, and not out after that", async () => {
    const { asking, ask, pass } = createDesk();
    ask();
    await pass(7_000);
    const late = ask();
    await pass(10);
    const before = asking.isOut(A);
    late.reject(new CallFailed({ kind: "account", reason: "missing_scope", fix: "add it" }));
    await pass(10);
    const refused = asking.isOut(A);
    ask();
    await pass(10);
    expect([before, refused, asking.isOut(A)]).toEqual([true, false, false]);
  });

  it("is waited for a little in any case where nothing can be told later", async () => {
    const { ask, pass } = createDesk();
    ask();
    await pass(5_100);
    const asked = ask(1_000);
    await pass(900);
    asked.resolve("plan.png");
    await pass(0);
    expect(asked.told).toEqual(["plan.png"]);
  });

  it("is given its five seconds again once it has answered", async () => {
    const { ask, pass } = createDesk();
    ask();
    await pass(12_000);
    const asked = ask();
    await pass(20);
    asked.resolve("Ann");
    await pass(3_000);
    const next = ask();
    await pass(4_900);
    expect(next.told).toEqual([]);
  });

  it("is not one that refuses what it is asked", async () => {
    const { ask, pass } = createDesk();
    const refused = ask();
    await pass(20);
    refused.reject(new CallFailed({ kind: "rejected", reason: "no such user" }));
    await pass(6_000);
    const next = ask();
    await pass(4_900);
    expect([refused.told, next.told]).toEqual([["nothing"], []]);
  });
});
