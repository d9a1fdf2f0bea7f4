/** Real servers on the loopback, and the node host's ports to call them with. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { accountId } from "../../../src/core/ids.ts";
import { createSlots, PROCESS_SLOTS } from "../../../src/core/outbox/slots.ts";
import type { HttpRequest } from "../../../src/core/ports.ts";
import { nodeFetch } from "../../../src/hosts/node/fetch.ts";
import { createHttp, createOpenStream, type Fetch } from "../../../src/hosts/shared/web.ts";

const depsWith = (fetch: Fetch) => ({
  fetch,
  slots: createSlots(PROCESS_SLOTS),
  onCall: () => undefined,
});
export const httpOn = (fetch: Fetch) => createHttp(accountId("slack.team"), depsWith(fetch));
export const http = httpOn(nodeFetch);
/** For what is asked of the network without a port of its own. */
export const deps = depsWith(nodeFetch);
export const openStream = createOpenStream(deps);

const closers: (() => void)[] = [];
/** Ends all servers of a test. */
export function closeServers(): void {
  for (const close of closers.splice(0)) close();
}

/** A server; its address. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export const get = (url: string): HttpRequest => ({ method: "GET", url, headers: {} });

/** How a call fails that should not work. */
export const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "it worked",
    (error: unknown) => error,
  );
