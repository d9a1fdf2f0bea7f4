/** The Store contract's part on dead letters. */
import { expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import { type Event, eventKey } from "../../src/core/event.ts";
import { messageId } from "../../src/core/ids.ts";
import type { Settlement } from "../../src/core/store.ts";
import {
  created,
  deleted,
  edited,
  lane,
  lettersIn,
  never,
  NOW,
  other,
  room,
  slack,
  type StoreUnderTest,
  to,
} from "./said.ts";

const DEAD: Settlement = { kind: "dead", reason: "too long" };
const part = (id: string, last = true): Settlement => ({
  kind: "part",
  copy: { ...room, message: messageId(id) },
  last,
});
const source = { account: slack, channel: created("1").channel, message: messageId("1") };

export function letterPromises(opened: () => Promise<StoreUnderTest>): void {
  /** A store with one dead letter. */
  const withLetter = async (event: Event = created("1"), lanes = [lane], how = DEAD) => {
    const made = await opened();
    await made.store.accept([to(event, lanes)], NOW, never);
    await made.store.settle(eventKey(event), lane, how, NOW);
    const [letter] = await lettersIn(made.store);
    return { ...made, id: letter!.id };
  };

  it("replays a dead letter behind all that was accepted before, for its lane only", async () => {
    const { store, reopen, id } = await withLetter(created("1"), [lane, other]);
    await store.accept([to(created("2"))], NOW, never);
    const [replayed] = await store.replay([id], NOW + 5);
    expect(replayed).toMatchObject({ id, entry: { replayed: true, at: NOW + 5 } });
    const { pending } = await (await reopen()).open();
    expect(
      pending.map(({ position, lanes }) => [position, lanes.map((each) => each.lane)]),
    ).toEqual([
      ["1", [other]],
      ["2", [lane]],
      ["1", [lane]],
    ]);
  });

  it("has a letter either dead or waiting, whenever it is opened again", async () => {
    const { store, reopen, id } = await withLetter();
    const before = await reopen();
    expect((await before.open()).pending).toEqual([]);
    expect(await lettersIn(before)).toHaveLength(1);
    await before.replay([id], NOW);
    const after = await reopen();
    const { pending, deadLetters } = await after.open();
    expect([pending.length, deadLetters, await lettersIn(after)]).toEqual([1, 0, []]);
    expect(store).not.toBe(after);
  });

  it("replays a letter once, however often it is asked to", async () => {
    const { store, id } = await withLetter();
    const twice = await Promise.all([store.replay([id], NOW), store.replay([id, id], NOW)]);
    expect(twice.flat()).toHaveLength(1);
  });

  it("keeps the id of a delivery through its replay, so that an earlier call's post can be found", async () => {
    const { store } = await opened();
    const [accepted] = await store.accept([to(created("1"))], NOW, never);
    await store.settle(eventKey(created("1")), lane, { ...DEAD, since: NOW - 9 } as never, NOW);
    const [letter] = await lettersIn(store);
    const [replayed] = await store.replay([letter!.id], NOW);
    expect(replayed?.entry.id).toBe(accepted?.kind === "new" ? accepted.entry.id : "");
    expect(replayed?.entry.lanes).toMatchObject([{ attempts: 0, since: NOW - 9 }]);
  });

  it("does not deliver again the parts that a dead letter had delivered", async () => {
    const { store, reopen } = await opened();
    await store.accept([to(created("1"))], NOW, never);
    await store.settle(eventKey(created("1")), lane, part("g1", false), NOW);
    await store.settle(eventKey(created("1")), lane, DEAD, NOW);
    const [letter] = await lettersIn(store);
    const [replayed] = await store.replay([letter!.id], NOW);
    expect(replayed?.entry.lanes[0]?.done).toEqual(["g1"]);
    const again = await reopen();
    expect((await again.open()).pending[0]?.lanes[0]?.done).toEqual(["g1"]);
    await again.settle(replayed!.entry.key, lane, part("g2"), NOW);
    expect(await again.copies(source, lane)).toEqual(["g1", "g2"]);
  });

  it("finds the copy of a replayed message, and the message of that copy", async () => {
    const { store, id } = await withLetter();
    const [replayed] = await store.replay([id], NOW);
    await store.settle(replayed!.entry.key, lane, part("g1"), NOW);
    expect(await store.copies(source, lane)).toEqual(["g1"]);
    expect(await store.original({ ...room, message: messageId("g1") })).toEqual(source);
  });

  it("knows the event of a dead letter before, during and after its replay", async () => {
    const { store, id } = await withLetter();
    const kinds: unknown[] = [];
    const come = async () =>
      kinds.push((await store.accept([to(created("1"))], NOW, never))[0]?.kind);
    await come();
    const [replayed] = await store.replay([id], NOW);
    await come();
    await store.settle(replayed!.entry.key, lane, part("g1"), NOW);
    await come();
    expect(kinds).toEqual(["duplicate", "duplicate", "duplicate"]);
  });

  it("marks a replayed message as late, and leaves its time as it was", async () => {
    const { store, id } = await withLetter();
    const [replayed] = await store.replay([id], NOW + 60_000);
    expect(await store.load(replayed!.entry.key)).toMatchObject({ late: true, sentAt: NOW });
  });

  it("takes a letter that dies again back under the same id, and replays it again", async () => {
    const { store, reopen, id } = await withLetter();
    for (const turn of [1, 2]) {
      const [replayed] = await store.replay([id], NOW + turn);
      await store.settle(replayed!.entry.key, lane, DEAD, NOW + turn);
      expect((await lettersIn(store)).map((each) => each.id)).toEqual([id]);
    }
    const [last] = await store.replay([id], NOW + 3);
    await store.settle(last!.entry.key, lane, part("g1"), NOW + 3);
    expect(await store.copies(source, lane)).toEqual(["g1"]);
    expect((await (await reopen()).open()).pending).toEqual([]);
  });

  it("replays letters in the order in which they died", async () => {
    const { store } = await opened();
    for (const [index, id] of ["3", "1", "2"].entries()) {
      await store.accept([to(created(id))], NOW, never);
      await store.settle(eventKey(created(id)), lane, DEAD, NOW + index);
    }
    const ids = (await lettersIn(store)).map(({ id }) => id).reverse();
    const replayed = await store.replay(ids, NOW);
    expect(replayed.map(({ entry }) => entry.position)).toEqual(["3", "1", "2"]);
  });

  it("lists the newest letters first, page by page, each once", async () => {
    const { store } = await opened();
    for (const [index, id] of ["1", "2", "3", "4", "5"].entries()) {
      await store.accept([to(created(id))], NOW, never);
      // Two at a time die at once.
      await store.settle(eventKey(created(id)), lane, DEAD, NOW + (index >> 1));
    }
    const pages = [await store.deadLetters({ most: 2 })];
    for (let last = pages[0]!.at(-1); last !== undefined; last = pages.at(-1)!.at(-1))
      pages.push(await store.deadLetters({ most: 2, before: last }));
    expect(pages.map((page) => page.map(({ at }) => at - NOW))).toEqual([[2, 1], [1, 0], [0], []]);
    expect(new Set(pages.flat().map(({ id }) => id)).size).toBe(5);
  });

  it("discards a letter and knows its event all the same", async () => {
    const { store, id } = await withLetter();
    expect(await store.discard([id, "nobody's"])).toEqual([{ id, lane }]);
    expect(await lettersIn(store)).toEqual([]);
    expect(await store.replay([id], NOW)).toEqual([]);
    const [again] = await store.accept([to(created("1"))], NOW, never);
    expect(again?.kind).toBe("duplicate");
  });

  it.each([
    ["ignored", { kind: "ignored", reason: "its message was not relayed" }],
    ["applied to a part", { kind: "part", last: true }],
  ] as const)("has a dead letter say what its author's edit says: %s", async (_name, how) => {
    const { store, id } = await withLetter();
    const edit = edited("1", "e1", "better");
    await store.accept([to(edit)], NOW, never);
    await store.settle(eventKey(edit), lane, how, NOW);
    const [replayed] = await store.replay([id], NOW);
    expect(await store.load(replayed!.entry.key)).toMatchObject({
      kind: "message.created",
      content: plain("better"),
    });
  });

  it("does not let somebody else's edit into a dead letter", async () => {
    const { store } = await withLetter();
    const edit = { ...edited("1", "e1", "forged"), author: { id: "U2" } } as Event;
    await store.accept([to(edit)], NOW, never);
    await store.settle(eventKey(edit), lane, { kind: "ignored", reason: "x" }, NOW);
    expect(await lettersIn(store)).toMatchObject([{ event: { content: plain("text 1") } }]);
  });

  it("throws a dead letter away whose message was deleted, in that lane", async () => {
    const { store } = await withLetter(created("1"), [lane, other]);
    await store.settle(eventKey(created("1")), other, DEAD, NOW);
    const gone = deleted("1");
    await store.accept([to(gone, [lane, other])], NOW, never);
    await store.settle(eventKey(gone), lane, { kind: "ignored", reason: "x" }, NOW);
    expect((await lettersIn(store)).map((each) => each.lane)).toEqual([other]);
  });

  it("never sends a replayed message that was deleted while it waited", async () => {
    const { store, reopen, id } = await withLetter();
    const [replayed] = await store.replay([id], NOW);
    const gone = deleted("1");
    await store.accept([to(gone)], NOW, never);
    await store.settle(eventKey(gone), lane, { kind: "ignored", reason: "x" }, NOW);
    expect(await store.load(replayed!.entry.key)).toBeUndefined();
    expect((await (await reopen()).open()).pending).toEqual([]);
  });

  it("keeps a dead letter for the retention, and not longer", async () => {
    const { store } = await withLetter();
    const day = 86_400_000;
    expect(await store.sweep(NOW + 29 * day)).toMatchObject({ letters: 0 });
    expect(await lettersIn(store)).toHaveLength(1);
    expect(await store.sweep(NOW + 45 * day)).toMatchObject({ letters: 1 });
    expect(await lettersIn(store)).toEqual([]);
  });
}
