/** What a host may be asked for a move, and when it refuses. */
import { describe, expect, it } from "vitest";

import { describeHalt, type Halt, type Mover, type RowCounts } from "../../../src/core/move.ts";
import { createMove } from "../../../src/hosts/shared/move.ts";

const COUNTS: RowCounts = { fact: 1, event: 2, map: 3, letter: 0 };

/** A store that notes what is done with it, and a relay. */
async function host(
  options: { halt?: Halt; fresh?: boolean; awaits?: boolean; fails?: readonly string[] } = {},
) {
  const log: string[] = [];
  const note =
    <Answer>(what: string, answer: Answer) =>
    async (): Promise<Answer> => {
      if (options.fails?.includes(what) === true) throw new Error("disk full");
      log.push(what);
      return answer;
    };
  const mover: Mover = {
    halt: async () => options.halt,
    isFresh: async () => options.fresh ?? false,
    give: note("give", 1_000),
    resume: note("resume", undefined),
    page: note("page", { rows: [] }),
    counts: async () => COUNTS,
    clear: note("clear", undefined),
    put: note("put", undefined),
    finish: note("finish", undefined),
  };
  const move = await createMove({
    mover,
    awaits: options.awaits ?? false,
    clock: () => 1_000,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
    start: note("start", undefined),
    stop: note("stop", undefined),
  });
  return { move, log, options };
}

describe("a host that gives its state away", () => {
  it("ends its relay before the state is marked, and takes nothing from the first moment on", async () => {
    const { move, log } = await host();
    const given = move.door.give();
    await Promise.resolve();
    await Promise.resolve();
    expect(move.halt()).toEqual({ kind: "moved", at: 1_000 });
    expect(await given).toEqual({ at: 1_000, counts: COUNTS });
    expect(log).toEqual(["stop", "give"]);
  });

  it("relays on when the mark cannot be stored", async () => {
    const { move, log } = await host({ fails: ["give"] });
    expect(await move.door.give()).toEqual({ refused: "disk full" });
    expect([move.halt(), log]).toEqual([undefined, ["stop", "start"]]);
  });

  it("relays on when its relay cannot be ended", async () => {
    const { move, log } = await host({ fails: ["stop"] });
    expect(await move.door.give()).toEqual({ refused: "disk full" });
    expect([move.halt(), log]).toEqual([undefined, ["start"]]);
  });

  it("is not marked while its relay may run, however often it is asked", async () => {
    const { move, log, options } = await host({ fails: ["stop", "start"] });
    await move.door.give();
    expect(await move.door.give()).toEqual({ refused: "disk full" });
    expect(log).toEqual([]);
    options.fails = [];
    expect(await move.door.give()).toMatchObject({ at: 1_000 });
    expect(log).toEqual(["stop", "give"]);
  });

  it("relays again after resume", async () => {
    const { move, log } = await host({ halt: { kind: "moved", at: 5 } });
    expect(await move.door.resume()).toEqual({ at: 5 });
    expect([move.halt(), log]).toEqual([undefined, ["resume", "start"]]);
  });

  it("gives no rows while it relays", async () => {
    const { move } = await host();
    expect(await move.door.page()).toMatchObject({ refused: expect.stringContaining("in use") });
    expect(await move.door.resume()).toMatchObject({ refused: expect.any(String) });
  });
});

describe("a host that takes another's state", () => {
  it("relays once all of it is there, and not before", async () => {
    const { move, log } = await host({ awaits: true, fresh: true });
    expect(move.halt()).toEqual({ kind: "awaits" });
    await move.door.begin(900);
    await move.door.put([]);
    expect(await move.door.end({ ...COUNTS, map: 4 })).toMatchObject({
      refused: expect.stringContaining("3 of 4 rows of kind map"),
    });
    expect(move.halt()).toEqual({ kind: "part" });
    expect(await move.door.end(COUNTS)).toEqual({ done: true });
    expect([move.halt(), log]).toEqual([undefined, ["clear", "put", "finish", "start"]]);
  });

  it("does not wait where a relay ran before, whatever AWAIT_IMPORT says", async () => {
    const { move } = await host({ awaits: true, fresh: false });
    expect(move.halt()).toBeUndefined();
  });

  it("waits for all of it after a restart in the middle", async () => {
    const { move } = await host({ halt: { kind: "part" } });
    expect(await move.door.put([])).toMatchObject({ refused: expect.stringContaining("anew") });
    expect(await move.door.end(COUNTS)).toMatchObject({ refused: expect.stringContaining("anew") });
  });

  it("throws half an import away when it is to resume, and awaits a state again", async () => {
    const { move, log } = await host({ halt: { kind: "part" }, awaits: true });
    expect(describeHalt(move.halt()!)).toMatch(/only a part .* resume/u);
    expect(await move.door.resume()).toEqual({ discarded: true, awaits: true });
    expect([move.halt(), log]).toEqual([{ kind: "awaits" }, ["clear", "finish"]]);
  });

  it("begins with nothing then where it is not to await one", async () => {
    const { move, log } = await host({ halt: { kind: "part" } });
    expect(await move.door.resume()).toEqual({ discarded: true, awaits: false });
    expect([move.halt(), log]).toEqual([undefined, ["clear", "finish", "start"]]);
  });

  it("throws nothing away that came whole, though no relay could be started on it", async () => {
    const { move, log } = await host({ awaits: true, fresh: true, fails: ["start"] });
    await move.door.begin(900);
    expect(await move.door.end(COUNTS)).toEqual({ refused: "disk full" });
    expect(await move.door.resume()).toMatchObject({ refused: expect.any(String) });
    expect(log).toEqual(["clear", "finish"]);
  });

  it("refuses while it has a state of its own, and says what to do", async () => {
    const { move, log } = await host();
    expect(await move.door.begin(2_000)).toMatchObject({
      refused: expect.stringContaining("AWAIT_IMPORT=1"),
    });
    expect(log).toEqual([]);
  });

  it("takes back what went on elsewhere since, and never what it gave away itself", async () => {
    const { move } = await host({ halt: { kind: "moved", at: 1_000 } });
    expect(await move.door.begin(1_000)).toMatchObject({
      refused: expect.stringContaining("resume"),
    });
    expect(await move.door.begin(1_001)).toEqual({ done: true });
  });

  it("has nothing to export", async () => {
    const { move } = await host({ awaits: true, fresh: true });
    expect(await move.door.give()).toMatchObject({
      refused: expect.stringContaining("nothing to export"),
    });
  });
});
