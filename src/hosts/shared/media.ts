/** What `GET /media` needs of a host: the secrets of its accounts, and files as their services give them. */
import type { Config } from "../../core/config/config.ts";
import { messageOf } from "../../core/errors.ts";
import type { AccountId } from "../../core/ids.ts";
import type { MediaRef, MediaSecret } from "../../core/media.ts";
import { CallFailed, type Connector, type FileSource } from "../../core/ports.ts";
import { MOST_BYTES } from "../../core/rules/files.ts";
import type { MediaFile } from "../../http/media.ts";
import { lengthOf, openFile, typeOf } from "./carry.ts";
import type { FetchAnswer, WebDeps } from "./web.ts";

/** A file has this long to get to its reader: a link is for files that chats hold, not for films. */
const READ_MS = 120_000;

/**
 * An account's token also signs the links to its files. A password does not: who has a link could find out at home what
 * somebody thought up; so an account without a token has no links.
 */
export const mediaSecretOf =
  (config: Config): MediaSecret =>
  (account) =>
    config.accounts.get(account)?.settings.secret("Token");

export function createOpenMedia(
  config: Config,
  connectors: ReadonlyMap<AccountId, Connector>,
  webOf: (account: AccountId) => WebDeps,
): (ref: MediaRef, range: string | undefined) => Promise<MediaFile> {
  return async (ref, range) => {
    const { account } = ref;
    const abort = new AbortController();
    const most = config.accounts.get(account)?.settings.int("MediaDownloadSize") ?? MOST_BYTES;
    try {
      const connector = connectors.get(account);
      const source = await ("face" in ref
        ? connector?.face?.(ref.face)
        : connector?.file?.(ref.file));
      if (source === undefined || (source.size ?? 0) > most) return { kind: "gone" };
      const asked = range === undefined ? source : ranged(source, range);
      const answer = await openFile(account, webOf(account), asked, abort);
      const length = lengthOf(answer);
      // Without a length nobody knows when it is too much.
      if (length === undefined || length > most) {
        abort.abort(new Error("too large"));
        return { kind: "gone" };
      }
      return {
        kind: "file",
        status: answer.status === 206 || answer.status === 416 ? answer.status : 200,
        name: source.name,
        type: source.type ?? typeOf(answer),
        length,
        ...rangeOf(answer),
        body: answer.status === 416 ? null : bodyOf(answer, abort),
      };
    } catch (error) {
      if (error instanceof CallFailed && error.outcome.kind === "rejected") return { kind: "gone" };
      if (error instanceof Error && "isLasting" in error && error.isLasting === true)
        return { kind: "gone" };
      return { kind: "later", reason: messageOf(error) };
    }
  };
}

const ranged = (source: FileSource, range: string): FileSource => ({
  ...source,
  request: { ...source.request, headers: { ...source.request.headers, range } },
});

function rangeOf(answer: FetchAnswer): { readonly range?: string } {
  const range = answer.headers.get("content-range");
  return range !== null && /^bytes [\d*/-]{1,60}$/u.test(range) ? { range } : {};
}

/** The body as the platform's own stream where it is one; else piece by piece, as the reader takes it. */
function bodyOf(answer: FetchAnswer, abort: AbortController): ReadableStream<Uint8Array> | null {
  if (answer.body === null) return null;
  if (answer.body instanceof ReadableStream) return answer.body;
  const reader = answer.body.getReader();
  const timer = setTimeout(() => abort.abort(new Error("not read within 120 s")), READ_MS);
  return new ReadableStream<Uint8Array>({
    async pull(stream) {
      try {
        const { done, value } = await reader.read();
        if (value !== undefined) stream.enqueue(value);
        if (!done) return;
        clearTimeout(timer);
        stream.close();
      } catch (error) {
        clearTimeout(timer);
        throw error;
      }
    },
    cancel() {
      clearTimeout(timer);
      abort.abort(new Error("the reader went away"));
    },
  });
}
