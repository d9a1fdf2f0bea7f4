/** The demo's page and its routes: what happens, live; what people do; a tour; faces and files. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { readBody, reply } from "./http.ts";
import { parseAct, perform, type Place } from "./page/acts.ts";
import { avatarSvg } from "./page/avatar.ts";
import { client } from "./page/client.ts";
import { pageHtml, type Person } from "./page/html.ts";
import { renderer } from "./page/renderer.ts";
import { STYLE } from "./page/style.ts";
import { playTour } from "./page/tour.ts";
import {
  faceOf,
  type MatrixPeople,
  type SlackPeople,
  viewMatrix,
  viewSlack,
  type ViewMessage,
} from "./page/view.ts";
import type { Extra, Sandbox, SandboxChange } from "./server.ts";

export interface PageOptions {
  readonly sandbox: () => Sandbox;
  readonly slackChannel: string;
  readonly gitterRoom: string;
}

const HTML = "text/html; charset=utf-8";
/** Nothing from elsewhere, nothing inline: text from a chat has nothing to run. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

const slackPeople = ({ slack }: Sandbox): SlackPeople => ({
  bot: slack.seed.botUserId,
  people: slack.state.people,
});
const matrixPeople = ({ matrix }: Sandbox): MatrixPeople => ({
  bot: matrix.seed.bot.id,
  names: new Map([...matrix.state.people.values()].map(({ id, displayName }) => [id, displayName])),
});

/** The page has a pane for Slack and one for Gitter, whose rooms are on Matrix. */
function view(sandbox: Sandbox, change: SandboxChange): ViewMessage | undefined {
  const deleted = change.kind === "deleted";
  if (change.service === "slack") return viewSlack(change.message, slackPeople(sandbox), deleted);
  if (change.service === "matrix")
    return viewMatrix(change.message, matrixPeople(sandbox), deleted);
  return undefined;
}

function transcripts(options: PageOptions): ViewMessage[] {
  const sandbox = options.sandbox();
  const { slack, matrix } = sandbox;
  const [atSlack, onMatrix] = [slackPeople(sandbox), matrixPeople(sandbox)];
  return [
    ...slack.messages(options.slackChannel).map((one) => viewSlack(one, atSlack, false)),
    ...matrix.messages(options.gitterRoom).map((one) => viewMatrix(one, onMatrix, false)),
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

const placeOf = ({ sandbox, slackChannel, gitterRoom }: PageOptions): Place => ({
  sandbox: sandbox(),
  slackChannel,
  gitterRoom,
});

async function act(options: PageOptions, request: IncomingMessage): Promise<number> {
  // A page of another site cannot send JSON without asking first.
  if (request.headers["content-type"] !== "application/json") return 415;
  const given = parseAct(await readBody(request));
  if (given === undefined) return 400;
  const place = placeOf(options);
  const { slack, matrix } = place.sandbox;
  const people = given.side === "slack" ? slack.seed.people : matrix.seed.people;
  if (!people.some(({ id }) => id === given.user)) return 400;
  try {
    perform(place, given.side, given.user, given.act);
    return 204;
  } catch {
    // The message went meanwhile.
    return 409;
  }
}

/** A file that somebody sent. Only pictures are shown; anything else is saved. */
function serveFile(options: PageOptions, side: string, id: string, response: ServerResponse): void {
  const { slack, matrix } = options.sandbox();
  const found =
    side === "slack"
      ? { body: slack.state.files.get(id)?.bytes, type: slack.state.files.get(id)?.mimetype }
      : matrix.state.media.get(id);
  if (found?.body === undefined) return reply(response, 404, "text/plain", "No such file\n");
  const isShown = /^image\/(?:png|jpeg|gif)$/.test(found.type ?? "");
  response.setHeader("content-type", isShown ? (found.type ?? "") : "application/octet-stream");
  if (!isShown) response.setHeader("content-disposition", "attachment");
  response.end(Buffer.from(found.body, "latin1"));
}

function html({ sandbox, slackChannel, gitterRoom }: PageOptions): string {
  const { slack, matrix } = sandbox();
  const person = (id: string, name: string): Person => ({ id, name, face: faceOf(name) });
  return pageHtml({
    slackChannel,
    gitterRoom,
    slackPeople: slack.seed.people.map(({ id, realName }) => person(id, realName)),
    gitterPeople: matrix.seed.people.map(({ id, displayName }) => person(id, displayName)),
  });
}

/** The routes of the page, for a sandbox's `extra`. */
export function servePage(options: PageOptions): Extra {
  return async (request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/, "");
    const avatar = /^\/avatar\/([^/]+)\.svg$/.exec(path)?.[1];
    response.setHeader("content-security-policy", POLICY);
    response.setHeader("x-content-type-options", "nosniff");
    const file = /^\/demo\/file\/(slack|gitter)\/([\w-]+)$/.exec(path);
    if (request.method === "POST" && path === "/demo/act") {
      reply(response, await act(options, request), "text/plain", "");
    } else if (request.method === "POST" && path === "/demo/tour") {
      reply(response, 202, "text/plain", "");
      // The demo may end before it does.
      playTour(placeOf(options)).catch(() => undefined);
    } else if (request.method !== "GET") {
      return false;
    } else if (path === "/") {
      reply(response, 200, HTML, html(options));
    } else if (path === "/demo/style.css") {
      reply(response, 200, "text/css; charset=utf-8", STYLE);
    } else if (path === "/demo/client.js") {
      reply(
        response,
        200,
        "text/javascript; charset=utf-8",
        `(${client.toString()})((${renderer.toString()})());\n`,
      );
    } else if (path === "/demo/events") {
      serveEvents(options, response);
    } else if (file !== null) {
      serveFile(options, file[1] ?? "", file[2] ?? "", response);
    } else if (avatar !== undefined) {
      reply(response, 200, "image/svg+xml", avatarSvg(decodeURIComponent(avatar)));
    } else {
      return false;
    }
    return true;
  };
}
