/** Messages of a room, from its end backwards: what `/messages` gives, put into the timeline's order. */
import type { DeliveryKey, MessageId, Position } from "../../core/ids.ts";
import { messageId } from "../../core/ids.ts";
import type { HistoryPage } from "../../core/ports.ts";
import type { Span } from "../../core/span.ts";
import { CallFailed } from "../../core/ports.ts";
import { orThrow, parseJson } from "../call.ts";
import type { Pages, ReadPage } from "../../core/pages.ts";
import { path, query } from "./client.ts";
import type { Answer, Client } from "./client.ts";
import { memberContent, ours, page as pageSchema, read } from "./events.ts";
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

/** Whether somebody came into the room for the first time, not back after a kick. */
function isFirstJoin(event: MatrixEvent, user: string | undefined): boolean {
  if (event.type !== "m.room.member" || event.state_key !== user) return false;
  const was = read(memberContent, event.unsigned?.prev_content)?.membership;
  return (
    read(memberContent, event.content)?.membership === "join" &&
    (was === undefined || was === "invite")
  );
}

/** How far a run of pages has come. */
interface Cursor {
  readonly from: string;
  readonly order?: Order;
  /** Of a room that is encrypted now: what is older was said before that. */
  readonly clear?: boolean;
}

/** Events after a position: each page oldest first, the newest page first. Throws `CallFailed`. */
export async function readHistory(
  client: Client,
  place: Place,
  members: Members,
  encrypted: boolean,
  now: number,
  since: Position,
  cursor?: string,
): Promise<HistoryPage> {
  const at = cursor === undefined ? undefined : (parseJson(cursor) as Cursor);
  const { events: all, end } = await olderThan(client, place.channel, at?.from, members);
  // What was said before we first came is not ours; in a room that another became it is, from where that ended.
  const entered = all.findIndex(
    (event) => isFirstJoin(event, place.me) && event.origin_server_ts <= positionMs(since),
  );
  const events = entered < 0 ? all : all.slice(0, entered);
  let order = at?.order;
  let clear = at?.clear ?? !encrypted;
  const items = events.flatMap((event) => {
    clear ||= event.type === "m.room.encryption" && event.state_key === "";
    if (!clear) return [];
    order = before(order, event.origin_server_ts, now);
    return [{ event, at: positionOf(order), ...members.get(place.channel, event.sender) }];
  });
  const oldest = Math.max(positionMs(since) - OVERLAP_MS, now - LONGEST_MS);
  const page = { events: items.reverse().flatMap((item) => normalizeEvent(place, item)) };
  // One old time among newer ones is a slow clock somewhere, not the end of the gap.
  const past = events.length > 0 && events.every((event) => event.origin_server_ts < oldest);
  if (end === undefined || past || entered >= 0) return page;
  return {
    ...page,
    next: JSON.stringify({ from: end, clear, ...(order === undefined ? {} : { order }) }),
  };
}

/** Looks for the event that carries our key, back to a time. Throws `CallFailed`. */
export async function findSent(
  client: Client,
  pages: Pages<MatrixEvent>,
  room: string,
  me: string | undefined,
  key: DeliveryKey,
  span: Span,
): Promise<MessageId | undefined> {
  // To find nothing means to post again: nobody may guess.
  if (me === undefined)
    throw new CallFailed({ kind: "later", reason: "our own account is not known yet" });
  const older: ReadPage<MatrixEvent> = async (from, _to, cursor) => {
    const { events, end } = await olderThan(client, room, cursor);
    const past =
      events.length > 0 && events.every((event) => event.origin_server_ts < from - OVERLAP_MS);
    return past || end === undefined ? { items: events } : { items: events, next: end };
  };
  for await (const events of pages(room, span, older)) {
    const found = events.find(
      (event) => event.sender === me && read(ours, event.content)?.["dev.footbridge"].key === key,
    );
    if (found !== undefined) return messageId(found.event_id);
  }
  return undefined;
}
