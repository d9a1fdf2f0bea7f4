/** The calls of one delivery: composed and rendered now, or as they were when the first of several was made. */
import type { Ask } from "../asking.ts";
import type { Event } from "../event.ts";
import type { ChannelId } from "../ids.ts";
import type { Item, Kept, Lane } from "../outbox/lane.ts";
import { CallFailed, type Connector, type Outgoing } from "../ports.ts";
import { LATE_MS } from "../rules/late.ts";
import type { State } from "../state.ts";
import type { Placed, Written } from "../store.ts";
import { compose, type Composed } from "./compose.ts";

/** So often names are insisted on where a post may stand: it is looked for by what it says. */
const MOST_UNNAMED = 10;
/**
 * And where that may be the first of several: what stands in front of it decides where the next one begins. With the pauses
 * between them that is 72 hours, and one where something of another service waits behind it.
 */
const MOST_UNCUT = 1_700;
const MOST_UNCUT_FOR_OTHERS = 30;

/** What is kept of one lane is stored with that of the others, in a row of at most 2 MB. */
const MOST_CHARS = 200_000;
const sizeOf = (written: Written): number => JSON.stringify(written).length;

export type Calls =
  | (Kept & {
      readonly kind: "calls";
      readonly isEdit: boolean;
      /** In a channel that the lane's own replaced. */
      readonly isFormer: boolean;
    })
  | Exclude<Composed, { kind: "send" }>;

/** A post of it may be there. */
export const hasBegun = ({ part, looked }: Item): boolean => part > 0 || looked !== undefined;

/** Throws `CallFailed` while names cannot be looked up. */
export async function callsOf(
  state: State,
  lane: Lane,
  item: Item,
  event: Event,
  to: Connector,
  channel: ChannelId,
): Promise<Calls> {
  if (item.written?.channel === channel)
    return { kind: "calls", isEdit: false, ...item.written, isFormer: false };
  const begun = hasBegun(item) || item.lostSince !== undefined;
  const { asking } = state;
  const asked = askedOf(state);
  const composed = await compose(state, event, lane.id, channel, {
    ask: hasBegun(item) && item.unnamed < MOST_UNNAMED ? asking.insist : asked.ask,
    late: lateOf(state, item, event),
    flat: item.flat,
    quoted: !item.unquoted,
    begun,
  });
  if (composed.kind !== "send") return composed;
  const { outgoing } = composed;
  const written: Kept = {
    channel,
    calls: to.render(outgoing, item.plain),
    place: placeOf(event, outgoing),
    ...(outgoing.kind === "edit" ? { isEdit: true } : {}),
  };
  const isUncut = written.calls.length > 1 && asked.wentWithout() && asking.isOut(event.account);
  if (begun && isUncut && item.unnamed < mostUncut(lane, event))
    throw new CallFailed({
      kind: "later",
      reason: "where it was cut cannot be told without names",
    });
  item.written = undefined;
  // With names by then it would not be known again.
  if (asked.wentWithout()) item.waited = true;
  if (outgoing.kind === "create") keep(item, written, asked.wentWithout());
  const isFormer = outgoing.kind === "delete" && outgoing.former === true;
  return { kind: "calls", isEdit: false, ...written, isFormer };
}

const mostUncut = ({ items }: Lane, { account }: Event): number =>
  items.some(({ entry }) => entry.source.account !== account) ? MOST_UNCUT_FOR_OTHERS : MOST_UNCUT;

/** Asks, and remembers whether an answer was not waited for. */
function askedOf({ asking }: State): { readonly ask: Ask; readonly wentWithout: () => boolean } {
  let without = false;
  return {
    wentWithout: () => without,
    async ask(account, question, otherwise, leastMs) {
      const none = { kind: "none" } as const;
      const got = await asking.ask(account, question, none, leastMs);
      if (got !== none) return got as Exclude<typeof got, typeof none>;
      without = true;
      return otherwise;
    },
  };
}

/** From here on it is said as this: its parts are cut where the first one was. An edit once it begins, as it may wait for posts. */
export function keep(item: Item, written: Kept, always = false): void {
  const { channel, calls, place, isEdit } = written;
  const kept = { channel, calls, place, ...(isEdit === true ? { isEdit } : {}) };
  const isWanted = always || calls.length > 1;
  item.written = isWanted && sizeOf(kept) <= MOST_CHARS ? kept : undefined;
}

/** What is to be remembered of where a new message stands. */
function placeOf(event: Event, outgoing: Outgoing): Placed {
  if (outgoing.kind !== "create" || event.kind !== "message.created") return {};
  if (outgoing.thread !== undefined) return { thread: outgoing.thread };
  return event.thread === undefined ? {} : { ownThread: event.thread };
}

/**
 * Whether a delivery is late must not change between its attempts and parts, as its text does. A head of several parts that a
 * crash left uncertain without a claim was late when it was accepted, or is not late.
 */
export function lateOf(state: State, item: Item, event: Event): boolean {
  if (item.late !== undefined) return item.late;
  const triedAt = item.looked === undefined ? state.clock() : item.entry.at;
  return triedAt - event.sentAt > LATE_MS;
}
