/**
 * An event of Matrix to events of ours. What the event itself does not say is told with it: its place in the timeline
 * and its author's name in the room.
 */
import { plain } from "../../core/content.ts";
import type { Attachment, Author, Event, Unsupported } from "../../core/event.ts";
import type { AccountId, ChannelId, Position } from "../../core/ids.ts";
import { deliveryKey, messageId, position, userId } from "../../core/ids.ts";
import { parseJson } from "../call.ts";
import {
  event as eventSchema,
  memberContent,
  messageContent,
  ours,
  read,
  relation,
} from "./events.ts";
import type { MatrixEvent, MessageContent } from "./events.ts";
import { isMxc } from "./media.ts";
import { fromMessage } from "./from-message.ts";
import { isEventId } from "./ids.ts";
import { emojiOfKey } from "./reactions.ts";

/** Where an event was read, and who we are there. */
export interface Place {
  readonly account: AccountId;
  readonly channel: ChannelId;
  /** Our own user id, once known. */
  readonly me?: string;
}

/** One event on its way through `SourceBatch.items`. */
export interface Item {
  readonly at: Position;
  /** The author's name in the room. */
  readonly name?: string;
  /** The author's face in the room, as `mxc:`. */
  readonly face?: string;
  readonly event: MatrixEvent;
}

const unsupported = (reason: string): readonly Unsupported[] => [{ kind: "unsupported", reason }];

/** An item as text. Never throws. */
export function normalizeItem(place: Place, text: string): readonly (Event | Unsupported)[] {
  const item = itemOf(text);
  return item === undefined ? unsupported("not an event") : normalizeEvent(place, item);
}

/**
 * The same of an item in which nobody but us says something, told by its type and sender; undefined for all others.
 * Never throws.
 */
export function normalizeUnsaid(
  place: Place,
  text: string,
): readonly (Event | Unsupported)[] | undefined {
  const item = itemOf(text);
  if (item === undefined) return undefined;
  const { type, sender } = item.event;
  const isSaid = type === "m.room.message" || type === "m.sticker";
  return isSaid && sender !== place.me ? undefined : normalizeEvent(place, item);
}

function itemOf(text: string): Item | undefined {
  const raw = parseJson(text);
  if (typeof raw !== "object" || raw === null || !("event" in raw) || !("at" in raw))
    return undefined;
  const event = read(eventSchema, raw.event);
  if (event === undefined || typeof raw.at !== "string") return undefined;
  const name = "name" in raw && typeof raw.name === "string" ? { name: raw.name } : {};
  const face = "face" in raw && typeof raw.face === "string" ? { face: raw.face } : {};
  return { at: position(raw.at), event, ...name, ...face };
}

/** Never throws. */
export function normalizeEvent(place: Place, item: Item): readonly (Event | Unsupported)[] {
  const { event } = item;
  if (event.unsigned?.redacted_because !== undefined) return unsupported("redacted");
  const common = {
    account: place.account,
    channel: place.channel,
    sentAt: Math.max(0, Math.trunc(event.origin_server_ts)),
    position: item.at,
    ...(event.sender === place.me ? { echo: echoOf(event) } : {}),
  };
  const author: Author = {
    id: userId(event.sender),
    ...(item.name === undefined ? {} : { name: item.name }),
    ...(item.face === undefined ? {} : { avatarUrl: item.face }),
  };
  switch (event.type) {
    case "m.room.message":
    case "m.sticker":
      return message(event, common, author);
    case "m.room.redaction": {
      const target = event.redacts ?? event.content["redacts"];
      return typeof target === "string"
        ? [{ ...common, kind: "message.deleted", message: messageId(target) }]
        : unsupported("a redaction of nothing");
    }
    case "m.reaction": {
      const to = read(relation, event.content["m.relates_to"]);
      const emoji = emojiOfKey(to?.key ?? "");
      const target = to?.rel_type === "m.annotation" ? (to.event_id ?? "") : "";
      if (!isEventId(target) || emoji === undefined) return unsupported("a reaction to nothing");
      return [
        {
          ...common,
          kind: "reaction.added",
          message: messageId(target),
          author,
          emoji,
          version: versionOf(event),
          // A redaction names this alone.
          reaction: messageId(event.event_id),
        },
      ];
    }
    case "m.room.topic": {
      const { topic } = event.content;
      // Anybody may send an event of this type; only the room's state is its topic.
      if (event.state_key !== "" || typeof topic !== "string")
        return unsupported("a topic without text");
      if (event.unsigned?.prev_content?.["topic"] === topic)
        return unsupported("a topic that is as it was");
      return [
        { ...common, kind: "topic.changed", message: messageId(event.event_id), author, topic },
      ];
    }
    case "m.room.member":
      return member(place, event, common);
    case "m.room.encrypted":
      return unsupported("encrypted: Footbridge cannot read encrypted rooms");
    default:
      return unsupported(event.type);
  }
}

