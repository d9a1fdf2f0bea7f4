/** The calls that only read: who and where, history and replies. */
import { flag, int, text } from "./args.ts";
import { isReply } from "./messages.ts";
import { type Call, fail, ok, type Reply } from "./reply.ts";
import { findChannel, type SlackChannel, type SlackMessage, type SlackState } from "./state.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 999;

export function authTest({ state }: Call): Reply {
  const { teamName, teamId, botName, botUserId, botId } = state.seed;
  return ok({
    url: "https://sandbox.slack.example/",
    team: teamName,
    user: botName,
    team_id: teamId,
    user_id: botUserId,
    bot_id: botId,
    is_enterprise_install: false,
  });
}

export function usersInfo({ state, args }: Call): Reply {
  const person = state.people.get(text(args, "user") ?? "");
  if (person === undefined) return fail("user_not_found");
  const { id, name, realName, displayName = "", avatarUrl } = person;
  const image = avatarUrl === undefined ? {} : { image_72: avatarUrl, image_192: avatarUrl };
  return ok({
    user: {
      id,
      team_id: state.seed.teamId,
      name,
      deleted: false,
      real_name: realName,
      is_bot: id === state.seed.botUserId,
      profile: { real_name: realName, display_name: displayName, ...image },
    },
  });
}

export function botsInfo({ state, args }: Call): Reply {
  const { botId: id, botName: name, appId: app_id, botUserId: user_id } = state.seed;
  if (text(args, "bot") !== id) return fail("bot_not_found");
  return ok({ bot: { id, deleted: false, name, updated: 0, app_id, user_id, icons: {} } });
}

const describe = (state: SlackState, channel: SlackChannel): object => ({
  id: channel.id,
  name: channel.name,
  is_channel: !channel.isPrivate,
  is_group: channel.isPrivate,
  is_private: channel.isPrivate,
  is_archived: channel.isArchived,
  is_member: channel.members.has(state.seed.botUserId),
  is_general: channel.name === "general",
  num_members: channel.members.size,
  context_team_id: state.seed.teamId,
});

/** One page of a list. The cursor is opaque to callers: here the place to go on from. */
function paged<Item>(
  { args }: Call,
  all: readonly Item[],
): { readonly items: readonly Item[]; readonly next: string } | undefined {
  const limit = Math.min(int(args, "limit", DEFAULT_LIMIT), MAX_LIMIT);
  const cursor = text(args, "cursor");
  const from = cursor === undefined ? 0 : Number(/^sandbox:(\d+)$/.exec(cursor)?.[1] ?? -1);
  if (from < 0) return undefined;
  const next = from + limit < all.length ? `sandbox:${from + limit}` : "";
  return { items: all.slice(from, from + limit), next };
}

/** Channels the bot can see: private ones only from inside. */
function visible({ state, args }: Call, membersOnly: boolean): readonly SlackChannel[] {
  const types = (text(args, "types") ?? "public_channel").split(",").map((one) => one.trim());
  const bot = state.seed.botUserId;
  return [...state.channels.values()].filter(
    (one) =>
      types.includes(one.isPrivate ? "private_channel" : "public_channel") &&
      (one.members.has(bot) || (!membersOnly && !one.isPrivate)) &&
      !(one.isArchived && flag(args, "exclude_archived")),
  );
}

function channelPage(call: Call, membersOnly: boolean): Reply {
  const page = paged(call, visible(call, membersOnly));
  if (page === undefined) return fail("invalid_cursor");
  return ok({
    channels: page.items.map((one) => describe(call.state, one)),
    response_metadata: { next_cursor: page.next },
  });
}
export const conversationsList = (call: Call): Reply => channelPage(call, false);
export const usersConversations = (call: Call): Reply => channelPage(call, true);

