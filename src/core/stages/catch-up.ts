/**
 * Catch up: reads a channel's history from its checkpoint under a closed gate and accepts what was not seen. The gate
 * opens when the last page is in, or when history cannot be read; then it is tried again and what it finds comes late.
 */
import { type ChannelRef, sourceKey } from "../ids.ts";
import type { Connector } from "../ports.ts";
import { count, type State } from "../state.ts";
import { accept } from "./accept.ts";

/** Held events wait at most this long for history; a longer gap must not freeze the lane. */
const GATE_MS = 5_000;

/** Closes the gate of a channel; call it before anything live can come in. */
export function closeGate(state: State, source: ChannelRef): void {
  if (!state.checkpoints.has(sourceKey(source))) return;
  state.gaps.add(sourceKey(source));
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
  const openAt = state.clock() + GATE_MS;
  try {
    let cursor: string | undefined;
    do {
      const page = await connector.history(source.channel, since, cursor);
      await accept(state, page.events);
      count(state, "history pages");
      cursor = page.next;
      if (state.clock() > openAt) state.gates.open(source);
    } while (cursor !== undefined);
    state.gaps.delete(key);
  } finally {
    state.gates.open(source);
  }
}
