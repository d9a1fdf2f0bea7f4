/** Where a Socket Mode connection is opened: Slack gives an address for one connection, to whoever has the app's token. */
import type { AccountConfig } from "../../core/config/config.ts";
import { CallFailed, type Http } from "../../core/ports.ts";
import { APP, createClient, DEFAULT_API } from "./client.ts";
import { str } from "./json.ts";
import type { AskAddress } from "./socket.ts";

export function createAskAddress(account: AccountConfig, http: Http): AskAddress {
  const client = createClient(account, http, APP);
  const isPlain = (account.settings.string("APIURL") ?? DEFAULT_API).startsWith("http:");
  return async () => {
    const url = str((await client.read("apps.connections.open", {}))["url"]);
    // Events are as secret as the token: over TLS, unless the API itself is on this machine.
    if (url.startsWith("wss://") || (isPlain && url.startsWith("ws://"))) return url;
    throw new CallFailed({ kind: "later", reason: "apps.connections.open gave no wss address" });
  };
}
