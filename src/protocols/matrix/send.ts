/** Deliveries to Matrix: the calls that carry one out, and each call's outcome. */
import * as v from "valibot";

import { type Content, plain } from "../../core/content.ts";
import { selectedEmoji } from "../../core/emoji.ts";
import type { Attachment } from "../../core/event.ts";
import type { ChannelId, DeliveryKey, MessageId } from "../../core/ids.ts";
import { accountId, messageId } from "../../core/ids.ts";
import type { Call, CarryFile, Outcome, Outgoing, OutgoingFile } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Avatars } from "./avatars.ts";
import { path } from "./client.ts";
import type { Client, Refusal } from "./client.ts";
import { read, sent } from "./events.ts";
import { isEventId, isRoomId } from "./ids.ts";
import { contentOf } from "./media.ts";
import { profileName } from "./nick.ts";
import { mentionsOf } from "./pills.ts";
import { react, unreact } from "./reactions.ts";
import { redact } from "./redact.ts";
import { toMatrix } from "./to-matrix.ts";
import type { MatrixText, Writing } from "./to-matrix.ts";
import { setTopic } from "./topic.ts";

const room = v.pipe(v.string(), v.check(isRoomId));
const event = v.pipe(v.string(), v.check(isEventId));
const content = v.record(v.string(), v.unknown());
/** The author's face, where it is now. */
const avatar = v.exactOptional(v.string());

/** One network write, as it is stored. */
const matrixCall = v.variant("op", [
  v.object({ op: v.literal("create"), room, content, avatar }),
  v.object({ op: v.literal("edit"), room, content, avatar }),
  v.object({ op: v.literal("delete"), room, message: event }),
  v.object({
    op: v.literal("file"),
    room,
    content,
    named: content,
    avatar,
    file: v.object({
      id: v.string(),
      name: v.string(),
      mimetype: v.exactOptional(v.string()),
      size: v.exactOptional(v.number()),
    }),
    carry: v.object({ from: v.string(), mostBytes: v.number() }),
  }),
  /** A file that an edit leaves where it is. */
  v.object({ op: v.literal("none") }),
  v.object({ op: v.literal("topic"), room, topic: v.string() }),
  v.object({ op: v.literal("react"), room, message: event, key: v.string() }),
  v.object({ op: v.literal("unreact"), room, message: event, key: v.string() }),
]);
export type MatrixCall = Readonly<v.InferOutput<typeof matrixCall>>;

/** MSC4144, not in the specification yet. */
const PROFILE = "com.beeper.per_message_profile";

type Said = Extract<Outgoing, { kind: "create" | "edit" }>;

/** The calls of one delivery. */
export function renderCalls(
  outgoing: Outgoing,
  plainOnly: boolean,
  html: boolean,
): readonly MatrixCall[] {
  const { channel } = outgoing;
  const remove = (message: MessageId): MatrixCall => ({ op: "delete", room: channel, message });
  if (outgoing.kind === "react" || outgoing.kind === "unreact")
    return [
      {
        op: outgoing.kind,
        room: channel,
        message: outgoing.target,
        key: selectedEmoji(outgoing.emoji),
      },
    ];
  if (outgoing.kind === "notice") return notices(channel, outgoing.content, { plainOnly, html });
  if (outgoing.kind === "topic") {
    const { topic, purpose, notice } = outgoing;
    return [
      ...(notice === undefined ? [] : notices(channel, notice, { plainOnly, html })),
      // Last: where the bridge may not do it, people are told all the same.
      ...(purpose ? [] : [{ op: "topic" as const, room: channel, topic }]),
    ];
  }
  if (outgoing.kind === "delete")
    return [...outgoing.targets, ...(outgoing.filePosts ?? []).map(({ message }) => message)].map(
      remove,
    );
  const files = outgoing.files.filter(({ carry }) => carry !== undefined);
  const named = outgoing.files.filter(({ carry }) => carry === undefined);
  const texts = toMatrix({ ...outgoing, files: named }, { plainOnly, html });
  const face = outgoing.avatarUrl === undefined ? {} : { avatar: outgoing.avatarUrl };
  const post = (text: MatrixText, index: number): MatrixCall => ({
    op: "create",
    room: channel,
    content: { ...messageOf(outgoing, text, index), ...relationOf(outgoing) },
    ...face,
  });
  if (outgoing.kind === "create")
    return [...texts.map(post), ...files.flatMap((file) => fileCall(outgoing, file, html))];
  const { targets, filePosts = [] } = outgoing;
  if (texts.length === 0 && files.length === 0) return [];
  return [
    ...texts.map((text, index): MatrixCall => {
      const target = targets[index];
      return target === undefined
        ? post(text, index)
        : { op: "edit", room: channel, content: editOf(outgoing, text, index, target), ...face };
    }),
    // Each file has a call of its own, also where there is nothing to do: what a number means must not change on the way.
    ...files.flatMap((file): MatrixCall[] =>
      filePosts.some((each) => each.file === file.id)
        ? [{ op: "none" }]
        : fileCall(outgoing, file, html),
    ),
    // The message has become shorter: the events that it needs no more go.
    ...targets.slice(texts.length).map(remove),
    ...filePosts
      .filter((each) => !outgoing.files.some(({ id }) => id === each.file))
      .map(({ message }) => remove(message)),
  ];
}

