/** Reactions of Matrix: annotations, and the redactions that take them back. */
import { bareEmoji, emojiOf } from "../../core/emoji.ts";
import type { DeliveryKey } from "../../core/ids.ts";
import type { Outcome } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import { path, query } from "./client.ts";
import type { Client, Refusal } from "./client.ts";
import { page as pageSchema, read, relation } from "./events.ts";
import { redact } from "./redact.ts";

/** Keys are any text; a longer one is no reaction but a message. */
const MOST_CHARS = 64;

/** A key as events have it; undefined for what cannot be a reaction anywhere else. */
export function emojiOfKey(key: string): string | undefined {
  if (key === "" || key.length > MOST_CHARS || /\p{Cc}/u.test(key)) return undefined;
  const name = /^:(.+):$/u.exec(key)?.[1];
  return bareEmoji((name === undefined ? undefined : emojiOf(name)) ?? key);
}

interface Annotation {
  readonly room: string;
  readonly message: string;
  readonly key: string;
}

/** Only this one thing is refused: a pause of the whole room would hold up what can be delivered. */
export function moot(refusal: Refusal): Outcome {
  const isOutside = /not (?:in|joined|a member)/iu.test(refusal.reason);
  const isOwn = refusal.kind === "rejected" || (refusal.kind === "channel" && !isOutside);
  return isOwn ? { kind: "rejected", reason: refusal.reason, moot: true } : refusal;
}

/** Never throws. */
export async function react(
  client: Client,
  { room, message, key }: Annotation,
  transaction: DeliveryKey,
): Promise<Outcome> {
  const answered = await client.ask(
    "write",
    "PUT",
    path("rooms", room, "send", "m.reaction", transaction),
    { "m.relates_to": { rel_type: "m.annotation", event_id: message, key } },
  );
  if (!isFailure(answered)) return { kind: "done" };
  // An earlier call of ours did it, whose answer was lost.
  if (answered.errcode === "M_DUPLICATE_ANNOTATION") return { kind: "done" };
  return moot(answered);
}

const RELATIONS = "/_matrix/client/v1";
/** As many as Synapse gives at once; further pages are looked through as far as this. */
const PAGE = 1_000;
const MOST_PAGES = 5;

/** Takes back all our annotations with that key: nobody has to remember which they are. Never throws. */
export async function unreact(
  client: Client,
  { room, message, key }: Annotation,
  me: string,
  transaction: DeliveryKey,
): Promise<Outcome> {
  let from: string | undefined;
  let number = 0;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const at = path("rooms", room, "relations", message, "m.annotation", "m.reaction");
    const answered = await client.ask(
      "read",
      "GET",
      `${RELATIONS}${at}${query({ limit: PAGE, from })}`,
    );
    if (isFailure(answered)) {
      // The message is gone, and with it what people thought of it.
      if (answered.status === 404) return { kind: "done" };
      return moot(answered);
    }
    const { chunk } = read(pageSchema, answered.json) ?? { chunk: [] };
    for (const event of chunk) {
      if (event?.sender !== me) continue;
      const theirs = read(relation, event.content["m.relates_to"])?.key;
      if (theirs === undefined || bareEmoji(theirs) !== bareEmoji(key)) continue;
      const transactionId = `${transaction}${number === 0 ? "" : `-${number}`}` as DeliveryKey;
      const outcome = await redact(client, room, event.event_id, transactionId);
      if (outcome.kind !== "done")
        return outcome.kind === "rejected" ? { ...outcome, moot: true } : outcome;
      number += 1;
    }
    const next = answered.json["next_batch"];
    if (typeof next !== "string" || next === from) break;
    from = next;
  }
  return { kind: "done" };
}
