/** `chat.*` and `conversations.join`: the calls that change something. */
import { flag, nested, text } from "./args.ts";
import { add, isReply, remove, replace } from "./messages.ts";
import { type Call, fail, ok, type Reply } from "./reply.ts";
import {
  findChannel,
  nextTs,
  type SlackChannel,
  type SlackMessage,
  type SlackMetadata,
} from "./state.ts";

interface Body {
  readonly text: string | undefined;
  readonly blocks: readonly unknown[] | undefined;
  readonly attachments: readonly unknown[] | undefined;
  /** Absent: as it was. Null: taken away. */
  readonly metadata: SlackMetadata | null | undefined;
}

const MAX_BLOCKS = 50;
/** Not documented; seen in the field at about this many characters over all blocks. */
const MAX_BLOCKS_LENGTH = 13_200;
const MAX_METADATA_LENGTH = 8000;
/** Longer texts are posted cut, with a warning. */
const MAX_TEXT = 40_000;
/** Longer texts cannot be set by an edit. */
const MAX_UPDATE_TEXT = 4000;

const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) && value.length > 0 ? (value as readonly unknown[]) : undefined;

/** Content of a post or an edit, or the error code it deserves. */
function readBody({ args }: Call): Body | string {
  const blocks = nested(args, "blocks");
  const attachments = nested(args, "attachments");
  const metadata = nested(args, "metadata");
  if (blocks === "bad") return "invalid_blocks_format";
  if (attachments === "bad") return "invalid_attachments";
  if (metadata === "bad") return "invalid_metadata_format";
  if (blocks.value !== undefined && !Array.isArray(blocks.value)) return "invalid_blocks_format";
  const list = listOf(blocks.value);
  if ((list?.length ?? 0) > MAX_BLOCKS) return "invalid_blocks";
  if (list?.some((one) => typeof (one as { type?: unknown } | null)?.type !== "string")) {
    return "invalid_blocks";
  }
  if (list !== undefined && JSON.stringify(list).length > MAX_BLOCKS_LENGTH * 4) {
    return "msg_blocks_too_long";
  }
  if (lettersOf(list) > MAX_BLOCKS_LENGTH) return "msg_blocks_too_long";
  const kept = readMetadata(metadata.value);
  if (typeof kept === "string") return kept;
  return {
    text: text(args, "text"),
    blocks: list,
    attachments: listOf(attachments.value),
    metadata: kept,
  };
}

function readMetadata(value: unknown): SlackMetadata | null | undefined | string {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return "invalid_metadata_format";
  if (Object.keys(value).length === 0) return null;
  if (typeof (value as { event_type?: unknown }).event_type !== "string") {
    return "invalid_metadata_format";
  }
  if (JSON.stringify(value).length > MAX_METADATA_LENGTH) return "metadata_too_large";
  return value as SlackMetadata;
}

