/** The network edge of the connector's tests: a scripted service, a clock by hand, a stream that says what it is told. */
import { readFileSync } from "node:fs";

import type { AccountConfig, ConnectorDeps, Settings } from "../../../src/core/config/config.ts";
import { accountId } from "../../../src/core/ids.ts";
import type {
  Connector,
  HttpAnswer,
  HttpRequest,
  HttpStream,
  Secret,
  SourceBatch,
  SourceIo,
} from "../../../src/core/ports.ts";
import { gitter } from "../../../src/protocols/gitter/index.ts";

export const ROOM = "5f1a2b3c4d5e6f7081920b01";
export const ME = "5f1a2b3c4d5e6f7081920aff";
export const IDENTITY = JSON.stringify({ id: ME, username: "bridge" });
/** 2020-12-17T11:00:00Z */
export const NOON = 1_608_202_800_000;

export const fixtures = JSON.parse(
  readFileSync(new URL("../../fixtures/gitter/messages.json", import.meta.url), "utf8"),
) as Record<string, Record<string, unknown>>;

export const secret = (value: string): Secret => ({
  reveal: () => value,
  toString: () => "[secret]",
  toJSON: () => "[secret]",
});

function settings(values: Readonly<Record<string, string | number | Secret>>): Settings {
  const get = (key: string) => values[key];
  const string = (key: string) => {
    const value = get(key);
    return typeof value === "string" ? value : undefined;
  };
  const secretOf = (key: string) => {
    const value = get(key);
    return typeof value === "object" ? value : undefined;
  };
  return {
    string,
    bool: () => false,
    int: (key) => {
      const value = get(key);
      return typeof value === "number" ? value : undefined;
    },
    strings: () => [],
    pairs: () => [],
    secret: secretOf,
    secrets: () => [],
  };
}

export const account = (
  values: Readonly<Record<string, string | number | Secret>> = {
    Token: secret("t0ken"),
    APIURL: "http://127.0.0.1:4002/v1",
    StreamURL: "http://127.0.0.1:4003/v1/",
  },
): AccountConfig => ({
  id: accountId("gitter.orchard"),
  protocol: "gitter",
  name: "orchard",
  settings: settings(values),
  envName: (key) => `MATTERBRIDGE_GITTER_ORCHARD_${key.toUpperCase()}`,
  names: () => false,
});

export const answer = (
  status: number,
  body: unknown = { error: "phrase" },
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  header: (name) => headers[name.toLowerCase()] ?? null,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

type Reply = HttpAnswer | Error | ((request: HttpRequest) => HttpAnswer);

export interface World {
  readonly connector: Connector;
  readonly requests: HttpRequest[];
  now: number;
}

/** A connector whose service gives these replies in turn, the last one for ever. */
export function world(replies: readonly Reply[], config = account()): World {
  const requests: HttpRequest[] = [];
  const state = { now: NOON };
  const deps: ConnectorDeps = {
    http: async (request) => {
      const reply = replies[Math.min(requests.length, replies.length - 1)];
      requests.push(request);
      if (reply === undefined || reply instanceof Error) throw reply ?? new Error("no reply");
      return typeof reply === "function" ? reply(request) : reply;
    },
    hmac: async () => "",
    clock: () => state.now,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    instance: "one",
    longLived: true,
    copy: () => Promise.reject(new Error("nothing is copied")),
    carry: () => Promise.reject(new Error("nothing is carried")),
  };
  const connector = gitter.connect(config, deps);
  return {
    connector,
    requests,
    get now() {
      return state.now;
    },
    set now(value) {
      state.now = value;
    },
  };
}

export interface StreamScript {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces as the network makes them; an error is silence or a broken connection; then the end. */
  readonly pieces?: readonly (string | Error)[];
  /** How long each read takes. */
  readonly msPerPiece?: number;
}

export interface SourceWorld {
  readonly io: SourceIo;
  readonly requests: HttpRequest[];
  readonly batches: SourceBatch[];
  readonly sleeps: number[];
  readonly states: string[];
  readonly logs: string[];
  /** Milliseconds of silence that each read would bear. */
  readonly silences: number[];
  closed: number;
  /** Time since the start, as far as scripts take any. */
  passedMs: number;
}

/** What a host gives a source: one script a connection, stopped behind the last. */
export function sourceWorld(
  scripts: readonly (StreamScript | Error)[],
  hand: (batch: SourceBatch) => Promise<void> = async () => {},
): SourceWorld {
  const seen: SourceWorld = {
    requests: [],
    batches: [],
    sleeps: [],
    states: [],
    logs: [],
    silences: [],
    closed: 0,
    passedMs: 0,
    io: {
      open: async (request) => {
        const script = scripts[seen.requests.length];
        seen.requests.push(request);
        if (script === undefined || script instanceof Error)
          throw script ?? new Error("no more scripts");
        return streamOf(script, seen);
      },
      sleep: async (ms) => {
        seen.sleeps.push(ms);
      },
      stopped: () => seen.sleeps.length >= scripts.length,
      random: () => 0.5,
      clock: () => NOON + seen.passedMs,
      hand: async (batch) => {
        await hand(batch);
        seen.batches.push(batch);
      },
      log: {
        debug: () => {},
        info: () => {},
        warn: (message) => void seen.logs.push(message),
        error: (message) => void seen.logs.push(message),
      },
      state: (state) => void seen.states.push(state),
    },
  };
  return seen;
}

function streamOf(script: StreamScript, seen: SourceWorld): HttpStream {
  const pieces = [...(script.pieces ?? [])];
  return {
    status: script.status ?? 200,
    header: (name) => script.headers?.[name.toLowerCase()] ?? null,
    read: async (silenceMs) => {
      seen.silences.push(silenceMs);
      const piece = pieces.shift();
      seen.passedMs += script.msPerPiece ?? 0;
      if (piece instanceof Error) throw piece;
      return piece;
    },
    close: () => {
      seen.closed += 1;
    },
  };
}
