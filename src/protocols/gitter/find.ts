/** The look for a post without an answer. Gitter takes no key of ours, so it is known by what it says. */
import type { MessageId } from "../../core/ids.ts";
import { messageId } from "../../core/ids.ts";
import type { Call } from "../../core/ports.ts";
import type { Span } from "../../core/span.ts";
import { CallFailed } from "../../core/ports.ts";
import type { Pages, ReadPage } from "../../core/pages.ts";
import type { Client } from "./client.ts";
import { message as messageSchema, read } from "./events.ts";
import { messagesAfter } from "./history.ts";
import { idAtSecond } from "./ids.ts";
import { gitterCall, type GitterCall } from "./send.ts";

/** How far the service's clock may be behind the source's, and both behind ours. */
const CLOCK_SKEW_MS = 30_000;

/** A shorter text may stand in another one by chance. */
const LEAST_MIDDLE = 200;

/**
 * Looks for what an uncertain post may have written: a message of ours that says the same and that the map does not know.
 * Edits and deletions may simply be repeated.
 */
export async function findPosted(
  client: Client,
  pages: Pages<unknown>,
  stored: Call,
  me: string | undefined,
  span: Span,
  known: (message: MessageId) => Promise<boolean>,
): Promise<MessageId | undefined> {
  const call = read(gitterCall, stored);
  if (call?.op !== "create") return undefined;
  if (me === undefined)
    throw new CallFailed({ kind: "later", reason: "the bridge's own account is not known yet" });
  const isSame = sameness(call);
  const firstId = (after: number): string => idAtSecond(after - CLOCK_SKEW_MS);
  const least = firstId(span.after);
  const newer: ReadPage<unknown> = (from, _to, cursor) =>
    messagesAfter(client, call.room, cursor ?? firstId(from));
  for await (const items of pages(call.room, span, newer))
    for (const raw of items) {
      const message = read(messageSchema, raw);
      if (message === undefined || !isSame(letters(message.text))) continue;
      // What is read for others may be older.
      if (message.id.toLowerCase() <= least) continue;
      const from = message.fromUser;
      if ((typeof from === "string" ? from : from?.id) !== me) continue;
      const id = messageId(message.id);
      if (!(await known(id))) return id;
    }
  return undefined;
}

/**
 * Whether a text says the same as a call. Its front may differ: an earlier life may not have known the author's name, or the
 * thread, or that the message would be late. Where it is one of several parts, they may have been cut a little elsewhere.
 */
function sameness({
  text,
  said,
}: Extract<GitterCall, { op: "create" }>): (other: string) => boolean {
  const whole = letters(text);
  if (said !== undefined) {
    const end = letters(said);
    return end === "" ? (other) => other === whole : (other) => other.endsWith(end);
  }
  if (whole.length < LEAST_MIDDLE) return (other) => other === whole;
  const middle = whole.slice(Math.floor(whole.length / 4), Math.ceil((whole.length * 3) / 4));
  return (other) => other.includes(middle);
}

/** Signs that escape or emphasise, and blanks, depend on what stands before. */
const letters = (text: string): string => text.replaceAll(/[\\\s\u200b*_]/gu, "");
