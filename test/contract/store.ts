/** The Store contract: one suite, run for every implementation and driver. */
import { describe, expect, it } from "vitest";

import { plain } from "../../src/core/content.ts";
import { createdKey, eventKey } from "../../src/core/event.ts";
import { messageId, userId } from "../../src/core/ids.ts";
import { factPromises } from "./facts.ts";
import { filePromises } from "./files.ts";
import { letterPromises } from "./letters.ts";
import { reactionPromises } from "./reactions.ts";
import {
  always,
  created,
  deleted,
  edited,
  general,
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

export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  const opened = async () => {
    const made = await make();
    const saved = await made.store.open();
    return { ...made, saved };
  };

  describe(`the store on ${name}`, () => {
    it("takes an event once, whatever else of it differs", async () => {
      const { store } = await opened();
      const [first] = await store.accept([to(created("1"))], NOW, never);
      const [second] = await store.accept([to(created("1", "changed"))], NOW + 1, never);
      expect([first?.kind, second?.kind]).toEqual(["new", "duplicate"]);
    });

    it("knows an event weeks after it was settled and swept", async () => {
      const { store } = await opened();
      const event = created("1");
      await store.accept([to(event)], NOW, never);
      await store.settle(
        eventKey(event),
        lane,
        { kind: "part", copy: { ...room, message: messageId("g1") }, last: true },
        NOW,
      );
      const later = NOW + 15 * 24 * 3_600_000;
      await store.sweep(later);
      const [again] = await store.accept([to(event)], later, never);
      expect(again?.kind).toBe("duplicate");
    });

    it("gives back what is not settled after a reopen, in lane order", async () => {
      const { store, reopen } = await opened();
      await store.accept([to(created("3")), to(created("1")), to(created("2"))], NOW, never);
      await store.settle(eventKey(created("1")), lane, { kind: "ignored", reason: "x" }, NOW);
      const { pending } = await (await reopen()).open();
      expect(pending.map(({ key }) => key)).toEqual([
        eventKey(created("3")),
        eventKey(created("2")),
      ]);
    });

    it("sorts what one gate let in by the source's position", async () => {
      const { store, reopen } = await opened();
      await store.accept(
        [to(created("3"), [lane], { ord: 7 }), to(created("2"), [lane], { ord: 7 })],
        NOW,
        never,
      );
      const { pending } = await (await reopen()).open();
      expect(pending.map(({ position: at }) => at)).toEqual(["2", "3"]);
    });

    it("keeps the attempts and parts of a delivery over a reopen", async () => {
      const { store, reopen } = await opened();
      const event = created("1");
      await store.accept([to(event)], NOW, never);
      await store.settle(
        eventKey(event),
        lane,
        { kind: "part", copy: { ...room, message: messageId("g1") }, last: false },
        NOW,
      );
      await store.attempt(eventKey(event), {
        lane,
        attempts: 2,
        firstTriedAt: NOW,
        plain: true,
        flat: true,
        fileTries: 2,
        done: [],
      });
      const { pending } = await (await reopen()).open();
      expect(pending[0]?.lanes).toEqual([
        {
          lane,
          attempts: 2,
          firstTriedAt: NOW,
          plain: true,
          flat: true,
          fileTries: 2,
          done: ["g1"],
        },
      ]);
    });

    it("settles the lanes of one event each by itself", async () => {
      const { store, reopen } = await opened();
      const event = created("1");
      await store.accept([to(event, [lane, other])], NOW, never);
      await store.settle(
        eventKey(event),
        lane,
        { kind: "part", copy: { ...room, message: messageId("g1") }, last: true },
        NOW,
      );
      const { pending } = await (await reopen()).open();
      expect(pending[0]?.lanes.map((each) => each.lane)).toEqual([other]);
    });

    it("maps a message to its copies and a copy to its original", async () => {
      const { store } = await opened();
      const event = created("1");
      await store.accept([to(event)], NOW, never);
      const copy = { ...room, message: messageId("g1") };
      await store.settle(eventKey(event), lane, { kind: "part", copy, last: true }, NOW);
      const source = { account: slack, channel: general, message: messageId("1") };
      expect(await store.copies(source, lane)).toEqual(["g1"]);
      expect(await store.original(copy)).toEqual(source);
    });

    it("counts a post that an edit had to add to the copies of its message", async () => {
      const { store } = await opened();
      const event = created("1");
      const edit = edited("1", "e1", "much longer");
      await store.accept([to(event)], NOW, never);
      const part = (id: string) =>
        ({ kind: "part", copy: { ...room, message: messageId(id) }, last: true }) as const;
      await store.settle(eventKey(event), lane, part("g1"), NOW);
      await store.accept([to(edit)], NOW, never);
      await store.settle(eventKey(edit), lane, part("g2"), NOW);
      const source = { account: slack, channel: general, message: messageId("1") };
      expect(await store.copies(source, lane)).toEqual(["g1", "g2"]);
    });

    it("forgets a post that an edit took away", async () => {
      const { store } = await opened();
      const event = created("1");
      const edit = edited("1", "e1", "shorter");
      await store.accept([to(event)], NOW, never);
      for (const [id, last] of [
        ["g1", false],
        ["g2", true],
      ] as const) {
        const copy = { ...room, message: messageId(id) };
        await store.settle(eventKey(event), lane, { kind: "part", copy, last }, NOW);
      }
      await store.accept([to(edit)], NOW, never);
      const gone = [messageId("g2")];
      await store.settle(eventKey(edit), lane, { kind: "part", last: true, gone }, NOW);
      const source = { account: slack, channel: general, message: messageId("1") };
      expect(await store.copies(source, lane)).toEqual(["g1"]);
    });

    it("knows the thread that a message was delivered into, over a reopen", async () => {
      const { store, reopen } = await opened();
      await store.accept([to(created("1")), to(created("2"))], NOW, never);
      const thread = messageId("root");
      for (const [id, last] of [
        ["g1", false],
        ["g2", true],
      ] as const) {
        const copy = { ...room, message: messageId(id) };
        const part = { kind: "part", copy, last, ...(last ? {} : { thread }) } as const;
        await store.settle(eventKey(created("1")), lane, part, NOW);
      }
      const copy = { ...room, message: messageId("g3") };
      await store.settle(eventKey(created("2")), lane, { kind: "part", copy, last: true }, NOW);
      const again = await reopen();
      await again.open();
      const at = { account: slack, channel: general };
      expect(await again.threadOf({ ...at, message: messageId("1") }, lane)).toBe("root");
      expect(await again.threadOf({ ...at, message: messageId("2") }, lane)).toBeUndefined();
      const alone = { kind: "part", copy, last: true, ownThread: messageId("1.0") } as const;
      await again.settle(eventKey(created("2")), lane, alone, NOW);
      expect(await again.ownThreadOf({ ...at, message: messageId("2") }, lane)).toBe("1.0");
      expect(await again.ownThreadOf({ ...at, message: messageId("1") }, lane)).toBeUndefined();
    });

    it("tells what became of the messages of a channel from an id on, also once their hour is gone", async () => {
      const { store } = await opened();
      const edit = edited("2", "e2", "better");
      const all = [created("1"), created("2"), created("3"), edit, edited("2", "e1", "good")];
      for (const event of [...all, deleted("3")]) {
        await store.accept([to(event)], NOW, never);
        await store.settle(eventKey(event), lane, { kind: "ignored", reason: "x" }, NOW);
      }
      const source = { account: slack, channel: general };
      const expected = [
        ["2", { edited: "e2", deleted: false }],
        ["3", { deleted: true }],
      ];
      const sorted = async () =>
        [...(await store.seen(source, messageId("2")))].sort(([a], [b]) => (a < b ? -1 : 1));
      expect(await sorted()).toEqual(expected);
      await store.sweep(NOW + 7_200_000);
      expect(await sorted()).toEqual(expected);
    });

    it("does not take a copy that it made for a new message", async () => {
      const { store } = await opened();
      const event = created("1");
      await store.accept([to(event)], NOW, never);
      const copy = { account: slack, channel: general, message: messageId("9") };
      await store.settle(eventKey(event), lane, { kind: "part", copy, last: true }, NOW);
      const [echo] = await store.accept([to(created("9"))], NOW, never);
      expect(echo?.kind).toBe("copy");
    });

    it("folds an edit into its message while that was never attempted", async () => {
      const { store } = await opened();
      await store.accept([to(created("1"))], NOW, never);
      const [fold] = await store.accept([to(edited("1", "e1", "better"))], NOW, always);
      expect(fold?.kind).toBe("folded");
      expect(await store.load(eventKey(created("1")))).toMatchObject({
        kind: "message.created",
        content: plain("better"),
      });
    });

    it("ends earlier edits that wait for their message when a later one is folded into that", async () => {
      const { store, reopen } = await opened();
      await store.accept([to(edited("1", "e1", "good"))], NOW, never);
      const both = [to(created("1")), to(edited("1", "e2", "better"))];
      const [, fold] = await store.accept(both, NOW, always);
      expect(fold).toMatchObject({ kind: "folded", over: [eventKey(edited("1", "e1", "good"))] });
      const { pending } = await (await reopen()).open();
      expect(pending.map(({ key }) => key)).toEqual([eventKey(created("1"))]);
    });

    it("takes a message that comes after its edits with the newest of them, its author's", async () => {
      const { store } = await opened();
      for (const [version, text] of [
        ["e1", "good"],
        ["e2", "better"],
      ] as const) {
        await store.accept([to(edited("1", version, text))], NOW, never);
        const key = eventKey(edited("1", version, text));
        await store.settle(key, lane, { kind: "ignored", reason: "no target" }, NOW);
      }
      await store.accept([to(edited("2", "e9", "of another"))], NOW, never);
      await store.sweep(NOW + 3_600_000);
      await store.accept([to(created("1"))], NOW + 3_600_000, never);
      expect(await store.load(eventKey(created("1")))).toMatchObject({ content: plain("better") });
    });

    it("takes nobody else's edit into a message", async () => {
      const { store } = await opened();
      const foreign = { ...edited("1", "e1", "worse"), author: { id: userId("mallory") } };
      await store.accept([to(foreign)], NOW, never);
      await store.accept([to(created("1"))], NOW, never);
      const { content } = created("1");
      expect(await store.load(eventKey(created("1")))).toMatchObject({ content });
    });

    it("is not kept from the author's edits by a later one that somebody else sent", async () => {
      const { store } = await opened();
      await store.accept([to(created("1"))], NOW, never);
      const forged = { ...edited("1", "e9", "worse"), author: { id: userId("mallory") } };
      const kinds = (
        await store.accept([to(forged), to(edited("1", "e1", "good"))], NOW, never)
      ).map(({ kind }) => kind);
      expect(kinds).toEqual(["new", "new"]);
      const [late] = await store.accept([to(edited("1", "e0", "older"))], NOW, never);
      expect(late?.kind).toBe("duplicate");
    });

    it("takes a message that comes after somebody else's later edit with its author's own", async () => {
      const { store } = await opened();
      const forged = { ...edited("1", "e9", "worse"), author: { id: userId("mallory") } };
      await store.accept([to(edited("1", "e1", "good")), to(forged)], NOW, never);
      await store.accept([to(created("1"))], NOW, never);
      expect(await store.load(eventKey(created("1")))).toMatchObject({ content: plain("good") });
    });

    it("queues an edit behind its message once that may be in flight", async () => {
      const { store } = await opened();
      await store.accept([to(created("1"))], NOW, never);
      const [edit] = await store.accept([to(edited("1", "e1", "better"))], NOW, never);
      expect(edit?.kind).toBe("new");
    });

    it("drops a message that is deleted before it was attempted, for good", async () => {
      const { store, reopen } = await opened();
      await store.accept([to(created("1"))], NOW, never);
      const [fold] = await store.accept([to(deleted("1"))], NOW, always);
      expect(fold).toMatchObject({
        kind: "folded",
        entry: createdKey(slack, general, messageId("1")),
        over: [createdKey(slack, general, messageId("1"))],
      });
      expect((await (await reopen()).open()).pending).toEqual([]);
    });

    it("keeps an event of an unknown channel until it is routed", async () => {
      const { store, reopen } = await opened();
      const event = created("1");
      await store.accept([to(event, [], { unrouted: true })], NOW, never);
      const again = await reopen();
      expect((await again.open()).pending[0]?.unrouted).toBe(true);
      const entry = await again.route(eventKey(event), [lane], NOW);
      expect(entry?.lanes.map((each) => each.lane)).toEqual([lane]);
    });

    it("keeps a dead letter with its event and reason", async () => {
      const { store } = await opened();
      const event = created("1");
      await store.accept([to(event)], NOW, never);
      await store.settle(eventKey(event), lane, { kind: "dead", reason: "too long" }, NOW);
      expect(await lettersIn(store)).toMatchObject([
        { lane, reason: "too long", event: { message: "1" } },
      ]);
    });

    factPromises(opened);
    letterPromises(opened);
    filePromises(opened);
    reactionPromises(opened);

    it("drops the content of an hour when one more is over and all of it is settled, and not before", async () => {
      const { store, reopen } = await opened();
      await store.accept([to(created("1")), to(created("2"))], NOW, never);
      await store.settle(eventKey(created("1")), lane, { kind: "ignored", reason: "x" }, NOW);
      await store.sweep(NOW + 7_200_000);
      expect(await store.load(eventKey(created("2")))).toBeDefined();
      await store.settle(eventKey(created("2")), lane, { kind: "ignored", reason: "x" }, NOW);
      await store.sweep(NOW + 3_600_000);
      expect(await store.load(eventKey(created("1")))).toBeDefined();
      await store.sweep(NOW + 7_200_000);
      expect(await store.load(eventKey(created("1")))).toBeUndefined();
      const again = await reopen();
      await again.open();
      expect(await again.load(eventKey(created("1")))).toBeUndefined();
    });

    it("sweeps a busy hour in parts, and says when there is more", async () => {
      const { store } = await opened();
      const all = Array.from({ length: 700 }, (_each, index) => created(String(1_000 + index)));
      const last = all.at(-1)!;
      // For no lane: settled as they come.
      const accepting = all.map((event) => to(event, event === last ? [lane] : []));
      await store.accept(accepting, NOW, never);
      const sweep = () => store.sweep(NOW + 3 * 3_600_000);
      expect([(await sweep()).more, (await sweep()).more]).toEqual([true, false]);
      expect(await store.load(eventKey(all[0]!))).toBeDefined();
      await store.settle(eventKey(last), lane, { kind: "ignored", reason: "x" }, NOW);
      expect(await sweep()).toMatchObject({ more: false });
      expect(await store.load(eventKey(all[0]!))).toBeUndefined();
    });

    it("keeps what comes into an hour that is over, as a clock that goes back brings it", async () => {
      const { store, reopen } = await opened();
      const [early, late] = [created("1"), created("9")];
      await store.accept([to(late), to(created("99"))], NOW, never);
      await store.settle(eventKey(late), lane, { kind: "ignored", reason: "x" }, NOW);
      await store.sweep(NOW + 7_200_000);
      await store.accept([to(early)], NOW, never);
      await store.settle(
        eventKey(created("99")),
        lane,
        { kind: "ignored", reason: "x" },
        NOW + 7_200_000,
      );
      await store.sweep(NOW + 7_200_000);
      expect((await (await reopen()).open()).pending.map(({ key }) => key)).toEqual([
        eventKey(early),
      ]);
    });

    it("tells an event that can never be stored from a store that fails, and takes those beside it", async () => {
      const { store, reopen } = await opened();
      const poisoned = { ...created("2"), sentAt: 2n as unknown as number };
      const ends = await Promise.allSettled(
        [created("1"), poisoned, created("3")].map((event) =>
          store.accept([to(event)], NOW, never),
        ),
      );
      expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(ends[1]).toMatchObject({ reason: { name: "TypeError" } });
      expect((await (await reopen()).open()).pending.map(({ key }) => key)).toEqual(
        ["1", "3"].map((id) => eventKey(created(id))),
      );
    });
  });
}
