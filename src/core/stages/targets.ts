/** The posts that an edit or deletion is about, as the message map knows them. */
import { type ChannelId, type LaneId, laneParts, type MessageId, type MessageRef } from "../ids.ts";
import type { FilePost } from "../ports.ts";
import type { State } from "../state.ts";

export interface Targets {
  readonly targets: readonly MessageId[];
  readonly filePosts?: readonly FilePost[];
}

/** Why there are none: not yet, or not any more. */
type None = { readonly kind: "ignored"; readonly reason: string } | { readonly kind: "no-target" };

export async function targetsOf(
  state: State,
  event: MessageRef,
  lane: LaneId,
  channel: ChannelId,
): Promise<Targets | None> {
  const targets = await state.store.copies(event, lane);
  if (targets === undefined) return { kind: "no-target" };
  if (targets.length === 0) return { kind: "ignored", reason: "its message was not relayed" };
  for (const message of targets)
    if (!(await isCopyIn(state, lane, channel, message)))
      return { kind: "ignored", reason: "its message is in a channel that this one replaced" };
  const files = await state.store.files(event, lane);
  if (files.size === 0) return { targets };
  return {
    targets: targets.filter((message) => !files.has(message)),
    filePosts: targets.flatMap((message) => {
      const file = files.get(message);
      return file === undefined ? [] : [{ message, file }];
    }),
  };
}

/** Whether a post is in the lane's channel as it is now, not in a room that was upgraded since. */
const isCopyIn = async (
  state: State,
  lane: LaneId,
  channel: ChannelId,
  message: MessageId,
): Promise<boolean> =>
  (await state.store.original({ account: laneParts(lane).account, channel, message })) !==
  undefined;
