/** What the core needs from outside for files, as types: see `ports.ts`. */
import type { Attachment } from "./event.ts";
import type { AccountId, MessageId } from "./ids.ts";
import type { HttpAnswer, HttpRequest } from "./ports.ts";

/** A file as a destination sees it: `url` is the best link there is for its people. */
export interface OutgoingFile extends Attachment {
  /** Present where its bytes may be carried over; elsewhere it is named, with its link or why there is none. */
  readonly carry?: CarryFrom;
}
export interface CarryFrom {
  /** Whose service has it. */
  readonly from: AccountId;
  /** A larger one is not carried over, bytes. */
  readonly mostBytes: number;
}

/** Where a file's bytes are. The request may hold the account's token: it goes to that address and nowhere else. */
export interface FileSource {
  readonly request: HttpRequest;
  /** What the service says of it. */
  readonly name: string;
  readonly type?: string;
  /** Bytes. */
  readonly size?: number;
}

/** What is known of a file before its first byte is sent on. */
export interface FileHead {
  readonly name: string;
  /** A media type, without parameters. */
  readonly type: string;
  /** Bytes, exactly. */
  readonly size: number;
}

/** What came of carrying a file. Nothing that people can see is made by it, so that it may be repeated. */
export type Carried =
  /** The answer to the request that took the bytes. */
  | { readonly kind: "answer"; readonly answer: HttpAnswer; readonly head: FileHead }
  /** It could not be had or sent; `lasting`: nor will it be the next time. */
  | { readonly kind: "failed"; readonly reason: string; readonly lasting: boolean };

/**
 * Fetches a file and sends its bytes on, piece by piece: never is more than a piece of it in memory. `to` makes the
 * request that takes them once their number is known; its `body` is left open. Never throws, but for what `to` throws
 * that is no `CallFailed`.
 */
export type CarryFile = (
  file: Attachment,
  from: CarryFrom,
  to: (head: FileHead) => Promise<HttpRequest>,
) => Promise<Carried>;

/** A post that carries a file. */
export interface FilePost {
  readonly message: MessageId;
  /** `Attachment.id`. */
  readonly file: string;
}
