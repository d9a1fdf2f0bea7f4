/** Putting messages into a channel, changing and deleting them, with the events that the app hears of it. */
import { compose } from "./compose.ts";
import { eventIn, type SlackEffect } from "./events.ts";
import { nextTs, type SlackChannel, type SlackMessage, type SlackState } from "./state.ts";

interface Done {
  readonly message: SlackMessage;
  readonly effects: readonly SlackEffect[];
}

const changed = (
  kind: "created" | "changed" | "deleted",
  channel: SlackChannel,
  message: SlackMessage,
): SlackEffect => ({ kind: "change", change: { kind, channel: channel.id, message } });

/** Whether the message answers in a thread; a parent carries its own `ts` as `thread_ts`. */
export const isReply = (message: SlackMessage): boolean =>
  message.thread_ts !== undefined && message.thread_ts !== message.ts;

/** Puts a new message at the end of a channel. */
export function add(
  state: SlackState,
  channel: SlackChannel,
  draft: Omit<SlackMessage, "type" | "ts">,
  now: number,
): Done {
  const ts = nextTs(channel, now);
  const parent = draft.thread_ts === undefined ? undefined : channel.messages.get(draft.thread_ts);
  const message: SlackMessage = {
    type: "message",
    ts,
    ...draft,
    ...(parent?.user === undefined ? {} : { parent_user_id: parent.user }),
    ...(parent !== undefined && draft.subtype === "thread_broadcast" ? { root: parent } : {}),
  };
  channel.messages.set(ts, message);
  const event = eventIn(state, channel, { ...message, event_ts: ts }, now);
  const effects = [changed("created", channel, message), ...event];
  if (parent === undefined) return { message, effects };
  const author = message.user ?? message.bot_id ?? "";
  const answered: SlackMessage = {
    ...parent,
    thread_ts: parent.ts,
    reply_count: (parent.reply_count ?? 0) + 1,
    reply_users: [...new Set([...(parent.reply_users ?? []), author])],
    latest_reply: ts,
  };
  channel.messages.set(parent.ts, answered);
  // Documented fault of the Events API: `message_replied` arrives without its subtype.
  const replied = { type: "message", message: answered, hidden: true, ts, event_ts: ts };
  return { message, effects: [...effects, ...eventIn(state, channel, replied, now)] };
}

/** Replaces a message; the app hears `message_changed`, whose own `ts` is the time of the change. */
export function replace(
  state: SlackState,
  channel: SlackChannel,
  next: SlackMessage,
  now: number,
): Done {
  const previous = channel.messages.get(next.ts);
  channel.messages.set(next.ts, next);
  const ts = nextTs(channel, now);
  const event = {
    type: "message",
    subtype: "message_changed",
    hidden: true,
    ts,
    event_ts: ts,
    message: next,
    previous_message: previous,
  };
  const effects = [changed("changed", channel, next), ...eventIn(state, channel, event, now)];
  return { message: next, effects };
}

/** Deletes a message. A parent that still has replies becomes a tombstone instead. */
export function remove(
  state: SlackState,
  channel: SlackChannel,
  message: SlackMessage,
  now: number,
): readonly SlackEffect[] {
  if ((message.reply_count ?? 0) > 0) {
    const { ts, thread_ts, reply_count, latest_reply } = message;
    const tombstone: SlackMessage = {
      type: "message",
      subtype: "tombstone",
      ts,
      user: "USLACKBOT",
      text: "This message was deleted.",
      hidden: true,
      ...(thread_ts === undefined ? {} : { thread_ts }),
      ...(reply_count === undefined ? {} : { reply_count }),
      ...(latest_reply === undefined ? {} : { latest_reply }),
    };
    return replace(state, channel, tombstone, now).effects;
  }
  channel.messages.delete(message.ts);
  const parent = isReply(message) ? channel.messages.get(message.thread_ts ?? "") : undefined;
  if (parent !== undefined) {
    channel.messages.set(parent.ts, { ...parent, reply_count: (parent.reply_count ?? 1) - 1 });
  }
  const ts = nextTs(channel, now);
  const event = {
    type: "message",
    subtype: "message_deleted",
    hidden: true,
    ts,
    event_ts: ts,
    deleted_ts: message.ts,
    previous_message: message,
  };
  return [changed("deleted", channel, message), ...eventIn(state, channel, event, now)];
}

export interface SayOptions {
  /** `ts` of the thread's first message. */
  readonly thread?: string;
  /** `/me`. */
  readonly emote?: boolean;
  /** Also shown in the channel, outside its thread. */
  readonly broadcast?: boolean;
}

/** A person types a message. */
export function say(
  state: SlackState,
  channel: SlackChannel,
  user: string,
  typed: string,
  options: SayOptions,
  now: number,
): Done {
  const { thread, emote = false, broadcast = false } = options;
  state.serial += 1;
  const { text, blocks } = compose(typed, [...state.people.values()]);
  const subtype = emote ? "me_message" : broadcast ? "thread_broadcast" : undefined;
  return add(
    state,
    channel,
    {
      ...(subtype === undefined ? {} : { subtype }),
      user,
      text,
      team: state.seed.teamId,
      ...(emote ? {} : { blocks }),
      client_msg_id: `00000000-0000-4000-8000-${state.serial.toString(16).padStart(12, "0")}`,
      ...(thread === undefined ? {} : { thread_ts: thread }),
    },
    now,
  );
}

/** A person edits a message. */
export function edit(
  state: SlackState,
  channel: SlackChannel,
  message: SlackMessage,
  typed: string,
  now: number,
): Done {
  const { text, blocks } = compose(typed, [...state.people.values()]);
  const edited = { user: message.user ?? state.seed.botUserId, ts: nextTs(channel, now) };
  return replace(state, channel, { ...message, text, blocks, edited }, now);
}
