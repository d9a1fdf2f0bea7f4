/** One message, read again: for a quote of it, or because an edit of it was taken back. */
import type { Current, MessageCreated, MessageEdited, Quoted } from "../../core/event.ts";
import { type MessageId, position } from "../../core/ids.ts";
import { isFailure, orThrow } from "../call.ts";
import { path, query } from "./client.ts";
import type { Answer, Client } from "./client.ts";
import { event as eventSchema, read, related } from "./events.ts";
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

/** Newest come first: of a page. */
const MOST_EDITS = 100;
/** Others may send what looks like edits in front of the author's own: so many pages of those are read past. */
const MOST_PAGES = 10;

/** With its author's newest edit that counts still. Throws `CallFailed`. */
export async function readCurrent(
  client: Client,
  place: Place,
  message: MessageId,
): Promise<Current | undefined> {
  const created = await readCreated(client, place, message);
  if (created === undefined) return undefined;
  const edit = await newestEdit(client, place, created);
  if (edit === undefined) return { ...saidOf(created), ...placeOf(created), edited: false };
  return { ...saidOf(edit), ...placeOf(created), edited: true };
}

async function newestEdit(
  client: Client,
  place: Place,
  { message, author: { id } }: MessageCreated,
): Promise<MessageEdited | undefined> {
  const at = path("rooms", place.channel, "relations", message, "m.replace", "m.room.message");
  let from: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const which = query({ limit: MOST_EDITS, ...(from === undefined ? {} : { from }) });
    const asked = await client.ask("read", "GET", `/_matrix/client/v1${at}${which}`);
    const page = read(related, orThrow<Answer>(asked).json);
    const edit = page?.chunk
      .flatMap((each) =>
        each === null ? [] : normalizeEvent(place, { at: position(""), event: each }),
      )
      .filter((each): each is MessageEdited => each.kind === "message.edited")
      .filter(({ author }) => author.id === id)
      .toSorted((a, b) => (a.version < b.version ? 1 : -1))[0];
    from = page?.next_batch;
    if (edit !== undefined || !from) return edit;
  }
  return undefined;
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
