/**
 * Where a homeserver's API is: `https://name/.well-known/matrix/client` tells, where there is one
 * (https://spec.matrix.org/latest/client-server-api/#well-known-uri).
 */
import type { Http } from "../../core/ports.ts";
import { jsonObject, request } from "../call.ts";
import type { Failure } from "../call.ts";

/** `Server` as a URL without a slash at its end: a bare name means https. */
export const serverUrl = (server: string): string =>
  (/^https?:\/\//iu.test(server) ? server : `https://${server}`).replace(/\/+$/u, "");

/** The base of the homeserver's API. A server that answers, but with nothing of use, is its own base. */
export async function discover(http: Http, server: string): Promise<string | Failure> {
  const own = serverUrl(server);
  // Whoever writes a path knows where the API is.
  if (!/^https?:\/\/[^/]+$/iu.test(own)) return own;
  const url = `${own}/.well-known/matrix/client`;
  const found = await request(http, { method: "GET", url, headers: {} }, "read");
  if (found.kind !== "answer") return found;
  if (found.answer.status !== 200) return own;
  const home = jsonObject(found.answer)?.["m.homeserver"];
  const base =
    typeof home === "object" && home !== null && "base_url" in home ? home.base_url : undefined;
  if (typeof base !== "string" || !/^https?:\/\/[^\s/?#@]+[^\s?#@]*$/iu.test(base)) return own;
  // The token must not travel less safely than its owner wrote.
  return /^https:/iu.test(own) && !/^https:/iu.test(base) ? own : base.replace(/\/+$/u, "");
}
