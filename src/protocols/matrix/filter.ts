/** What `/sync` is asked for: the bridged rooms, and of them only what we read. */
import { isFailure } from "../call.ts";
import { path } from "./client.ts";
import type { Client, Refusal } from "./client.ts";
import { filterAnswer, read } from "./events.ts";

/** Events that say something. */
export const TIMELINE_TYPES = [
  "m.room.message",
  "m.room.encrypted",
  "m.room.redaction",
  "m.reaction",
  "m.sticker",
  "m.room.member",
  "m.room.topic",
  "m.room.encryption",
  "m.room.tombstone",
] as const;
/** A longer gap than this is read from history. */
const TIMELINE = 50;

export interface Filters {
  /** The id of the filter for these rooms, made where there is none yet; `calling` is told before a call is made. */
  idFor(rooms: readonly string[], me: string, calling?: () => void): Promise<string | Refusal>;
  /** The homeserver does not know the filter any more. */
  forget(): void;
}

/** Remembers the last filter: ids keep the address of a poll short, however many rooms there are. */
export function createFilters(client: Client): Filters {
  let known: { readonly rooms: string; readonly id: string } | undefined;
  return {
    forget() {
      known = undefined;
    },
    async idFor(rooms, me, calling) {
      const wanted = [...rooms].sort().join(" ");
      if (known?.rooms === wanted) return known.id;
      calling?.();
      const none = { types: [] };
      const answered = await client.ask("read", "POST", path("user", me, "filter"), {
        presence: none,
        account_data: none,
        room: {
          rooms: [...rooms].sort(),
          ephemeral: none,
          account_data: none,
          timeline: { limit: TIMELINE, types: TIMELINE_TYPES, lazy_load_members: true },
          state: {
            types: ["m.room.member", "m.room.encryption", "m.room.tombstone"],
            lazy_load_members: true,
            // Names are kept in memory only: after a restart they must come again.
            include_redundant_members: true,
          },
        },
      });
      if (isFailure(answered)) return answered;
      const id = read(filterAnswer, answered.json)?.filter_id;
      if (id === undefined) return { kind: "later", reason: "the answer holds no filter" };
      known = { rooms: wanted, id };
      return id;
    },
  };
}
