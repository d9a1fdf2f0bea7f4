/**
 * The payloads of Gitter, as far as we read them. Tolerant: only an id and a text make a message; any other field that
 * is missing or of another type counts as absent.
 */
import * as v from "valibot";

import { isObjectId } from "./ids.ts";

const text = v.fallback(v.optional(v.string()), undefined);
const list = <T extends v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>>(item: T) =>
  v.fallback(v.array(v.fallback(v.nullable(item), null)), []);

const objectId = v.pipe(v.string(), v.check(isObjectId));

/** A user; `id` of a Matrix user is not an ObjectId (`matrix-mara:example.org`). */
const user = v.object({
  id: v.string(),
  username: text,
  displayName: text,
  avatarUrl: text,
  avatarUrlMedium: text,
});

const mention = v.object({ screenName: v.string(), userId: text });

/** A message of the stream, of a listing, or the answer to a post. */
export const message = v.object({
  id: objectId,
  text: v.string(),
  sent: text,
  editedAt: text,
  /** Null when the account is gone; an id alone in some listings. */
  fromUser: v.fallback(v.nullable(v.union([user, v.string()])), null),
  /** Set by the service's own Matrix bridge. */
  virtualUser: v.fallback(v.optional(v.object({ type: text, displayName: text })), undefined),
  status: v.fallback(v.optional(v.boolean()), undefined),
  parentId: v.fallback(v.optional(objectId), undefined),
  mentions: list(mention),
});
export type Message = v.InferOutput<typeof message>;

/** What `GET /user/me` says of us. */
export const me = v.object({ id: v.string(), username: v.string() });
export type Me = v.InferOutput<typeof me>;

/** A room, as `POST /rooms` finds it. */
export const room = v.object({ id: objectId });

/** The value when it has that shape, else undefined. Never throws. */
export function read<T extends v.GenericSchema>(
  schema: T,
  value: unknown,
): v.InferOutput<T> | undefined {
  const result = v.safeParse(schema, value);
  return result.success ? result.output : undefined;
}
