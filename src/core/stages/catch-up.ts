/**
 * Catch up: reads a channel's history from its checkpoint under a closed gate and accepts what was not seen. The gate
 * opens when the last page is in, or when history cannot be read; then it is tried again and what it finds comes late.
 */
import { type ChannelRef, sourceKey } from "../ids.ts";
import type { Connector } from "../ports.ts";
import { count, type State } from "../state.ts";
import { accept } from "./accept.ts";

/** Held events wait at most this long for history; a longer gap must not freeze the lane. */
export const GATE_MS = 5_000;

/**
 * Gaps are read for so long. Dedupe rows live at least 9 days: something older could not be told from something new,
 * and a quiet room's last message would be posted again.
 */
const LONGEST_GAP_MS = 7 * 24 * 3_600_000;

/** Closes the gate of a channel; call it before anything live can come in. */
export function closeGate(state: State, source: ChannelRef): void {
  if (!state.checkpoints.has(sourceKey(source))) return;
  state.gapNumber += 1;
  state.gaps.set(sourceKey(source), state.gapNumber);
  state.gates.close(source, state.lanes.regroup(source) ?? state.lastSeq + 1);
}

/** Throws what `history` throws; the caller tries again. */
export async function catchUp(
  state: State,
  connector: Connector,
  source: ChannelRef,
): Promise<void> {
  const key = sourceKey(source);
  const since = state.checkpoints.get(key);
  if (since === undefined) {
    // A channel that is new to us starts at now.
    const now = connector.now(state.clock());
    state.checkpoints.set(key, now);
    await state.store.save([{ kind: "checkpoint", at: key, position: now }]);
    return;
  }
  closeGate(state, source);
  const mine = state.gaps.get(key);
  const openAt = state.clock() + GATE_MS;
  try {
    let cursor: string | undefined;
    do {
      const page = await connector.history(source.channel, since, cursor);
      const oldest = state.clock() - LONGEST_GAP_MS;
      await accept(
        state,
        page.events.filter((each) => each.kind === "unsupported" || each.sentAt >= oldest),
      );
      count(state, "history pages");
      cursor = page.next;
      if (state.clock() > openAt) state.gates.open(source);
    } while (cursor !== undefined);
    if (state.gaps.get(key) === mine) state.gaps.delete(key);
  } finally {
    // Closed anew meanwhile: the run that follows opens it.
    if ((state.gaps.get(key) ?? mine) === mine) state.gates.open(source);
  }
}
