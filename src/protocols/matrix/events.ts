/**
 * The payloads of Matrix, as far as we read them. Tolerant: only ids, a type and a time make an event; any other field
 * that is missing or of another type counts as absent.
 */
import * as v from "valibot";

import { isEventId, isRoomId, isUserId } from "./ids.ts";

const text = v.fallback(v.optional(v.string()), undefined);
const number = v.fallback(v.optional(v.number()), undefined);
const list = <T extends v.GenericSchema>(item: T) =>
  v.fallback(v.array(v.fallback(v.nullable(item), null)), []);

const eventId = v.pipe(v.string(), v.check(isEventId));
const record = v.fallback(v.record(v.string(), v.unknown()), {});

/** One event of a timeline, of history or of a state. */
export const event = v.object({
  event_id: eventId,
  type: v.string(),
  sender: v.pipe(v.string(), v.check(isUserId)),
  origin_server_ts: v.number(),
  state_key: text,
  content: record,
  /** Of redactions in room versions before 11. */
  redacts: text,
  unsigned: v.fallback(
    v.optional(
      v.object({
        redacted_because: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
        prev_content: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
      }),
    ),
    undefined,
  ),
});
export type MatrixEvent = v.InferOutput<typeof event>;

/** `m.relates_to` of a message. */
export const relation = v.object({
  rel_type: text,
  event_id: text,
  key: text,
  is_falling_back: v.fallback(v.optional(v.boolean()), undefined),
  "m.in_reply_to": v.fallback(v.optional(v.object({ event_id: eventId })), undefined),
});

/** The content of an `m.room.message`. */
export const messageContent = v.object({
  msgtype: v.string(),
  body: v.string(),
  format: text,
  formatted_body: text,
  filename: text,
  url: text,
  /** Of an encrypted file, also where the room is not. */
  file: v.optional(v.unknown()),
  info: v.fallback(v.optional(v.object({ mimetype: text, size: number })), undefined),
  "m.relates_to": v.fallback(v.optional(relation), undefined),
  "m.mentions": v.fallback(
    v.optional(
      v.object({
        user_ids: list(v.string()),
        room: v.fallback(v.optional(v.boolean()), undefined),
      }),
    ),
    undefined,
  ),
  "m.new_content": v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
});
export type MessageContent = v.InferOutput<typeof messageContent>;

/** What we write into our own events, so that they are known again. */
export const ours = v.object({
  "dev.footbridge": v.object({ key: v.string(), instance: v.string() }),
});

/** The content of an `m.room.member`. */
export const memberContent = v.object({
  membership: v.string(),
  displayname: text,
  avatar_url: text,
});

const timeline = v.object({
  events: list(event),
  limited: v.fallback(v.optional(v.boolean()), undefined),
});

/** The answer to `/sync`. Left rooms only count by their ids. */
export const sync = v.object({
  next_batch: v.string(),
  rooms: v.fallback(
    v.object({
      join: v.fallback(
        v.record(
          v.string(),
          // One room that cannot be read must not take the others along.
          v.fallback(
            v.object({
              timeline: v.fallback(timeline, { events: [], limited: undefined }),
              state: v.fallback(v.object({ events: list(event) }), { events: [] }),
            }),
            { timeline: { events: [], limited: undefined }, state: { events: [] } },
          ),
        ),
        {},
      ),
      leave: v.fallback(v.record(v.string(), v.unknown()), {}),
    }),
    { join: {}, leave: {} },
  ),
});
export type Sync = v.InferOutput<typeof sync>;

/** A page of `/messages`. */
export const page = v.object({
  chunk: list(event),
  state: list(event),
  end: text,
});

/** A page of `/relations`. */
export const related = v.object({ chunk: list(event), next_batch: text });

export const joinedRooms = v.object({ joined_rooms: v.array(v.string()) });
export const joined = v.object({ room_id: v.pipe(v.string(), v.check(isRoomId)) });
export const uploaded = v.object({ content_uri: v.pipe(v.string(), v.startsWith("mxc://")) });
export const sent = v.object({ event_id: eventId });
/** `since` is our own, in what we store of it. */
export const whoami = v.object({
  user_id: v.pipe(v.string(), v.check(isUserId)),
  device_id: text,
  since: number,
});
export const profile = v.object({ displayname: text });
export const filterAnswer = v.object({ filter_id: v.string() });
export const login = v.object({
  access_token: v.string(),
  user_id: v.pipe(v.string(), v.check(isUserId)),
});
export const tombstone = v.object({ replacement_room: v.pipe(v.string(), v.check(isRoomId)) });

/** The value when it has that shape, else undefined. Never throws. */
export function read<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
): v.InferOutput<T> | undefined {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
}
