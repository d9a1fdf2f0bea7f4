/** Deliveries to Gitter: the calls that carry one out, each call's outcome, and the look for one without an answer. */
import * as v from "valibot";

import type { MessageId } from "../../core/ids.ts";
import { messageId } from "../../core/ids.ts";
import type { Call, Outcome, Outgoing } from "../../core/ports.ts";
import { CallFailed } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Client } from "./client.ts";
import { message as messageSchema, read } from "./events.ts";
import { messagesAfter } from "./history.ts";
import { idAtSecond, isObjectId } from "./ids.ts";
import { toGitter } from "./to-gitter.ts";

const objectId = v.pipe(v.string(), v.check(isObjectId));

/** One network write, as it is stored. */
const gitterCall = v.variant("op", [
  v.object({
    op: v.literal("create"),
    room: objectId,
    text: v.string(),
    parentId: v.exactOptional(objectId),
  }),
  v.object({ op: v.literal("edit"), room: objectId, message: objectId, text: v.string() }),
  v.object({ op: v.literal("delete"), room: objectId, message: objectId }),
]);
export type GitterCall = Readonly<v.InferOutput<typeof gitterCall>>;

/** How far the service's clock may be behind ours when we look for a message of ours. */
const CLOCK_SKEW_MS = 30_000;

/** The calls of one delivery. */
export function renderCalls(outgoing: Outgoing, plainOnly: boolean): readonly GitterCall[] {
  const room: string = outgoing.channel;
  if (outgoing.kind === "delete")
    return outgoing.targets.map((message) => ({ op: "delete", room, message }));
  const texts = toGitter(outgoing, plainOnly);
  const { thread } = outgoing;
  const post = (text: string): GitterCall => ({
    op: "create",
    room,
    text,
    ...(thread !== undefined && isObjectId(thread) ? { parentId: thread } : {}),
  });
  if (outgoing.kind === "create") return texts.map(post);
  if (texts.length === 0) return [];
  const { targets } = outgoing;
  return [
    ...texts.map((text, index): GitterCall => {
      const message = targets[index];
      return message === undefined ? post(text) : { op: "edit", room, message, text };
    }),
    // The message has become shorter: the posts that it needs no more go.
    ...targets.slice(texts.length).map((message): GitterCall => ({ op: "delete", room, message })),
  ];
}

/** The message that a call takes away. */
export function removes(stored: Call): MessageId | undefined {
  const call = read(gitterCall, stored);
  return call?.op === "delete" ? messageId(call.message) : undefined;
}

/** Carries out one call. Never throws. */
export async function carryOut(client: Client, stored: Call): Promise<Outcome> {
  const call = read(gitterCall, stored);
  // The service would answer a 500 to an id that is none, which says nothing about whether to try again.
  if (call === undefined)
    return rejected("no ids of Gitter, or a call that this version does not know");
  if (call.op === "create") return create(client, call);
  return call.op === "edit" ? edit(client, call) : remove(client, call);
}

const rejected = (reason: string): Outcome => ({ kind: "rejected", reason });

async function create(
  client: Client,
  { room, text, parentId }: Extract<GitterCall, { op: "create" }>,
): Promise<Outcome> {
  const body = { text, ...(parentId === undefined ? {} : { parentId }) };
  const result = await client.ask("write", "POST", `/rooms/${room}/chatMessages`, body);
  if (isFailure(result)) {
    if (result.status !== 400 || parentId === undefined) return result;
    // The text is never empty nor too long, and nothing else of it is refused.
    const reason = "400: the first message of the thread is gone, or the text is refused";
    return { kind: "rejected", reason, flatHelps: true };
  }
  const made = read(messageSchema, result.json);
  return made === undefined
    ? { kind: "uncertain", reason: "the answer to a post holds no message" }
    : { kind: "done", message: messageId(made.id) };
}

async function edit(
  client: Client,
  { room, message, text }: Extract<GitterCall, { op: "edit" }>,
): Promise<Outcome> {
  const path = `/rooms/${room}/chatMessages/${message}`;
  const result = await client.ask("write", "PUT", path, { text });
  if (!isFailure(result)) return { kind: "done", message: messageId(message) };
  // Only this message is refused: a pause of the whole room would hold up what can be delivered.
  const refused = editRefused.get(result.status ?? 0);
  return refused === undefined ? result : { kind: "rejected", ...refused };
}

const editRefused: ReadonlyMap<number, { readonly reason: string; readonly moot?: true }> = new Map(
  [
    [400, { reason: "400: Gitter lets a message be edited for 10 minutes only", moot: true }],
    [403, { reason: "403: the message is not ours to edit" }],
    [404, { reason: "404: the message is gone", moot: true }],
  ],
);

async function remove(
  client: Client,
  { room, message }: Extract<GitterCall, { op: "delete" }>,
): Promise<Outcome> {
  const result = await client.ask("write", "DELETE", `/rooms/${room}/chatMessages/${message}`);
  if (!isFailure(result) || result.status === 404) return { kind: "done" };
  return result.status === 403 ? rejected("403: the message is not ours to delete") : result;
}

/** The same but for the time in front: a message may have become late between two attempts. */
const sameText = (a: string, b: string): boolean => untimed(a) === untimed(b);
const untimed = (text: string): string =>
  text.replace(/\\?\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\\?\] /u, "");

/**
 * Looks for what an uncertain post may have written: a message of ours with exactly that text that the map does not
 * know. Gitter takes no key of ours. Edits and deletions may simply be repeated.
 */
export async function findPosted(
  client: Client,
  stored: Call,
  me: string | undefined,
  afterMs: number,
  known: (message: MessageId) => Promise<boolean>,
): Promise<MessageId | undefined> {
  const call = read(gitterCall, stored);
  if (call?.op !== "create") return undefined;
  if (me === undefined)
    throw new CallFailed({ kind: "later", reason: "the bridge's own account is not known yet" });
  let cursor: string | undefined = idAtSecond(afterMs - CLOCK_SKEW_MS);
  while (cursor !== undefined) {
    const page = await messagesAfter(client, call.room, cursor);
    for (const raw of page.items) {
      const message = read(messageSchema, raw);
      if (message === undefined || !sameText(message.text, call.text)) continue;
      const from = message.fromUser;
      if ((typeof from === "string" ? from : from?.id) !== me) continue;
      if (message.parentId?.toLowerCase() !== call.parentId?.toLowerCase()) continue;
      const id = messageId(message.id);
      if (!(await known(id))) return id;
    }
    cursor = page.next;
  }
  return undefined;
}
