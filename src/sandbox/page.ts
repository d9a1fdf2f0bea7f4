/** The demo's page and its three routes: what happens, live; saying something; faces. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, reply } from "./http.ts";
import { avatarSvg } from "./page/avatar.ts";
import { client } from "./page/client.ts";
import { pageHtml, type Person } from "./page/html.ts";
import { STYLE } from "./page/style.ts";
import { faceOf, viewGitter, viewSlack, type ViewMessage } from "./page/view.ts";
import type { Extra, Sandbox, SandboxChange } from "./server.ts";

export interface PageOptions {
  readonly sandbox: () => Sandbox;
  readonly slackChannel: string;
  readonly gitterRoom: string;
}

const HTML = "text/html; charset=utf-8";
const MAX_TEXT = 4000;
/** Nothing from elsewhere, nothing inline: text from a chat has nothing to run. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** The page has a pane for Slack and one for Gitter. */
function view(sandbox: Sandbox, change: SandboxChange): ViewMessage | undefined {
  const deleted = change.kind === "deleted";
  if (change.service === "slack")
    return viewSlack(change.message, sandbox.slack.state.people, deleted);
  if (change.service === "gitter")
    return viewGitter(change.message, sandbox.gitter.seed.bot.id, deleted);
  return undefined;
}

function transcripts({ sandbox, slackChannel, gitterRoom }: PageOptions): ViewMessage[] {
  const { slack, gitter } = sandbox();
  return [
    ...slack.messages(slackChannel).map((one) => viewSlack(one, slack.state.people, false)),
    ...gitter.messages(gitterRoom).map((one) => viewGitter(one, gitter.seed.bot.id, false)),
  ];
}

function serveEvents(options: PageOptions, response: ServerResponse): void {
  const headers = { "content-type": "text/event-stream", "cache-control": "no-store" };
  response.writeHead(200, headers);
  const write = (name: string, data: unknown): boolean =>
    response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  write("snapshot", transcripts(options));
  const sandbox = options.sandbox();
  const stop = sandbox.onChange((change) => {
    const message = view(sandbox, change);
    if (message !== undefined) write("message", message);
  });
  response.on("close", stop);
}

interface Said {
  readonly side: "slack" | "gitter";
  readonly user: string;
  readonly text: string;
}

function parseSaid(body: string): Said | undefined {
  try {
    const { side, user, text } = JSON.parse(body) as Partial<Record<string, unknown>>;
    if (side !== "slack" && side !== "gitter") return undefined;
    if (typeof user !== "string" || typeof text !== "string") return undefined;
    return text === "" || text.length > MAX_TEXT ? undefined : { side, user, text };
  } catch {
    return undefined;
  }
}

async function say(
  { sandbox, slackChannel, gitterRoom }: PageOptions,
  request: IncomingMessage,
): Promise<number> {
  // A page of another site cannot send JSON without asking first.
  if (request.headers["content-type"] !== "application/json") return 415;
  const said = parseSaid(await readBody(request));
  if (said === undefined) return 400;
  const { slack, gitter } = sandbox();
  const emote = said.text.startsWith("/me ");
  const text = emote ? said.text.slice("/me ".length) : said.text;
  const people = said.side === "slack" ? slack.seed.people : gitter.seed.people;
  if (!people.some(({ id }) => id === said.user)) return 400;
  if (said.side === "slack") slack.say(said.user, slackChannel, text, { emote });
  else gitter.say(said.user, gitterRoom, text, emote ? { emote } : {});
  return 204;
}

function html({ sandbox, slackChannel, gitterRoom }: PageOptions): string {
  const { slack, gitter } = sandbox();
  const person = (id: string, name: string): Person => ({ id, name, face: faceOf(name) });
  return pageHtml({
    slackChannel,
    gitterRoom,
    slackPeople: slack.seed.people.map(({ id, realName }) => person(id, realName)),
    gitterPeople: gitter.seed.people.map(({ id, displayName }) => person(id, displayName)),
  });
}

/** The routes of the page, for a sandbox's `extra`. */
export function servePage(options: PageOptions): Extra {
  return async (request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const avatar = /^\/avatar\/([^/]+)\.svg$/.exec(path)?.[1];
    response.setHeader("content-security-policy", POLICY);
    response.setHeader("x-content-type-options", "nosniff");
    if (request.method === "POST" && path === "/demo/say") {
      reply(response, await say(options, request), "text/plain", "");
    } else if (request.method !== "GET") {
      return false;
    } else if (path === "/") {
      reply(response, 200, HTML, html(options));
    } else if (path === "/demo/style.css") {
      reply(response, 200, "text/css; charset=utf-8", STYLE);
    } else if (path === "/demo/client.js") {
      reply(response, 200, "text/javascript; charset=utf-8", `(${client.toString()})();\n`);
    } else if (path === "/demo/events") {
      serveEvents(options, response);
    } else if (avatar !== undefined) {
      reply(response, 200, "image/svg+xml", avatarSvg(decodeURIComponent(avatar)));
    } else {
      return false;
    }
    return true;
  };
}