/** The call that carries a file over, with what is said in its place where that cannot be done. */
function fileCall(outgoing: Said, file: OutgoingFile, html: boolean): MatrixCall[] {
  const { id, name, mimetype, size, carry } = file;
  const silent = { ...outgoing, content: plain(""), emote: false };
  const contentOf = (shown: Attachment): Record<string, unknown> | undefined => {
    const [text] = toMatrix({ ...silent, files: [shown] }, { plainOnly: false, html });
    return text === undefined
      ? undefined
      : { ...messageOf(silent, text, 0), ...relationOf(outgoing) };
  };
  const bare = { id, name: name.trim() === "" ? "file" : name };
  const [content, named] = [contentOf(bare), contentOf({ ...file, ...bare })];
  if (carry === undefined || content === undefined || named === undefined) return [];
  return [
    {
      op: "file",
      room: outgoing.channel,
      content,
      named,
      ...(outgoing.avatarUrl === undefined ? {} : { avatar: outgoing.avatarUrl }),
      file: {
        ...bare,
        ...(mimetype === undefined ? {} : { mimetype }),
        ...(size === undefined ? {} : { size }),
      },
      carry,
    },
  ];
}

/** Said by the bridge itself: robots do not answer an `m.notice`, and there is no author to name. */
const notices = (room: ChannelId, said: Content, how: Writing): readonly MatrixCall[] =>
  toMatrix({ nick: "", content: said, emote: false, files: [] }, how).map((text) => ({
    op: "create",
    room,
    content: { msgtype: "m.notice", ...textOf(text) },
  }));

/** Whom a message calls is said with its first part. */
function messageOf(outgoing: Said, text: MatrixText, index: number): Record<string, unknown> {
  return {
    msgtype: outgoing.emote ? "m.emote" : "m.text",
    ...textOf(text),
    "m.mentions": index === 0 ? mentionsOf(outgoing.content) : {},
    // MSC4144: clients that know it show the author in place of the bridge's account.
    [PROFILE]: {
      id: outgoing.author.id,
      displayname: text.displayname ?? profileName(outgoing.author.name),
      has_fallback: text.fallback,
    },
  };
}

const textOf = ({ body, html }: MatrixText): Record<string, unknown> => ({
  body,
  ...(html === undefined ? {} : { format: "org.matrix.custom.html", formatted_body: html }),
  "m.mentions": {},
});

/** Its thread, or the message that it answers beside any thread. */
function relationOf(outgoing: Said): Record<string, unknown> {
  const { thread } = outgoing;
  const answers = outgoing.kind === "create" ? outgoing.answers : undefined;
  if (thread === undefined || !isEventId(thread)) return {};
  const answered = { "m.in_reply_to": { event_id: answers?.message ?? thread } };
  if (answers?.outside === true) return { "m.relates_to": answered };
  return {
    "m.relates_to": {
      rel_type: "m.thread",
      event_id: thread,
      // Where nothing else is answered it looks like a reply for clients without threads.
      is_falling_back: answers === undefined,
      ...answered,
    },
  };
}

