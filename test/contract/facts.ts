/** The Store contract's part on small facts that outlive the process. */
import { expect, it } from "vitest";

import { messageId, position, sourceKey } from "../../src/core/ids.ts";
import type { Saved } from "../../src/core/store.ts";
import { created, general, lane, never, NOW, slack, type StoreUnderTest, to } from "./said.ts";

export function factPromises(
  opened: () => Promise<StoreUnderTest & { readonly saved: Saved }>,
): void {
  it("remembers its instance, identities, channels and checkpoints", async () => {
    const { store, saved, reopen } = await opened();
    await store.save([
      { kind: "identity", account: slack, identity: "me" },
      { kind: "channel", account: slack, name: "general", channel: general },
      { kind: "checkpoint", at: sourceKey(created("1")), position: position("1") },
    ]);
    await store.save([
      { kind: "checkpoint", at: sourceKey(created("1")), position: position("2") },
    ]);
    const after = await (await reopen()).open();
    expect(after.instance).toBe(saved.instance);
    expect([...after.identities]).toEqual([["slack.a", "me"]]);
    expect([...after.channels]).toEqual([["slack.a general", "C1"]]);
    expect([...after.checkpoints]).toEqual([["slack.a/C1", "2"]]);
  });

  it("saves facts in the commit that accepts, or none of both", async () => {
    const { store, saved } = await opened();
    expect(saved.alive).toEqual(new Map());
    const at = sourceKey(created("1"));
    const threads = new Map([[messageId("t"), NOW]]);
    await store.accept([to(created("1"))], NOW, never, [{ kind: "alive", at, threads }]);
    const again = await store.open();
    expect([again.alive, again.pending.length]).toEqual([new Map([[at, threads]]), 1]);
  });

  it("gives back the last day as it was saved last", async () => {
    const { store, reopen } = await opened();
    const quarter = (at: number) => ({
      at,
      accepted: 1,
      relayed: { [lane]: 2 },
      retried: 3,
      dead: 4,
      waiting: 5,
    });
    await store.save([{ kind: "day", quarters: [quarter(1)] }]);
    await store.save([{ kind: "day", quarters: [quarter(1), quarter(2)] }]);
    expect((await (await reopen()).open()).day).toEqual([quarter(1), quarter(2)]);
  });
}
