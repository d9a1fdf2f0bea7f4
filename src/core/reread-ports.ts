/** What the core needs of a connector whose service tells of no changes: see `rereads.ts`. */
import type { Event } from "./event.ts";
import type { ChannelId, MessageId } from "./ids.ts";
import type { Seen } from "./store.ts";

/** How edits and deletions are found that no source tells of: the newest messages are read again. */
export interface Reread {
  /** For so long after it was said a message may be edited, ms. */
  readonly windowMs: number;
  /** An id before all of this time and behind all before it, compared as text. */
  idAt(ms: number): MessageId;
  /** What has changed in the messages that are known, by few calls. Throws `CallFailed`. */
  read(channel: ChannelId, known: ReadonlyMap<MessageId, Seen>): Promise<readonly Event[]>;
}
