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
  const parent: MessageRef = {
    account: event.account,
    channel: event.channel,
    message: event.thread,
  };
  const original = await state.store.original(parent);
  if (original?.account === account && original.channel === channel)
    return (await ownThread(state, parent, original)) ?? original.message;
  return threadBelow(state, original ?? parent, lane, channel);
}

/** A copy's thread; where it is in none, it begins one itself. Some services let any message be answered. */
async function threadBelow(
  state: State,
  message: MessageRef,
  lane: LaneId,
  channel: ChannelId,
): Promise<MessageId | undefined> {
  const [copy] = (await state.store.copies(message, lane)) ?? [];
  if (copy === undefined) return undefined;
  const { account } = laneParts(lane);
  // One that is in a room which this one replaced cannot be answered here.
  if ((await state.store.original({ account, channel, message: copy })) === undefined)
    return undefined;
  return (await state.store.threadOf(message, lane)) ?? copy;
}

/**
 * The thread that the answered message, said at the destination itself, is in there: told by the thread that its copy
 * was put into.
 */
async function ownThread(
  state: State,
  copy: MessageRef,
  original: MessageRef,
): Promise<MessageId | undefined> {
  for (const name of state.names.get(sourceKey(copy)) ?? []) {
    const thread = await state.store.threadOf(original, laneId(copy.account, name));
    if (thread === undefined) continue;
    const first = await state.store.original({ ...copy, message: thread });
    if (first?.account === original.account && first.channel === original.channel)
      return first.message;
  }
  return undefined;
}
