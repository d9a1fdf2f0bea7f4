/**
 * `GET /media/<capability>`: a relayed file for people whose service takes none. Who has the link sees the file, as long
 * as its message is there; nobody can guess or make one. Everything about the answer assumes that the file is hostile.
 */
import type { Context, Hono } from "hono";

import {
  type FileRef,
  type MediaRef,
  type MediaSecret,
  readCapability,
  signatureOf,
} from "../core/media.ts";
import type { Clock, Hmac } from "../core/ports.ts";
import { sameText } from "./same-text.ts";

/** A file as its service gives it. */
export type MediaFile =
  | {
      readonly kind: "file";
      /** 206 is the part that was asked for; 416: there is no such part. */
      readonly status: 200 | 206 | 416;
      readonly name: string;
      readonly type: string;
      /** Bytes of the body, where known. */
      readonly length?: number;
      /** `Content-Range`. */
      readonly range?: string;
      readonly body: ReadableStream<Uint8Array> | null;
    }
  | { readonly kind: "gone" }
  /** Its service cannot be asked at present. */
  | { readonly kind: "later"; readonly reason: string };

/** Answers that were kept close to the reader. Only whole files are. */
export interface MediaCache {
  match(url: string, range: string | undefined): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
}

export interface MediaDoor {
  readonly secretOf: MediaSecret;
  readonly hmac: Hmac;
  readonly clock: Clock;
  /** Whether the file's message is there and of a configured channel. */
  shows(ref: FileRef): Promise<boolean>;
  /** `range`: a part of it, as in the `Range` header. */
  open(ref: MediaRef, range: string | undefined): Promise<MediaFile>;
  readonly cache?: MediaCache;
}

/** Larger files are not kept at the edge: the copy for it would pile up in memory behind a slow reader. */
const MOST_KEPT_BYTES = 5_000_000;
/** How long a browser may show it without asking again, s. */
const BROWSER_S = 300;
/** And the edge, s: so long is a file seen that was deleted alone, while its message is still there. */
const EDGE_S = 300;

/** What a browser shows without running anything in it. SVG, HTML and PDF are not among these: they hold scripts. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|audio\/(?:mpeg|mp4|aac|ogg|wav|x-wav|webm|flac)|video\/(?:mp4|webm|ogg|quicktime))$/u;

export function addMedia(app: Hono, door: MediaDoor | undefined): void {
  app.get("/media/:capability", async (c) => {
    if (door === undefined) return c.notFound();
    // As it was sent: what is signed is not decoded.
    const ref = await checked(door, new URL(c.req.url).pathname.slice("/media/".length));
    if (ref === undefined || !("face" in ref || (await door.shows(ref)))) return c.notFound();
    const range = rangeOf(c);
    // Nothing but the path: a query must not make copies of its own.
    const url = new URL(new URL(c.req.url).pathname, c.req.url).href;
    const kept = await door.cache?.match(url, range);
    if (kept !== undefined) return forReader(kept);
    const file = await door.open(ref, range);
    if (file.kind === "gone") return c.notFound();
    if (file.kind === "later")
      return c.text(`The file cannot be had now: ${file.reason}.\n`, 503, { "retry-after": "30" });
    // Nobody reads it: its service need not send it.
    const isRead = c.req.method !== "HEAD";
    if (!isRead) await file.body?.cancel();
    const body = isRead ? file.body : null;
    const response = new Response(body, { status: file.status, headers: headersOf(file) });
    if (
      door.cache !== undefined &&
      file.status === 200 &&
      c.req.method === "GET" &&
      (file.length ?? Infinity) <= MOST_KEPT_BYTES
    )
      c.executionCtx.waitUntil(door.cache.put(url, response.clone()).catch(() => undefined));
    return forReader(response);
  });
}

/** The file that a link names, if it is one of ours and its time is not over. */
async function checked(door: MediaDoor, text: string): Promise<MediaRef | undefined> {
  const claim = readCapability(text);
  const secret = claim === undefined ? undefined : door.secretOf(claim.ref.account);
  if (claim === undefined || secret === undefined) return undefined;
  const wanted = await signatureOf(door.hmac, secret, claim.signed);
  if (!sameText(claim.signature, wanted)) return undefined;
  return claim.ref.until > door.clock() ? claim.ref : undefined;
}

/** One range is passed on; several, or one for an older copy, give the whole file, as RFC 9110 allows. */
function rangeOf(c: Context): string | undefined {
  const range = c.req.header("range")?.trim() ?? "";
  const isOne = /^bytes=(?:\d{1,15}-\d{0,15}|-\d{1,15})$/u.test(range);
  return isOne && c.req.header("if-range") === undefined ? range : undefined;
}

function headersOf(file: Extract<MediaFile, { kind: "file" }>): Record<string, string> {
  const isShown = SHOWN.test(file.type);
  const isText = file.type === "text/plain";
  return {
    "content-type": isShown
      ? file.type
      : isText
        ? "text/plain; charset=utf-8"
        : "application/octet-stream",
    "content-disposition": disposition(isShown || isText ? "inline" : "attachment", file.name),
    ...(file.length === undefined ? {} : { "content-length": `${file.length}` }),
    ...(file.range === undefined ? {} : { "content-range": file.range }),
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "cache-control": `public, max-age=${EDGE_S}`,
  };
}

/** The copy at the edge lasts, as each reader is checked before it is given; a reader's own must not. */
function forReader(response: Response): Response {
  const headers = new Headers(response.headers);
  headers.set("cache-control", `private, max-age=${BROWSER_S}`);
  return new Response(response.body, { status: response.status, headers });
}

/** RFC 6266: a name in ASCII for all, and the real one. No sign of it can end the header or name a folder. */
export function disposition(how: "inline" | "attachment", name: string): string {
  const clean = name
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\:*?"<>|]/gu, "_")
    .replace(/^[.\s]+/u, "_");
  const short = Array.from(clean).slice(-120).join("") || "file";
  const ascii = short.replaceAll(/[^ \w.,+=@#()-]/gu, "_");
  const real = encodeURIComponent(short).replaceAll(
    /['()*]/gu,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${how}; filename="${ascii}"; filename*=UTF-8''${real}`;
}
