/** What we read of Slack's payloads. Tolerant: unknown fields are let be, everything but the ids may be missing. */
import * as v from "valibot";

const text = v.optional(v.nullable(v.string()));
const loose = v.optional(v.unknown());

export const fileSchema = v.looseObject({
  id: v.string(),
  name: text,
  title: text,
  permalink: text,
  mimetype: text,
  mode: text,
  file_access: text,
  is_external: v.optional(v.nullable(v.boolean())),
  external_url: text,
  url_private: text,
  url_private_download: text,
  size: v.optional(v.nullable(v.number())),
});

const messageSchema = v.looseObject({
  type: text,
  subtype: text,
  ts: text,
  thread_ts: text,
  user: text,
  bot_id: text,
  app_id: text,
  username: text,
  icons: v.optional(v.nullable(v.looseObject({ image_48: text, image_64: text, image_72: text }))),
  bot_profile: v.optional(
    v.nullable(
      v.looseObject({
        name: text,
        app_id: text,
        icons: v.optional(v.nullable(v.looseObject({ image_72: text }))),
      }),
    ),
  ),
  user_profile: v.optional(
    v.nullable(v.looseObject({ display_name: text, real_name: text, image_72: text })),
  ),
  text,
  blocks: v.optional(v.nullable(v.array(v.unknown()))),
  attachments: v.optional(v.nullable(v.array(v.looseObject({})))),
  files: v.optional(v.nullable(v.array(v.unknown()))),
  edited: v.optional(v.nullable(v.looseObject({ ts: text }))),
  metadata: v.optional(
    v.nullable(
      v.looseObject({
        event_type: text,
        event_payload: v.optional(v.nullable(v.record(v.string(), v.unknown()))),
      }),
    ),
  ),
  message: loose,
  previous_message: loose,
  deleted_ts: text,
  channel: text,
  event_ts: text,
});

export const envelopeSchema = v.looseObject({
  api_app_id: text,
  team_id: text,
  event: messageSchema,
});

export type Message = v.InferOutput<typeof messageSchema>;
export type File = v.InferOutput<typeof fileSchema>;

export const parseMessage = (raw: unknown): Message | undefined => {
  const result = v.safeParse(messageSchema, raw);
  return result.success ? result.output : undefined;
};

/** Our own posts say so in their metadata; other apps can read it, so it holds opaque ids only. */
export const METADATA_TYPE = "footbridge_msg";
