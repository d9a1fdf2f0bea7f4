/**
 * How far each channel has come: what was said up to its checkpoint was heard, and history is read from there. A checkpoint
 * is never ahead of what is committed, nor of a gap. It is stored now and then; one that is behind costs some reading.
 */
import type { Event, Unsupported } from "./event.ts";
import { type Position, type SourceKey, sourceKey } from "./ids.ts";
import type { State } from "./state.ts";
import type { Fact } from "./store.ts";

/**
 * For live events that could not be stored: what was said later, such as our own posts, may have been heard meanwhile, and
 * history is to be read from the first of these.
 */
export function retreat(
  { checkpoints, dirty }: State,
  events: readonly (Event | Unsupported)[],
): void {
  for (const event of events) {
    if (event.kind !== "message.created") continue;
    const key = sourceKey(event);
    if ((checkpoints.get(key) ?? event.position) <= event.position) continue;
    checkpoints.set(key, event.position);
    dirty.add(key);
  }
}

/** An event was heard, and committed where it was to be. */
export function advance(state: State, event: Event): void {
  const key = sourceKey(event);
  if (event.kind === "message.created" && state.names.has(key)) state.heard(event);
  if (event.kind !== "message.created" || !state.names.has(key) || state.gaps.has(key)) return;
  // Found by a sweep: what was said before it may stand on a page that is yet to be read.
  if (event.late === true) return;
  const was = state.checkpoints.get(key);
  if (was !== undefined && was >= event.position) return;
  state.checkpoints.set(key, event.position);
  state.dirty.add(key);
}

/** Stores how far these channels have come, where that changed since it was stored, and `facts` with it. */
export async function saveCheckpoints(
  { checkpoints, dirty, store }: State,
  keys: Iterable<SourceKey>,
  facts: readonly Fact[],
): Promise<void> {
  const changed = [...keys].flatMap((at) => {
    const position = checkpoints.get(at);
    return position === undefined || !dirty.has(at)
      ? []
      : [{ kind: "checkpoint" as const, at, position }];
  });
  if (changed.length + facts.length === 0) return;
  await store.save([...facts, ...changed]);
  // Only now, or what could not be stored would not be tried again.
  for (const { at, position } of changed) if (checkpoints.get(at) === position) dirty.delete(at);
}

/**
 * A channel that is new to us: what was said before `position` is nobody's loss. `swept`: up to when its history needs no
 * sweep, ms. `facts` are stored with it.
 */
export async function beginAt(
  state: State,
  key: SourceKey,
  position: Position,
  swept: number,
  facts: readonly Fact[] = [],
): Promise<void> {
  const sweep = { doneAt: swept, triedAt: state.clock() };
  await state.store.save([
    ...facts,
    { kind: "checkpoint", at: key, position },
    { kind: "began", at: key, position },
    { kind: "swept", at: key, ...sweep },
  ]);
  // Only now, or what could not be stored would not be tried again.
  state.checkpoints.set(key, position);
  state.began.set(key, position);
  state.swept.set(key, sweep);
}
