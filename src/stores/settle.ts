/** Settle: how a delivery ended, inside one transaction. */
import { createdKey } from "../core/event.ts";
import type { AccountId, ChannelId, LaneId, MessageId } from "../core/ids.ts";
import type { Placed, Settlement } from "../core/store.ts";
import { followLetter, letterId } from "./dead.ts";
import { copyKey } from "./rows.ts";
import type { Tables } from "./tables.ts";
import type { Work } from "./work.ts";

export interface SettleContext {
  readonly tables: Tables;
  readonly now: number;
}

export function* settleOne(
  { tables, now }: SettleContext,
  key: string,
  lane: LaneId,
  settlement: Settlement,
): Work<void> {
  const { ends, week } = yield* tables.endsOf(key);
  const ids = ends[lane]?.ids ?? [];
  switch (settlement.kind) {
    case "part": {
      const { copy, last, late, written, gone = [] } = settlement;
      const carried =
        copy === undefined || settlement.file === undefined
          ? {}
          : { [copy.message]: settlement.file };
      const files = { ...ends[lane]?.files, ...carried };
      const all = copy === undefined ? ids : [...ids, copy.message];
      const place = placeOf({ ...ends[lane], ...settlement });
      const open = {
        open: true as const,
        ...(late === true ? { late } : {}),
        ...(written === undefined ? {} : { written }),
      };
      ends[lane] = {
        s: "sent",
        ids: all,
        ...(Object.keys(files).length === 0 ? {} : { files }),
        ...place,
        ...(last ? {} : open),
      };
      if (copy !== undefined) {
        const original = key.split("\u001f").slice(0, 3).join("\u001f");
        yield* tables.writeMap(copyKey(copy), original, now);
      }
      const made = copy === undefined ? [] : [copy.message];
      const change = { made, gone, files: carried, place: placeOf(settlement) };
      yield* changeParts(tables, key, lane, change, now);
      break;
    }
    case "ignored":
      ends[lane] = { s: "ignored", ids };
      break;
    case "dead": {
      const { since } = settlement;
      // A replay goes on where this one stopped.
      const { open: _, ...kept } = ends[lane] ?? {};
      ends[lane] = { ...kept, s: "dead", ids, ...(since === undefined ? {} : { since }) };
      const found = yield* tables.readInbox(key);
      if (found !== undefined) {
        const { id, event } = found.row;
        const { reason } = settlement;
        yield* tables.addLetter({ id: letterId(id, lane), lane, at: now, reason, event });
      }
      break;
    }
  }
  yield* tables.writeMap(`e${key}`, JSON.stringify(ends), now, week);
  if (ends[lane]?.s !== "dead" && ends[lane]?.open !== true)
    yield* followLetter({ tables, now }, key, lane);
}

/** What became of the posts of a message. */
interface Change {
  readonly made: readonly MessageId[];
  readonly gone: readonly MessageId[];
  readonly files: Record<MessageId, string>;
  readonly place: Placed;
}

const placeOf = ({ thread, ownThread }: Placed): Placed =>
  thread !== undefined ? { thread } : ownThread === undefined ? {} : { ownThread };

/**
 * An edit that grew made posts that belong to the message, and one that shrank took some away: the next edit and a delete
 * must find those that are there. A replay's posts are its message's, too.
 */
function* changeParts(
  tables: Tables,
  key: string,
  lane: LaneId,
  { made, gone, files, place }: Change,
  now: number,
): Work<void> {
  const [account, channel, message] = key.split("\u001f") as [AccountId, ChannelId, MessageId];
  const first = createdKey(account, channel, message);
  if (first === key || made.length + gone.length === 0) return;
  const { ends, week } = yield* tables.endsOf(first);
  const sent = ends[lane];
  if (sent === undefined) return;
  sent.ids = [...sent.ids, ...made].filter((id) => !gone.includes(id));
  if (Object.keys(files).length > 0) sent.files = { ...sent.files, ...files };
  Object.assign(sent, place);
  yield* tables.writeMap(`e${first}`, JSON.stringify(ends), now, week);
}
