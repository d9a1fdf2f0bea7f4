/** A channel in which much was said over more than twice the retention, and what is to be left of it. */
import { expect, it } from "vitest";

import { type Event, eventKey } from "../../src/core/event.ts";
import { messageId } from "../../src/core/ids.ts";
import type { Store } from "../../src/core/store.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { created, lane, lettersIn, never, NOW, room, to } from "./said.ts";

export const DAY_MS = 24 * 3_600_000;
/** The shortest that `Retention` may be. */
export const RETENTION_MS = 9 * DAY_MS;
export const DAYS = 35;
/** Maps are dropped by whole weeks. */
export const KEPT_MS = RETENTION_MS + 7 * DAY_MS;
export const END = NOW + DAYS * DAY_MS;
/** What is said is said in one go, every four hours. */
const STEP_MS = 4 * 3_600_000;
/** One of so many is given up. */
const DEAD_EVERY = 500;

export const idOf = (number: number) => String(number).padStart(8, "0");
export const copyOf = (number: number) => ({ ...room, message: messageId(`g${idOf(number)}`) });
const isDead = (number: number) => number % DEAD_EVERY === 0;

/** The numbers of at least so many messages, and when each was said. */
export const saidOf = (messages: number) => {
  const perStep = Math.ceil(messages / ((DAYS * DAY_MS) / STEP_MS));
  return {
    perStep,
    timeOf: (number: number) => NOW + Math.floor(number / perStep) * STEP_MS,
    /** Fifty that were delivered between these ages. */
    aged: (fromMs: number, toMs: number): readonly number[] =>
      Array.from({ length: 50 }, (_each, index) => {
        const at = END - fromMs - ((toMs - fromMs) * (index + 0.5)) / 50;
        const number = Math.floor((at - NOW) / STEP_MS) * perStep + index;
        return isDead(number) ? number + 1 : number;
      }),
  };
};

export const tablesOf = (sql: Sql, kind: "inbox" | "map"): readonly string[] =>
  sql
    .all<{ name: string }>("SELECT name FROM sqlite_master WHERE name GLOB ?", `${kind}_*`)
    .map(({ name }) => name);

export const rowsOf = (sql: Sql, table: string): number =>
  sql.all<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)[0]!.n;

export interface Day {
  readonly tables: number;
  readonly size: number;
}

/** What SQLite has at the end of a day. */
export const dayOf = (sql: Sql, size: number): Day => ({
  tables: tablesOf(sql, "inbox").length + tablesOf(sql, "map").length,
  size,
});

/** Says all of it, settled as soon as it is said, with a sweep at each step; tells what was measured after each day. */
export async function fill<T>(
  messages: number,
  store: Store,
  measure: () => T | Promise<T>,
): Promise<readonly T[]> {
  const { perStep } = saidOf(messages);
  const days: T[] = [];
  for (let now = NOW, count = 0; now < END; now += STEP_MS, count += perStep) {
    const numbers = Array.from({ length: perStep }, (_each, index) => count + index);
    const all = numbers.map((number) => to(created(idOf(number))));
    await store.accept(all, now, never);
    await Promise.all(
      numbers.map((number) =>
        store.settle(
          eventKey(created(idOf(number))),
          lane,
          isDead(number)
            ? { kind: "dead", reason: "refused" }
            : { kind: "part", copy: copyOf(number), last: true },
          now,
        ),
      ),
    );
    await store.sweep(now);
    if ((now + STEP_MS - NOW) % DAY_MS === 0) days.push(await measure());
  }
  return days;
}

/** What is known at the end, whatever the database. */
export function retentionPromises(messages: number, store: () => Store): void {
  const { aged, timeOf } = saidOf(messages);
  const accept = async (event: Event): Promise<string | undefined> =>
    (await store().accept([to(event)], END, never))[0]?.kind;

  it("are known for the retention, as are their copies", async () => {
    for (const number of aged(0, RETENTION_MS)) {
      const copy = copyOf(number);
      expect(await accept(created(idOf(number)))).toBe("duplicate");
      expect(await accept({ ...created(""), ...copy })).toBe("copy");
      expect(await store().original(copy)).toMatchObject({ message: idOf(number) });
      expect(await store().copies(created(idOf(number)), lane)).toEqual([copy.message]);
    }
  });

  it("are forgotten after it", async () => {
    for (const number of aged(KEPT_MS, DAYS * DAY_MS)) {
      expect(await store().original(copyOf(number))).toBeUndefined();
      expect(await store().copies(created(idOf(number)), lane)).toBeUndefined();
    }
  });

  it("are dead letters for the retention where they were given up, each with its event", async () => {
    const dead = (await lettersIn(store())).map(({ event }) => Number(event.message));
    const all = Array.from({ length: messages / DEAD_EVERY }, (_each, index) => index * DEAD_EVERY);
    const owed = all.filter((number) => timeOf(number) >= END - RETENTION_MS);
    expect(owed.length).toBeGreaterThan(
      (0.7 * messages * RETENTION_MS) / (DEAD_EVERY * DAYS * DAY_MS),
    );
    expect(dead).toEqual(expect.arrayContaining(owed));
    expect(Math.min(...dead.map(timeOf))).toBeGreaterThanOrEqual(END - KEPT_MS);
  });
}
