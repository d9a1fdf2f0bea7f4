/** Compose, for reactions: the message that is meant, on both sides of a copy, and whether the bridge reacts there. */
import type { Ask } from "../asking.ts";
import type { ReactionAdded, ReactionRemoved } from "../event.ts";
import { type ChannelId, type LaneId, laneParts, type MessageRef } from "../ids.ts";
import { judgeReaction } from "../rules/reactions.ts";
import { rulesOf } from "../rules/rules.ts";
import type { State } from "../state.ts";
import { chosenName } from "./author.ts";
import type { Composed, How } from "./compose.ts";

/** Throws `CallFailed` where the name of who reacted is to be asked for again, as rules need it. */
export async function composeReaction(
  state: State,
  event: ReactionAdded | ReactionRemoved,
  lane: LaneId,
  channel: ChannelId,
  { ask }: How,
): Promise<Composed> {
  const { store } = state;
  const here: MessageRef = {
    account: event.account,
    channel: event.channel,
    message: event.message,
  };
  const root = (await store.original(here)) ?? here;
  const copies = await store.allCopies(root);
  const isAtRoot = root.account === laneParts(lane).account && root.channel === channel;
  const targets = isAtRoot ? [root.message] : copies?.get(lane);
  if (targets === undefined) return { kind: "no-target" };
  const [target] = targets;
  if (target === undefined) return { kind: "ignored", reason: "its message was not relayed" };
  const { account } = laneParts(lane);
  if (!isAtRoot && (await store.original({ account, channel, message: target })) === undefined)
    return { kind: "ignored", reason: "its message is in a channel that this one replaced" };
  if (await isIgnored(state, event, ask)) return { kind: "ignored", reason: "IgnoreNicks" };

  // People react where they are: to the message itself and to its copies.
  const places = [...(copies ?? [])].flatMap(([each, ids]): MessageRef[] => {
    const at = state.channels.get(each);
    const { account } = laneParts(each);
    return at === undefined ? [] : ids.map((message) => ({ account, channel: at, message }));
  });
  const marks = await Promise.all([root, ...places].map((place) => store.reactions(place)));
  const { emoji, author, version } = event;
  const reaction = {
    ...here,
    added: event.kind === "reaction.added",
    emoji,
    user: author.id,
    version,
  };
  const verdict = judgeReaction(reaction, marks.flat(), lane);
  switch (verdict.kind) {
    case "react":
    case "unreact":
      return { kind: "send", outgoing: { kind: verdict.kind, channel, target, emoji } };
    case "there":
    case "ignored":
      return verdict;
  }
}

/** A name costs a request: only where a rule needs it. */
async function isIgnored(
  state: State,
  event: ReactionAdded | ReactionRemoved,
  ask: Ask,
): Promise<boolean> {
  const from = state.config.accounts.get(event.account)?.settings;
  const source = state.connectors.get(event.account);
  if (from === undefined || source === undefined) return false;
  if (from.strings("IgnoreNicks").length === 0) return false;
  const { author } = event;
  const profile = await ask(event.account, () => source.profile(author), undefined);
  const name = profile === undefined ? (author.name ?? author.id) : chosenName(profile, from);
  return rulesOf(from).ignore.nick(name);
}