/** What the rest of an event says is only read by clients that do not know edits: a beginning is enough for them. */
const MOST_OUTER_CHARS = 2_000;

function editOf(
  outgoing: Said,
  text: MatrixText,
  index: number,
  target: MessageId,
): Record<string, unknown> {
  const now = messageOf(outgoing, text, index);
  return {
    msgtype: now["msgtype"],
    body: `* ${text.body.slice(0, MOST_OUTER_CHARS)}`.toWellFormed(),
    // Whom the message called was told when it was new.
    "m.mentions": {},
    "m.new_content": now,
    "m.relates_to": { rel_type: "m.replace", event_id: target },
  };
}

/** The message that a call takes away. */
export function removes(stored: Call): MessageId | undefined {
  const call = read(matrixCall, stored);
  return call?.op === "delete" ? messageId(call.message) : undefined;
}

/** The ids of files that calls carry. */
export function carries(stored: Call): string | undefined {
  const call = read(matrixCall, stored);
  return call?.op === "file" ? call.file.id : undefined;
}

export interface Sending {
  readonly instance: string;
  /** Our own user id. */
  readonly me: string;
  readonly avatars: Avatars;
  readonly carry: CarryFile;
  readonly tries?: number | undefined;
}

/** Carries out one call under its key, by which the homeserver knows a repeated one. Never throws. */
export async function carryOut(
  client: Client,
  stored: Call,
  key: DeliveryKey,
  { instance, me, avatars, carry, tries = 0 }: Sending,
): Promise<Outcome> {
  const call = read(matrixCall, stored);
  if (call === undefined)
    return {
      kind: "rejected",
      reason: "no ids of Matrix, or a call that this version does not know",
    };
  if (call.op === "none") return { kind: "done" };
  if (call.op === "topic") return setTopic(client, call.room, call.topic);
  if (call.op === "react") return react(client, call, key);
  if (call.op === "unreact") return unreact(client, call, me, key);
  if (call.op === "delete") return redact(client, call.room, call.message, key);
  const mark = { "dev.footbridge": { key, instance } };
  const at = path("rooms", call.room, "send", "m.room.message", key);
  const face = call.avatar === undefined ? undefined : await avatars.of(call.avatar);
  const said =
    call.op === "file"
      ? await contentOf(
          client,
          carry,
          { ...call, carry: { ...call.carry, from: accountId(call.carry.from) } },
          tries,
        )
      : { kind: "content" as const, content: call.content };
  if (said.kind !== "content") return said;
  const whole = face === undefined ? said.content : withFace(said.content, face);
  const answered = await client.ask("write", "PUT", at, { ...whole, ...mark });
  if (isFailure(answered)) return refused(call, answered);
  const made = read(sent, answered.json);
  if (made === undefined)
    return { kind: "uncertain", reason: "the answer to a post holds no event" };
  return { kind: "done", message: messageId(made.event_id) };
}

/** What is not sent. A 400 to what belongs to another event is about that one: it is unknown, or it can take none. */
function refused(
  call: Extract<MatrixCall, { op: "create" | "edit" | "file" }>,
  refusal: Refusal,
): Outcome {
  if (refusal.errcode === "M_NOT_FOUND")
    return { kind: "channel", reason: refusal.reason, fix: "check that the room still exists" };
  if (refusal.status !== 400 || refusal.kind !== "rejected") return refusal;
  if (call.op === "edit")
    return refusal.errcode === "M_UNKNOWN" ? { ...refusal, moot: true } : refusal;
  return call.content["m.relates_to"] === undefined ? refusal : { ...refusal, flatHelps: true };
}

/** The content with the author's face in its profile; an edit has its profile in the new content. */
function withFace(given: Record<string, unknown>, mxc: string): Record<string, unknown> {
  const edited = read(content, given["m.new_content"]);
  if (edited !== undefined) return { ...given, "m.new_content": withFace(edited, mxc) };
  const profile = read(content, given[PROFILE]);
  return profile === undefined ? given : { ...given, [PROFILE]: { ...profile, avatar_url: mxc } };
}
