/** One message, read for a quote of it. */
import type { Quoted } from "../../core/event.ts";
import type { MessageId } from "../../core/ids.ts";
import { isFailure, orThrow } from "../call.ts";
import type { Answer, Client } from "./client.ts";
import { isObjectId } from "./ids.ts";
import { normalizeMessage, type Place } from "./normalize.ts";

/** Throws `CallFailed`. */
export async function readSaid(
  client: Client,
  place: Place,
  message: MessageId,
): Promise<Quoted | undefined> {
  // The service would answer a 500.
  if (!isObjectId(place.channel) || !isObjectId(message)) return undefined;
  const path = `/rooms/${place.channel}/chatMessages/${message}`;
  const answered = await client.ask("read", "GET", path);
  if (isFailure(answered) && answered.status === 404) return undefined;
  const events = normalizeMessage(place, orThrow<Answer>(answered).json);
  return events.find((event) => event.kind === "message.created");
}
