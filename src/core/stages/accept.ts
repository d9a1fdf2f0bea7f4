/**
 * Accept: dedupe, own echo, fold, route, one delivery per destination, in one commit. No network call is made here, so
 * a webhook is answered as fast as the store commits, whatever the services do.
 */
import type { Event, Unsupported } from "../event.ts";
import { type AccountId, sourceKey } from "../ids.ts";
import { heardOurselves } from "./echo.ts";
import { count, hasUnknownChannels, lanesFor, type State } from "../state.ts";
import type { Accepted, Accepting, Entry } from "../store.ts";

/** Kinds that deliver knows how to carry on. */
const RELAYED: ReadonlySet<Event["kind"]> = new Set([
  "message.created",
  "message.edited",
  "message.deleted",
]);

/**
 * Resolves after the commit with the number of events that were new. Rejects with `StorageError`: then nothing was
 * accepted and the sender must come again.
 */
export async function accept(
  state: State,
  events: readonly (Event | Unsupported)[],
): Promise<number> {
  let fresh = 0;
  const wanted = events.flatMap((event) => {
    const next = toAccepting(state, event);
    return next === undefined ? [] : [next];
  });
  if (wanted.length > 0) {
    const accepted = await state.store.accept(wanted, state.clock(), (key) =>
      state.lanes.untouched(key),
    );
    accepted.forEach((each, index) => enter(state, each, wanted[index]!.event.account));
    fresh = accepted.filter(({ kind }) => kind === "new" || kind === "folded").length;
  }
  // Only now: a checkpoint must never be ahead of what is committed.
  for (const event of events) if (event.kind !== "unsupported") advance(state, event);
  return fresh;
}

function toAccepting(state: State, event: Event | Unsupported): Accepting | undefined {
  if (event.kind === "unsupported") {
    count(state, "unsupported", { reason: event.reason });
    return undefined;
  }
  if (event.echo !== undefined) {
    count(state, "echoes", { account: event.account });
    heardOurselves(state, event, event.echo);
    return undefined;
  }
  const lanes = lanesFor(state, event);
  const known = state.names.has(sourceKey(event));
  const unrouted = !known && hasUnknownChannels(state, event.account);
  if (lanes.length === 0 && !unrouted) {
    count(state, "unwanted", {
      account: event.account,
      reason: known ? "no destination" : "other channel",
    });
    return undefined;
  }
  if (!RELAYED.has(event.kind)) {
    count(state, "unsupported", { reason: event.kind });
    return undefined;
  }
  const ord = state.gates.ordOf(event);
  return { event, lanes, unrouted, ...(ord === undefined ? {} : { ord }) };
}

function enter(state: State, accepted: Accepted, account: AccountId): void {
  switch (accepted.kind) {
    case "new":
      count(state, "accepted", { account });
      return enqueue(state, accepted.entry);
    case "folded":
      count(state, "folded", { account });
      if (accepted.gone) state.lanes.drop(accepted.entry);
      return undefined;
    case "duplicate":
      return count(state, "duplicates", { account });
    case "copy":
      return count(state, "copies", { account });
  }
}

/** Puts an accepted entry into its lanes in memory. */
function enqueue(state: State, entry: Entry): void {
  state.lastSeq = Math.max(state.lastSeq, entry.seq);
  if (entry.unrouted) state.unrouted.set(entry.key, entry.source);
  for (const open of entry.lanes) state.lanes.add(entry, open, false);
}

function advance(state: State, event: Event): void {
  const key = sourceKey(event);
  if (event.kind !== "message.created" || !state.names.has(key) || state.gaps.has(key)) return;
  const was = state.checkpoints.get(key);
  if (was !== undefined && was >= event.position) return;
  state.checkpoints.set(key, event.position);
  state.dirty.add(key);
}
