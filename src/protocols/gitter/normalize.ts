/**
 * A message of Gitter to events. The stream and the listing carry the same shape; neither says whether it is new or
 * changed, so an edited message is both: its creation, which the relay knows already or has missed, and its edit.
 */
import { plain } from "../../core/content.ts";
import type { Author, Event, MessageCreated, Unsupported } from "../../core/event.ts";
import type { AccountId, ChannelId } from "../../core/ids.ts";
import { messageId, userId } from "../../core/ids.ts";
import { parseJson } from "../call.ts";
import { message as messageSchema, read } from "./events.ts";
import type { Message } from "./events.ts";
import { fromGitterMarkdown, mentionIds } from "./from-markdown.ts";
import { editPositionOf, objectIdMs, positionOf } from "./ids.ts";
import { isoMs } from "./time.ts";

/** Where a message was read, and who we are there. */
export interface Place {
  readonly account: AccountId;
  readonly channel: ChannelId;
  /** Our own user id, once known. */
  readonly me?: string;
}

const unsupported = (reason: string): readonly Unsupported[] => [{ kind: "unsupported", reason }];

/** One line of the stream. Never throws. */
export function normalizeLine(place: Place, line: string): readonly (Event | Unsupported)[] {
  const raw = parseJson(line);
  return raw === undefined ? unsupported("not JSON") : normalizeMessage(place, raw);
}

/** The same of a line that is our own post, told by its author alone; undefined for all others. Never throws. */
export function normalizeOwnLine(
  place: Place,
  line: string,
): readonly (Event | Unsupported)[] | undefined {
  const raw = parseJson(line);
  if (typeof raw !== "object" || raw === null || !("fromUser" in raw)) return undefined;
  const { fromUser: from } = raw;
  const id = typeof from === "object" && from !== null && "id" in from ? from.id : from;
  return place.me !== undefined && id === place.me ? normalizeMessage(place, raw) : undefined;
}

/** One message object. Never throws. */
export function normalizeMessage(place: Place, raw: unknown): readonly (Event | Unsupported)[] {
  const message = read(messageSchema, raw);
  if (message === undefined) return unsupported("not a message");
  const author = authorOf(message);
  const isOwn = place.me !== undefined && author.id === place.me;
  const emote = message.status === true;
  const text = emote ? withoutSelf(message) : message.text;
  // Blanked by its author, or the deleted first message of a thread: an empty text cannot be posted.
  if (text.trim() === "") return unsupported("empty text");

  const sentAt =
    (message.sent === undefined ? undefined : isoMs(message.sent)) ?? objectIdMs(message.id);
  const created: MessageCreated = {
    kind: "message.created",
    account: place.account,
    channel: place.channel,
    message: messageId(message.id),
    sentAt,
    position: positionOf(sentAt, message.id),
    author,
    // Reading is the most of the work, and nothing follows from what we said ourselves.
    content: isOwn ? plain(text) : fromGitterMarkdown(text, mentionIds(message.mentions)),
    ...(emote ? { emote } : {}),
    ...(message.parentId === undefined ? {} : { thread: messageId(message.parentId) }),
    // Gitter keeps no metadata: our own posts are known by their author alone.
    ...(isOwn ? { echo: {} } : {}),
  };
  return message.editedAt === undefined ? [created] : [created, editOf(created, message.editedAt)];
}

function editOf(created: MessageCreated, version: string): Event {
  const { kind: _, ...said } = created;
  const editedAt = isoMs(version) ?? created.sentAt;
  return {
    ...said,
    kind: "message.edited",
    sentAt: editedAt,
    position: editPositionOf(created.position, editedAt),
    version,
  };
}

/** The account may be gone, and some listings give its id alone. */
function authorOf({ fromUser, virtualUser }: Message): Author {
  if (fromUser === null) return { id: userId("unknown"), name: "unknown" };
  if (typeof fromUser === "string") return { id: userId(fromUser) };
  const name = virtualUser?.displayName ?? fromUser.username ?? fromUser.displayName;
  const avatarUrl = [fromUser.avatarUrlMedium, fromUser.avatarUrl].find(
    (url) => url !== undefined && /^https?:\/\//i.test(url),
  );
  return {
    id: userId(fromUser.id),
    ...(name === undefined || name === "" ? {} : { name }),
    ...(avatarUrl === undefined ? {} : { avatarUrl }),
  };
}

/** Gitter's web client makes `@mara waves` of mara's `/me waves`; for a Matrix user it is the whole Matrix id. */
function withoutSelf({ text, fromUser }: Message): string {
  const name = typeof fromUser === "object" ? fromUser?.username : undefined;
  if (name === undefined) return text;
  const start = `@${name} `;
  return text.toLowerCase().startsWith(start.toLowerCase()) ? text.slice(start.length) : text;
}
