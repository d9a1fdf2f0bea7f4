/** Faces of authors: Matrix shows only what was uploaded to a homeserver, so each face is copied there once. */
import type { Clock, CopyFile } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Client } from "./client.ts";
import { read, uploaded } from "./events.ts";
import { isUpload } from "./ids.ts";

const MOST = 1_000;
const MOST_BYTES = 1024 * 1024;
/** A face that could not be had is asked for again after this long. */
const AGAIN_MS = 3_600_000;

export interface Avatars {
  /** The `mxc:` address of a face; undefined while there is none to be had. Never throws. */
  of(url: string): Promise<string | undefined>;
}

/** Remembers what it copied; after a restart each face is copied once more. */
export function createAvatars(client: Client, copy: CopyFile, clock: Clock): Avatars {
  const known = new Map<string, { readonly mxc?: string; readonly at: number }>();
  const remember = (url: string, mxc: string | undefined): void => {
    known.delete(url);
    known.set(url, { at: clock(), ...(mxc === undefined ? {} : { mxc }) });
    const oldest = known.size > MOST ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
  };
  return {
    async of(url) {
      // A face of somebody on Matrix is there already.
      if (isUpload(url)) return url;
      const found = known.get(url);
      if (found !== undefined && (found.mxc !== undefined || clock() - found.at < AGAIN_MS))
        return found.mxc;
      // Before the await: a burst of one author must not copy the face many times.
      remember(url, undefined);
      const prepared = await client.prepare("POST", "/_matrix/media/v3/upload?filename=avatar");
      if (prepared.kind !== "request") return undefined;
      try {
        const answer = await copy(url, prepared.request, { mostBytes: MOST_BYTES, type: "image/" });
        const result = await client.classify(prepared.request, answer, "read");
        if (isFailure(result)) return undefined;
        const mxc = read(uploaded, result.json)?.content_uri;
        remember(url, mxc);
        return mxc;
      } catch {
        return undefined;
      }
    },
  };
}
