/** What a room shows: its messages with edits applied and without what was redacted. */
import { type Fields, fields, relationOf, text } from "./read.ts";
import type { MatrixEventData, MatrixRoom } from "./state.ts";

export interface MatrixMessage {
  readonly id: string;
  readonly room: string;
  readonly sender: string;
  readonly msgtype: string;
  readonly body: string;
  readonly html?: string;
  /** First message of its thread. */
  readonly thread?: string;
  readonly replyTo?: string;
  /** The name that clients show in place of the sender's (MSC4144). */
  readonly shownAs?: string;
  readonly edited: boolean;
  /** Who holds which, in the order in which they came. */
  readonly reactions: readonly { readonly key: string; readonly users: readonly string[] }[];
  readonly sentAt: number;
  /** The newest content, whole. */
  readonly content: Fields;
}

const isEdit = ({ content }: MatrixEventData): boolean =>
  relationOf(content)["rel_type"] === "m.replace";

/** The message that an event began, as it is now; undefined when it is none or is gone. */
export function messageAt(room: MatrixRoom, id: string): MatrixMessage | undefined {
  const event = room.timeline.find((one) => one.event.event_id === id)?.event;
  if (event?.type !== "m.room.message" || isEdit(event)) return undefined;
  if (event.unsigned?.["redacted_because"] !== undefined) return undefined;
  // Only its author's edits count, and of those the latest.
  const edit = room.timeline.findLast(
    (one) =>
      one.event.type === "m.room.message" &&
      one.event.sender === event.sender &&
      isEdit(one.event) &&
      relationOf(one.event.content)["event_id"] === id,
  )?.event;
  const content = edit === undefined ? event.content : fields(edit.content["m.new_content"]);
  const relation = relationOf(event.content);
  const html = text(content["formatted_body"]);
  const thread = relation["rel_type"] === "m.thread" ? text(relation["event_id"]) : undefined;
  const replyTo = text(fields(relation["m.in_reply_to"])["event_id"]);
  const shownAs = text(fields(content["com.beeper.per_message_profile"])["displayname"]);
  return {
    id,
    room: room.id,
    sender: event.sender,
    msgtype: text(content["msgtype"]) ?? "",
    body: text(content["body"]) ?? "",
    ...(html === undefined ? {} : { html }),
    ...(thread === undefined ? {} : { thread }),
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(shownAs === undefined ? {} : { shownAs }),
    edited: edit !== undefined,
    reactions: reactionsTo(room, id),
    sentAt: event.origin_server_ts,
    content,
  };
}

function reactionsTo(room: MatrixRoom, id: string): MatrixMessage["reactions"] {
  const users = new Map<string, string[]>();
  for (const { event } of room.timeline) {
    const { rel_type: kind, event_id: target, key } = relationOf(event.content);
    if (event.type !== "m.reaction" || kind !== "m.annotation" || target !== id) continue;
    const name = text(key) ?? "";
    users.set(name, [...(users.get(name) ?? []), event.sender]);
  }
  return [...users].map(([key, all]) => ({ key, users: all }));
}

/** All messages of a room, oldest first. */
export const messagesOf = (room: MatrixRoom): readonly MatrixMessage[] =>
  room.timeline.flatMap(({ event }) => messageAt(room, event.event_id) ?? []);
