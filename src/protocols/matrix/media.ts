/**
 * Files: where those of Matrix are (authenticated media, since version 1.11 of the specification), and how one is
 * carried into a room: uploaded to the homeserver, then sent as an event. An upload that no event names is no harm.
 */
import type { Attachment } from "../../core/event.ts";
import {
  CallFailed,
  type CarryFile,
  type CarryFrom,
  type FileHead,
  type FileSource,
  type HttpRequest,
  type Outcome,
} from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Client, Refusal } from "./client.ts";
import { path, query } from "./client.ts";
import { escapeHtml } from "./escape.ts";
import { read, uploaded } from "./events.ts";
import { wellFormed, withoutRoomPing } from "./neutral.ts";

/** So often is a file tried that cannot be had or sent at present, over a quarter of a minute; then it is named. */
const MOST_TRIES = 6;

/** `mxc://server/id`: https://spec.matrix.org/latest/client-server-api/#matrix-content-mxc-uris. */
const MXC = /^mxc:\/\/([a-z0-9[][a-z0-9.:[\]-]{0,254})\/([\w-]{1,255})$/iu;

export const isMxc = (text: string): boolean => MXC.test(text);

/** Where a file of any homeserver is, for us: at our own one, which fetches it where it has to. Throws `CallFailed`. */
export async function locate(client: Client, file: Attachment): Promise<FileSource> {
  const [, server, id] = MXC.exec(file.id) ?? [];
  if (server === undefined || id === undefined)
    throw new CallFailed({ kind: "rejected", reason: "it has no address" });
  return sourceOf(client, `download${path(server, id)}`, file);
}

/** Clients show faces smaller than this, in pixels. */
const FACE_SIZE = 192;

/** Where a face is: a small picture that the homeserver makes of it. Throws `CallFailed`. */
export async function locateFace(client: Client, mxc: string): Promise<FileSource> {
  const [, server, id] = MXC.exec(mxc) ?? [];
  if (server === undefined || id === undefined)
    throw new CallFailed({ kind: "rejected", reason: "it has no address" });
  const size = query({ width: FACE_SIZE, height: FACE_SIZE, method: "crop" });
  return sourceOf(client, `thumbnail${path(server, id)}${size}`, { name: "face" });
}

async function sourceOf(
  client: Client,
  at: string,
  { name, mimetype }: Pick<Attachment, "name" | "mimetype">,
): Promise<FileSource> {
  const prepared = await client.prepare("GET", `/_matrix/client/v1/media/${at}`);
  if (prepared.kind !== "request") throw new CallFailed(prepared);
  const { accept: _, ...headers } = prepared.request.headers;
  return {
    request: { ...prepared.request, headers },
    name,
    ...(mimetype === undefined ? {} : { type: mimetype }),
  };
}

/** What a call says about its file: with the file, and in its place. */
export interface FileCall {
  readonly file: Attachment;
  readonly carry: CarryFrom;
  /** The event's content but for the file itself. */
  readonly content: Record<string, unknown>;
  /** What is said where the file cannot be carried. */
  readonly named: Record<string, unknown>;
}

/**
 * The content of the event that shows a file, or names it with the reason why it is not there. An outcome where it is to
 * be tried again.
 */
export async function contentOf(
  client: Client,
  carryFile: CarryFile,
  { file, carry, content, named }: FileCall,
  tries: number,
): Promise<{ readonly kind: "content"; readonly content: Record<string, unknown> } | Outcome> {
  let refusal: Refusal | undefined;
  let upload: HttpRequest | undefined;
  const carried = await carryFile(file, carry, async ({ name, type }) => {
    const at = `/_matrix/media/v3/upload${query({ filename: wellFormed(name) })}`;
    const prepared = await client.prepare("POST", at);
    if (prepared.kind !== "request") {
      refusal = prepared;
      throw new CallFailed(prepared);
    }
    const { request } = prepared;
    upload = { ...request, headers: { ...request.headers, "content-type": type } };
    return upload;
  });
  if (carried.kind === "answer" && upload !== undefined) {
    const result = await client.classify(upload, carried.answer, "read");
    if (!isFailure(result)) {
      const mxc = read(uploaded, result.json)?.content_uri;
      if (mxc !== undefined) return { kind: "content", content: shown(content, carried.head, mxc) };
      return nameOrRetry(named, "the homeserver's answer holds no address", true, tries);
    }
    refusal = result;
  }
  // The homeserver asks to wait, or refuses the account: that is not about the file.
  if (refusal?.status === 429 || refusal?.kind === "account") return refusal;
  if (refusal !== undefined) {
    const reason =
      refusal.errcode === "M_TOO_LARGE" ? "too large for the homeserver" : refusal.reason;
    return nameOrRetry(named, reason, refusal.kind === "later", tries);
  }
  const failed = carried.kind === "failed" ? carried : { reason: "not uploaded", lasting: false };
  return nameOrRetry(named, failed.reason, !failed.lasting, tries);
}

function nameOrRetry(
  named: Record<string, unknown>,
  reason: string,
  again: boolean,
  tries: number,
): { readonly kind: "content"; readonly content: Record<string, unknown> } | Outcome {
  if (again && tries + 1 < MOST_TRIES) return { kind: "later", reason };
  const why = ` (${withoutRoomPing(wellFormed(reason))})`;
  const { body, formatted_body: html } = named;
  return {
    kind: "content",
    content: {
      ...named,
      body: `${String(body)}${why}`,
      ...(typeof html === "string" ? { formatted_body: `${html}${escapeHtml(why)}` } : {}),
    },
  };
}

const KINDS = [
  [/^image\/(?!svg)/u, "m.image"],
  [/^video\//u, "m.video"],
  [/^audio\//u, "m.audio"],
] as const;

/** The body is a caption as soon as it is not the file's name: so the author's name is shown with the file. */
function shown(
  content: Record<string, unknown>,
  { name, type, size }: FileHead,
  mxc: string,
): Record<string, unknown> {
  return {
    ...content,
    msgtype: KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? "m.file",
    filename: wellFormed(name),
    url: mxc,
    info: { mimetype: type, size },
  };
}
