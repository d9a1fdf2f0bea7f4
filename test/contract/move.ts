/** The Mover contract: what one store gives, any other takes, and then knows the same. Run for every store. */
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { messageId, position, sourceKey } from "../../src/core/ids.ts";
import type { Mover, Page, Row } from "../../src/core/move.ts";
import type { Store } from "../../src/core/store.ts";
import {
  created,
  edited,
  general,
  lane,
  lettersIn,
  never,
  NOW,
  other,
  room,
  slack,
  to,
} from "./said.ts";

export interface MoverUnderTest {
  readonly store: Store;
  readonly mover: Mover;
}

const MANY = 130;

/** Something of everything: settled, waiting, tried, given up, and more than a page of it. */
async function fill(store: Store): Promise<void> {
  await store.open();
  await store.save([
    { kind: "identity", account: slack, identity: "me" },
    { kind: "channel", account: slack, name: "general", channel: general },
    {
      kind: "checkpoint",
      at: sourceKey({ account: slack, channel: general }),
      position: position("7"),
    },
  ]);
  for (let nth = 0; nth < MANY; nth += 1)
    await store.accept(
      [to(created(`${1_000 + nth}`, `text\u2028${nth}`), [lane, other])],
      NOW + nth,
      never,
    );
  const [sent, tried, dead] = ["1000", "1001", "1002"].map((id) => eventKey(created(id)));
  const copy = { ...room, message: messageId("copy-1") };
  await store.settle(sent!, lane, { kind: "part", copy, last: true }, NOW);
  await store.attempt(tried!, { lane, attempts: 2, firstTriedAt: NOW, done: [], since: NOW });
  await store.settle(dead!, lane, { kind: "dead", reason: "too long" }, NOW);
  // A week later, in tables of their own.
  await store.accept([to(created("2000"))], NOW + 8 * 86_400_000, never);
  await store.settle(
    eventKey(created("2000")),
    lane,
    { kind: "ignored", reason: "rule" },
    NOW + 8 * 86_400_000,
  );
}

async function pagesOf(mover: Mover): Promise<Page[]> {
  const pages = [await mover.page()];
  for (let next = pages[0]!.next; next !== undefined; next = pages.at(-1)!.next)
    pages.push(await mover.page(next));
  return pages;
}
const rowsOf = (pages: readonly Page[]): Row[] => pages.flatMap(({ rows }) => rows);

export function moveContract(name: string, make: () => Promise<MoverUnderTest>): void {
  describe(`a move from and to ${name}`, () => {
    it("brings over everything, and nothing twice", async () => {
      const [from, into] = [await make(), await make()];
      await fill(from.store);
      await from.mover.give(NOW);
      await into.mover.halt();
      await into.mover.clear();
      const pages = await pagesOf(from.mover);
      expect(pages.length).toBeGreaterThan(4);
      for (const { rows } of pages) await into.mover.put(JSON.parse(JSON.stringify(rows)) as Row[]);
      expect(rowsOf(await pagesOf(into.mover))).toEqual(rowsOf(pages));
      await into.mover.finish();
      expect(await into.mover.counts()).toEqual(await from.mover.counts());
      const [was, is] = [await from.store.open(), await into.store.open()];
      expect(is).toEqual({ ...was, instance: is.instance });
      expect(is.pending.length).toBe(MANY);
    });

    it("lets the other deliver, edit and replay as if it had always been there", async () => {
      const [from, into] = [await make(), await make()];
      await fill(from.store);
      await from.mover.give(NOW);
      await into.mover.halt();
      await into.mover.clear();
      for (const { rows } of await pagesOf(from.mover)) await into.mover.put(rows);
      await into.mover.finish();
      const { store } = into;
      await store.open();
      const again = await store.accept([to(created("1000"), [lane, other])], NOW + 999, never);
      expect(again).toEqual([{ kind: "duplicate" }]);
      expect(await store.copies(created("1000"), lane)).toEqual(["copy-1"]);
      expect(await store.original({ ...room, message: messageId("copy-1") })).toMatchObject({
        message: "1000",
      });
      const [edit] = await store.accept([to(edited("1000", "e1", "x"))], NOW + 1_000, never);
      // Its number is behind all that was brought.
      expect(edit?.kind === "new" && edit.entry.seq).toBe(MANY + 2);
      const [letter] = await lettersIn(store);
      expect(letter?.reason).toBe("too long");
      expect(await store.replay([letter!.id], NOW)).toHaveLength(1);
    });

    it("makes another instance of it, which stays that one", async () => {
      const [from, into] = [await make(), await make()];
      await fill(from.store);
      const was = await from.store.open();
      await from.mover.give(NOW);
      await into.mover.halt();
      await into.mover.clear();
      for (const { rows } of await pagesOf(from.mover)) await into.mover.put(rows);
      await into.mover.finish();
      const is = await into.store.open();
      expect(is.instance).toMatch(/./u);
      expect(is.instance).not.toBe(was.instance);
      expect((await into.store.open()).instance).toBe(is.instance);
    });

    it("marks what was given away once, until it is taken back", async () => {
      const { store, mover } = await make();
      await fill(store);
      expect(await mover.halt()).toBeUndefined();
      expect([await mover.give(NOW), await mover.give(NOW + 5)]).toEqual([NOW, NOW]);
      expect(await mover.halt()).toEqual({ kind: "moved", at: NOW });
      await mover.resume();
      expect(await mover.halt()).toBeUndefined();
    });

    it("leaves nothing of what was there, and halts until it is finished", async () => {
      const { store, mover } = await make();
      await fill(store);
      await mover.give(NOW);
      await mover.clear();
      expect(await mover.halt()).toEqual({ kind: "part" });
      expect(await mover.counts()).toEqual({ fact: 0, event: 0, map: 0, letter: 0 });
      await mover.finish();
      expect([await mover.halt(), await mover.isFresh()]).toEqual([undefined, true]);
    });

    it("tells a store on which no relay ever ran", async () => {
      const { store, mover } = await make();
      await mover.halt();
      expect(await mover.isFresh()).toBe(true);
      await store.open();
      expect(await mover.isFresh()).toBe(false);
    });
  });
}
