/** Reactions: the two calls, and people who react and take it back. */
import shortcodes from "emojibase-data/en/shortcodes/iamcal.json" with { type: "json" };

import { text } from "./args.ts";
import { eventIn, type SlackEffect } from "./events.ts";
import { type Call, fail, ok, type Reply } from "./reply.ts";
import { nextTs, type SlackChannel, type SlackMessage, type SlackState } from "./state.ts";
import { writable } from "./write.ts";

/** Different emoji at one message, and those of one person at it. */
const MOST_EMOJI = 50;
const MOST_OF_ONE = 23;

/** The name under which a reaction is kept: of several for one emoji the first. Undefined for what is no emoji here. */
function canonical(state: SlackState, name: string): string | undefined {
  const [, base = "", tone = ""] = /^(.+?)(::skin-tone-[2-6])?$/.exec(name) ?? [];
  if (state.seed.customEmoji?.includes(name) === true) return name;
  const names = Object.values(shortcodes).find((one) => [one].flat().includes(base));
  return names === undefined ? undefined : `${[names].flat()[0]}${tone}`;
}

type Reactions = NonNullable<SlackMessage["reactions"]>;

/** Changes a message's reactions; the app hears it where it may read them. */
function change(
  state: SlackState,
  channel: SlackChannel,
  message: SlackMessage,
  about: { readonly user: string; readonly name: string; readonly added: boolean },
  now: number,
): readonly SlackEffect[] {
  const { user, name, added } = about;
  const was: Reactions = message.reactions ?? [];
  const users = was.find((one) => one.name === name)?.users ?? [];
  const next = added ? [...users, user] : users.filter((one) => one !== user);
  const others = was.filter((one) => one.name !== name);
  const changed =
    next.length === 0 ? others : [...others, { name, users: next, count: next.length }];
  const { reactions: _, ...bare } = message;
  const stored = changed.length === 0 ? bare : { ...bare, reactions: changed };
  channel.messages.set(message.ts, stored);
  const event = {
    type: added ? "reaction_added" : "reaction_removed",
    user,
    reaction: name,
    item: { type: "message", channel: channel.id, ts: message.ts },
    // Posts under a name of their own are nobody's.
    ...(message.user === undefined ? {} : { item_user: message.user }),
    event_ts: nextTs(channel, now),
  };
  return [
    { kind: "change", change: { kind: "changed", channel: channel.id, message: stored } },
    ...(state.scopes.has("reactions:read") ? eventIn(state, channel, event, now) : []),
  ];
}

const holds = (message: SlackMessage, name: string, user: string): boolean =>
  message.reactions?.some((one) => one.name === name && one.users.includes(user)) ?? false;

function act(call: Call, added: boolean): Reply {
  const { state, args, now } = call;
  const channel = writable(call);
  if (typeof channel === "string") return fail(channel);
  const name = canonical(state, text(args, "name") ?? "");
  if (name === undefined) return fail("invalid_name");
  const message = channel.messages.get(text(args, "timestamp") ?? "");
  if (message === undefined || message.subtype === "tombstone") return fail("message_not_found");
  const user = state.seed.botUserId;
  if (holds(message, name, user) === added) return fail(added ? "already_reacted" : "no_reaction");
  const all = message.reactions ?? [];
  const isNew = !all.some((one) => one.name === name);
  if (added && isNew && all.length >= MOST_EMOJI) return fail("too_many_emoji");
  if (added && all.filter(({ users }) => users.includes(user)).length >= MOST_OF_ONE)
    return fail("too_many_reactions");
  return ok({}, change(state, channel, message, { user, name, added }, now));
}

export const addReaction = (call: Call): Reply => act(call, true);
export const removeReaction = (call: Call): Reply => act(call, false);

/** A person reacts, or takes it back. Nothing happens where it is so already. */
export function personReacts(
  state: SlackState,
  channel: SlackChannel,
  message: SlackMessage,
  about: { readonly user: string; readonly name: string; readonly added: boolean },
  now: number,
): readonly SlackEffect[] {
  const name = canonical(state, about.name);
  if (name === undefined) throw new Error(`no emoji :${about.name}: at Slack`);
  if (holds(message, name, about.user) === about.added) return [];
  return change(state, channel, message, { ...about, name }, now);
}
