/**
 * Slack's files: uploads by the external flow, file objects, shares in channels, and the file host that gives bytes to
 * whoever has the bot's token. Bytes are text of one character each (Latin-1).
 */
import type { WireRequest, WireResponse } from "../wire.ts";
import { nested, text } from "./args.ts";
import type { SlackEffect } from "./events.ts";
import { add, isReply } from "./messages.ts";
import { type Call, fail, ok, type Reply } from "./reply.ts";
import { findChannel, type SlackChannel, type SlackMessage, type SlackState } from "./state.ts";

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly user: string;
  readonly created: number;
  /** As announced; an upload has to be exactly so long. */
  readonly size: number;
  bytes: string | undefined;
  /** Finished, so that it is a file and not only an upload. */
  isComplete: boolean;
  isDeleted: boolean;
  readonly shares: Map<string, { readonly ts: string; readonly thread_ts?: string }[]>;
}

const TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  svg: "image/svg+xml",
  html: "text/html",
  txt: "text/plain",
  pdf: "application/pdf",
  mp4: "video/mp4",
};
const extensionOf = (name: string): string => /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

function newFile(
  state: SlackState,
  given: Pick<SlackFile, "name" | "user" | "size"> & {
    readonly title?: string;
    readonly mimetype?: string;
  },
  now: number,
): SlackFile {
  state.serial += 1;
  const { name, user, size, title = name } = given;
  const file: SlackFile = {
    id: `F0${state.serial.toString(36).toUpperCase().padStart(8, "0")}`,
    name,
    title,
    mimetype: given.mimetype ?? TYPES[extensionOf(name)] ?? "application/octet-stream",
    user,
    size,
    created: Math.floor(now / 1000),
    bytes: undefined,
    isComplete: false,
    isDeleted: false,
    shares: new Map(),
  };
  state.files.set(file.id, file);
  return file;
}

/** A file as messages and `files.info` show it. */
function fileObject(state: SlackState, file: SlackFile): Readonly<Record<string, unknown>> {
  const { id, name, title, mimetype, user, size, created } = file;
  if (file.isDeleted) return { id, mode: "tombstone" };
  const at = `${state.filesUrl}/${state.seed.teamId}-${id}`;
  const path = encodeURIComponent(name);
  return {
    id,
    created,
    timestamp: created,
    name,
    title,
    mimetype,
    filetype: extensionOf(name),
    user,
    user_team: state.seed.teamId,
    size,
    mode: "hosted",
    file_access: "visible",
    is_external: false,
    external_type: "",
    is_public: true,
    url_private: `${at}/${path}`,
    url_private_download: `${at}/download/${path}`,
    permalink: `https://sandbox.slack.example/files/${user}/${id}/${path}`,
  };
}

/** Puts files into a channel, as one message. */
export function share(
  state: SlackState,
  channel: SlackChannel,
  files: readonly SlackFile[],
  draft: Omit<SlackMessage, "type" | "ts" | "subtype" | "files">,
  now: number,
): { readonly message: SlackMessage; readonly effects: readonly SlackEffect[] } {
  const objects = files.map((file) => fileObject(state, file));
  const done = add(state, channel, { ...draft, subtype: "file_share", files: objects }, now);
  const { ts, thread_ts } = done.message;
  for (const file of files)
    file.shares.set(channel.id, [
      ...(file.shares.get(channel.id) ?? []),
      { ts, ...(thread_ts === undefined ? {} : { thread_ts }) },
    ]);
  return done;
}

const known = ({ state, args }: Call): SlackFile | string => {
  const file = state.files.get(text(args, "file") ?? "");
  if (file === undefined || !file.isComplete) return "file_not_found";
  return file.isDeleted ? "file_deleted" : file;
};

export function filesInfo(call: Call): Reply {
  const { state, args } = call;
  const odd = state.oddFiles.get(text(args, "file") ?? "");
  if (odd !== undefined) return ok({ file: odd });
  const file = known(call);
  if (typeof file === "string") return fail(file);
  const kinds: Record<"public" | "private", Record<string, unknown>> = { public: {}, private: {} };
  for (const [channel, all] of file.shares)
    kinds[state.channels.get(channel)?.isPrivate === true ? "private" : "public"][channel] = all;
  const shares = Object.fromEntries(
    Object.entries(kinds).filter(([, all]) => Object.keys(all).length > 0),
  );
  return ok({ file: { ...fileObject(state, file), shares } });
}

export function getUploadUrl({ state, args, now }: Call): Reply {
  const name = text(args, "filename");
  const size = Number(text(args, "length") ?? Number.NaN);
  if (name === undefined || !Number.isSafeInteger(size) || size <= 0)
    return fail("invalid_arguments");
  const file = newFile(state, { name, size, user: state.seed.botUserId }, now);
  return ok({ upload_url: `${state.filesUrl}/upload/${file.id}`, file_id: file.id });
}

