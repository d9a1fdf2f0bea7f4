/**
 * Replies to replies. On Matrix any message may be replied to; elsewhere a thread hangs on its first message alone, so
 * that of a chain of replies is the message that the first of them replied to.
 */
import type { Event, Unsupported } from "../../core/event.ts";
import type { MessageId } from "../../core/ids.ts";

const MOST = 2_000;

export interface Roots {
  /** The event in the thread that its chain of replies began. Events are to be told in their order. */
  follow<T extends Event | Unsupported>(event: T): T;
}

/** Remembers the newest replies: after a restart those that history shows again. */
export function createRoots(): Roots {
  const roots = new Map<MessageId, MessageId>();
  return {
    follow(event) {
      if (event.kind !== "message.created" || event.thread === undefined) return event;
      const thread = roots.get(event.thread) ?? event.thread;
      roots.set(event.message, thread);
      const oldest = roots.size > MOST ? roots.keys().next().value : undefined;
      if (oldest !== undefined) roots.delete(oldest);
      return { ...event, thread };
    },
  };
}
