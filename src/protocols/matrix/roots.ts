/**
 * Replies to replies. On Matrix any message may be replied to; elsewhere a thread hangs on its first message alone, so
 * that of a chain of replies is the message that the first of them replied to.
 */
import type { Event, MessageCreated, Unsupported } from "../../core/event.ts";
import type { MessageId } from "../../core/ids.ts";

const MOST = 2_000;

export interface Roots {
  /**
   * The event in the thread that its chain of replies began; an edit, which does not say where its message stands, in that
   * of its message. Events are to be told in their order.
   */
  follow<T extends Event | Unsupported>(event: T): T;
}

/** Remembers the newest replies: after a restart those that history shows again. */
export function createRoots(): Roots {
  const known = new Map<MessageId, Pick<MessageCreated, "thread" | "answers">>();
  return {
    follow(event) {
      if (event.kind === "message.edited") return { ...event, ...known.get(event.message) };
      if (event.kind !== "message.created" || event.thread === undefined) return event;
      const thread = known.get(event.thread)?.thread ?? event.thread;
      const { answers } = event;
      known.set(event.message, { thread, ...(answers === undefined ? {} : { answers }) });
      const oldest = known.size > MOST ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      return { ...event, thread };
    },
  };
}
