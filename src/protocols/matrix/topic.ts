/** A room's topic. */
import type { Outcome } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import { path } from "./client.ts";
import type { Client } from "./client.ts";
import { moot } from "./reactions.ts";

/**
 * Sets it, unless it is so already: two bridges that did so again and again would never end. By default only moderators
 * may; a bridge that is none holds up no message for it. Never throws.
 */
export async function setTopic(client: Client, room: string, topic: string): Promise<Outcome> {
  const at = path("rooms", room, "state", "m.room.topic");
  const known = await client.ask("read", "GET", at);
  if (isFailure(known)) {
    if (known.status !== 404) return moot(known);
    if (topic === "") return { kind: "done" };
  } else if (known.json["topic"] === topic) return { kind: "done" };
  const answered = await client.ask("write", "PUT", at, { topic });
  return isFailure(answered) ? moot(answered) : { kind: "done" };
}
