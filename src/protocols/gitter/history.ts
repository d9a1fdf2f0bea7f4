/** Messages of a room after a point: ascending by time, at most 100 at once, with the replies in threads. */
import type { Position } from "../../core/ids.ts";
import type { HistoryPage } from "../../core/ports.ts";
import { CallFailed } from "../../core/ports.ts";
import { orThrow } from "../call.ts";
import type { Answer, Client } from "./client.ts";
import { message as messageSchema, read } from "./events.ts";
import { idAtSecond, isObjectId, objectIdMs, positionMs } from "./ids.ts";
import { normalizeMessage } from "./normalize.ts";
import type { Place } from "./normalize.ts";

/** The greatest page; a greater `limit` is cut to it without a word. */
const PAGE = 100;
/** `afterId` filters by id and sorts by time, and ids of one second are in no order: go back, the relay knows doubles. */
const OVERLAP_MS = 5000;
/** The same between two pages. */
const PAGE_OVERLAP_MS = 2000;

/** One page as the service gave it, and the `afterId` of the next one where there is one. */
export interface RawPage {
  readonly items: readonly unknown[];
  readonly next?: string;
}

/** The oldest messages behind an id. Throws `CallFailed`. */
export async function messagesAfter(
  client: Client,
  room: string,
  afterId: string,
): Promise<RawPage> {
  // Replies are left out unless asked for.
  const query = `afterId=${afterId}&includeThreads=true&limit=${PAGE}`;
  const { json } = orThrow<Answer>(
    await client.ask("read", "GET", `/rooms/${room}/chatMessages?${query}`),
  );
  if (!Array.isArray(json))
    throw new CallFailed({ kind: "later", reason: "the answer to a listing is no list" });
  const items: readonly unknown[] = json;
  const next = items.length < PAGE ? undefined : nextAfter(items, afterId);
  return next === undefined ? { items } : { items, next };
}

/** A little before the last id, unless that would read the same page again. */
function nextAfter(items: readonly unknown[], afterId: string): string | undefined {
  const last = items
    .map((item) => read(messageSchema, item)?.id.toLowerCase() ?? "")
    .reduce((greatest, id) => (id > greatest ? id : greatest), "");
  if (last <= afterId) return undefined;
  const before = idAtSecond(objectIdMs(last) - PAGE_OVERLAP_MS);
  return before > afterId ? before : last;
}

/** Events after a position, oldest first. Throws `CallFailed`. */
export async function readHistory(
  client: Client,
  place: Place,
  since: Position,
  cursor?: string,
): Promise<HistoryPage> {
  const afterId = cursor ?? idAtSecond(positionMs(since) - OVERLAP_MS);
  if (!isObjectId(place.channel) || !isObjectId(afterId))
    // The service would answer a 500.
    throw new CallFailed({ kind: "rejected", reason: "no id of a room, or no cursor of ours" });
  const page = await messagesAfter(client, place.channel, afterId);
  const events = page.items.flatMap((item) => normalizeMessage(place, item));
  return page.next === undefined ? { events } : { events, next: page.next };
}
