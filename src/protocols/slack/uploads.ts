/**
 * Files into Slack: an upload URL, the bytes, and the completion that shares the file in the channel. Only the last makes
 * anything that people see. Its answer does not tell the message's `ts`: that comes with the message's event, or from
 * the file. A share takes no name, face or metadata: the author's name stands in its comment.
 */
import type { Attachment, Event, Unsupported } from "../../core/event.ts";
import { accountId, type DeliveryKey, messageId, type MessageId } from "../../core/ids.ts";
import {
  type Call,
  CallFailed,
  type CarryFile,
  type Clock,
  type FileHead,
  type HttpRequest,
  type Outcome,
  type Outgoing,
  type OutgoingFile,
} from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Client, Json } from "./client.ts";
import { parseMessage } from "./events.ts";
import { escapeText } from "./escape.ts";
import type { Files } from "./files.ts";
import { type Identity, isOwn } from "./identity.ts";
import { isTs } from "./ids.ts";
import { splitBlocks } from "./split.ts";
import { fallbackText, fileBlocks } from "./to-slack.ts";

/** Our own names of calls: what they do takes several of Slack's methods. */
export const UPLOAD = "upload";
export const REMOVE_FILE = "remove file";
/** A file that an edit leaves where it is. */
export const NOTHING = "nothing";

/** So often is a file tried that cannot be had or sent at present, over a quarter of a minute; then it is named. */
const MOST_TRIES = 6;
/** A file that Slack has taken and not shared after so long will not be shared. */
const SHARED_WITHIN_MS = 120_000;
const MOST_REMEMBERED = 1_000;
const MOST_NAME_CHARS = 200;

/** The call for a file; `post` makes the one that names it in its place. */
export function uploadCall(
  outgoing: Extract<Outgoing, { kind: "create" | "edit" }>,
  file: OutgoingFile,
  post: Json,
): Call {
  const { id, name, url, mimetype, size, carry } = file;
  // As text it must not ping: what `<` begins is escaped, a bare at-sign is taken apart.
  const nick = escapeText(outgoing.nick.trim()).replaceAll("@", "@\u200b");
  return {
    method: UPLOAD,
    args: {
      channel: outgoing.channel,
      ...(nick === "" ? {} : { comment: nick }),
      ...(outgoing.thread === undefined ? {} : { thread_ts: outgoing.thread }),
    },
    file: { id, name, ...(url && { url }), ...(mimetype && { mimetype }), ...(size && { size }) },
    carry,
    post,
  };
}

/** What a file is called at Slack. */
export const uploadName = (name: string): string =>
  Array.from(
    name
      .toWellFormed()
      .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}/\\]/gu, "_")
      .trim(),
  )
    .slice(-MOST_NAME_CHARS)
    .join("") || "file";

export interface UploadDeps {
  readonly client: Client;
  readonly files: Files;
  readonly carry: CarryFile;
  readonly clock: Clock;
  readonly identity: () => Identity | undefined;
  /** Posts a text under a delivery key. */
  readonly post: (args: Json, key: DeliveryKey) => Promise<Outcome>;
}

export interface Uploads {
  /** Never throws but for what `sure` rejects with. */
  upload(call: Call, key: DeliveryKey, tries: number, sure?: () => Promise<void>): Promise<Outcome>;
  /** The id of the file that a call carries. */
  carries(call: Call): string | undefined;
  /** Takes a shared file away, message and all. Never throws. */
  remove(args: Json): Promise<Outcome>;
  /** The message of a file that was completed under a key; undefined where that is not known. Throws `CallFailed`. */
  shared(call: Call, key: DeliveryKey): Promise<MessageId | undefined>;
  /** Whether a message is one that the call may have made. */
  isShare(call: Call, message: Json): boolean;
  /** Our own shares with the keys of their calls. */
  known(events: readonly (Event | Unsupported)[]): readonly (Event | Unsupported)[];
}

