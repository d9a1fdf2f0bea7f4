/** What the bridge says of itself in `AdminChannel`. */
import { describe, expect, it } from "vitest";

import { laneId, userId } from "../../src/core/ids.ts";
import { linesOf } from "../../src/core/admin/lines.ts";
import { troublesOf } from "../../src/core/admin/troubles.ts";
import type { Call, Outcome } from "../../src/core/ports.ts";
import type { Report } from "../../src/core/report.ts";
import { GATEWAY, load, said } from "./config/fakes.ts";
import { noticesIn } from "./talk.ts";
import { A, B, createWorld } from "./world.ts";

const revoked = (): Outcome => ({
  kind: "account",
  reason: "token_revoked",
  fix: "put a new token",
});
const missing = (): Outcome => ({
  kind: "channel",
  reason: "not_in_channel",
  fix: "invite the bot",
});

describe("AdminChannel", () => {
  it("is told once of a channel that is paused, with what to do, and once that it works again", async () => {
    const world = await createWorld({ admin: true, channels: 2 });
    const closed = (call: Call): Outcome =>
      call["kind"] === "notice" ? { kind: "done" } : missing();
    world.services[B]!.script.push(closed, closed, closed);
    await world.accept(world.say(A, "1"));
    await world.run(600_000);
    expect(noticesIn(world)).toEqual([
      "notice Footbridge:\n⚠️ talk.b/town is paused: not_in_channel: invite the bot",
      "notice Footbridge:\n✅ talk.b/town works again",
    ]);
  });

  it("is told of another account that is paused, once, however often the bridge starts", async () => {
    const world = await createWorld({ admin: true });
    world.services[A]!.script.push(...Array.from({ length: 50 }, () => revoked));
    await world.accept(world.say(B, "1"));
    await world.run(120_000);
    await world.crash();
    await world.run(3_600_000);
    const paused = "notice Footbridge:\n⚠️ talk.a is paused: token_revoked: put a new token";
    expect(noticesIn(world)).toEqual([paused]);
    world.services[A]!.script.length = 0;
    await world.run(3_600_000);
    expect(noticesIn(world)).toEqual([paused, "notice Footbridge:\n✅ talk.a works again"]);
  });

  it("is told of messages that were given up, and how to see them", async () => {
    const world = await createWorld({ admin: true });
    world.services[A]!.script.push(() => ({ kind: "rejected", reason: "no" }));
    await world.accept(world.say(B, "1"));
    await world.run(120_000);
    expect(noticesIn(world)).toHaveLength(1);
    expect(noticesIn(world)[0]).toContain(
      "1 message that was given up is kept: npm run footbridge",
    );
  });

  it("is told of a loop", async () => {
    const world = await createWorld({ admin: true });
    await world.accept(world.say(A, "1", "hello everybody"));
    await world.run();
    const relay = { author: { id: userId("relay"), bot: true as const } };
    await world.accept(world.say(B, "2", "<ann> hello everybody", relay));
    await world.run(120_000);
    expect(noticesIn(world)).toHaveLength(1);
    expect(noticesIn(world)[0]).toMatch(
      /a loop in gateway main at talk\.b\/town goes on: "relay" repeats what is said here.*IgnoreNicks/u,
    );
  });

  it("is told of two robots that answer each other, of which one is then not relayed", async () => {
    const world = await createWorld({ admin: true });
    for (let turn = 0; turn < 40; turn += 1) {
      const robot = { author: { id: userId(`robot${turn % 2}`), bot: true as const } };
      await world.accept(world.say([A, B][turn % 2]!, `${turn}`, `answer ${turn}`, robot));
      await world.run(5_000);
    }
    await world.run(120_000);
    expect(noticesIn(world)).toHaveLength(1);
    expect(noticesIn(world)[0]).toMatch(/a loop in gateway main at talk\..*robot.*IgnoreNicks/u);
    const relayed = [A, B].flatMap((account) =>
      world.services[account]!.posts.filter((post) => post.includes("answer")),
    );
    // Twenty turns and what ends them; then every second one.
    expect(relayed).toHaveLength(21 + 10);
  });

  it("is told of a service that could not be reached since the start, and once that it works", async () => {
    let isAway = true;
    const world = await createWorld({ admin: true, away: (account) => isAway && account === A });
    await world.run(240_000);
    expect(noticesIn(world)).toEqual([]);
    await world.run(1_800_000);
    const failed =
      "notice Footbridge:\n⚠️ the sign-in to talk.a has failed for five minutes: connection refused; it is tried again all the time";
    expect(noticesIn(world)).toEqual([failed]);
    isAway = false;
    await world.run(1_800_000);
    expect(noticesIn(world)).toEqual([
      failed,
      "notice Footbridge:\n✅ the sign-in to talk.a works again",
    ]);
  });

  it("waits until it can be written to", async () => {
    const world = await createWorld({ admin: true });
    world.services[A]!.script.push(missing, missing, missing, missing, missing, missing);
    world.services[B]!.script.push(() => ({ kind: "later", reason: "busy", retryAfterMs: 30_000 }));
    await world.accept(world.say(B, "1"));
    await world.run(90_000);
    expect(noticesIn(world)).toHaveLength(1);
  });
});

