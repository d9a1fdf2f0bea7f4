/** Putting messages into a room, changing and deleting them. The stream carries creations only. */
import type { Change } from "../wire.ts";
import {
  type GitterMessage,
  type GitterRoom,
  type GitterState,
  type GitterUser,
  nextId,
} from "./state.ts";

/** What a call or a person did to the world. */
export type GitterEffect =
  /** One line of the room's stream, without its line end. */
  | { readonly kind: "stream"; readonly room: string; readonly line: string }
  | { readonly kind: "change"; readonly change: Change<GitterMessage> };

interface Done {
  readonly message: GitterMessage;
  readonly effects: readonly GitterEffect[];
}

const changed = (
  kind: "created" | "changed" | "deleted",
  room: GitterRoom,
  message: GitterMessage,
): GitterEffect => ({ kind: "change", change: { kind, channel: room.id, message } });

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (one) => ESCAPES[one] ?? one);

/** What the server works out of the text. Markdown itself is left as it is: bridges read `text`. */
function derived(
  state: GitterState,
  text: string,
): Pick<GitterMessage, "text" | "html" | "urls" | "mentions"> {
  const users = [...state.people.values()];
  const mentions = [...text.matchAll(/(?<![\w`])@([\w-]+)/g)].map(([, screenName = ""]) => {
    const user = users.find(({ username }) => username.toLowerCase() === screenName.toLowerCase());
    return user === undefined ? { screenName } : { screenName, userId: user.id };
  });
  const urls = [...text.matchAll(/https?:\/\/[^\s)>\]]+/g)].map(([url]) => ({
    url: escapeHtml(url),
  }));
  return { text, html: escapeHtml(text).replaceAll("\n", "<br>"), urls, mentions };
}

/** Puts a new message at the end of a room; everyone who streams it hears of it, its author too. */
export function add(
  state: GitterState,
  room: GitterRoom,
  fromUser: GitterUser,
  draft: { readonly text: string; readonly status?: boolean; readonly parentId?: string },
  now: number,
): Done {
  const message: GitterMessage = {
    id: nextId(state, now),
    ...derived(state, draft.text),
    sent: new Date(now).toISOString(),
    fromUser,
    ...(draft.status === undefined ? {} : { status: draft.status }),
    ...(draft.parentId === undefined ? {} : { parentId: draft.parentId }),
    unread: fromUser.id !== state.seed.bot.id,
    readBy: 0,
    issues: [],
    meta: [],
    v: 1,
  };
  room.messages.set(message.id, message);
  const line: GitterEffect = { kind: "stream", room: room.id, line: JSON.stringify(message) };
  const parent = countReply(room, message, 1);
  return { message, effects: [changed("created", room, message), line, ...parent] };
}

/** A parent's count and version follow its replies; `editedAt` does not. */
function countReply(room: GitterRoom, reply: GitterMessage, by: 1 | -1): readonly GitterEffect[] {
  const parent = reply.parentId === undefined ? undefined : room.messages.get(reply.parentId);
  if (parent === undefined) return [];
  const threadMessageCount = (parent.threadMessageCount ?? 0) + by;
  return replace(room, { ...parent, threadMessageCount, v: parent.v + 1 });
}

function replace(room: GitterRoom, message: GitterMessage): readonly GitterEffect[] {
  room.messages.set(message.id, message);
  return [changed("changed", room, message)];
}

/** New text; everything worked out of it follows. */
export function edit(
  state: GitterState,
  room: GitterRoom,
  old: GitterMessage,
  text: string,
  now: number,
): Done {
  const editedAt = new Date(now).toISOString();
  const message = { ...old, ...derived(state, text), editedAt, v: old.v + 1 };
  return { message, effects: replace(room, message) };
}

/** Takes a message away. One that has replies stays, blank, without `editedAt`. */
export function remove(room: GitterRoom, message: GitterMessage): readonly GitterEffect[] {
  if ((message.threadMessageCount ?? 0) > 0) {
    return replace(room, { ...message, text: "", html: "", v: message.v + 1 });
  }
  room.messages.delete(message.id);
  return [changed("deleted", room, message), ...countReply(room, message, -1)];
}
