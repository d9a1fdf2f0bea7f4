/**
 * Edits that are taken back. A redaction names the edit's own event and nothing tells any more whose message that
 * changed: it is remembered of the newest edits, after a restart of those that history shows again.
 */
import type { Author, Event, Unsupported } from "../../core/event.ts";
import { type MessageId, messageId, type UserId } from "../../core/ids.ts";

const MOST = 2_000;

export interface Edits {
  /** A deletion of an edit as what it is. Events are to be told in their order. */
  follow(event: Event | Unsupported): Event | Unsupported;
}

export function createEdits(): Edits {
  const known = new Map<MessageId, { readonly message: MessageId; readonly author: Author }>();
  const authors = new Map<MessageId, UserId>();
  return {
    follow(event) {
      if (event.kind === "message.created") keep(authors, event.message, event.author.id);
      if (event.kind === "message.edited") {
        const { message, author } = event;
        // What others send as edits counts for nothing, and must not push out those that do.
        if ((authors.get(message) ?? author.id) === author.id)
          keep(known, eventOf(event.version), { message, author });
      }
      const edit = event.kind === "message.deleted" ? known.get(event.message) : undefined;
      if (event.kind !== "message.deleted" || edit === undefined) return event;
      return { ...event, ...edit, kind: "message.reverted", version: event.message };
    },
  };
}

/** The newest only. */
function keep<Value>(all: Map<MessageId, Value>, id: MessageId, value: Value): void {
  all.set(id, value);
  const oldest = all.size > MOST ? all.keys().next().value : undefined;
  if (oldest !== undefined) all.delete(oldest);
}

/** A version ends with the id of the event that made it. */
const eventOf = (version: string): MessageId => messageId(version.slice(version.indexOf("-") + 1));
