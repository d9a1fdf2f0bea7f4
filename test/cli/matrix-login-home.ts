/** What the tests of `matrix-login` share: a homeserver on the loopback, and the command as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeEach } from "vitest";

export const root = join(import.meta.dirname, "../..");
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

export const TOKEN = "syt_YnJpZGdl_abcdEFGHijkl_1Xyz";
export const PASSWORD = " correct horse ";
export const ME = "@bridge:home.test";
export const SSO = [{ type: "m.login.sso" }, { type: "m.login.token" }];
export const BY_PASSWORD = [{ type: "m.login.password" }];

interface Asked {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly authorization: string | undefined;
}
export type Reply = readonly [status: number, json: unknown];
const NOT_FOUND: Reply = [404, { errcode: "M_NOT_FOUND", error: "Not found" }];

/** Path to answer; what is not told is not found. */
export let replies: Record<string, Reply | ((asked: Asked) => Reply)> = {};
export let asked: Asked[] = [];
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const text = Buffer.concat(chunks).toString();
    const one: Asked = {
      path: decodeURIComponent((request.url ?? "").replace(/\?.*/u, "")),
      body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
      authorization: request.headers.authorization,
    };
    asked.push(one);
    const reply = replies[`${request.method} ${one.path}`] ?? NOT_FOUND;
    const [status, json] = typeof reply === "function" ? reply(one) : reply;
    response.writeHead(status, { connection: "close" });
    response.end(typeof json === "string" ? json : JSON.stringify(json));
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
export const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => void server.close());

export const V3 = "/_matrix/client/v3";
const signIn = ({ body }: Asked): Reply => {
  const { type, password, token } = body;
  return (type === "m.login.password" && password === PASSWORD) ||
    (type === "m.login.token" && token === "once+only")
    ? [200, { access_token: TOKEN, user_id: ME, device_id: "NEW" }]
    : [403, { errcode: "M_FORBIDDEN", error: "Invalid username or password" }];
};

export let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "footbridge-login-"));
  folders.push(folder);
  asked = [];
  replies = {
    [`GET ${V3}/login`]: [200, { flows: BY_PASSWORD }],
    [`POST ${V3}/login`]: signIn,
    [`GET ${V3}/account/whoami`]: ({ authorization }) =>
      authorization === `Bearer ${TOKEN}`
        ? [200, { user_id: ME }]
        : [401, { errcode: "M_UNKNOWN_TOKEN", error: "?" }],
  };
});

export const place = (name: string, text: string) => writeFileSync(join(folder, name), text);
export const vars = () => readFileSync(join(folder, ".dev.vars"), "latin1");
export const configure = (channels: readonly string[] = ["orchard/cider"], more = "") =>
  place(
    "matterbridge.toml",
    `[slack.crew]
[gitter.dock]
Server="${home}"
${more}
[[gateway]]
name="main"
enable=true
inout=[{account="slack.crew",channel="general"}${channels.map((channel) => `,{account="gitter.dock",channel="${channel}"}`).join("")}]
`,
  );

interface Run {
  readonly input?: string;
  /** Gets the address that is to be opened, once. */
  readonly onAddress?: (url: string) => void;
}
export async function run(args: readonly string[], { input, onAddress }: Run = {}) {
  const child = spawn(
    join(root, "node_modules/.bin/node"),
    [join(root, "src/cli/main.ts"), "matrix-login", ...args],
    // No browser opens in a test: there is none on this path.
    { cwd: folder, env: { PATH: folder } },
  );
  let [stdout, stderr] = ["", ""];
  let told = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    const url = /^ {2}(http\S+\/sso\/redirect\S+)\n/mu.exec(stdout)?.[1];
    if (url === undefined || told) return;
    told = true;
    onAddress?.(url);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.end(input ?? "");
  const [status] = (await once(child, "close")) as [number | null];
  return { status, stdout, stderr };
}
export const byPassword: Run = { input: `bridge\n${PASSWORD}\n` };

/** What the homeserver's login page does in the end: it sends the browser back with a token. */
export const comeBack = (url: string, token = "once+only") => {
  const back = new URL(new URL(url).searchParams.get("redirectUrl") ?? "");
  back.searchParams.set("loginToken", token);
  return fetch(back);
};
