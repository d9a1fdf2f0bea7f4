/** Files as a person's client sends and gets them. Bytes are text of one character each (Latin-1). */
import type { Account } from "./client.ts";
import { part } from "./requests.ts";

const headersOf = ({ token }: Account, type?: string): Record<string, string> => ({
  connection: "close",
  authorization: `Bearer ${token}`,
  ...(type === undefined ? {} : { "content-type": type }),
});

/** The file's `mxc:` address. */
export async function upload(
  account: Account,
  url: string,
  name: string,
  type: string,
  bytes: string,
): Promise<string> {
  const response = await fetch(`${url}/_matrix/media/v3/upload?filename=${part(name)}`, {
    method: "POST",
    headers: headersOf(account, type),
    body: Buffer.from(bytes, "latin1"),
  });
  if (!response.ok) throw new Error(`upload: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { content_uri: string }).content_uri;
}

/** By the authenticated endpoint: the old one gives new files to nobody. */
export async function download(account: Account, url: string, mxc: string): Promise<string> {
  const path = `/_matrix/client/v1/media/download/${mxc.replace("mxc://", "")}`;
  const response = await fetch(`${url}${path}`, { headers: headersOf(account) });
  if (!response.ok) throw new Error(`${mxc}: ${response.status} ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer()).toString("latin1");
}
