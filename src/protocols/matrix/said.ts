/** One message, read for a quote of it. */
import type { Quoted } from "../../core/event.ts";
import { type MessageId, position } from "../../core/ids.ts";
import { isFailure, orThrow } from "../call.ts";
import { path } from "./client.ts";
import type { Answer, Client } from "./client.ts";
import { event as eventSchema, read } from "./events.ts";
import { normalizeEvent, type Place } from "./normalize.ts";

/** Throws `CallFailed`. */
export async function readSaid(
  client: Client,
  place: Place,
  message: MessageId,
): Promise<Quoted | undefined> {
  const answered = await client.ask("read", "GET", path("rooms", place.channel, "event", message));
  if (isFailure(answered) && /^M_(NOT_FOUND|FORBIDDEN)$/u.test(answered.errcode ?? ""))
    return undefined;
  const event = read(eventSchema, orThrow<Answer>(answered).json);
  if (event === undefined) return undefined;
  return normalizeEvent(place, { at: position(""), event }).find(
    (each) => each.kind === "message.created",
  );
}
