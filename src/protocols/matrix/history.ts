/** Messages of a room, from its end backwards: what `/messages` gives, put into the timeline's order. */
import type { DeliveryKey, MessageId, Position } from "../../core/ids.ts";
import { messageId } from "../../core/ids.ts";
import type { HistoryPage } from "../../core/ports.ts";
import { orThrow, parseJson } from "../call.ts";
import { path, query } from "./client.ts";
import type { Answer, Client } from "./client.ts";
import { ours, page as pageSchema, read } from "./events.ts";
import type { MatrixEvent } from "./events.ts";
import { before, positionMs, positionOf } from "./ids.ts";
import type { Order } from "./ids.ts";
import { TIMELINE_TYPES } from "./filter.ts";
import type { Members } from "./names.ts";
import { noteMembers } from "./names.ts";
import { normalizeEvent } from "./normalize.ts";
import type { Place } from "./normalize.ts";

const PAGE = 100;
/** Events carry their sender's server's time, and come late when that server was away: look further back than asked. */
const OVERLAP_MS = 10 * 60_000;
/** Nobody asks for more; a room that was quiet for a year would be read to its beginning. */
const LONGEST_MS = 8 * 24 * 3_600_000;

/** Newest first, and the token of what is before. */
interface RawPage {
  readonly events: readonly MatrixEvent[];
  readonly end?: string;
}

async function olderThan(
  client: Client,
  room: string,
  from: string | undefined,
  members?: Members,
): Promise<RawPage> {
  const filter = JSON.stringify({
    types: TIMELINE_TYPES,
    lazy_load_members: true,
    include_redundant_members: true,
  });
  const at = `${path("rooms", room, "messages")}${query({ dir: "b", limit: PAGE, from, filter })}`;
  const { json } = orThrow<Answer>(await client.ask("read", "GET", at));
  const { chunk, state, end } = read(pageSchema, json) ?? { chunk: [], state: [], end: undefined };
  const events = chunk.filter((event) => event !== null);
  if (members !== undefined)
    noteMembers(
      members,
      room,
      state.filter((event) => event !== null),
    );
  // The same token again would never end.
  return end === undefined || end === from ? { events } : { events, end };
}

/** How far a run of pages has come. */
interface Cursor {
  readonly from: string;
  readonly order?: Order;
}

/** Events after a position: each page oldest first, the newest page first. Throws `CallFailed`. */
export async function readHistory(
  client: Client,
  place: Place,
  members: Members,
  now: number,
  since: Position,
  cursor?: string,
): Promise<HistoryPage> {
  const at = cursor === undefined ? undefined : (parseJson(cursor) as Cursor);
  const { events, end } = await olderThan(client, place.channel, at?.from, members);
  let order = at?.order;
  const items = events.map((event) => {
    order = before(order, event.origin_server_ts, now);
    const name = members.get(place.channel, event.sender);
    return { event, at: positionOf(order), ...(name === undefined ? {} : { name }) };
  });
  const oldest = Math.max(positionMs(since) - OVERLAP_MS, now - LONGEST_MS);
  const page = { events: items.reverse().flatMap((item) => normalizeEvent(place, item)) };
  // One old time among newer ones is a slow clock somewhere, not the end of the gap.
  const past = events.length > 0 && events.every((event) => event.origin_server_ts < oldest);
  if (end === undefined || past) return page;
  return {
    ...page,
    next: JSON.stringify({ from: end, ...(order === undefined ? {} : { order }) }),
  };
}

/** Looks for the event that carries our key, back to a time. Throws `CallFailed`. */
export async function findSent(
  client: Client,
  room: string,
  me: string | undefined,
  key: DeliveryKey,
  afterMs: number,
): Promise<MessageId | undefined> {
  let from: string | undefined;
  do {
    const { events, end }: RawPage = await olderThan(client, room, from);
    const found = events.find(
      (event) => event.sender === me && read(ours, event.content)?.["dev.footbridge"].key === key,
    );
    if (found !== undefined) return messageId(found.event_id);
    const past =
      events.length > 0 && events.every((event) => event.origin_server_ts < afterMs - OVERLAP_MS);
    from = past ? undefined : end;
  } while (from !== undefined);
  return undefined;
}
