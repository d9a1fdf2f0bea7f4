/** What the Store contract says of reactions. */
import { describe, expect, it } from "vitest";

import { type Event, eventKey, type ReactionAdded } from "../../src/core/event.ts";
import { messageId, userId } from "../../src/core/ids.ts";
import {
  created,
  deleted,
  general,
  lane,
  never,
  NOW,
  slack,
  type StoreUnderTest,
  to,
} from "./said.ts";

const at = { account: slack, channel: general, message: messageId("1") };
export const reacted = (over: Partial<ReactionAdded> = {}): ReactionAdded => ({
  ...at,
  kind: "reaction.added",
  sentAt: NOW,
  position: created("1").position,
  author: { id: userId("U2") },
  emoji: "👍",
  version: "1",
  ...over,
});
const removed = (version: string): Event => ({ ...reacted({ version }), kind: "reaction.removed" });

export function reactionPromises(opened: () => Promise<StoreUnderTest>): void {
  describe("reactions", () => {
    it("are known by message, with how they ended, before and after a reopen", async () => {
      const { store, reopen } = await opened();
      await store.accept(
        [to(reacted()), to(removed("2")), to(reacted({ message: messageId("10") }))],
        NOW,
        never,
      );
      await store.settle(eventKey(reacted()), lane, { kind: "part", last: true }, NOW);
      const common = { ...at, emoji: "👍", user: "U2" };
      const known = [
        { ...common, added: true, version: "1", ends: { [lane]: "sent" } },
        { ...common, added: false, version: "2", ends: {} },
      ];
      const sorted = async (from: typeof store) =>
        [...(await from.reactions(at))].sort((a, b) => (a.version < b.version ? -1 : 1));
      expect(await sorted(store)).toEqual(known);
      const again = await reopen();
      await again.open();
      expect(await sorted(again)).toEqual(known);
      await again.sweep(NOW + 86_400_000);
      expect(await sorted(again)).toEqual(known);
    });

    it("are taken back by a deletion that names their own id", async () => {
      const { store } = await opened();
      await store.accept([to(reacted({ reaction: messageId("r1") }))], NOW, never);
      const [taken, again] = await store.accept([to(deleted("r1")), to(deleted("r1"))], NOW, never);
      expect([taken?.kind, again?.kind]).toEqual(["new", "duplicate"]);
      const key = eventKey(removed("1"));
      expect(taken).toMatchObject({ entry: { key } });
      expect(await store.load(key)).toMatchObject({
        kind: "reaction.removed",
        message: "1",
        emoji: "👍",
        author: { id: "U2" },
      });
    });

    it("that were deleted before they came are never seen", async () => {
      const { store } = await opened();
      await store.accept([to(deleted("r1"))], NOW, never);
      const [late] = await store.accept([to(reacted({ reaction: messageId("r1") }))], NOW, never);
      expect(late?.kind).toBe("duplicate");
    });

    it("to a copy are people's, not our own doing", async () => {
      const { store } = await opened();
      const copy = { account: slack, channel: general, message: messageId("c1") };
      await store.accept([to(created("1"))], NOW, never);
      await store.settle(eventKey(created("1")), lane, { kind: "part", copy, last: true }, NOW);
      const [kind] = await store.accept([to(reacted({ message: messageId("c1") }))], NOW, never);
      expect(kind?.kind).toBe("new");
      expect(await store.allCopies(at)).toEqual(new Map([[lane, ["c1"]]]));
      expect(await store.allCopies({ ...at, message: messageId("2") })).toBeUndefined();
    });
  });
}
