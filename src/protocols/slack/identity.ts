/** Who we are in a workspace: what `auth.test` says, kept over restarts. */
import * as v from "valibot";

import { parseJson } from "../call.ts";
import type { Json } from "./client.ts";
import { METADATA_TYPE, type Message } from "./events.ts";

const schema = v.object({
  user: v.string(),
  name: v.optional(v.string()),
  bot: v.optional(v.string()),
  team: v.optional(v.string()),
  app: v.optional(v.string()),
});
export type Identity = v.InferOutput<typeof schema>;

export const parseIdentity = (text: string): Identity | undefined => {
  const result = v.safeParse(schema, parseJson(text));
  return result.success ? result.output : undefined;
};

/**
 * Ours, by any of the marks: `user` alone is dropped by username overrides, `bot_id` alone is missing in some shapes,
 * and our event may come before the answer to the post.
 */
export function isOwn(message: Message, identity: Identity | undefined): boolean {
  return message.metadata?.event_type === METADATA_TYPE || isAuthor(message, identity);
}

/** Written by another bot, as its ids say: what stands in its metadata it may have from anywhere. */
export function isAnothers(message: Json, identity: Identity | undefined): boolean {
  const { bot_id: bot, app_id: app } = message;
  if (typeof bot !== "string" || identity?.bot === undefined || bot === identity.bot) return false;
  return identity.app === undefined || app !== identity.app;
}

/** Written by this very bot, as its ids say, or by nobody knows whom while they are not known. */
export function isAuthor(message: Message, identity: Identity | undefined): boolean {
  const app = message.app_id ?? message.bot_profile?.app_id;
  if (app != null && app === identity?.app) return true;
  if (identity === undefined) return message.metadata?.event_type === METADATA_TYPE;
  return (
    (message.bot_id != null && message.bot_id === identity.bot) ||
    (message.user != null && message.user === identity.user)
  );
}
