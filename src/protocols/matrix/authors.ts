/**
 * Who wrote a message. A homeserver passes on an edit whoever sent it; only its message's author's counts
 * (https://spec.matrix.org/latest/client-server-api/#validity-of-replacement-events).
 */
import type { Event, MessageEdited, Unsupported } from "../../core/event.ts";
import type { ChannelId, UserId } from "../../core/ids.ts";
import { CallFailed } from "../../core/ports.ts";
import { orThrow } from "../call.ts";
import { isFailure } from "../call.ts";
import { path } from "./client.ts";
import type { Answer, Client } from "./client.ts";
import { event as eventSchema, joinedRooms, read } from "./events.ts";

const MOST = 2_000;

export interface Authors {
  /** Remembers who wrote a new message. */
  note(event: Event | Unsupported): void;
  /** Whether the edit is its message's author's; asks the homeserver where we have forgotten. Throws `CallFailed`. */
  wrote(edit: MessageEdited): Promise<boolean>;
}

/** Whether we are in a room. Throws `CallFailed`. */
async function isIn(client: Client, room: ChannelId): Promise<boolean> {
  const { json } = orThrow<Answer>(await client.ask("read", "GET", "/joined_rooms"));
  return read(joinedRooms, json)?.joined_rooms.includes(room) === true;
}

export function createAuthors(client: Client): Authors {
  const known = new Map<string, UserId>();
  return {
    note(event) {
      if (event.kind !== "message.created") return;
      known.set(event.message, event.author.id);
      const oldest = known.size > MOST ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    },
    async wrote({ channel, message, author }) {
      const remembered = known.get(message);
      if (remembered !== undefined) return remembered === author.id;
      const answered = await client.ask("read", "GET", path("rooms", channel, "event", message));
      if (isFailure(answered) && /^M_(NOT_FOUND|FORBIDDEN)$/u.test(answered.errcode ?? "")) {
        // Who was thrown out is told the same, and may be let in again.
        if (await isIn(client, channel)) return false;
        throw new CallFailed({
          kind: "channel",
          reason: "the bridge's account is not in the room",
          fix: "invite it into the room",
        });
      }
      return read(eventSchema, orThrow<Answer>(answered).json)?.sender === author.id;
    },
  };
}
