/** Look: whether a call whose answer never came has made its message. */
import type { Event } from "../event.ts";
import { type DeliveryKey, laneParts, type MessageId } from "../ids.ts";
import { backoffMs } from "../outbox/backoff.ts";
import { LOOK_AFTER_MS } from "../outbox/delivery.ts";
import type { Item, Lane } from "../outbox/lane.ts";
import { type Call, CallFailed, type Connector } from "../ports.ts";
import type { State } from "../state.ts";
import { follow } from "./outcome.ts";
import { probes } from "./probe.ts";

/** A clock that is farther off hears nothing of Slack, as no signature is taken for new. */
const MOST_SKEW_MS = 10 * 60_000;

/** The message that it made; "absent" where it was looked for to the end, "wait" where it is to be looked for again. */
export async function look(
  state: State,
  lane: Lane,
  item: Item,
  event: Event,
  to: Connector,
  call: Call,
  key: DeliveryKey,
): Promise<MessageId | "absent" | "wait"> {
  const { account } = laneParts(lane.id);
  const channel = state.channels.get(lane.id)!;
  const known = async (message: MessageId) =>
    (await state.store.original({ account, channel, message })) !== undefined;
  try {
    probes(state, account);
    const before = (item.uncertainUntil ?? state.clock()) + MOST_SKEW_MS;
    const found = await to.find(call, key, lookAfter(item, event), known, before);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const looked = item.looked;
    const { outcome } = error;
    item.blind += 1;
    item.firstTriedAt ??= state.clock();
    // That a look is refused says nothing of the post.
    const retryAfterMs = backoffMs(item.blind, state.random);
    const later = { kind: "later" as const, reason: outcome.reason, retryAfterMs };
    const isPaced = outcome.kind === "later" && outcome.retryAfterMs !== undefined;
    const isLater = outcome.kind === "rejected" || outcome.kind === "later";
    await follow(state, lane, item, isLater && !isPaced ? later : outcome);
    item.looked = looked;
    return "wait";
  }
  item.blind = 0;
  const looked = (item.looked ?? 0) + 1;
  item.looked = looked;
  const wait = LOOK_AFTER_MS[looked];
  if (wait === undefined) return "absent";
  item.dueAt = state.clock() + wait;
  return "wait";
}

/**
 * When a call of ours was made, by the services' clocks. Ours may have been ahead then: a copy is no older than what it is
 * a copy of.
 */
function lookAfter({ uncertainSince }: Item, { sentAt }: Event): number {
  return Math.max(uncertainSince - MOST_SKEW_MS, Math.min(uncertainSince, sentAt));
}
