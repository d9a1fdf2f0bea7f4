/** Reactions of Slack: names of emoji to what events carry and back, events, history, and the two calls. */
import * as v from "valibot";

import { bareEmoji, emojiName, emojiOf } from "../../core/emoji.ts";
import type { Event, Unsupported } from "../../core/event.ts";
import { type AccountId, channelId, messageId, userId } from "../../core/ids.ts";
import type { HeldReactions } from "../../core/held.ts";
import type { Call, Outcome, OutgoingReaction } from "../../core/ports.ts";
import type { Client, Json } from "./client.ts";
import type { Message } from "./events.ts";
import type { Identity } from "./identity.ts";
import { isTs, positionOf, tsMs } from "./ids.ts";
import { sendMinor } from "./minor.ts";

export const ADD = "reactions.add";
export const REMOVE = "reactions.remove";

const NAME = /^[\p{L}\p{N}_+'-]+(?:::skin-tone-[2-6](?:-[2-6])?)?$/u;

const ts = v.custom<string>(isTs);
const reactionEvent = v.looseObject({
  user: v.string(),
  reaction: v.pipe(v.string(), v.regex(NAME)),
  item: v.looseObject({
    type: v.literal("message"),
    channel: v.string(),
    ts,
  }),
  event_ts: ts,
});

/** A name as events have it: workspaces' own emoji keep their shortcode. */
const emojiNamed = (name: string): string => bareEmoji(emojiOf(name) ?? `:${name}:`);

/** `reaction_added` and `reaction_removed`; reactions to files are none to a message. */
export function normalizeReaction(
  account: AccountId,
  identity: Identity | undefined,
  raw: Message,
): Event | Unsupported {
  const { type } = raw;
  const parsed = v.safeParse(reactionEvent, raw);
  if (!parsed.success) return { kind: "unsupported", reason: `slack: ${type} to no message` };
  const { user, reaction, item, event_ts: at } = parsed.output;
  return {
    kind: type === "reaction_added" ? "reaction.added" : "reaction.removed",
    account,
    channel: channelId(item.channel),
    message: messageId(item.ts),
    sentAt: tsMs(at),
    position: positionOf(at),
    author: { id: userId(user) },
    emoji: emojiNamed(reaction),
    version: at,
    ...(user === identity?.user ? { echo: {} } : {}),
  };
}

const heldSchema = v.array(
  v.looseObject({
    name: v.pipe(v.string(), v.regex(NAME)),
    users: v.array(v.string()),
    count: v.optional(v.number()),
  }),
);

/**
 * Who holds which reaction at a message of history. `users` may be cut short, `count` is right
 * (https://docs.slack.dev/reference/methods/reactions.get). Undefined where that cannot be read.
 */
export function heldAt(
  message: Message,
  me: string,
): HeldReactions["messages"][number] | undefined {
  const parsed = v.safeParse(heldSchema, message["reactions"] ?? []);
  if (!parsed.success || !isTs(message.ts)) return undefined;
  return {
    message: messageId(message.ts),
    sentAt: tsMs(message.ts),
    position: positionOf(message.ts),
    held: parsed.output.map(({ name, users, count = users.length }) => ({
      emoji: emojiNamed(name),
      users: users.filter((user) => user !== me).map(userId),
      more: count > users.length,
    })),
  };
}

/** The call for a reaction; none where the emoji has no name at Slack. */
export function renderReaction(
  method: typeof ADD | typeof REMOVE,
  { channel, target, emoji }: OutgoingReaction,
): readonly Call[] {
  const name = emojiName(emoji) ?? /^:(.+):$/u.exec(emoji)?.[1];
  if (name === undefined || !NAME.test(name)) return [];
  const args = { channel, timestamp: target, name: name.toLowerCase() };
  return [{ method, args }];
}

/** What is as it should be already. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  [ADD]: ["already_reacted"],
  [REMOVE]: ["no_reaction", "message_not_found", "invalid_name"],
};

/** Never throws. */
export const sendReaction = (client: Client, method: string, args: Json): Promise<Outcome> =>
  sendMinor(client, method, args, DONE[method]);