describe("a trouble", () => {
  const report = (more: Partial<Report>): Report => ({
    accounts: [],
    lanes: [],
    troubles: {},
    unrouted: 0,
    sources: [],
    deadLetters: 0,
    startedAt: 0,
    counts: {},
    series: [],
    ...more,
  });
  const closed = (forMs: number) =>
    troublesOf(report({ sources: [{ source: "gitter.g/r", open: false, forMs }] }), 0);

  it("is a stream that is closed for five minutes, not for four", () => {
    expect(closed(240_000).size).toBe(0);
    expect(closed(300_000).size).toBe(1);
  });

  it("is everything, where nothing has worked since the start", async () => {
    const world = await createWorld({ away: () => true });
    const began = world.now;
    await world.run(900_000);
    const last = world.relay.report();
    const unsigned = { since: began, reason: "connection refused" };
    expect(last.accounts).toMatchObject([
      { account: A, unsigned, lastError: { reason: "connection refused" } },
      { account: B, unsigned, lastError: { reason: "connection refused" } },
    ]);
    // Nothing is looked for without an account.
    expect(last.unfound).toEqual([]);
    expect([...troublesOf(last, world.now).keys()]).toEqual([
      `the sign-in to ${A}`,
      `the sign-in to ${B}`,
    ]);
    expect(troublesOf(last, began + 60_000).size).toBe(0);
  });

  it("is a channel that could not be looked for, where its account works", () => {
    const lane = laneId(A, "town");
    const now = troublesOf(report({ unfound: [{ lane, since: 0, reason: "503" }] }), 300_000);
    expect([...now.keys()]).toEqual([`the search for ${lane}`]);
  });

  it("is told anew where its reason is another", () => {
    const told = new Map([["slack.x", "is paused: a"]]);
    expect(linesOf(told, new Map([["slack.x", "is paused: b"]]))).toEqual([
      "⚠️ slack.x is paused: b",
    ]);
  });

  it("is not that letters were replayed or discarded", () => {
    expect(linesOf(new Map([["messages that were given up", "3"]]), new Map())).toEqual([]);
  });
});

describe("its setting", () => {
  const file = (value: string) =>
    `[general]\nAdminChannel="${value}"\n[slack.team]\n[gitter.x]\n${GATEWAY}`;

  it("is an account of a gateway and a channel of it", () => {
    expect(load(file("slack.team/ops")).config?.admin).toEqual({
      account: "slack.team",
      channel: "ops",
    });
    expect(load(file("gitter.x/org/room")).config?.admin).toEqual({
      account: "gitter.x",
      channel: "org/room",
    });
  });

  it.each([
    ["ops", 'AdminChannel is "ops", which names no channel'],
    ["slack.other/ops", "AdminChannel names slack.other, which no enabled gateway uses"],
  ])("is refused as %s", (value, what) => {
    expect(said(file(value)).join("\n")).toContain(what);
    expect(load(file(value)).config).toBeUndefined();
  });
});

it("is asked no sooner than the service says", async () => {
  const world = await createWorld({ admin: true });
  const asked: number[] = [];
  const limited = (): Outcome => {
    asked.push(world.now);
    return { kind: "later", reason: "429", retryAfterMs: 600_000 };
  };
  world.services[A]!.script.push(() => ({ kind: "rejected", reason: "no" }));
  world.services[B]!.script.push(limited, limited);
  await world.accept(world.say(B, "1"));
  await world.run(900_000);
  expect(asked).toHaveLength(2);
  expect(asked[1]! - asked[0]!).toBeGreaterThanOrEqual(600_000);
});
