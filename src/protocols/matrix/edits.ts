/**
 * Edits that are taken back. A redaction names the edit's own event and nothing tells any more whose message that
 * changed: it is remembered of the newest edits, after a restart of those that history shows again.
 */
import type { Author, Event, Unsupported } from "../../core/event.ts";
import { type MessageId, messageId } from "../../core/ids.ts";

const MOST = 2_000;

export interface Edits {
  /** A deletion of an edit as what it is. Events are to be told in their order. */
  follow(event: Event | Unsupported): Event | Unsupported;
}

export function createEdits(): Edits {
  const known = new Map<MessageId, { readonly message: MessageId; readonly author: Author }>();
  return {
    follow(event) {
      if (event.kind === "message.edited") {
        known.set(eventOf(event.version), { message: event.message, author: event.author });
        const oldest = known.size > MOST ? known.keys().next().value : undefined;
        if (oldest !== undefined) known.delete(oldest);
      }
      const edit = event.kind === "message.deleted" ? known.get(event.message) : undefined;
      if (event.kind !== "message.deleted" || edit === undefined) return event;
      return { ...event, ...edit, kind: "message.reverted", version: event.message };
    },
  };
}

/** A version ends with the id of the event that made it. */
const eventOf = (version: string): MessageId => messageId(version.slice(version.indexOf("-") + 1));
