/**
 * Accept: dedupe, own echo, fold, route, one delivery per destination, in one commit. No network call is made here, so
 * a webhook is answered as fast as the store commits, whatever the services do.
 */
import { revive } from "../alive.ts";
import { advance } from "../checkpoints.ts";
import type { Echo, Event, Unsupported } from "../event.ts";
import { showsMembers, showsTopic, syncsTopic } from "../rules/notices.ts";
import { type AccountId, type LaneId, laneParts, sourceKey } from "../ids.ts";
import { heardOurselves } from "./echo.ts";
import { shallow } from "../shallow.ts";
import { logAccepted } from "./lines.ts";
import { count, hasUnknownChannels, lanesFor, type State } from "../state.ts";
import type { Accepted, Accepting, Entry } from "../store.ts";

/** Kinds that deliver knows how to carry on. */
const RELAYED: ReadonlySet<Event["kind"]> = new Set([
  "message.created",
  "message.edited",
  "message.reverted",
  "message.deleted",
  "reaction.added",
  "reaction.removed",
  "member.joined",
  "member.left",
  "topic.changed",
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
  const revived = revive(state, events);
  const wanted = events.flatMap((event) => {
    const next = sort(state, event);
    if (next.kind === "wanted") return [next.accepting];
    pass(state, next);
    return [];
  });
  if (wanted.length + revived.facts.length > 0) {
    // What a fold is committed into must not be delivered before we know of it.
    const frozen: string[] = [];
    const mayFold = (key: string): boolean => {
      if (!state.lanes.untouched(key)) return false;
      state.lanes.freeze(key);
      frozen.push(key);
      return true;
    };
    try {
      const now = state.clock();
      const accepted = await state.store.accept(wanted, now, mayFold, revived.facts);
      accepted.forEach((each, index) => enter(state, each, wanted[index]!.event));
      fresh = accepted.filter(({ kind }) => kind === "new" || kind === "folded").length;
    } catch (error) {
      revived.failed();
      throw error;
    } finally {
      for (const key of frozen) state.lanes.thaw(key);
    }
  }
  // Only now: a checkpoint must never be ahead of what is committed.
  for (const event of events) if (event.kind !== "unsupported") advance(state, event);
  return fresh;
}

/**
 * Hears events of which none is to be stored, such as our own posts: no write and no call follows from them. False, and
 * nothing was done, when at least one is for `accept`.
 */
export function overhear(state: State, events: readonly (Event | Unsupported)[]): boolean {
  const sorted = events.map((event) => sort(state, event));
  const passed = sorted.flatMap((next) => (next.kind === "wanted" ? [] : [next]));
  if (passed.length < sorted.length) return false;
  for (const next of passed) pass(state, next);
  for (const event of events) if (event.kind !== "unsupported") advance(state, event);
  return true;
}

/** What is to become of an event: it is for the store, or it is only counted. */
type Sorted =
  | { readonly kind: "wanted"; readonly accepting: Accepting }
  | { readonly kind: "echo"; readonly event: Event; readonly echo: Echo }
  | { readonly kind: "unsupported"; readonly reason: string }
  | {
      readonly kind: "unwanted";
      readonly account: AccountId;
      readonly reason: "no destination" | "other channel" | "not shown there" | "EditDisable";
    };

function sort(state: State, event: Event | Unsupported): Sorted {
  if (event.kind === "unsupported") return event;
  const { account, echo } = event;
  if (echo !== undefined) return { kind: "echo", event, echo };
  const all = lanesFor(state, event);
  const lanes = all.filter((lane) => isShown(state, event, lane));
  const known = state.names.has(sourceKey(event));
  const unrouted = !known && hasUnknownChannels(state, account);
  if (lanes.length === 0 && !unrouted) {
    const none = all.length === 0 ? "no destination" : "not shown there";
    return { kind: "unwanted", account, reason: known ? none : "other channel" };
  }
  if (!RELAYED.has(event.kind)) return { kind: "unsupported", reason: event.kind };
  // Not even a message that is still here is to say what an edit made of it.
  const isEdit = event.kind === "message.edited" || event.kind === "message.reverted";
  if (isEdit && state.config.accounts.get(account)?.settings.bool("EditDisable") === true)
    return { kind: "unwanted", account, reason: "EditDisable" };
  const ord = state.gates.ordOf(event);
  return {
    kind: "wanted",
    accepting: { event: written(event), lanes, unrouted, ...(ord === undefined ? {} : { ord }) },
  };
}

/** As it can be stored and read again, however its author nested it. */
function written(event: Event): Event {
  if (event.kind !== "message.created" && event.kind !== "message.edited") return event;
  const { content, quoted } = event;
  return {
    ...event,
    content: shallow(content),
    ...(quoted === undefined ? {} : { quoted: { ...quoted, content: shallow(quoted.content) } }),
  };
}

/** Whether a destination shows events of this kind at all: for one that does not, nothing is stored. */
function isShown(state: State, event: Event, lane: LaneId): boolean {
  switch (event.kind) {
    case "reaction.added":
    case "reaction.removed":
      return state.connectors.get(laneParts(lane).account)?.reacts === true;
    case "member.joined":
    case "member.left":
      return showsMembers(state, event, lane);
    case "topic.changed":
      return showsTopic(state, lane) || syncsTopic(state, lane);
    default:
      return true;
  }
}

function pass(state: State, sorted: Exclude<Sorted, { kind: "wanted" }>): void {
  switch (sorted.kind) {
    case "echo":
      count(state, "echoes", { account: sorted.event.account });
      return heardOurselves(state, sorted.event, sorted.echo);
    case "unsupported":
      return count(state, "unsupported", { reason: sorted.reason });
    case "unwanted":
      return count(state, "unwanted", { account: sorted.account, reason: sorted.reason });
  }
}

function enter(state: State, accepted: Accepted, event: Event): void {
  const { account } = event;
  switch (accepted.kind) {
    case "new":
      count(state, "accepted", { account });
      logAccepted(state.log, accepted.entry.id, event, "new");
      return enqueue(state, accepted.entry);
    case "folded":
      count(state, "folded", { account });
      logAccepted(state.log, accepted.id, event, "folded");
      for (const key of accepted.over) state.lanes.drop(key);
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
