/** What follows from a call that did not end well: when its message, its lane and its account go on. */
import { type AccountId, laneParts } from "../ids.ts";
import { afterOutcome, PROBE_MS, probeAfterMs } from "../outbox/delivery.ts";
import type { Item, Lane } from "../outbox/lane.ts";
import type { Outcome } from "../ports.ts";
import { count, type State } from "../state.ts";
import { settle } from "./settle.ts";

/** So many failures in so long, while other lanes of the account work, are the message's own. */
const MOST_FAILED = 5;
const FAILED_WITHIN_MS = 10 * 60_000;

export async function follow(
  state: State,
  lane: Lane,
  item: Item,
  outcome: Exclude<Outcome, { kind: "done" }>,
  attempts: number = item.attempts,
): Promise<void> {
  const now = state.clock();
  const { account } = laneParts(lane.id);
  state.failures.set(account, { at: now, reason: outcome.reason });
  const tries = {
    attempts,
    firstTriedAt: item.firstTriedAt ?? now,
    plain: item.plain,
    flat: item.flat,
  };
  // Certainly nothing of it is there: it may become late yet. A look that fails leaves its call uncertain.
  if (outcome.kind !== "uncertain" && item.looked === undefined && item.part === 0) {
    item.late = undefined;
    item.written = undefined;
  }
  const next = afterOutcome(outcome, tries, now, state.random);
  switch (next.kind) {
    case "settle":
      return undefined;
    case "ignored":
      return settle(state, lane, item, next);
    case "dead":
      return settle(state, lane, item, {
        kind: "dead",
        reason: next.reason,
        // A replay looks for it, too.
        ...(outcome.kind === "uncertain" || item.looked !== undefined
          ? { since: Math.min(tries.firstTriedAt, item.uncertainSince) }
          : {}),
      });
    case "retry":
      item.dueAt = next.dueAt;
      item.plain = next.plain;
      item.flat = next.flat;
      state.log.info("a delivery is tried again", {
        id: item.entry.id,
        lane: lane.id,
        reason: outcome.reason,
        attempts,
        inMs: next.dueAt - now,
      });
      // What certainly never reached the service is not the message's fault.
      return undefined;
    case "look":
      item.looked = 0;
      item.uncertainUntil = now;
      item.dueAt = next.dueAt;
      if (outcome.kind === "uncertain" && outcome.made === true) return undefined;
      state.log.info("a call may or may not have worked: its message is looked for", {
        id: item.entry.id,
        lane: lane.id,
        reason: outcome.reason,
      });
      count(state, "uncertain", { lane: lane.id });
      noteFailure(state, lane, item);
      return undefined;
    case "stall-account":
      // Paused time does not count towards giving up.
      item.firstTriedAt = undefined;
      if (!state.stalls.has(account))
        state.log.error(`${account} is paused: ${outcome.reason}`, { fix: next.fix });
      stall(state, account, outcome.reason, next.fix);
      return undefined;
    case "pause-lane":
      item.firstTriedAt = undefined;
      // It may be another one when it goes on.
      item.written = undefined;
      if (lane.pauseReason === undefined) {
        state.log.error(`${lane.id} is paused: ${outcome.reason}`, { fix: next.fix });
        state.lookAgain(lane.id);
      }
      lane.pausedUntil = now + probeAfterMs(lane.probes);
      lane.probes += 1;
      lane.pauseReason = `${outcome.reason}: ${next.fix}`;
      return undefined;
  }
}

/** The first limit is a lane's; a second lane's, before that is over, is the account's. */
export function noteLimit(state: State, { id, account }: Lane, until: number): void {
  const now = state.clock();
  const was = state.limits.get(account);
  const isRunning = was !== undefined && was.until > now;
  const all = isRunning && (was.all || was.lane !== id);
  state.limits.set(account, { lane: id, until: Math.max(until, isRunning ? was.until : 0), all });
}

/** Calls that were in flight together when an account failed are one probe, not many. */
function stall(state: State, account: AccountId, reason: string, fix: string): void {
  const now = state.clock();
  const was = state.stalls.get(account);
  const again = was !== undefined && now - was.probedAt >= PROBE_MS / 2;
  const probes = (was?.probes ?? 0) + (again ? 1 : 0);
  const probedAt = was === undefined || again ? now : was.probedAt;
  const [since, until] = [was?.since ?? now, now + probeAfterMs(probes)];
  state.stalls.set(account, { since, until, reason, fix, probes, probedAt });
}

/**
 * Counts failures of one message. One that keeps failing while the account writes into other lanes is at fault itself.
 */
function noteFailure(state: State, lane: Lane, item: Item): void {
  const now = state.clock();
  if (item.failed === 0 || now - item.failedSince > FAILED_WITHIN_MS) {
    item.failed = 0;
    item.failedSince = now;
  }
  item.failed += 1;
  const elsewhere = (state.written.get(lane.account) ?? []).some(
    (each) => each.lane !== lane.id && each.at > item.failedSince,
  );
  item.suspect = item.failed >= MOST_FAILED && elsewhere;
}

/**
 * A suspect that was certainly not written: once more in plain text and outside its thread, then it is set aside, so that the lane goes on.
 */
export async function yieldLane(
  state: State,
  lane: Lane,
  item: Item,
  reason: string,
): Promise<void> {
  item.suspect = false;
  if (!item.plain) {
    item.plain = true;
    item.flat = true;
    item.unquoted = item.part > 0;
    item.written = undefined;
    item.looked = undefined;
    // One failure more is enough.
    item.failed = MOST_FAILED;
    return undefined;
  }
  return settle(state, lane, item, {
    kind: "dead",
    reason: `failed too often: ${reason}`,
    since: item.firstTriedAt ?? item.uncertainSince,
  });
}

export function recovered(state: State, lane: Lane): void {
  const { account } = laneParts(lane.id);
  if (state.stalls.get(account)?.firm === true) return;
  if (state.stalls.delete(account)) state.log.info(`${account} works again`);
  if (lane.pauseReason !== undefined) state.log.info(`${lane.id} works again`);
  lane.pauseReason = undefined;
  lane.pausedUntil = 0;
  lane.probes = 0;
}
