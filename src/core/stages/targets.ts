/** The posts that an edit or deletion is about, as the message map knows them. */
import {
  channelId,
  type ChannelId,
  type LaneId,
  laneParts,
  type MessageId,
  type MessageRef,
} from "../ids.ts";
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
  if (!(await areCopiesIn(state, lane, channel, targets)))
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

/** Whether all posts are in the lane's channel as it is now, not in a room that was upgraded since. */
async function areCopiesIn(
  state: State,
  lane: LaneId,
  channel: ChannelId,
  posts: readonly MessageId[],
): Promise<boolean> {
  const { account } = laneParts(lane);
  for (const message of posts)
    if ((await state.store.original({ account, channel, message })) === undefined) return false;
  return true;
}

/**
 * Where the posts of a message are: in the lane's channel, or in one that this replaced and that was heard. Undefined
 * where nobody knows, and where they are in several.
 */
export async function homeOf(
  state: State,
  event: MessageRef,
  lane: LaneId,
  channel: ChannelId,
): Promise<ChannelId | undefined> {
  const posts = await state.store.copies(event, lane);
  if (posts === undefined || posts.length === 0) return channel;
  const mine = `${laneParts(lane).account}/`;
  const heard = [...state.began.keys(), ...state.checkpoints.keys()].flatMap((source) =>
    source.startsWith(mine) ? [channelId(source.slice(mine.length))] : [],
  );
  for (const home of new Set([channel, ...heard]))
    if (await areCopiesIn(state, lane, home, posts)) return home;
  return undefined;
}
