/** Who comes and goes, topics and purposes: the calls, and what people do. */
import { text } from "./args.ts";
import { eventIn, type SlackEffect } from "./events.ts";
import { add } from "./messages.ts";
import { type Call, fail, ok, type Reply } from "./reply.ts";
import { nextTs, type SlackChannel, type SlackState } from "./state.ts";
import { writable } from "./write.ts";

const MOST_CHARS = 250;

/** Sets a topic or purpose and says so in the channel; the same again says nothing. */
export function describeChannel(
  state: SlackState,
  channel: SlackChannel,
  about: { readonly user: string; readonly field: "topic" | "purpose"; readonly value: string },
  now: number,
): readonly SlackEffect[] {
  const { user, field, value } = about;
  if (channel[field] === value) return [];
  channel[field] = value;
  const words =
    value === "" ? `cleared the channel ${field}` : `set the channel ${field}: ${value}`;
  const draft = { subtype: `channel_${field}`, user, text: `<@${user}> ${words}`, [field]: value };
  return add(state, channel, draft, now).effects;
}

const set =
  (field: "topic" | "purpose") =>
  (call: Call): Reply => {
    const { state, args, now } = call;
    const channel = writable(call);
    if (typeof channel === "string") return fail(channel);
    const given = text(args, field) ?? "";
    if (Array.from(given).length > MOST_CHARS) return fail("too_long");
    const value = given.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const about = { user: state.seed.botUserId, field, value };
    const effects = describeChannel(state, channel, about, now);
    return ok({ channel: { id: channel.id, [field]: { value } } }, effects);
  };
export const setTopic = set("topic");
export const setPurpose = set("purpose");

/** Somebody comes into a channel or leaves it, with the event and the notice that Slack makes of it. */
export function comeOrGo(
  state: SlackState,
  channel: SlackChannel,
  user: string,
  comes: boolean,
  now: number,
): readonly SlackEffect[] {
  if (channel.members.has(user) === comes) return [];
  if (comes) channel.members.add(user);
  const type = comes ? "member_joined_channel" : "member_left_channel";
  const event = { type, user, team: state.seed.teamId, event_ts: nextTs(channel, now) };
  const heard = eventIn(state, channel, event, now);
  if (!comes) channel.members.delete(user);
  const subtype = comes ? "channel_join" : "channel_leave";
  const words = `<@${user}> has ${comes ? "joined" : "left"} the channel`;
  return [...heard, ...add(state, channel, { subtype, user, text: words }, now).effects];
}

/** The bot comes into a public channel. */
export function join(call: Call): Reply {
  const { state, args, now } = call;
  const channel = state.channels.get(text(args, "channel") ?? "");
  if (channel === undefined) return fail("channel_not_found");
  if (channel.isPrivate) return fail("method_not_supported_for_channel_type");
  if (channel.isArchived) return fail("is_archived");
  const bot = state.seed.botUserId;
  const about = { id: channel.id, name: channel.name, is_member: true };
  if (channel.members.has(bot)) return ok({ channel: about, warning: "already_in_channel" });
  return ok({ channel: about }, comeOrGo(state, channel, bot, true, now));
}
