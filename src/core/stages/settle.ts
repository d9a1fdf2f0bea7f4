/** Settle: what became of a delivery and its place in the message map, in one commit; then the lane goes on. */
import type { Item, Lane } from "../outbox/lane.ts";
import { count, type State } from "../state.ts";
import type { Settlement } from "../store.ts";
import { logSettled } from "./lines.ts";

export async function settle(
  state: State,
  lane: Lane,
  item: Item,
  settlement: Settlement,
): Promise<void> {
  const last = settlement.kind !== "part" || settlement.last;
  // A part of an edit makes no message: until the last one there is nothing to remember, repeating it does no harm.
  if (last || settlement.copy !== undefined) {
    await state.store.settle(item.entry.key, lane.id, settlement, state.clock());
    lane.settledAt = state.clock();
  }
  if (!last) {
    if (settlement.copy !== undefined) item.lostSince = undefined;
    // The next part is a call of its own, and it directly follows this commit.
    item.part += 1;
    item.attempts = 0;
    item.fileTries = 0;
    item.unnamed = 0;
    item.waited = false;
    item.looked = undefined;
    item.found = undefined;
    return;
  }
  switch (settlement.kind) {
    case "part":
      count(state, "relayed", { lane: lane.id });
      break;
    case "ignored":
      count(state, "ignored", { lane: lane.id, reason: settlement.reason });
      break;
    case "dead":
      count(state, "dead", { lane: lane.id });
      state.deadLetters += 1;
      break;
  }
  logSettled(state.log, lane, item, settlement, state.clock());
  state.lanes.remove(lane, item);
}
