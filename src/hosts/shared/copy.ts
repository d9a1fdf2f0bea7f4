/** Copies a small file from one service to another, such as a face, without ever holding more than its limit. */
import type { AccountId } from "../../core/ids.ts";
import { CallFailed, type CopyFile } from "../../core/ports.ts";
import { createHttp, fetchBytes, type WebDeps } from "./web.ts";

/**
 * Whether an address that a service gave us may be fetched: public names by https only, so that nothing that is said in
 * a chat makes the bridge knock at doors inside its own network. `trusted` are origins that the configuration names.
 */
export function isFetchable(url: string, trusted: ReadonlySet<string>): boolean {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return false;
  }
  if (trusted.has(parsed.origin)) return true;
  const { protocol, hostname, port, username } = parsed;
  if (protocol !== "https:" || port !== "" || username !== "") return false;
  if (hostname.startsWith("[") || /^[\d.]+$/u.test(hostname)) return false;
  return (
    /\.[a-z][a-z0-9-]+$/u.test(hostname) &&
    !/\.(?:local|localhost|internal|lan|home|svc|arpa)$/u.test(hostname)
  );
}

export function createCopy(
  account: AccountId,
  deps: WebDeps,
  trusted: ReadonlySet<string>,
): CopyFile {
  const send = createHttp(account, deps);
  return async (from, to, { mostBytes, type }) => {
    if (!isFetchable(from, trusted))
      throw new CallFailed({ kind: "rejected", reason: "not an address that may be fetched" });
    const file = await fetchBytes(account, deps, from, mostBytes);
    if (file === undefined || !file.type.startsWith(type))
      throw new CallFailed({
        kind: "rejected",
        reason: `no ${type} of at most ${mostBytes} bytes`,
      });
    return send({ ...to, headers: { ...to.headers, "content-type": file.type } }, file.bytes);
  };
}
