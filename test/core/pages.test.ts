/** What one look reads of a channel, for others that are due by then. */
import { describe, expect, it } from "vitest";

import { createPages } from "../../src/core/pages.ts";
import type { Span } from "../../src/core/span.ts";

const MINUTE = 60_000;

function reader() {
  const clock = { now: 100 * MINUTE };
  const pages = createPages<string>(() => clock.now);
  const asked: string[] = [];
  let isBroken = false;
  /** Three pages of one item each; looks for `wanted`, and stops where it is. */
  const look = async (span: Span, wanted = "none", place = "town"): Promise<boolean> => {
    const read = async (from: number, to: number, cursor = "1") => {
      asked.push(`${place} ${from / MINUTE}-${to / MINUTE} ${cursor}`);
      if (isBroken) throw new Error("away");
      return { items: [cursor], ...(cursor === "3" ? {} : { next: String(Number(cursor) + 1) }) };
    };
    for await (const items of pages(place, span, read)) if (items.includes(wanted)) return true;
    return false;
  };
  return { clock, asked, look, breaks: (broken: boolean) => void (isBroken = broken) };
}

const span = (since: number, more: Partial<Span> & { goesOn?: boolean } = {}): Span => ({
  after: 95 * MINUTE,
  before: 99 * MINUTE,
  ...more,
  shared: { from: 90 * MINUTE, to: 99 * MINUTE, since, goesOn: more.goesOn ?? true },
});

describe("what a look reads", () => {
  it("serves another one that was due by then, and is read on where that one goes farther", async () => {
    const { clock, asked, look } = reader();
    expect(await look(span(clock.now), "2")).toBe(true);
    const due = clock.now;
    clock.now += 200;
    expect(await look(span(due))).toBe(false);
    expect(asked).toEqual(["town 90-99 1", "town 90-99 2", "town 90-99 3"]);
  });

  it("serves none that is due later", async () => {
    const { clock, asked, look } = reader();
    await look(span(clock.now), "1");
    clock.now += 200;
    await look(span(clock.now), "1");
    expect(asked).toEqual(["town 90-99 1", "town 90-99 1"]);
  });

  it("serves none that looks farther back or farther on", async () => {
    const { clock, asked, look } = reader();
    await look(span(clock.now), "1");
    await look(span(clock.now, { after: 80 * MINUTE }), "1");
    await look(span(clock.now, { before: 100 * MINUTE }), "1");
    expect(asked).toHaveLength(3);
  });

  it("serves no other place", async () => {
    const { clock, asked, look } = reader();
    await look(span(clock.now), "1");
    await look(span(clock.now), "1", "den");
    expect(asked).toEqual(["town 90-99 1", "den 90-99 1"]);
  });

  it("serves nobody five seconds later, nor when the clock went back", async () => {
    const { clock, asked, look } = reader();
    const due = clock.now;
    await look(span(due), "1");
    clock.now += 5_001;
    await look(span(due), "1");
    clock.now -= 60_000;
    await look(span(due - 120_000), "1");
    expect(asked).toHaveLength(3);
  });

  it("is read anew after a failure", async () => {
    const { clock, asked, look, breaks } = reader();
    breaks(true);
    await expect(look(span(clock.now))).rejects.toThrow("away");
    breaks(false);
    await look(span(clock.now), "1");
    expect(asked).toHaveLength(2);
  });

  it("is kept for its first pages only, as each is hundreds of messages", async () => {
    const clock = 100 * MINUTE;
    const pages = createPages<number>(() => clock);
    let reads = 0;
    const all = async (): Promise<void> => {
      const read = async (_from: number, _to: number, cursor = "1") => {
        reads += 1;
        return { items: [1], ...(cursor === "8" ? {} : { next: String(Number(cursor) + 1) }) };
      };
      for await (const _items of pages("town", span(clock), read));
    };
    await all();
    await all();
    expect(reads).toBe(16);
  });

  it("is forgotten with the last look", async () => {
    const { clock, asked, look } = reader();
    await look(span(clock.now), "1");
    await look(span(clock.now, { goesOn: false }), "1");
    await look(span(clock.now), "1");
    expect(asked).toHaveLength(2);
  });
});
