/**
 * Links to files for services that take none, and to faces: `/media/<capability>` names one file of one message, or one
 * picture, until a time, signed, so that nobody can make one. The key is the token of the file's account, which whoever
 * serves the file has anyway; when it is replaced, older links end. An account without a token has none.
 */
import { accountId, type AccountId, channelId, messageId, type MessageRef } from "./ids.ts";
import type { Hmac, Secret } from "./ports.ts";

/** A file of a message. */
export interface FileRef extends MessageRef {
  readonly file: { readonly id: string; readonly name: string; readonly mimetype?: string };
  /** From then on the link is dead, ms. A deletion is remembered at least so long. */
  readonly until: number;
}

/** Somebody's face: no message's, so that only its time ends it. */
export interface FaceRef {
  readonly account: AccountId;
  /** The service's own id of the picture (`Profile.avatarUrl`). */
  readonly face: string;
  readonly until: number;
}

export type MediaRef = FileRef | FaceRef;

export interface MediaLinks {
  /** The address of a file for people of other services; undefined where this bridge has none to offer. */
  of(ref: MediaRef): Promise<string | undefined>;
  /** For so long after it was said a message's deletion is certainly remembered, ms. */
  readonly lifeMs: number;
}

/** The secret that signs links to files of an account. */
export type MediaSecret = (account: AccountId) => Secret | undefined;

const YEAR_MS = 365 * 86_400_000;

/**
 * The link to a face: the same for a year, so that it is fetched and kept as one picture, and good for a year more, as
 * old messages show it still.
 */
export const faceRef = (account: AccountId, face: string, sentAt: number): FaceRef => ({
  account,
  face,
  until: (Math.floor(sentAt / YEAR_MS) + 2) * YEAR_MS,
});

/** A capability that was read and not checked yet. */
export interface Claim {
  readonly ref: MediaRef;
  readonly signed: string;
  readonly signature: string;
}

/** Half of SHA-256 in hex: 128 bits. */
const SIGNATURE_LETTERS = 32;
/** Longer names are of no use in a link. */
const MOST_NAME_CHARS = 80;
/** Longer ones are not ours. */
const MOST_CAPABILITY_CHARS = 2_000;

/** `publicUrl`: where people reach this bridge, without a path behind it. */
export function createMediaLinks(
  publicUrl: string,
  lifeMs: number,
  hmac: Hmac,
  secretOf: MediaSecret,
): MediaLinks {
  const base = publicUrl.replace(/\/+$/u, "");
  return {
    lifeMs,
    async of(ref) {
      const secret = secretOf(ref.account);
      if (secret === undefined) return undefined;
      const signed = written(ref);
      return `${base}/media/${signed},${await signatureOf(hmac, secret, signed)}`;
    },
  };
}

export async function signatureOf(hmac: Hmac, secret: Secret, signed: string): Promise<string> {
  const mac = await hmac(secret.reveal(), ["footbridge media 1\n", signed]);
  return mac.slice(0, SIGNATURE_LETTERS);
}

/** Undefined for what no link of ours looks like. Never throws. */
export function readCapability(text: string): Claim | undefined {
  if (text.length > MOST_CAPABILITY_CHARS || !/^[\w.~,-]+$/u.test(text)) return undefined;
  const cut = text.lastIndexOf(",");
  const signed = text.slice(0, cut);
  const [account, channel, message, until, id, name, mimetype, ...more] = signed
    .split(",")
    .map(readField);
  if (!account || !id || name === undefined || more.length > 0) return undefined;
  if (!/^\d{1,12}$/u.test(until ?? "")) return undefined;
  const common = { account: accountId(account), until: Number(until) * 1000 };
  const claimed = { signed, signature: text.slice(cut + 1) };
  // A face is in no channel and of no message.
  if (channel === "" && message === "" && name === "")
    return { ...claimed, ref: { ...common, face: id } };
  if (!channel || !message) return undefined;
  return {
    ...claimed,
    ref: {
      ...common,
      channel: channelId(channel),
      message: messageId(message),
      file: { id, name, ...(mimetype ? { mimetype } : {}) },
    },
  };
}

function written(ref: MediaRef): string {
  const until = `${Math.ceil(ref.until / 1000)}`;
  return fieldsOf(ref, until)
    .map((field) => writeField(field ?? ""))
    .join(",");
}

function fieldsOf(ref: MediaRef, until: string): readonly (string | undefined)[] {
  if ("face" in ref) return [ref.account, "", "", until, ref.face, "", ""];
  const { account, channel, message, file } = ref;
  const name = Array.from(file.name).slice(0, MOST_NAME_CHARS).join("");
  return [account, channel, message, until, file.id, name, file.mimetype];
}

/** Letters that stand in a path and in Markdown as they are: like percent-encoding, with `~` for the percent sign. */
const writeField = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replaceAll(/[~!*'()_]/gu, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%", "~");

function readField(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("~", "%"));
  } catch {
    return undefined;
  }
}