/** How many letters people see in a block tree. */
function lettersOf(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + lettersOf(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  const own = (value as { text?: unknown }).text;
  const nestedIn = Object.entries(value).filter(([key]) => key !== "text");
  const inner = nestedIn.reduce((sum, [, one]) => sum + lettersOf(one), 0);
  return inner + (typeof own === "string" ? own.length : lettersOf(own));
}

/** A channel that the bot may write to, or the error code. */
export function writable({ state, args }: Call): SlackChannel | string {
  const channel = findChannel(state, text(args, "channel") ?? "");
  if (channel === undefined) return "channel_not_found";
  const isMember = channel.members.has(state.seed.botUserId);
  // A private channel hides from those who are not in it.
  if (!isMember && channel.isPrivate) return "channel_not_found";
  if (!isMember && !state.scopes.has("chat:write.public")) return "not_in_channel";
  return channel.isArchived ? "is_archived" : channel;
}

/** Who a post is by: the bot, or with a name or face of its own a `bot_message` without `user`. */
function authorship({ state, args }: Call): Partial<SlackMessage> {
  const { seed } = state;
  const mayCustomize = state.scopes.has("chat:write.customize");
  const username = mayCustomize ? text(args, "username") : undefined;
  const iconUrl = mayCustomize ? text(args, "icon_url") : undefined;
  const iconEmoji = mayCustomize ? text(args, "icon_emoji") : undefined;
  const app = { bot_id: seed.botId, app_id: seed.appId };
  if (username === undefined && iconUrl === undefined && iconEmoji === undefined) {
    const { botId: id, botName: name, appId: app_id, teamId: team_id } = seed;
    const bot_profile = { id, name, app_id, team_id, deleted: false, updated: 0, icons: {} };
    return { user: seed.botUserId, team: seed.teamId, ...app, bot_profile };
  }
  const icons =
    iconEmoji !== undefined
      ? { emoji: iconEmoji }
      : iconUrl !== undefined
        ? { image_36: iconUrl, image_48: iconUrl, image_64: iconUrl, image_72: iconUrl }
        : undefined;
  return {
    subtype: "bot_message",
    username: username ?? seed.botName,
    ...(icons === undefined ? {} : { icons }),
    ...app,
  };
}

export function postMessage(call: Call): Reply {
  const { state, args, now } = call;
  const channel = writable(call);
  if (typeof channel === "string") return fail(channel);
  const markdown = text(args, "markdown_text");
  const body = readBody(call);
  if (typeof body === "string") return fail(body);
  if (markdown !== undefined && (body.text !== undefined || body.blocks !== undefined)) {
    return fail("markdown_text_conflict");
  }
  const words = body.text ?? markdown;
  if (words === undefined && body.blocks === undefined && body.attachments === undefined) {
    return fail("no_text");
  }
  const thread = text(args, "thread_ts");
  const parent = thread === undefined ? undefined : channel.messages.get(thread);
  if (thread !== undefined && parent === undefined) return fail("thread_not_found");
  if (parent !== undefined && isReply(parent)) return fail("cannot_reply_to_message");
  const { message, effects } = add(
    state,
    channel,
    {
      ...authorship(call),
      text: (words ?? "").slice(0, MAX_TEXT),
      ...(body.blocks === undefined ? {} : { blocks: body.blocks }),
      ...(body.attachments === undefined ? {} : { attachments: body.attachments }),
      ...(body.metadata ? { metadata: body.metadata } : {}),
      ...(thread === undefined ? {} : { thread_ts: thread }),
      ...(thread !== undefined && flag(args, "reply_broadcast")
        ? { subtype: "thread_broadcast" }
        : {}),
    },
    now,
  );
  const cut = (words ?? "").length > MAX_TEXT ? { warning: "message_truncated" } : {};
  return ok({ channel: channel.id, ts: message.ts, message, ...cut }, effects);
}

/** The bot's own message that the call names, or an error code. */
function ownMessage(call: Call, channel: SlackChannel, otherwise: string): SlackMessage | string {
  const message = channel.messages.get(text(call.args, "ts") ?? "");
  if (message === undefined || message.subtype === "tombstone") return "message_not_found";
  return message.bot_id === call.state.seed.botId ? message : otherwise;
}

const isRich = (blocks: readonly unknown[] | undefined): boolean =>
  blocks?.some((one) => (one as { type?: unknown }).type === "rich_text") ?? false;

export function update(call: Call): Reply {
  const { state, now } = call;
  const channel = writable(call);
  if (typeof channel === "string") return fail(channel);
  const old = ownMessage(call, channel, "cant_update_message");
  if (typeof old === "string") return fail(old);
  const body = readBody(call);
  if (typeof body === "string") return fail(body);
  if (body.text === undefined && body.blocks === undefined && body.attachments === undefined) {
    return fail("no_text");
  }
  if ((body.text ?? "").length > MAX_UPDATE_TEXT) return fail("msg_too_long");
  if (body.blocks !== undefined && isRich(old.blocks) && !isRich(body.blocks)) {
    return fail("block_mismatch");
  }
  // Text without blocks takes the blocks away; metadata stays unless it is given.
  const { blocks: _blocks, metadata: oldMetadata, ...rest } = old;
  const metadata = body.metadata === undefined ? oldMetadata : body.metadata;
  const next: SlackMessage = {
    ...rest,
    text: body.text ?? "",
    ...(body.blocks === undefined ? {} : { blocks: body.blocks }),
    ...(metadata ? { metadata } : {}),
    edited: { user: state.seed.botId, ts: nextTs(channel, now) },
  };
  const { message, effects } = replace(state, channel, next, now);
  return ok({ channel: channel.id, ts: message.ts, text: message.text, message }, effects);
}

export function deleteMessage(call: Call): Reply {
  const channel = writable(call);
  if (typeof channel === "string") return fail(channel);
  const message = ownMessage(call, channel, "cant_delete_message");
  if (typeof message === "string") return fail(message);
  const effects = remove(call.state, channel, message, call.now);
  return ok({ channel: channel.id, ts: message.ts }, effects);
}
