/** Deliveries to calls and calls to Slack: post, update, delete. */
import type { AccountConfig } from "../../core/config/config.ts";
import { type Content, isSeen } from "../../core/content.ts";
import { type ChannelId, type DeliveryKey, messageId, type MessageId } from "../../core/ids.ts";
import type { Call, FilePost, Outcome, Outgoing, OutgoingFile } from "../../core/ports.ts";
import type { Span } from "../../core/span.ts";
import { CallFailed } from "../../core/ports.ts";
import { type Failure, isFailure } from "../call.ts";
import type { Pages, ReadPage } from "../../core/pages.ts";
import type { Client, Json } from "./client.ts";
import { METADATA_TYPE } from "./events.ts";
import { type Identity, isAnothers } from "./identity.ts";
import { isTs, tsAt } from "./ids.ts";
import { renderTopic, sendMinor, TOPICS } from "./minor.ts";
import { ADD, REMOVE, renderReaction, sendReaction } from "./reactions.ts";
import { type Block, literal } from "./rich-text.ts";
import { splitBlocks } from "./split.ts";
import { blockLetters, fallbackText, fileBlocks, toBlocks, unmarked } from "./to-slack.ts";
import { NOTHING, REMOVE_FILE, uploadCall } from "./uploads.ts";

/** The one method that makes a message. */
export const POST = "chat.postMessage";
const UPDATE = "chat.update";
const DELETE = "chat.delete";
/** No documented limit; longer names only break the layout. */
const LONGEST_NAME = 80;

/** One call per part. Pure. */
export function render(
  account: AccountConfig,
  outgoing: Outgoing,
  plainOnly: boolean,
): readonly Call[] {
  const { channel } = outgoing;
  const remove = (ts: MessageId): Call => ({ method: DELETE, args: { channel, ts } });
  const removeFile = ({ message: ts }: FilePost): Call => ({
    method: REMOVE_FILE,
    args: { channel, ts },
  });
  if (outgoing.kind === "react") return renderReaction(ADD, outgoing);
  if (outgoing.kind === "unreact") return renderReaction(REMOVE, outgoing);
  if (outgoing.kind === "notice") return renderNotice(account, outgoing, plainOnly);
  if (outgoing.kind === "topic") {
    const { topic, purpose, notice } = outgoing;
    return [
      ...(notice === undefined
        ? []
        : renderNotice(account, { channel, content: notice }, plainOnly)),
      // Last: where the bridge may not do it, people are told all the same.
      renderTopic(channel, topic, purpose),
    ];
  }
  if (outgoing.kind === "delete")
    return [...outgoing.targets.map(remove), ...(outgoing.filePosts ?? []).map(removeFile)];
  const prefix = account.settings.bool("PrefixMessagesWithNick") ? outgoing.nick : "";
  const blocks = [
    ...prefixed(toBlocks(outgoing.content, outgoing.emote ? { italic: true } : {}), prefix),
    ...fileBlocks(outgoing.files.filter(({ carry }) => carry === undefined)),
  ];
  // Plain text is cut in the same places: some parts may stand with their formatting already.
  const cut = splitBlocks(blocks).filter((part) => isSeen(part.map(blockLetters).join("")));
  const parts = cut.map((part) => ({
    text: fallbackText(part),
    blocks: [{ type: "rich_text", elements: part }],
    plain: [{ type: "rich_text", elements: [unmarked(part)] }],
  }));
  const name = Array.from(outgoing.nick.trim()).slice(0, LONGEST_NAME).join("");
  const { avatarUrl, thread } = outgoing;
  const asAuthor = {
    channel,
    ...(prefix === "" && name !== "" ? { username: name } : {}),
    // With the name in the text the post is the bot's own, face and all.
    ...(prefix === "" && avatarUrl !== undefined && /^https?:\/\//u.test(avatarUrl)
      ? { icon_url: avatarUrl }
      : {}),
    ...(thread === undefined ? {} : { thread_ts: thread }),
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
  };
  const post = (part: (typeof parts)[number]): Call => ({
    method: POST,
    args: {
      ...asAuthor,
      text: part.text,
      // Without blocks the signs in a text would be marks.
      ...(plainOnly ? { mrkdwn: false } : { blocks: part.blocks }),
      ...(thread !== undefined && outgoing.kind === "create" && outgoing.broadcast === true
        ? { reply_broadcast: true }
        : {}),
    },
  });
  const files = outgoing.files.filter(({ carry }) => carry !== undefined);
  const upload = (file: OutgoingFile): Call => uploadCall(outgoing, file, asAuthor);
  if (outgoing.kind === "create") return [...parts.map(post), ...files.map(upload)];
  const { targets, filePosts = [] } = outgoing;
  if (parts.length === 0 && files.length === 0) return [];
  return [
    ...parts.map((part, index): Call => {
      const ts = targets[index];
      if (ts === undefined) return post(part);
      // There is no `mrkdwn` here: a plain text is one block without marks, which may replace any of ours. The default
      // of `parse` is `client`, which reads more into a text than was written.
      const { text } = part;
      const blocks = plainOnly ? part.plain : part.blocks;
      return {
        method: UPDATE,
        args: { channel, ts, text, blocks, link_names: false, parse: "none" },
      };
    }),
    // Each file has a call of its own, also where there is nothing to do: what a number means must not change on the way.
    ...files.map((file): Call =>
      filePosts.some((each) => each.file === file.id)
        ? { method: NOTHING, args: {} }
        : upload(file),
    ),
    // The message has become shorter: the posts that it needs no more go.
    ...targets.slice(parts.length).map(remove),
    ...filePosts
      .filter((each) => !outgoing.files.some(({ id }) => id === each.file))
      .map(removeFile),
  ];
}