/** A channel that the bot can see, or the error code. */
function seen({ state, args }: Call, mustBeMember: boolean): SlackChannel | string {
  const channel = findChannel(state, text(args, "channel") ?? "");
  if (channel === undefined) return "channel_not_found";
  const isMember = channel.members.has(state.seed.botUserId);
  if (!isMember && channel.isPrivate) return "channel_not_found";
  return !isMember && mustBeMember ? "not_in_channel" : channel;
}

export function conversationsInfo(call: Call): Reply {
  const channel = seen(call, false);
  return typeof channel === "string"
    ? fail(channel)
    : ok({ channel: describe(call.state, channel) });
}

export function conversationsMembers(call: Call): Reply {
  const channel = seen(call, false);
  if (typeof channel === "string") return fail(channel);
  const page = paged(call, [...channel.members]);
  if (page === undefined) return fail("invalid_cursor");
  return ok({ members: page.items, response_metadata: { next_cursor: page.next } });
}

/** As history shows it: without `include_all_metadata` only the type of the metadata comes back. */
function shown({ args }: Call, message: SlackMessage): SlackMessage {
  if (message.metadata === undefined || flag(args, "include_all_metadata")) return message;
  return { ...message, metadata: { event_type: message.metadata.event_type } };
}

/** Compares two `ts` exactly; as numbers they would lose their last digits. */
function compareTs(a: string, b: string): number {
  const [aSeconds = "", aMicros = ""] = a.split(".");
  const [bSeconds = "", bMicros = ""] = b.split(".");
  return (
    Number(aSeconds) - Number(bSeconds) ||
    Number(aMicros.padEnd(6, "0")) - Number(bMicros.padEnd(6, "0"))
  );
}

function inRange({ args }: Call, { ts }: SlackMessage): boolean {
  const edge = flag(args, "inclusive") ? 0 : 1;
  const oldest = text(args, "oldest");
  const latest = text(args, "latest");
  return (
    (oldest === undefined || compareTs(ts, oldest) >= edge) &&
    (latest === undefined || compareTs(ts, latest) <= -edge)
  );
}

/** One page of `all`. Cursors are a `ts`, so that what comes or goes meanwhile moves no page. */
function messagePage(call: Call, all: readonly SlackMessage[], order: 1 | -1): Reply {
  const { args } = call;
  const limit = Math.min(int(args, "limit", DEFAULT_LIMIT), MAX_LIMIT);
  const cursor = text(args, "cursor");
  const after = cursor === undefined ? undefined : /^next_ts:(\d+\.\d+)$/.exec(cursor)?.[1];
  if (cursor !== undefined && after === undefined) return fail("invalid_cursor");
  const rest = after === undefined ? all : all.filter(({ ts }) => compareTs(ts, after) * order > 0);
  const messages = rest.slice(0, limit);
  const more = rest.length > limit;
  return ok({
    messages: messages.map((one) => shown(call, one)),
    has_more: more,
    ...(more ? { response_metadata: { next_cursor: `next_ts:${messages.at(-1)?.ts}` } } : {}),
  });
}

/** Newest first, without thread replies (but with those that were also sent to the channel). */
export function conversationsHistory(call: Call): Reply {
  const channel = seen(call, true);
  if (typeof channel === "string") return fail(channel);
  const all = [...channel.messages.values()].filter(
    (one) => (!isReply(one) || one.subtype === "thread_broadcast") && inRange(call, one),
  );
  return messagePage(call, all.reverse(), -1);
}

/** The parent first, whatever the range, then its replies, oldest first. */
export function conversationsReplies(call: Call): Reply {
  const channel = seen(call, true);
  if (typeof channel === "string") return fail(channel);
  const parent = channel.messages.get(text(call.args, "ts") ?? "");
  if (parent === undefined) return fail("thread_not_found");
  const replies = [...channel.messages.values()].filter(
    (one) => one.thread_ts === parent.ts && one.ts !== parent.ts && inRange(call, one),
  );
  return messagePage(call, [parent, ...replies], 1);
}