export function completeUpload(call: Call): Reply {
  const { state, args, now } = call;
  const given = nested(args, "files");
  if (given === "bad" || !Array.isArray(given.value) || given.value.length === 0)
    return fail("invalid_arguments");
  const list = (given.value as { id?: unknown; title?: unknown }[]).map(({ id }) =>
    state.files.get(String(id)),
  );
  const files = list.filter((file) => file?.bytes !== undefined).map((file) => file!);
  if (files.length < list.length || files.some(({ isComplete }) => isComplete))
    return fail("file_not_found");
  const answer = { files: files.map(({ id, title }) => ({ id, title })) };
  const wanted = text(args, "channel_id");
  if (wanted === undefined) {
    for (const file of files) file.isComplete = true;
    return ok(answer);
  }
  // Ids only: a name is not looked up here.
  const channel = state.channels.get(wanted);
  if (channel === undefined) return fail("channel_not_found");
  if (!channel.members.has(state.seed.botUserId)) return fail("not_in_channel");
  if (channel.isArchived) return fail("is_archived");
  const thread = text(args, "thread_ts");
  const parent = thread === undefined ? undefined : channel.messages.get(thread);
  if (thread !== undefined && (parent === undefined || isReply(parent)))
    return fail("invalid_thread_ts");
  for (const file of files) file.isComplete = true;
  const draft = {
    user: state.seed.botUserId,
    team: state.seed.teamId,
    bot_id: state.seed.botId,
    app_id: state.seed.appId,
    text: text(args, "initial_comment") ?? "",
    ...(thread === undefined ? {} : { thread_ts: thread }),
  };
  // In life the share comes a moment after the answer, which does not tell its `ts`.
  if (state.sharesWait) {
    state.waitingShares.push((at) => share(state, channel, files, draft, at).effects);
    return ok(answer);
  }
  return ok(answer, share(state, channel, files, draft, now).effects);
}

export function deleteFile(call: Call): Reply {
  const file = known(call);
  if (typeof file === "string") return fail(file);
  if (file.user !== call.state.seed.botUserId) return fail("cant_delete_file");
  file.isDeleted = true;
  file.bytes = undefined;
  return ok({});
}

const page = (status: number, headers: Record<string, string> = {}): WireResponse => ({
  status,
  headers: { "content-type": "text/html; charset=utf-8", ...headers },
  body: "<!DOCTYPE html><title>Sign in | Slack</title>",
});

/** The file host: uploads need no token, downloads do; who has none is sent to a page. */
export function handleSlackFile(state: SlackState, request: WireRequest): WireResponse {
  const upload = /^\/upload\/(\w+)$/.exec(request.path)?.[1];
  if (upload !== undefined && request.method === "POST") {
    const file = state.files.get(upload);
    if (file === undefined || file.isComplete) return page(404);
    if (request.body.length !== file.size) return page(400);
    file.bytes = request.body;
    return {
      status: 200,
      headers: { "content-type": "text/plain" },
      body: `OK - ${request.body.length}`,
    };
  }
  const id = /^\/\w+-(\w+)\//.exec(request.path)?.[1] ?? "";
  const file = state.files.get(id);
  if (request.headers["authorization"] !== `Bearer ${state.seed.token}`)
    return page(302, { location: "https://sandbox.slack.example/?redir=files" });
  if (file?.bytes === undefined || file.isDeleted) return page(404);
  return partOf(file.bytes, file.mimetype, request.headers["range"]);
}

function partOf(bytes: string, type: string, range: string | undefined): WireResponse {
  const headers = { "content-type": type, "accept-ranges": "bytes" };
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === "" && to === "") return { status: 200, headers, body: bytes, binary: true };
  const start = from === "" ? Math.max(0, bytes.length - Number(to)) : Number(from);
  const end = from === "" || to === "" ? bytes.length - 1 : Math.min(Number(to), bytes.length - 1);
  if (start > end)
    return {
      status: 416,
      headers: { ...headers, "content-range": `bytes */${bytes.length}` },
      body: "",
    };
  const range206 = `bytes ${start}-${end}/${bytes.length}`;
  return {
    status: 206,
    headers: { ...headers, "content-range": range206 },
    body: bytes.slice(start, end + 1),
    binary: true,
  };
}

/** A person drops a file into a channel. */
export function upload(
  state: SlackState,
  channelName: string,
  user: string,
  given: { readonly name: string; readonly bytes: string; readonly mimetype?: string },
  draft: Partial<Pick<SlackMessage, "text" | "thread_ts" | "blocks">>,
  now: number,
): ReturnType<typeof share> & { readonly file: SlackFile } {
  const channel = findChannel(state, channelName);
  if (channel === undefined) throw new Error(`no Slack channel ${channelName}`);
  const { name, bytes, mimetype } = given;
  const file = newFile(
    state,
    { name, user, size: bytes.length, ...(mimetype === undefined ? {} : { mimetype }) },
    now,
  );
  file.bytes = bytes;
  file.isComplete = true;
  const team = state.seed.teamId;
  return { ...share(state, channel, [file], { text: "", ...draft, user, team }, now), file };
}