/** The same however an event was read, and greater for a later one. */
const versionOf = ({ origin_server_ts: at, event_id: id }: MatrixEvent): string =>
  `${String(Math.max(0, Math.trunc(at))).padStart(15, "0")}-${id}`;

type Common = Pick<Event, "account" | "channel" | "sentAt" | "position" | "echo">;

/** Our own: `key` and `instance` where it was the bridge that wrote it. */
function echoOf(event: MatrixEvent): NonNullable<Event["echo"]> {
  const mark = read(ours, event.content)?.["dev.footbridge"];
  return mark === undefined ? {} : { key: deliveryKey(mark.key), instance: mark.instance };
}

function message(
  event: MatrixEvent,
  common: Common,
  author: Author,
): readonly (Event | Unsupported)[] {
  const content = read(
    messageContent,
    event.type === "m.sticker" ? { ...event.content, msgtype: "m.image" } : event.content,
  );
  if (content === undefined) return unsupported("a message without text");
  const to = content["m.relates_to"];
  if (to?.rel_type === "m.replace") {
    const replaced = read(messageContent, content["m.new_content"]);
    if (to.event_id === undefined || replaced === undefined)
      return unsupported("an edit of nothing");
    const said = saidOf(event, replaced, common);
    if (said === undefined) return unsupported(replaced.msgtype);
    return [
      {
        ...common,
        ...said,
        author,
        kind: "message.edited",
        message: messageId(to.event_id),
        version: versionOf(event),
      },
    ];
  }
  const said = saidOf(event, content, common);
  if (said === undefined) return unsupported(content.msgtype);
  const isThread = to?.rel_type === "m.thread";
  const answered = to?.["m.in_reply_to"]?.event_id;
  const thread = isThread ? to.event_id : answered;
  // In a thread it may only stand for clients that know none.
  const answers =
    answered === undefined || (isThread && to.is_falling_back === true)
      ? {}
      : { answers: { message: messageId(answered), outside: !isThread } };
  return [
    {
      ...common,
      ...said,
      // Robots speak in notices, so that other robots leave them alone (specification, m.notice).
      author: content.msgtype === "m.notice" ? { ...author, bot: true } : author,
      kind: "message.created",
      message: messageId(event.event_id),
      ...(thread === undefined ? {} : { thread: messageId(thread), ...answers }),
    },
  ];
}

const FILES: ReadonlySet<string> = new Set(["m.image", "m.file", "m.video", "m.audio"]);

/** What was said; undefined for kinds of messages that we do not know. */
function saidOf(event: MatrixEvent, content: MessageContent, { channel, echo }: Common) {
  // Reading is the most of the work, and nothing follows from what we said ourselves.
  const contentOf = echo === undefined ? fromMessage : () => plain("");
  if (FILES.has(content.msgtype)) {
    const name = content.filename ?? content.body;
    // With a file name of its own, the text is a caption.
    const caption = content.filename !== undefined && content.body !== content.filename;
    const { size, mimetype } = content.info ?? {};
    const mxc = content.url !== undefined && isMxc(content.url) ? content.url : undefined;
    const trouble = content.file === undefined ? "it has no address" : "encrypted";
    const file: Attachment = {
      // The same in an edit of the caption.
      id: mxc ?? event.event_id,
      ...(mxc === undefined ? { trouble } : {}),
      name,
      url: `https://matrix.to/#/${encodeURIComponent(channel)}/${encodeURIComponent(event.event_id)}`,
      ...(mimetype === undefined ? {} : { mimetype }),
      ...(size === undefined ? {} : { size }),
    };
    return {
      content: contentOf(caption ? content : { msgtype: "m.text", body: "" }),
      files: [file],
    };
  }
  switch (content.msgtype) {
    case "m.text":
    case "m.notice":
    case "m.location":
      return { content: contentOf(content) };
    case "m.emote":
      return { content: contentOf(content), emote: true };
    default:
      return undefined;
  }
}

/** Joining and leaving; a new name or face is neither, and what becomes of us is nobody's news. */
function member(
  place: Place,
  event: MatrixEvent,
  common: Common,
): readonly (Event | Unsupported)[] {
  const is = read(memberContent, event.content);
  const was = read(memberContent, event.unsigned?.prev_content);
  const { state_key: user } = event;
  if (user === undefined || user === place.me || is?.membership === was?.membership)
    return unsupported("m.room.member");
  const name = is?.displayname ?? was?.displayname;
  const at = {
    ...common,
    message: messageId(event.event_id),
    author: { id: userId(user), ...(name === undefined ? {} : { name }) },
  };
  if (is?.membership === "join") return [{ ...at, kind: "member.joined" }];
  // Who was only invited, or banned from outside, has not been here.
  const left = is?.membership === "leave" || is?.membership === "ban";
  if (left && (was?.membership ?? "join") === "join") return [{ ...at, kind: "member.left" }];
  return unsupported("m.room.member");
}
