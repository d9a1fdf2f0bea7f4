/**
 * Deliver: the due head of one lane to its service, one call at a time, and what follows from the outcome. A crash at
 * any line leaves the entry in the store; at the next start the head is looked for before it is sent.
 */
import { deliveryKey, laneParts } from "../ids.ts";
import type { Item, Lane } from "../outbox/lane.ts";
import { PROBE_MS } from "../outbox/delivery.ts";
import { CallFailed, type Outcome } from "../ports.ts";
import { LATE_MS } from "../rules/late.ts";
import { count, type State } from "../state.ts";
import { rivalDue } from "./echo.ts";
import { look } from "./look.ts";
import { follow, noteLimit, recovered, yieldLane } from "./outcome.ts";
import { probes } from "./probe.ts";
import { lasting, openLane } from "./open-lane.ts";
import { settle } from "./settle.ts";
import { isBefore, waitForAnswer, waitForTarget } from "./waiting.ts";
import { type Calls, callsOf, hasBegun, keep, lateOf } from "./written.ts";

/** Where names are not waited for any more, it goes on after this time. */
const AGAIN_MS = 1_000;
/** A first attempt directly follows a commit if it comes within this time. */
const FRESH_MS = 1_000;
/** Everything is possible in a call that carries a file: looking for it, asking for it, two bodies, a face, the post. */
const CALLS_OF_FILE = 10;

/**
 * Runs one item of a lane to its next durable step. `left`: calls that may still be made; "full" where they are too few,
 * and nothing was done. Never throws but for `StorageError`.
 */
