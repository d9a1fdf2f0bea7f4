/** Look: whether a call whose answer never came has made its message. */
import type { Event } from "../event.ts";
import { type DeliveryKey, laneParts, type MessageId } from "../ids.ts";
import { backoffMs } from "../outbox/backoff.ts";
import { LOOK_AFTER_MS } from "../outbox/delivery.ts";
import type { Item, Lane } from "../outbox/lane.ts";
import { type Call, CallFailed, type Connector } from "../ports.ts";
import type { Span } from "../span.ts";
import type { State } from "../state.ts";
import { follow } from "./outcome.ts";
import { probes } from "./probe.ts";

/** A clock that is farther off hears nothing of Slack, as no signature is taken for new. */
const MOST_SKEW_MS = 10 * 60_000;

/** What is older by more would have all of them read much more. */
const TOGETHER_MS = 10 * 60_000;

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
    const found = await to.find(call, key, spanOf(state, lane, item, event), known);
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
 * Heads of several sources wait in one lane, and often for the same outage: what is read for one is read for all of them,
 * with the span of all. It is as new as the first look that it serves is due.
 */
function spanOf(state: State, lane: Lane, item: Item, event: Event): Span {
  const now = state.clock();
  const after = lookAfter(item, event);
  const beforeOf = ({ uncertainUntil }: Item) => (uncertainUntil ?? now) + MOST_SKEW_MS;
  const before = beforeOf(item);
  const isOther = ({ looked, parked, uncertainSince }: Item): boolean =>
    looked !== undefined && !parked && item.uncertainSince - uncertainSince < TOGETHER_MS;
  const others = lane.items.filter((each) => each !== item && isOther(each));
  const shownBy = (item.uncertainUntil ?? now) + LOOK_AFTER_MS[0];
  return {
    after,
    before,
    shared: {
      from: Math.min(after, ...others.map(({ uncertainSince }) => uncertainSince - MOST_SKEW_MS)),
      to: Math.max(before, ...others.map(beforeOf)),
      since: Math.max(item.dueAt, shownBy),
      goesOn: others.length > 0,
    },
  };
}

/**
 * When a call of ours was made, by the services' clocks. Ours may have been ahead then: a copy is no older than what it is
 * a copy of.
 */
function lookAfter({ uncertainSince }: Item, { sentAt }: Event): number {
  return Math.max(uncertainSince - MOST_SKEW_MS, Math.min(uncertainSince, sentAt));
}