/** Said by the bridge itself, under its own name. */
const renderNotice = (
  account: AccountConfig,
  { channel, content }: { readonly channel: ChannelId; readonly content: Content },
  plainOnly: boolean,
): readonly Call[] => {
  const author = { id: "", name: "" };
  const said = { channel, author, nick: "", content, emote: false, files: [] };
  return render(account, { kind: "create", ...said }, plainOnly);
};

function prefixed(blocks: readonly Block[], nick: string): Block[] {
  if (nick === "") return [...blocks];
  const mark = literal(nick);
  const [first, ...rest] = blocks;
  return first?.type === "rich_text_section"
    ? [{ ...first, elements: [mark, ...first.elements] }, ...rest]
    : [{ type: "rich_text_section", elements: [mark] }, ...blocks];
}

/** The message that a call takes away. */
export function removes(call: Call): MessageId | undefined {
  const { ts } = call["args"] as Json;
  const isRemoval = call["method"] === DELETE || call["method"] === REMOVE_FILE;
  return isRemoval && isTs(ts) ? messageId(ts) : undefined;
}

/** One write. Never throws. */
export async function send(
  client: Client,
  call: Call,
  key: DeliveryKey,
  instance: string,
): Promise<Outcome> {
  const method = String(call["method"]);
  const args = call["args"] as Json;
  if (method === ADD || method === REMOVE) return sendReaction(client, method, args);
  if (TOPICS.has(method)) return sendMinor(client, method, args);
  const metadata = { event_type: METADATA_TYPE, event_payload: { key, instance } };
  const result = await client.write(method, method === POST ? { ...args, metadata } : args);
  if (isFailure(result) && method === DELETE && errorOf(result) === "cant_delete_message")
    return blank(client, args);
  if (isFailure(result)) return method === POST ? result : refused(method, result);
  const { ts } = result.body;
  return method === POST && isTs(ts) ? { kind: "done", message: messageId(ts) } : { kind: "done" };
}

