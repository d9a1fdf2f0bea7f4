/**
 * The sandbox: one HTTP server, on loopback unless told otherwise, that plays Slack, Gitter and a Matrix homeserver, for
 * tests and for the demo. Slack's Web API is at `/slack-api/`, its file host at `/slack-files`, its Socket Mode at
 * `/slack-socket`, Gitter's REST at `/gitter/v1`, its stream host at `/gitter-stream/v1`, the homeserver at `/matrix`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import type { GitterMessage } from "./gitter/state.ts";
import { handleGitter, openStream } from "./gitter/model.ts";
import { type GitterOptions, type GitterSandbox, startGitter } from "./gitter-service.ts";
import { finish, reply, toWire } from "./http.ts";
import type { MatrixMessage } from "./matrix/transcript.ts";
import { type MatrixOptions, type MatrixSandbox, startMatrix } from "./matrix-service.ts";
import { handleSlack, handleSlackFiles } from "./slack/model.ts";
import type { SlackMessage } from "./slack/state.ts";
import { type SlackOptions, type SlackSandbox, startSlack } from "./slack-service.ts";
import type { Change } from "./wire.ts";

/** A change of one of the transcripts. */
export type SandboxChange =
  | ({ readonly service: "slack" } & Change<SlackMessage>)
  | ({ readonly service: "gitter" } & Change<GitterMessage>)
  | ({ readonly service: "matrix" } & Change<MatrixMessage>);

/** Answers what the services do not; returns whether it did. */
export type Extra = (
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<boolean> | boolean;

export interface SandboxOptions {
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Where to listen, and how callers name it. Absent: 127.0.0.1. */
  readonly host?: string;
  readonly slack?: SlackOptions;
  readonly gitter?: GitterOptions;
  readonly matrix?: MatrixOptions;
  /** Slack's request URL: where its events go. Absent or undefined: nowhere. */
  readonly eventsUrl?: () => string | undefined;
  readonly clock?: () => number;
  /** Every API answer and every stream's beginning comes this much later; what was asked for is done at once. */
  readonly apiDelayMs?: number;
  /** More routes, such as the demo's page. */
  readonly extra?: Extra;
}

export interface Sandbox {
  /** `http://HOST:PORT`. */
  readonly url: string;
  readonly slackApiUrl: string;
  readonly gitterApiUrl: string;
  readonly gitterStreamUrl: string;
  readonly matrixUrl: string;
  readonly slack: SlackSandbox;
  readonly gitter: GitterSandbox;
  readonly matrix: MatrixSandbox;
  /** Calls now waiting for their answer, a stream until it is open; and the most there ever were. */
  readonly calls: { readonly now: number; readonly most: number };
  /** Called after every change of a transcript; returns how to stop that. */
  onChange(listener: (change: SandboxChange) => void): () => void;
  close(): Promise<void>;
}

const SLACK = "/slack-api/";
const FILES = "/slack-files";
const SOCKETS = "/slack-socket";
const GITTER = "/gitter";
const STREAM = "/gitter-stream";
const MATRIX = "/matrix";

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { clock = Date.now, apiDelayMs = 0, host = "127.0.0.1", extra } = options;
  const listeners = new Set<(change: SandboxChange) => void>();
  const tell = (change: SandboxChange): void => {
    for (const listener of listeners) listener(change);
  };
  const slack = startSlack(options.slack ?? {}, {
    clock,
    eventsUrl: options.eventsUrl ?? (() => undefined),
    changed: (change) => tell({ service: "slack", ...change }),
  });
  const gitter = startGitter(options.gitter ?? {}, {
    clock,
    changed: (change) => tell({ service: "gitter", ...change }),
  });
  const matrix = startMatrix(options.matrix ?? {}, {
    clock,
    changed: (change) => tell({ service: "matrix", ...change }),
  });
  const calls = { now: 0, most: 0 };
  /** Counts a call that waits; returns how to say that it has its answer, as it has when its connection ends. */
  const count = (response: ServerResponse): (() => void) => {
    calls.now += 1;
    calls.most = Math.max(calls.most, calls.now);
    let waits = true;
    const answered = (): void => {
      if (waits) calls.now -= 1;
      waits = false;
    };
    response.on("close", answered);
    return answered;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? "/";
    if (path.startsWith(SLACK)) {
      count(response);
      const { ending, effects } = handleSlack(slack.state, await toWire(request, SLACK), clock());
      slack.apply(effects);
      finish(response, ending, apiDelayMs);
    } else if (path.startsWith(`${FILES}/`)) {
      count(response);
      const { ending } = handleSlackFiles(slack.state, await toWire(request, FILES));
      finish(response, ending, apiDelayMs);
    } else if (path.startsWith(`${MATRIX}/`)) {
      count(response);
      matrix.serve(await toWire(request, MATRIX), response, apiDelayMs);
    } else if (path.startsWith(`${GITTER}/`)) {
      count(response);
      const wire = await toWire(request, GITTER);
      const { ending, effects } = handleGitter(gitter.state, wire, clock());
      gitter.apply(effects);
      finish(response, ending, apiDelayMs);
    } else if (path.startsWith(`${STREAM}/`)) {
      const answered = count(response);
      const opening = openStream(gitter.state, await toWire(request, STREAM), clock());
      if (opening.kind !== "stream") return finish(response, opening, apiDelayMs);
      const open = (): void => {
        if (response.destroyed) return;
        gitter.streams.open(opening.room, response);
        // Its headers are all that a stream waits for.
        answered();
      };
      if (apiDelayMs > 0) setTimeout(open, apiDelayMs);
      else open();
    } else if (extra === undefined || !(await extra(request, response))) {
      reply(response, 404, "text/plain; charset=utf-8", "Not found\n");
    }
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => {
      // The caller went away in the middle of its request, or asked for something unreadable.
      if (response.headersSent) response.destroy();
      else reply(response, 400, "text/plain; charset=utf-8", "Bad request\n");
    });
  });
  server.on("upgrade", (request, socket, head) => {
    if (request.url?.startsWith(SOCKETS) === true) slack.sockets.upgrade(request, socket, head);
    else socket.destroy();
  });
  server.keepAliveTimeout = 60_000;
  const port = await listen(server, options.port ?? 0, host);
  const url = `http://${host}:${port}`;
  slack.state.filesUrl = `${url}${FILES}`;
  slack.state.socketsUrl = `ws://${host}:${port}${SOCKETS}`;
  return {
    url,
    slackApiUrl: `${url}${SLACK}`,
    gitterApiUrl: `${url}${GITTER}/v1`,
    gitterStreamUrl: `${url}${STREAM}/v1`,
    matrixUrl: `${url}${MATRIX}`,
    slack,
    gitter,
    matrix,
    calls,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      slack.close();
      gitter.close();
      matrix.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Listens on `port`; rejects when somebody else does. Returns the port it got. */
function listen(
  server: ReturnType<typeof createServer>,
  port: number,
  host: string,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once("error", reject);
  server.listen(port, host, () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : port);
  });
  return promise;
}
