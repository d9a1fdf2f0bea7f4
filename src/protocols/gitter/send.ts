/** Deliveries to Gitter: the calls that carry one out, and each call's outcome. `find.ts` looks for one without an answer. */
import * as v from "valibot";

import type { Content } from "../../core/content.ts";
import type { MessageId } from "../../core/ids.ts";
import { messageId } from "../../core/ids.ts";
import type { Call, Outcome, Outgoing } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Client } from "./client.ts";
import { message as messageSchema, read } from "./events.ts";
import { isObjectId } from "./ids.ts";
import { toGitter } from "./to-gitter.ts";

const objectId = v.pipe(v.string(), v.check(isObjectId));

/** One network write, as it is stored. */
export const gitterCall = v.variant("op", [
  v.object({
    op: v.literal("create"),
    room: objectId,
    text: v.string(),
    /** What was said alone: names and marks in front may have been others when it was posted. */
    said: v.exactOptional(v.string()),
    parentId: v.exactOptional(objectId),
  }),
  v.object({ op: v.literal("edit"), room: objectId, message: objectId, text: v.string() }),
  v.object({ op: v.literal("delete"), room: objectId, message: objectId }),
  v.object({ op: v.literal("topic"), room: objectId, topic: v.string() }),
]);
export type GitterCall = Readonly<v.InferOutput<typeof gitterCall>>;

/** A longer topic is refused (gitter.im, `PUT /v1/rooms/:roomId`). */
const MAX_TOPIC_CHARS = 4_096;

/** The calls of one delivery. */
export function renderCalls(outgoing: Outgoing, plainOnly: boolean): readonly GitterCall[] {
  const room: string = outgoing.channel;
  if (outgoing.kind === "react" || outgoing.kind === "unreact") return [];
  if (outgoing.kind === "notice") return renderNotice(room, outgoing.content, plainOnly);
  if (outgoing.kind === "topic") {
    const { topic, purpose, notice } = outgoing;
    return [
      ...(notice === undefined ? [] : renderNotice(room, notice, plainOnly)),
      // Last: where the bridge may not do it, people are told all the same.
      ...(purpose ? [] : [{ op: "topic" as const, room, topic: topic.slice(0, MAX_TOPIC_CHARS) }]),
    ];
  }
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
  if (outgoing.kind === "create") {
    const bare = { ...outgoing, nick: "", content: outgoing.said ?? outgoing.content };
    const [said, ...more] = toGitter(bare, plainOnly);
    const isAlone = texts.length === 1 && more.length === 0 && said !== undefined;
    return texts.map((text) => ({ ...post(text), ...(isAlone ? { said } : {}) }));
  }
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

/** Said by the bridge itself. */
const renderNotice = (room: string, content: Content, plainOnly: boolean): readonly GitterCall[] =>
  toGitter({ nick: "", content, emote: false, files: [] }, plainOnly).map((text) => ({
    op: "create",
    room,
    text,
  }));

/** Carries out one call. Never throws. */
export async function carryOut(client: Client, stored: Call): Promise<Outcome> {
  const call = read(gitterCall, stored);
  // The service would answer a 500 to an id that is none, which says nothing about whether to try again.
  if (call === undefined)
    return rejected("no ids of Gitter, or a call that this version does not know");
  if (call.op === "create") return create(client, call);
  if (call.op === "topic") return setTopic(client, call);
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

/** Only a room's admins may: a bridge that is none holds up no message for it. */
async function setTopic(
  client: Client,
  { room, topic }: Extract<GitterCall, { op: "topic" }>,
): Promise<Outcome> {
  const result = await client.ask("write", "PUT", `/rooms/${room}`, { topic });
  if (!isFailure(result)) return { kind: "done" };
  const { reason, status } = result;
  return status === 400 || status === 403 ? { kind: "rejected", reason, moot: true } : result;
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
