/** Where a reply belongs at its destination: the first message of its thread, in the destination's own ids. */
import type { MessageCreated, MessageEdited } from "../event.ts";
import {
  type ChannelId,
  type LaneId,
  laneId,
  laneParts,
  type MessageId,
  type MessageRef,
  sourceKey,
} from "../ids.ts";
import type { State } from "../state.ts";

/** Undefined where it is not known, and with `PreserveThreading=false`. */
export async function threadOf(
  state: State,
  event: MessageCreated | MessageEdited,
  lane: LaneId,
  channel: ChannelId,
): Promise<MessageId | undefined> {
  const { account } = laneParts(lane);
  if (state.config.accounts.get(account)?.settings.bool("PreserveThreading") !== true)
    return undefined;
  // New posts of an edit go where the others are, whatever its event says.
  const own = event.kind === "message.edited" ? await state.store.threadOf(event, lane) : undefined;
  if (own !== undefined || event.thread === undefined) return own;
  const { thread, answers } = event;
  // The thread's first message may be from before the bridge, and the answered one not.
  for (const message of new Set([thread, answers?.message ?? thread])) {
    const parent = { account: event.account, channel: event.channel, message };
    const original = await state.store.original(parent);
    const found =
      original?.account === account && original.channel === channel
        ? ((await ownThread(state, parent, original)) ?? original.message)
        : await threadBelow(state, original ?? parent, lane, channel);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A message in the destination's own ids: said there, or its copy. Undefined where it is not there. */
export async function copyOf(
  state: State,
  message: MessageRef,
  lane: LaneId,
  channel: ChannelId,
): Promise<MessageId | undefined> {
  const { account } = laneParts(lane);
  const original = await state.store.original(message);
  if (original?.account === account && original.channel === channel) return original.message;
  const [copy] = (await state.store.copies(original ?? message, lane)) ?? [];
  // One that is in a room which this one replaced cannot be answered here.
  const isHere =
    copy !== undefined &&
    (await state.store.original({ account, channel, message: copy })) !== undefined;
  return isHere ? copy : undefined;
}

/** A copy's thread; where it is in none, it begins one itself. Some services let any message be answered. */
async function threadBelow(
  state: State,
  message: MessageRef,
  lane: LaneId,
  channel: ChannelId,
): Promise<MessageId | undefined> {
  const copy = await copyOf(state, message, lane, channel);
  if (copy === undefined) return undefined;
  return (await state.store.threadOf(message, lane)) ?? copy;
}

/**
 * The thread that the answered message, said at the destination itself, is in there: told by the thread that its copy
 * was put into, or with the copy where that stands outside of one.
 */
async function ownThread(
  state: State,
  copy: MessageRef,
  original: MessageRef,
): Promise<MessageId | undefined> {
  for (const name of state.names.get(sourceKey(copy)) ?? []) {
    const lane = laneId(copy.account, name);
    const own = await state.store.ownThreadOf(original, lane);
    if (own !== undefined) return own;
    const thread = await state.store.threadOf(original, lane);
    if (thread === undefined) continue;
    const first = await state.store.original({ ...copy, message: thread });
    if (first?.account === original.account && first.channel === original.channel)
      return first.message;
  }
  return undefined;
}