export async function deliver(
  state: State,
  lane: Lane,
  item: Item,
  left: () => number = () => Infinity,
): Promise<void | "full"> {
  const { account, name } = laneParts(lane.id);
  const to = state.connectors.get(account);
  const event = await state.store.load(item.entry.key);
  if (event === undefined) return state.lanes.remove(lane, item);
  const isLeg = state.routing.legs(account).some((leg) => leg.out && leg.channel === name);
  if (to === undefined || !isLeg)
    return settle(state, lane, item, {
      kind: "dead",
      reason: `${to === undefined ? account : `"${name}" of ${account}`} is no longer configured`,
    });
  const channel = state.channels.get(lane.id);
  if (channel === undefined) {
    lane.pausedUntil = state.clock() + PROBE_MS;
    lane.pauseReason ??= `"${name}" is not found in ${account}`;
    return undefined;
  }

  const begunAt = state.clock();
  const sinceMove = begunAt - (state.movedAt.get(lane.id) ?? -Infinity);
  // Where the other one cannot be found, this one says why.
  if (sinceMove >= 0 && sinceMove < PROBE_MS) {
    lane.pausedUntil = begunAt + PROBE_MS - sinceMove;
    return undefined;
  }
  let written: Extract<Calls, { kind: "calls" }>;
  try {
    const found = await callsOf(state, lane, item, event, to, channel);
    if (found.kind === "ignored") return await settle(state, lane, item, found);
    if (found.kind === "there")
      return await settle(state, lane, item, { kind: "part", last: true });
    // Not all posts of its message are there, either, as long as that waits in the lane itself.
    if (found.kind === "no-target" || (await isBefore(state, lane, item, event)))
      return await waitForTarget(state, lane, item, event);
    if (found.kind === "unasked") return await waitForAnswer(state, lane, item, found.reason);
    written = found;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    // The source cannot tell names at present; that is no reason to stall the destination's account or lane.
    item.unnamed += 1;
    item.waited = true;
    const { outcome } = error;
    const later: Outcome = {
      kind: "later",
      reason: outcome.reason,
      ...("retryAfterMs" in outcome && { retryAfterMs: outcome.retryAfterMs ?? 1_000 }),
    };
    const now = state.clock();
    await follow(state, lane, item, later, item.unnamed);
    if (!hasBegun(item))
      item.dueAt = Math.min(
        item.dueAt,
        now + Math.max(state.asking.leftMs(event.account), AGAIN_MS),
      );
    return undefined;
  }
  const { calls, place, isEdit, isFormer } = written;
  item.parked = false;
  item.late = lateOf(state, item, event);
  const late = item.late ? { late: true as const } : {};
  const { part } = item;
  const call = calls[part];
  if (call === undefined)
    return settle(state, lane, item, { kind: "ignored", reason: "nothing to show" });
  const file = to.carries?.(call);
  // With what is left of this round's calls it might not come to its end.
  if (file !== undefined && left() < CALLS_OF_FILE) {
    if (part === 0) item.written = undefined;
    return "full";
  }
  if (isEdit && part === 0) keep(item, { ...written, channel });
  const created = to.posts(call);
  const last = part + 1 >= calls.length;
  const more = {
    ...place,
    ...(file === undefined ? {} : { file }),
    ...(last ? {} : lasting(item)),
  };
  const key = deliveryKey(`${item.entry.id}-${lane.tag}-${part}`);

  if (item.found !== undefined && created) {
    const message = item.found;
    item.found = undefined;
    count(state, "found", { lane: lane.id, by: "echo" });
    return settle(state, lane, item, {
      kind: "part",
      copy: { account, channel, message },
      last,
      ...late,
      ...more,
    });
  }
  // Parts of an edit that make no message went before it.
  if (created && item.looked === undefined && item.lostSince !== undefined) {
    item.looked = 0;
    item.uncertainSince = item.lostSince;
  }
  // A second bridge on the same bot may make it, or have made it.
  const rivalMs = created ? rivalDue(state, item.entry.at) : undefined;
  const isRivals = rivalMs !== undefined && item.attempts === 0 && item.lostSince === undefined;
  if (isRivals && item.looked === undefined) {
    item.looked = 0;
    item.uncertainSince = item.entry.at;
    item.dueAt = rivalMs;
    if (rivalMs > state.clock()) return undefined;
  }
  // Where the service itself knows a repeated call, repeating it is the look.
  const age = state.clock() - item.uncertainSince;
  // A clock that went back says nothing.
  const repeatable = age >= 0 && age < (to.repeatableMs ?? 0);
  // It would have to say when it was said, which a repeat cannot add: whether it is there has to be known first.
  const isLateNow = () => part === 0 && !item.late && state.clock() - event.sentAt > LATE_MS;
  const isLooked = !repeatable || item.suspect || isRivals || isLateNow();
  if (item.looked !== undefined && created && isLooked) {
    const found = await look(state, lane, item, event, to, call, key);
    if (found === "wait") return undefined;
    if (found !== "absent") {
      count(state, "found", { lane: lane.id, by: "look" });
      return settle(state, lane, item, {
        kind: "part",
        copy: { account, channel, message: found },
        last,
        ...late,
        ...more,
      });
    }
    if (isLateNow()) {
      item.late = true;
      item.written = undefined;
      return undefined;
    }
  }
  if (item.suspect && item.looked !== undefined)
    return yieldLane(state, lane, item, "it is not there after each of its calls");

  // Anything but a first attempt that directly follows a commit is written down before it is made.
  const now = state.clock();
  item.firstTriedAt ??= now;
  if (item.attempts > 0) count(state, "retried", { lane: lane.id });
  // It was looked for where it would be and is not there; services may show a post later than that.
  if (item.looked !== undefined && created && !repeatable && !isRivals) {
    count(state, "doubled_possible", { lane: lane.id });
    state.log.warn("a message was looked for in vain and is sent again", {
      id: item.entry.id,
      lane: lane.id,
    });
  }
  // A repeat that the service knows is the look only where it was answered.
  const unknown =
    repeatable && item.looked !== undefined
      ? { looked: item.looked, since: item.uncertainSince }
      : undefined;
  item.looked = undefined;
  if (created) item.lostSince = undefined;
  // Cut with its time in front, while it was accepted in time: a crash must not have the rest cut without.
  const isCut = item.late && calls.length > 1 && item.entry.at - event.sentAt <= LATE_MS;
  if (item.attempts > 0 || item.waited || isCut || !isFresh(lane, item, now))
    await state.store.attempt(item.entry.key, openLane(item, item.attempts + 1));
  item.attempts += 1;
  item.uncertainSince = now;
  item.uncertainUntil = undefined;
  state.lanes.spendPace(lane, now);
  /** The attempt once more, where the one above says little by now. */
  const sure = async (): Promise<void> => {
    const age = state.clock() - now;
    if (age < 0 || age > FRESH_MS)
      await state.store.attempt(item.entry.key, openLane(item, item.attempts));
  };
  probes(state, account);
  const answered = await to.call(call, key, item.fileTries, sure);
  const outcome = isFormer ? mootOf(answered) : answered;
  count(state, "calls", { account, class: outcome.kind });
  if (outcome.kind !== "done") {
    const isLimit =
      outcome.kind === "later" && (outcome.retryAfterMs !== undefined || outcome.limited === true);
    // What an account, a channel or a limit holds up says nothing of the file.
    if (outcome.kind === "later" && !isLimit) item.fileTries += 1;
    if (unknown !== undefined) {
      item.looked = unknown.looked;
      item.uncertainSince = unknown.since;
    }
    const { plain, flat } = item;
    await follow(state, lane, item, outcome);
    if (isLimit) noteLimit(state, lane, item.dueAt);
    if (item.plain !== plain || item.flat !== flat) otherwise(item, isEdit);
    return undefined;
  }

  recovered(state, lane);
  item.failed = 0;
  const others = (state.written.get(account) ?? []).filter((each) => each.lane !== lane.id);
  state.written.set(account, [{ at: now, lane: lane.id }, ...others.slice(0, 1)]);
  const { message } = outcome;
  const copy = created && message !== undefined ? { copy: { account, channel, message } } : {};
  const gone = isEdit ? calls.flatMap((each) => to.removes(each) ?? []) : [];
  return settle(state, lane, item, {
    kind: "part",
    ...copy,
    last,
    ...late,
    ...more,
    ...(last && gone.length > 0 ? { gone } : {}),
  });
}

/** Nothing kept it since it or what stood before it was committed; longer after that another life may have begun. */
function isFresh(lane: Lane, item: Item, now: number): boolean {
  const age = now - Math.max(item.entry.at, lane.settledAt);
  return age >= 0 && age <= FRESH_MS;
}

/** What a channel that nobody writes into any more refuses is no reason to hold up the one that replaced it. */
const mootOf = (outcome: Outcome): Outcome =>
  outcome.kind === "channel" || outcome.kind === "rejected"
    ? { kind: "rejected", reason: outcome.reason, moot: true }
    : outcome;

/** What is said in another way is cut in other places: its parts must all be said in the same. */
function otherwise(item: Item, isEdit: boolean): void {
  item.written = undefined;
  // To edit a post once more does no harm, and what was added is among the targets by now.
  if (isEdit) item.part = 0;
  // The first posts of a new message stand: the rest goes outside the thread as it is.
  else if (item.flat && item.part > 0) item.unquoted = true;
}
