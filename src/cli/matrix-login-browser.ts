/** Login by the browser: the homeserver asks who it is, and sends a token that is good for one login to this machine. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { LoginFailed } from "./matrix-login-api.ts";

export interface BrowserLogin {
  /** Base of the homeserver's API. */
  readonly base: string;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Shows the address to the person at the terminal. */
  readonly show: (url: string) => void;
}

const PAGE = (text: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Footbridge</title><p>${text}\n`;

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  // The address of this page holds the token.
  "referrer-policy": "no-referrer",
  "content-security-policy": "default-src 'none'",
  connection: "close",
};

/** The `loginToken` of the redirect (https://spec.matrix.org/latest/client-server-api/#sso-client-login). */
export async function loginTokenByBrowser({ base, signal, show }: BrowserLogin): Promise<string> {
  // Nobody else can hand us a login of theirs: they would have to know the path.
  const path = `/${randomBytes(24).toString("base64url")}`;
  const arrived = Promise.withResolvers<string>();
  let taken = false;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const token = url.searchParams.get("loginToken") ?? "";
    const answer = (status: number, text: string) =>
      response.writeHead(status, HEADERS).end(PAGE(text));
    if (url.pathname !== path || request.method !== "GET") answer(404, "There is nothing here.");
    else if (token === "") answer(400, "No login came with this. Open the printed address again.");
    else if (taken) answer(410, "This login is used already.");
    else {
      taken = true;
      response.once("close", () => arrived.resolve(token));
      answer(200, "Footbridge has what it needs. You can close this window.");
    }
  });
  const stop = () =>
    arrived.reject(
      new LoginFailed(
        "Nobody logged in by the browser in time.",
        "Run the command again. Where the browser cannot reach this machine: --password.",
      ),
    );
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const back = encodeURIComponent(`http://127.0.0.1:${port}${path}`);
    show(`${base}/_matrix/client/v3/login/sso/redirect?redirectUrl=${back}`);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    return await arrived.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    server.close();
    server.closeAllConnections();
  }
}

/** Opens an address in the browser where there is one; it is printed as well, so nothing is lost without. */
export function openInBrowser(url: string): void {
  const [program, args] =
    process.platform === "win32"
      ? (["rundll32", ["url.dll,FileProtocolHandler", url]] as const)
      : ([process.platform === "darwin" ? "open" : "xdg-open", [url]] as const);
  spawn(program, args, { stdio: "ignore", detached: true })
    .on("error", () => undefined)
    .unref();
}