/** Where the workspace lets nobody delete, nothing of it is to be read any more. */
async function blank(client: Client, { channel, ts }: Json): Promise<Outcome> {
  const element = { type: "text", text: GONE, style: { italic: true } };
  const blocks = [
    { type: "rich_text", elements: [{ type: "rich_text_section", elements: [element] }] },
  ];
  const result = await client.write(UPDATE, { channel, ts, text: GONE, blocks, parse: "none" });
  return isFailure(result) ? refused(UPDATE, result) : { kind: "done" };
}
const GONE = "deleted";

const errorOf = ({ reason }: Failure): string => /[a-z_]+$/u.exec(reason)?.[0] ?? "";

/** A change that Slack does not make. What is to be deleted and is not there is deleted. */
function refused(method: string, failure: Failure): Outcome {
  const error = errorOf(failure);
  if (method === DELETE && error === "message_not_found") return { kind: "done" };
  return failure.kind === "rejected" && CLOSED.has(error) ? { ...failure, moot: true } : failure;
}

/** Somebody deleted our post, or the workspace lets nobody change old ones. */
const CLOSED = new Set(["message_not_found", "edit_window_closed"]);

/**
 * Looks for a post by the delivery key in its metadata: in its thread, and in the channel, where it is if the thread was
 * not known yet when it was posted. Clocks may differ: it starts a little early. Throws `CallFailed`.
 */
export async function find(
  client: Client,
  pages: Pages<Json>,
  call: Call,
  key: DeliveryKey,
  span: Span,
  isIt: IsIt = async () => false,
  identity?: Identity,
): Promise<MessageId | undefined> {
  const args = call["args"] as Json;
  const channel = String(args["channel"]);
  const isOurs = async (message: Json): Promise<boolean> => {
    const metadata = message["metadata"] as
      | { event_type?: unknown; event_payload?: { key?: unknown } }
      | undefined;
    return metadata?.event_type === METADATA_TYPE && !isAnothers(message, identity)
      ? metadata.event_payload?.key === key
      : isIt(message);
  };
  const among = async (method: Listing, ts?: string): Promise<MessageId | undefined> => {
    const read = pageOf(client, method, channel, ts);
    for await (const messages of pages(`${channel} ${ts ?? ""}`, span, read))
      for (const message of messages)
        if (isTs(message["ts"]) && (await isOurs(message))) return messageId(message["ts"]);
    return undefined;
  };
  const thread = args["thread_ts"];
  const inThread =
    typeof thread === "string"
      ? await among("conversations.replies", thread).catch(noThread)
      : undefined;
  return inThread ?? among("conversations.history");
}

/** Of a message without a key: whether the call may have made it. */
type IsIt = (message: Json) => Promise<boolean>;

/** A thread whose first message is gone has no replies either. */
function noThread(error: unknown): undefined {
  if (error instanceof CallFailed && error.outcome.reason.endsWith("thread_not_found")) return;
  throw error;
}

type Listing = "conversations.history" | "conversations.replies";

const pageOf =
  (client: Client, method: Listing, channel: string, ts: string | undefined): ReadPage<Json> =>
  async (from, to, cursor) => {
    const body = await client.read(method, {
      channel,
      ts,
      oldest: tsAt(from - 60_000),
      // A channel in which much was said since would be read for long.
      latest: to === Infinity ? undefined : tsAt(to + 60_000),
      limit: 200,
      include_all_metadata: true,
      cursor,
    });
    const items = Array.isArray(body["messages"]) ? (body["messages"] as Json[]) : [];
    const next = nextCursor(body);
    return next === undefined ? { items } : { items, next };
  };

/** The cursor of the next page; an empty one means that there is none. */
export function nextCursor(body: Json): string | undefined {
  const meta = body["response_metadata"] as { next_cursor?: unknown } | undefined;
  return typeof meta?.next_cursor === "string" && meta.next_cursor !== ""
    ? meta.next_cursor
    : undefined;
}
