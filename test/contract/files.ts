/** What the Store contract promises about files: which posts carry them, and whether their message is there. */
import { expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { messageId } from "../../src/core/ids.ts";
import {
  always,
  created,
  deleted,
  edited,
  general,
  lane,
  never,
  NOW,
  other,
  room,
  slack,
  type StoreUnderTest,
  to,
} from "./said.ts";

export function filePromises(opened: () => Promise<StoreUnderTest>): void {
  it("knows which posts of a message carry files, also those that an edit made", async () => {
    const { store, reopen } = await opened();
    await store.accept([to(created("1"))], NOW, never);
    const part = (id: string, file?: string) => ({
      kind: "part" as const,
      copy: { ...room, message: messageId(id) },
      ...(file === undefined ? {} : { file }),
    });
    await store.settle(eventKey(created("1")), lane, { ...part("g1"), last: false }, NOW);
    await store.settle(eventKey(created("1")), lane, { ...part("g2", "F1"), last: true }, NOW);
    const edit = edited("1", "v1", "with another file");
    await store.accept([to(edit)], NOW, never);
    await store.settle(eventKey(edit), lane, { ...part("g3", "F2"), last: true }, NOW);
    const again = await reopen();
    await again.open();
    const source = { account: slack, channel: general, message: messageId("1") };
    expect([...(await again.files(source, lane))]).toEqual([
      ["g2", "F1"],
      ["g3", "F2"],
    ]);
    expect((await again.files(source, other)).size).toBe(0);
  });

  it("knows a deleted message, and says so of no other", async () => {
    const { store } = await opened();
    const source = { account: slack, channel: general, message: messageId("1") };
    await store.accept([to(created("1"))], NOW, never);
    expect(await store.deleted(source)).toBe(false);
    await store.accept([to(deleted("1"))], NOW, never);
    expect(await store.deleted(source)).toBe(true);
    expect(await store.deleted({ ...source, message: messageId("2") })).toBe(false);
  });

  it("leaves no file in a waiting message whose edit took it away", async () => {
    const { store } = await opened();
    const files = [{ id: "F1", name: "plan.png" }];
    await store.accept([to({ ...created("1"), files })], NOW, never);
    await store.accept([to(edited("1", "v1", "without it"))], NOW, always);
    expect(await store.load(eventKey(created("1")))).not.toHaveProperty("files");
  });
}
