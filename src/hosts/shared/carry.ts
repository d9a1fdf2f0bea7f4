/** Carries a file from one service to another: its bytes pass through in pieces and are never held together. */
import { messageOf } from "../../core/errors.ts";
import type { Attachment } from "../../core/event.ts";
import type { AccountId } from "../../core/ids.ts";
import {
  type Carried,
  CallFailed,
  type CarryFile,
  type CarryFrom,
  type Connector,
  type FileHead,
  type FileSource,
} from "../../core/ports.ts";
import { tooLarge } from "../../core/rules/files.ts";
import { type FetchAnswer, openAnswer, passOn, type WebDeps } from "./web.ts";

/** A file has this long from the first byte of its answer to the last of the one that it was sent for. */
export const CARRY_MS = 60_000;

/** So long may its service take until its first byte, ms: a lane stands still meanwhile. */
const BEGIN_MS = 5_000;

/** Why a file could not be carried; thrown within this file only. */
class NotCarried extends Error {
  readonly isLasting: boolean;
  constructor(reason: string, isLasting: boolean) {
    super(reason);
    this.isLasting = isLasting;
  }
}

/** For the account that files are carried to. */
export function createCarry(
  account: AccountId,
  webOf: (account: AccountId) => WebDeps,
  connectorOf: (account: AccountId) => Connector | undefined,
): CarryFile {
  return async (file, from, to): Promise<Carried> => {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(new Error("not carried within 60 s")), CARRY_MS);
    try {
      const source = await within(BEGIN_MS, connectorOf(from.from)?.file?.(file));
      if (source === undefined) throw new NotCarried("its account gives no files", true);
      const answer = await openFile(from.from, webOf(from.from), source, abort, BEGIN_MS);
      const head = headOf(file, source, answer, from);
      const request = await to(head);
      const body = { answer, size: head.size };
      const taken = await passOn(account, webOf(account), request, body, abort);
      return { kind: "answer", answer: taken, head };
    } catch (error) {
      if (error instanceof NotCarried)
        return { kind: "failed", reason: error.message, lasting: error.isLasting };
      if (error instanceof CallFailed) {
        const { kind, reason } = error.outcome;
        return { kind: "failed", reason, lasting: kind !== "later" && kind !== "uncertain" };
      }
      return { kind: "failed", reason: messageOf(error), lasting: false };
    } finally {
      clearTimeout(timer);
      // Whatever is left of the file is not wanted.
      abort.abort(new Error("carried"));
    }
  };
}

async function within<T>(ms: number, answer: Promise<T> | undefined): Promise<T | undefined> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new NotCarried(`its service did not answer within ${ms / 1_000} s`, false);
  const timer = setTimeout(() => reject(late), ms);
  try {
    return await Promise.race([answer, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The answer that holds a file's bytes, not read yet; throws where it holds something else. */
export async function openFile(
  account: AccountId,
  web: WebDeps,
  { request, type }: FileSource,
  abort: AbortController,
  limitMs?: number,
): Promise<FetchAnswer> {
  // Packed bytes would come without their number.
  const headers = { "accept-encoding": "identity", ...request.headers };
  const answer = await openAnswer(account, web, { ...request, headers }, abort, limitMs);
  const { status } = answer;
  if (status === 429 || status >= 500)
    throw new NotCarried(`${status} from the file's service`, false);
  if (status !== 200 && status !== 206 && status !== 416)
    throw new NotCarried(`${status} from the file's service`, true);
  // Slack sends who may not read a file to a page, with a status of success.
  const isPage = typeOf(answer) === "text/html" && type !== undefined && type !== "text/html";
  if (isPage) throw new NotCarried("the file's service gives a page in its place", true);
  return answer;
}

/** The media type of an answer without parameters, in lower case. */
export const typeOf = (answer: FetchAnswer): string =>
  (answer.headers.get("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();

/** The length of an answer's body, where it is told. */
export function lengthOf(answer: FetchAnswer): number | undefined {
  const text = answer.headers.get("content-length") ?? "";
  const isPacked = (answer.headers.get("content-encoding") ?? "identity") !== "identity";
  return /^\d{1,15}$/u.test(text) && !isPacked ? Number(text) : undefined;
}

function headOf(
  file: Attachment,
  source: FileSource,
  answer: FetchAnswer,
  { mostBytes }: CarryFrom,
): FileHead {
  if (answer.status !== 200) throw new NotCarried(`${answer.status} from the file's service`, true);
  // What the service says of the file is checked byte by byte on the way.
  const size = lengthOf(answer) ?? source.size ?? file.size;
  if (size === undefined) throw new NotCarried("its service does not say how large it is", true);
  const large = tooLarge(size, mostBytes);
  if (large !== undefined) throw new NotCarried(large, true);
  if (size === 0) throw new NotCarried("it is empty", true);
  const type = [source.type, file.mimetype, typeOf(answer)].find(
    (each) => each !== undefined && /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/u.test(each),
  );
  return { name: source.name, type: type ?? "application/octet-stream", size };
}
