/** One message, read again: for a quote of it, or because an edit of it was taken back. */
import type { Current, MessageCreated, MessageEdited, Quoted } from "../../core/event.ts";
import { type MessageId, position } from "../../core/ids.ts";
import { isFailure, orThrow } from "../call.ts";
import { path, query } from "./client.ts";
import type { Answer, Client } from "./client.ts";
import { event as eventSchema, page as pageSchema, read } from "./events.ts";
import { normalizeEvent, type Place } from "./normalize.ts";

/** As it was said first. Throws `CallFailed`. */
export const readSaid = (
  client: Client,
  place: Place,
  message: MessageId,
): Promise<Quoted | undefined> => readCreated(client, place, message);

async function readCreated(
  client: Client,
  place: Place,
  message: MessageId,
): Promise<MessageCreated | undefined> {
  const answered = await client.ask("read", "GET", path("rooms", place.channel, "event", message));
  if (isFailure(answered) && /^M_(NOT_FOUND|FORBIDDEN)$/u.test(answered.errcode ?? ""))
    return undefined;
  const event = read(eventSchema, orThrow<Answer>(answered).json);
  if (event === undefined) return undefined;
  return normalizeEvent(place, { at: position(""), event }).find(
    (each) => each.kind === "message.created",
  );
}

/** Nobody edits one message more often; newest come first. */
const MOST_EDITS = 100;

/** With its author's newest edit that counts still. Throws `CallFailed`. */
export async function readCurrent(
  client: Client,
  place: Place,
  message: MessageId,
): Promise<Current | undefined> {
  const created = await readCreated(client, place, message);
  if (created === undefined) return undefined;
  const at = path("rooms", place.channel, "relations", message, "m.replace", "m.room.message");
  const asked = await client.ask(
    "read",
    "GET",
    `/_matrix/client/v1${at}${query({ limit: MOST_EDITS })}`,
  );
  const { chunk } = read(pageSchema, orThrow<Answer>(asked).json) ?? { chunk: [] };
  const edit = chunk
    .flatMap((event) => (event === null ? [] : normalizeEvent(place, { at: position(""), event })))
    .filter((each): each is MessageEdited => each.kind === "message.edited")
    .filter(({ author }) => author.id === created.author.id)
    .toSorted((a, b) => (a.version < b.version ? 1 : -1))[0];
  if (edit === undefined) return { ...saidOf(created), ...placeOf(created), edited: false };
  return { ...saidOf(edit), ...placeOf(created), edited: true };
}

const saidOf = ({ author, content, emote, files }: MessageCreated | MessageEdited) => ({
  author,
  content,
  ...(emote === undefined ? {} : { emote }),
  ...(files === undefined ? {} : { files }),
});

const placeOf = ({ thread, answers }: MessageCreated) => ({
  ...(thread === undefined ? {} : { thread }),
  ...(answers === undefined ? {} : { answers }),
});
