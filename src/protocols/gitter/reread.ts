/**
 * Edits and deletions, which no stream brings: the newest messages of a room are read again. Edits are possible for ten
 * minutes; a deletion can be found as long as its message would stand among the newest 100.
 */
import type { Event } from "../../core/event.ts";
import { type MessageId, messageId } from "../../core/ids.ts";
import type { Seen } from "../../core/store.ts";
import { isFailure, orThrow } from "../call.ts";
import type { Answer, Client } from "./client.ts";
import { message as messageSchema, read } from "./events.ts";
import { deletedPositionOf, isObjectId, objectIdMs } from "./ids.ts";
import { normalizeMessage, type Place } from "./normalize.ts";

/** The greatest page: without `afterId` it holds the newest. */
const PAGE = 100;
/** Ids are in the order of sending up to their second. */
const EDGE_MS = 2_000;
/** So many messages that are not in the listing are asked for by themselves in one look. */
const MOST_ASKED = 3;

/** What became of the messages that are known. Throws `CallFailed`. */
export async function readAgain(
  client: Client,
  place: Place,
  known: ReadonlyMap<MessageId, Seen>,
): Promise<readonly Event[]> {
  if (!isObjectId(place.channel)) return [];
  const path = `/rooms/${place.channel}/chatMessages`;
  const query = `includeThreads=true&limit=${PAGE}`;
  const { json } = orThrow<Answer>(await client.ask("spare", "GET", `${path}?${query}`));
  if (!Array.isArray(json)) return [];
  const items: readonly unknown[] = json;
  const changes = items.flatMap((item) => changeOf(place, item, known));
  const missing = missingOf(items, known).slice(0, MOST_ASKED);
  const gone: Event[] = [];
  for (const message of missing) {
    // A listing may be short for a reason of its own, and what is deleted at the other side does not come back.
    const asked = await client.ask("spare", "GET", `${path}/${message}`);
    if (!isFailure(asked)) continue;
    if (asked.status !== 404) break;
    gone.push(deletion(place, message, objectIdMs(message)));
  }
  return [...changes, ...gone];
}

function changeOf(
  place: Place,
  item: unknown,
  known: ReadonlyMap<MessageId, Seen>,
): readonly Event[] {
  const message = read(messageSchema, item);
  const id = message === undefined ? undefined : messageId(message.id);
  const seen = id === undefined ? undefined : known.get(id);
  if (message === undefined || id === undefined || seen === undefined || seen.deleted) return [];
  // Blanked by its author, or deleted with answers in its thread.
  if (message.text.trim() === "") return [deletion(place, id, objectIdMs(id))];
  if (message.editedAt === undefined || message.editedAt === seen.edited) return [];
  return normalizeMessage(place, item).filter((event) => event.kind === "message.edited");
}

/** Known messages that should be in a listing and are not. */
function missingOf(
  items: readonly unknown[],
  known: ReadonlyMap<MessageId, Seen>,
): readonly MessageId[] {
  const listed = new Set(
    items.flatMap((item) =>
      typeof item === "object" && item !== null && "id" in item && typeof item.id === "string"
        ? [messageId(item.id)]
        : [],
    ),
  );
  const from =
    items.length < PAGE ? 0 : Math.min(...[...listed].map((id) => objectIdMs(id))) + EDGE_MS;
  return [...known].flatMap(([id, { deleted }]) =>
    deleted || listed.has(id) || objectIdMs(id) <= from ? [] : [id],
  );
}

const deletion = (place: Place, message: MessageId, sentAt: number): Event => ({
  kind: "message.deleted",
  account: place.account,
  channel: place.channel,
  message,
  sentAt,
  position: deletedPositionOf(message),
});