export function createUploads(deps: UploadDeps): Uploads {
  const { client, files, clock } = deps;
  /** What was completed: by key and by file. */
  const done = new Map<DeliveryKey, { readonly file: string; readonly at: number }>();
  const keys = new Map<string, DeliveryKey>();
  const remember = (key: DeliveryKey, file: string): void => {
    done.set(key, { file, at: clock() });
    keys.set(file, key);
    for (const map of [done, keys] as Map<string, unknown>[]) {
      const oldest = map.size > MOST_REMEMBERED ? map.keys().next().value : undefined;
      if (oldest !== undefined) map.delete(oldest);
    }
  };

  async function upload(
    call: Call,
    key: DeliveryKey,
    tries: number,
    sure = async (): Promise<void> => undefined,
  ): Promise<Outcome> {
    const { file, carry, args } = partsOf(call);
    const nameIt = async (reason: string): Promise<Outcome> => {
      await sure();
      return deps.post(namedPost(call, reason), key);
    };
    let refusal: Outcome | undefined;
    let id = "";
    let name = "";
    const carried = await deps.carry(file, carry, async (head: FileHead): Promise<HttpRequest> => {
      name = uploadName(head.name);
      try {
        const ticket = await client.read("files.getUploadURLExternal", {
          filename: name,
          length: head.size,
        });
        id = String(ticket["file_id"]);
        return { method: "POST", url: homeUrl(files, ticket["upload_url"]), headers: BYTES };
      } catch (error) {
        if (error instanceof CallFailed) refusal = error.outcome;
        throw error;
      }
    });
    if (refusal !== undefined && !isAboutFile(refusal)) return refusal;
    const trouble =
      carried.kind === "failed"
        ? carried
        : carried.answer.status === 200
          ? undefined
          : { reason: `${carried.answer.status} from Slack's file host`, lasting: false };
    if (trouble !== undefined)
      return trouble.lasting || tries + 1 >= MOST_TRIES
        ? nameIt(trouble.reason)
        : { kind: "later", reason: trouble.reason };

    // The bytes may have taken a minute.
    await sure();
    const result = await client.write("files.completeUploadExternal", {
      files: [{ id, title: name }],
      channel_id: args["channel"],
      initial_comment: args["comment"],
      thread_ts: args["thread_ts"],
    });
    if (isFailure(result)) {
      if (!isAboutFile(result)) return result;
      const isThread = args["thread_ts"] !== undefined && result.reason.includes("thread");
      return isThread && result.kind === "rejected"
        ? { ...result, flatHelps: true }
        : nameIt(result.reason);
    }
    remember(key, id);
    const message = await shared(call, key).catch(() => undefined);
    return message === undefined
      ? { kind: "uncertain", reason: "Slack has not shared the file yet", made: true }
      : { kind: "done", message };
  }

  async function shared(call: Call, key: DeliveryKey): Promise<MessageId | undefined> {
    const upload = done.get(key);
    if (upload === undefined) return undefined;
    const info = await client.read("files.info", { file: upload.file });
    const ts = tsIn(info["file"], String(partsOf(call).args["channel"]));
    if (ts !== undefined) return messageId(ts);
    if (clock() - upload.at > SHARED_WITHIN_MS) return undefined;
    throw new CallFailed({ kind: "later", reason: "Slack has not shared the file yet" });
  }

  return {
    upload,
    shared,
    carries: (call) => (call["method"] === UPLOAD ? partsOf(call).file.id : undefined),
    async remove({ channel, ts }) {
      try {
        for (const file of await filesAt(client, String(channel), String(ts))) {
          const gone = await client.write("files.delete", { file });
          // What else there is to say about it, the message goes all the same.
          if (isFailure(gone) && (gone.kind === "later" || gone.kind === "uncertain")) return gone;
        }
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        if (error.outcome.kind !== "rejected") return error.outcome;
      }
      const result = await client.write("chat.delete", { channel, ts });
      if (!isFailure(result) || result.reason.endsWith("message_not_found"))
        return { kind: "done" };
      return result;
    },
    isShare(call, raw) {
      const message = parseMessage(raw);
      if (message === undefined || !isOwn(message, deps.identity())) return false;
      const name = uploadName(partsOf(call).file.name);
      const [file, ...more] = (message.files ?? []) as readonly Json[];
      return more.length === 0 && (file?.["name"] === name || file?.["title"] === name);
    },
    known: (events) =>
      events.map((event) => {
        if (event.kind !== "message.created" || event.echo === undefined) return event;
        const key = event.files?.map(({ id }) => keys.get(id)).find((each) => each !== undefined);
        return key === undefined ? event : { ...event, echo: { ...event.echo, key } };
      }),
  };
}

/** No token: the address is what is needed. */
const BYTES = { "content-type": "application/octet-stream" };

function homeUrl(files: Files, url: unknown): string {
  if (typeof url === "string" && files.isHome(url)) return url;
  throw new CallFailed({ kind: "rejected", reason: "Slack wants the file elsewhere" });
}

/** Not the account's, the channel's or the moment's trouble: an app may lack a scope and work all the same. */
const isAboutFile = (outcome: Outcome): boolean =>
  outcome.kind === "rejected" ||
  (outcome.kind === "account" && outcome.reason.includes("missing_scope"));

interface Parts {
  readonly file: Attachment;
  readonly carry: { readonly from: ReturnType<typeof accountId>; readonly mostBytes: number };
  readonly args: Json;
}
const partsOf = (call: Call): Parts => call as unknown as Parts;

/** The post that names a file in its place. */
function namedPost(call: Call, reason: string): Json {
  const [blocks = []] = splitBlocks(fileBlocks([{ ...partsOf(call).file, trouble: reason }]));
  return {
    ...(call["post"] as Json),
    text: fallbackText(blocks),
    blocks: [{ type: "rich_text", elements: blocks }],
  };
}

/** The `ts` of a file's message in a channel, as `files.info` tells it. */
function tsIn(file: unknown, channel: string): string | undefined {
  const shares = (
    file as { shares?: Record<string, Record<string, { ts?: unknown }[]>> } | undefined
  )?.shares;
  const all = Object.values(shares ?? {}).flatMap((kind) => kind[channel] ?? []);
  return all.map(({ ts }) => ts).find(isTs);
}

/** The files of one message, which may be a reply. */
async function filesAt(client: Client, channel: string, ts: string): Promise<string[]> {
  const range = { channel, oldest: ts, latest: ts, inclusive: true, limit: 1 };
  for (const [method, args] of [
    ["conversations.history", range],
    ["conversations.replies", { ...range, ts }],
  ] as const) {
    const { messages } = await client.read(method, args);
    const found = (Array.isArray(messages) ? (messages as Json[]) : []).find(
      (message) => message["ts"] === ts,
    );
    const files = found?.["files"];
    if (found !== undefined)
      return (Array.isArray(files) ? (files as Json[]) : []).map(({ id }) => String(id));
  }
  return [];
}
