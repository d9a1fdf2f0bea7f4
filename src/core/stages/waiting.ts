/** What has to wait for something else than its destination: its message, or what its service tells. */
import { createdKey, type Event } from "../event.ts";
import { backoffMs } from "../outbox/backoff.ts";
import { GIVE_UP_AFTER_MS } from "../outbox/delivery.ts";
import type { Item, Lane } from "../outbox/lane.ts";
import type { State } from "../state.ts";
import { openLane } from "./open-lane.ts";
import { settle } from "./settle.ts";

/** An edit or delete waits this long for its message to be delivered; others may pass meanwhile. */
const WAIT_FOR_TARGET_MS = 60_000;
const TARGET_POLL_MS = 1_000;

/** Whether what it is about waits in the lane, too: what came first need not have been said first. */
export async function isBefore(
  { store }: State,
  lane: Lane,
  item: Item,
  event: Event,
): Promise<boolean> {
  const here = { account: event.account, channel: event.channel, message: event.message };
  // People react to copies; what waits is what they are copies of.
  const isReaction = event.kind === "reaction.added" || event.kind === "reaction.removed";
  const root = isReaction ? ((await store.original(here)) ?? here) : here;
  const created = createdKey(root.account, root.channel, root.message);
  return lane.items.some((other) => other !== item && other.entry.key === created);
}

/** An edit of which its service tells nothing holds up nothing but what else is about its message. */
export async function waitForAnswer(
  state: State,
  lane: Lane,
  item: Item,
  reason: string,
): Promise<void> {
  const now = state.clock();
  if (item.firstTriedAt === undefined) {
    item.firstTriedAt = now;
    // Remembered, as an object that sleeps between two questions begins anew each time.
    await state.store.attempt(item.entry.key, openLane(item, item.attempts));
  }
  if (now - item.firstTriedAt > GIVE_UP_AFTER_MS)
    return settle(state, lane, item, {
      kind: "dead",
      reason,
    });
  item.parked = true;
  item.unnamed += 1;
  item.dueAt = now + backoffMs(item.unnamed, state.random);
}

export async function waitForTarget(
  state: State,
  lane: Lane,
  item: Item,
  event: Event,
): Promise<void> {
  const now = state.clock();
  if (!(await isBefore(state, lane, item, event)) && now - item.entry.at >= WAIT_FOR_TARGET_MS)
    return settle(state, lane, item, { kind: "ignored", reason: "its message was never relayed" });
  item.parked = true;
  item.dueAt = now + TARGET_POLL_MS;
}
