/** Threads that are answered long after they began: histories that do not show them are told of them. */
import { describe, expect, it } from "vitest";

import { messageId, position } from "../../src/core/ids.ts";
import { A, B, createWorld } from "./world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Ids tell how many days after the beginning their message was said. */
const createDays = async () => {
  const world = await createWorld({
    saidAt: (message) => begin + Number.parseFloat(message) * DAY,
    now: (clock) => String(clock),
  });
  const begin = world.now;
  /** What histories were told of, without doubles. */
  const told: string[] = [];
  for (const service of Object.values(world.services))
    service.history = (_since, _cursor, alive = []) => {
      told.push(...alive.filter((thread) => !told.includes(thread)));
      return { events: [] };
    };
  return {
    world,
    told,
    /** Each at its own time of the day, so that no two ids are one. */
    async reply(thread: string, serial = 0): Promise<void> {
      const days = (world.now - begin) / DAY + serial / 1e6;
      await world.accept(world.say(A, days.toFixed(6), "a reply", { thread: messageId(thread) }));
      await world.run();
    },
    async restart(): Promise<void> {
      told.length = 0;
      await world.crash();
      await world.run();
    },
    pass: async (ms: number): Promise<void> => {
      world.now += ms;
      await world.run();
    },
  };
};

describe("a thread that is answered a day after it began", () => {
  it("is asked for by the next history, after a restart too", async () => {
    const { told, reply, restart, pass } = await createDays();
    await pass(10 * DAY);
    await reply("0.5");
    await pass(6 * DAY);
    await restart();
    expect(told).toEqual(["0.5"]);
  });

  it("is asked for no more eight days after its last reply", async () => {
    const { world, told, reply, restart, pass } = await createDays();
    await pass(10 * DAY);
    await reply("0.5");
    await pass(9 * DAY);
    await world.accept(world.say(A, "19.1", "another", { position: position(String(world.now)) }));
    await world.run(61_000);
    await restart();
    expect(told).toEqual([]);
  });

  it("costs a row once a day, whatever is said in it", async () => {
    const { world, reply, pass } = await createDays();
    await pass(10 * DAY);
    await reply("0.5");
    const { alive: first } = await world.open();
    await pass(2 * HOUR);
    await reply("0.5", 1);
    const { alive: second } = await world.open();
    expect(second).toEqual(first);
    await pass(DAY);
    await reply("0.5", 2);
    const { alive: third } = await world.open();
    const at = (saved: typeof first) => [...saved.values()].flatMap((each) => [...each.values()]);
    expect(at(third)[0]! - at(first)[0]!).toBe(DAY + 2 * HOUR);
  });

  it("is not heard of before it is written down", async () => {
    const { world, told, reply, restart, pass } = await createDays();
    await pass(10 * DAY);
    world.full = true;
    await expect(reply("0.5")).rejects.toThrow();
    world.full = false;
    await reply("0.5");
    await restart();
    expect(told).toEqual(["0.5"]);
  });

  it("is asked for where its reply could not be stored, and nobody says it again", async () => {
    const { world, told, reply, pass } = await createDays();
    await pass(10 * DAY);
    await reply("0.5");
    await pass(2 * DAY);
    world.full = true;
    await expect(reply("0.5", 1)).rejects.toThrow();
    world.full = false;
    told.length = 0;
    await world.relay.gap(A, "503");
    await world.run();
    expect(told).toEqual(["0.5"]);
  });

  it("lets nothing pass the reply that shows it to be alive", async () => {
    const { world, pass } = await createDays();
    await pass(10 * DAY);
    const thread = messageId("0.5");
    await Promise.all([
      world.accept(world.say(A, "10.1", "first", { thread })),
      world.accept(world.say(A, "10.2", "second")),
    ]);
    await world.run();
    const said = world.services[B]!.posts.map((post) => post.split(" ").at(-1));
    expect(said).toEqual(["first", "second"]);
  });

  it("is one of five hundred of its channel, the newest first", async () => {
    const { told, reply, restart, pass } = await createDays();
    await pass(10 * DAY);
    for (let thread = 0; thread < 510; thread += 1) {
      await pass(1_000);
      await reply(`0.${thread + 1_000}`, thread);
    }
    await restart();
    expect(told).toHaveLength(500);
    expect(told[0]).toBe("0.1509");
  });
});

it("is nothing to remember while the thread is young", async () => {
  const { world, reply, pass } = await createDays();
  await pass(10 * DAY);
  await reply("9.5");
  expect((await world.open()).alive).toEqual(new Map());
  expect(world.services[B]!.posts).toHaveLength(1);
});

it("is the sweep that asks for such threads, too", async () => {
  const { world, told, reply, pass } = await createDays();
  await pass(10 * DAY);
  await reply("0.5");
  await world.run(16 * 60_000);
  expect(told).toEqual(["0.5"]);
});
