/** What is counted, and what sources tell. */
import { describe, expect, it } from "vitest";

import { createCounts } from "../../src/core/counts.ts";
import { accountId, laneId } from "../../src/core/ids.ts";
import { B, A, createWorld } from "./world.ts";

const lane = laneId(B, "town");

describe("a counter", () => {
  it("counts each set of labels by itself", () => {
    const counts = createCounts();
    counts.add("calls", { account: B, class: "done" });
    counts.add("calls", { account: B, class: "done" }, 2);
    counts.add("calls", { account: A, class: "later" });
    expect(counts.series()).toEqual([
      { name: "calls", labels: { account: B, class: "done" }, value: 3 },
      { name: "calls", labels: { account: A, class: "later" }, value: 1 },
    ]);
  });

  it("does not grow with every reason that a service can think of", () => {
    const counts = createCounts();
    for (let n = 0; n < 1_000; n += 1) counts.add("unsupported", { reason: `reason ${n}` });
    const series = counts.series();
    expect(series.length).toBeLessThanOrEqual(201);
    expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(1_000);
  });
});

describe("the relay's counts", () => {
  const valuesOf = async (
    work: (world: Awaited<ReturnType<typeof createWorld>>) => Promise<void>,
  ) => {
    const world = await createWorld();
    await work(world);
    return (name: string) => world.relay.report().series.filter((each) => each.name === name);
  };

  it("tell an uncertain call that was repeated after every look from one that was found", async () => {
    const of = await valuesOf(async (world) => {
      const { script } = world.services[B]!;
      script.push(() => ({ kind: "uncertain", reason: "cut" }));
      await world.accept(world.say(A, "1"));
      await world.run(20_000);
      script.push(() => ({ kind: "uncertain", reason: "cut" }));
      await world.accept(world.say(A, "2"));
      await world.run();
      // Shown late.
      world.services[B]!.keys.get = () => "there" as never;
      await world.run(20_000);
    });
    expect(of("uncertain")).toMatchObject([{ labels: { lane }, value: 2 }]);
    expect(of("doubled_possible")).toMatchObject([{ labels: { lane }, value: 1 }]);
    expect(of("retried")).toMatchObject([{ labels: { lane }, value: 1 }]);
    expect(of("found")).toMatchObject([{ labels: { lane, by: "look" }, value: 1 }]);
  });

  it("tell calls by account and class, and events by account", async () => {
    const of = await valuesOf(async (world) => {
      world.services[B]!.script.push(() => ({ kind: "later", reason: "500" }));
      await world.accept(world.say(A, "1"));
      await world.accept(world.say(A, "1"));
      await world.run(20_000);
    });
    expect(of("calls")).toEqual([
      { name: "calls", labels: { account: B, class: "later" }, value: 1 },
      { name: "calls", labels: { account: B, class: "done" }, value: 1 },
    ]);
    expect(of("accepted")).toMatchObject([{ labels: { account: accountId("talk.a") }, value: 1 }]);
    expect(of("duplicates")).toMatchObject([{ labels: { account: A }, value: 1 }]);
    expect(of("relayed")).toMatchObject([{ labels: { lane }, value: 1 }]);
  });
});
