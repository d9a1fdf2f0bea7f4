/** The network edge of the connector's tests: a scripted homeserver, a clock by hand, polls that answer what they are told. */
import type { AccountConfig, ConnectorDeps, Settings } from "../../../src/core/config/config.ts";
import { secret } from "../../../src/core/config/secret.ts";
import { accountId, channelId } from "../../../src/core/ids.ts";
import type {
  AccountIo,
  Connector,
  HttpAnswer,
  HttpRequest,
  HttpStream,
  Secret,
  SourceBatch,
  CarryFile,
} from "../../../src/core/ports.ts";
import { gitterOnMatrix, matrix } from "../../../src/protocols/matrix/index.ts";

export const HOME = "https://hs.example.org";
export const API = `${HOME}/_matrix/client/v3`;
export const ROOM = channelId("!orchard:example.org");
export const OTHER_ROOM = channelId("!cider:example.org");
export const ME = "@bridge:example.org";
export const MARA = "@mara:example.org";
export const FACE = "mxc://example.org/face";
export const IDENTITY = JSON.stringify({ user_id: ME });
/** 2020-12-17T11:00:00Z */
export const NOON = 1_608_202_800_000;

type Values = Readonly<Record<string, string | number | boolean | Secret>>;

function settings(values: Values): Settings {
  const value = (key: string) => values[key];
  return {
    string: (key) => {
      const found = value(key);
      return typeof found === "string" ? found : undefined;
    },
    bool: (key) => value(key) === true,
    int: (key) => {
      const found = value(key);
      return typeof found === "number" ? found : undefined;
    },
    strings: () => [],
    pairs: () => [],
    secret: (key) => {
      const found = value(key);
      return typeof found === "object" ? found : undefined;
    },
    secrets: () => [],
  };
}

export const account = (values: Values = {}): AccountConfig => ({
  id: accountId("matrix.orchard"),
  protocol: "matrix",
  name: "orchard",
  settings: settings({ Server: HOME, Token: secret("t0ken"), ...values }),
  envName: (key) => `MATTERBRIDGE_MATRIX_ORCHARD_${key.toUpperCase()}`,
  names: () => false,
});

export const answer = (
  status: number,
  body: unknown = {},
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  header: (name) => headers[name.toLowerCase()] ?? null,
  body: typeof body === "string" ? body : JSON.stringify(body),
});
export const refused = (status: number, errcode: string, more: object = {}): HttpAnswer =>
  answer(status, { errcode, error: "so it is", ...more });
export const HTML = "<html><body>502 Bad Gateway</body></html>";
export const missing = refused(404, "M_NOT_FOUND");

type Reply = HttpAnswer | Error | ((request: HttpRequest) => HttpAnswer);

export interface World {
  readonly connector: Connector;
  /** Without those that look for the homeserver and whether rooms are encrypted. */
  readonly requests: HttpRequest[];
  /** All of them. */
  readonly everything: HttpRequest[];
  /** Files that were copied to the homeserver. */
  readonly copies: readonly {
    readonly from: string;
    readonly to: HttpRequest;
    readonly limits: { readonly mostBytes: number; readonly type: string };
  }[];
  readonly clock: { now: number };
}

interface WorldOptions {
  readonly config?: AccountConfig;
  readonly naming?: "gitter" | "matrix";
  /** False for a connector that does not know itself yet. */
  readonly known?: boolean;
  readonly longLived?: boolean;
  /** What comes of copying a file, by the number of copies; the address `FACE` unless told. */
  readonly copied?: (nth: number) => HttpAnswer | Error;
  /** What carries files. */
  readonly carry?: CarryFile;
  /** False where the replies say too whether rooms are encrypted; they are not otherwise. */
  readonly clear?: boolean;
}

/** A connector whose homeserver gives these replies in turn, the last one for ever. */
export function world(replies: readonly Reply[], options: WorldOptions = {}): World {
  const {
    config = account(),
    naming = "matrix",
    known = true,
    longLived = true,
    clear = true,
  } = options;
  const requests: HttpRequest[] = [];
  const everything: HttpRequest[] = [];
  const copies: World["copies"][number][] = [];
  const clock = { now: NOON };
  const deps: ConnectorDeps = {
    http: async (request) => {
      everything.push(request);
      if (request.url.endsWith("/.well-known/matrix/client")) return answer(404, HTML);
      if (clear && request.url.endsWith("/state/m.room.encryption/")) return missing;
      const reply = replies[Math.min(requests.length, replies.length - 1)];
      requests.push(request);
      if (reply === undefined || reply instanceof Error) throw reply ?? new Error("no reply");
      return typeof reply === "function" ? reply(request) : reply;
    },
    copy: async (from, to, limits) => {
      copies.push({ from, to, limits });
      everything.push(to);
      const reply = options.copied?.(copies.length) ?? answer(200, { content_uri: FACE });
      if (reply instanceof Error) throw reply;
      return reply;
    },
    carry: options.carry ?? (() => Promise.reject(new Error("nothing is carried"))),
    hmac: async () => "",
    clock: () => clock.now,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    instance: "one",
    longLived,
  };
  const connector = (naming === "gitter" ? gitterOnMatrix : matrix).connect(config, deps);
  if (known) connector.remember(IDENTITY);
  return { connector, requests, everything, copies, clock };
}

/** `GET /rooms/!orchard:example.org/messages dir=b`, as people read it. */
export function said({ method, url }: HttpRequest): string {
  const [path = "", query] = url.replace(API, "").split("?");
  return [method, decodeURIComponent(path), ...(query === undefined ? [] : [query])].join(" ");
}
export const bodyOf = ({ body }: HttpRequest): Record<string, unknown> =>
  JSON.parse(body ?? "{}") as Record<string, unknown>;
export const queryOf = ({ url }: HttpRequest): Record<string, string> =>
  Object.fromEntries(new URL(url).searchParams);

let made = 0;
/** An event of a timeline; the time is `NOON` unless told. */
export const event = (fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  event_id: `$e${++made}`,
  type: "m.room.message",
  sender: MARA,
  origin_server_ts: NOON,
  content: { msgtype: "m.text", body: "hi" },
  ...fields,
});
export const text = (id: string, ms = NOON, body = id): Record<string, unknown> =>
  event({ event_id: id, origin_server_ts: ms, content: { msgtype: "m.text", body } });
export const state = (type: string, content: object, key = "", more: object = {}) =>
  event({ type, content, state_key: key, ...more });
export const member = (user: string, displayname: string, more: object = {}) =>
  state("m.room.member", { membership: "join", displayname, ...more }, user, { sender: user });

interface RoomScript {
  readonly events?: readonly unknown[];
  readonly limited?: boolean;
  readonly state?: readonly unknown[];
}
/** The body of an answer to `/sync`. */
export const synced = (
  next: string,
  join: Readonly<Record<string, RoomScript>> = {},
  leave: readonly string[] = [],
) => ({
  next_batch: next,
  rooms: {
    join: Object.fromEntries(
      Object.entries(join).map(([room, { events = [], limited = false, state: states = [] }]) => [
        room,
        { timeline: { events, limited }, state: { events: states } },
      ]),
    ),
    leave: Object.fromEntries(leave.map((room) => [room, {}])),
  },
});

/** One answer to a poll: a status, or a whole body, or pieces of one, or no connection. */
export interface Poll {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pieces?: readonly (string | Error)[];
  /** How long it takes; two seconds unless told, so that nothing has to wait for the sake of the homeserver. */
  readonly tookMs?: number;
}

/** A poll that brings these events of the room. */
export const brings = (next: string, ...events: readonly unknown[]): Poll => ({
  body: synced(next, { [ROOM]: { events } }),
});
export const nothing = (next: string, tookMs = 2_000): Poll => ({ body: synced(next), tookMs });
export const failing = (status: number, errcode: string, times = 1): readonly Poll[] =>
  Array.from({ length: times }, () => ({ status, body: { errcode, error: "so it is" } }));

export interface SyncOptions {
  /** Where an earlier run had come to; null for the first time. */
  readonly cursor?: string | null;
  readonly rooms?: () => readonly (typeof ROOM)[];
  readonly hand?: (batch: SourceBatch) => Promise<void>;
  readonly pollGapMs?: number;
  /** What the homeserver says to the making of a filter; ids `f1`, `f2` ... unless told. */
  readonly filter?: (made: number) => HttpAnswer;
  readonly homeserver?: (request: HttpRequest) => HttpAnswer;
  readonly config?: AccountConfig;
  readonly known?: boolean;
  readonly longLived?: boolean;
}

export interface SyncWorld extends World {
  readonly io: AccountIo;
  readonly polls: HttpRequest[];
  readonly batches: SourceBatch[];
  /** What happened, in order: `poll`, `hand`, `reached s1`, `sleep 1000`. */
  readonly trace: string[];
  readonly sleeps: number[];
  readonly states: string[];
  readonly logs: { readonly message: string; readonly fields: unknown }[];
  closed: number;
  /** Runs the source until the polls are used up. */
  run(): Promise<void>;
}

/** What a host gives a source that polls. Behind the last poll it is stopped. */
export function syncWorld(polls: readonly (Poll | Error)[], options: SyncOptions = {}): SyncWorld {
  let filters = 0;
  const inner = world(
    [
      (request) => {
        if (!request.url.endsWith("/filter"))
          return options.homeserver?.(request) ?? answer(500, HTML);
        filters += 1;
        return options.filter?.(filters) ?? answer(200, { filter_id: `f${filters}` });
      },
    ],
    options,
  );
  const reached: string[] = [];
  let ended = false;
  const logs: { message: string; fields: unknown }[] = [];
  const log = (message: string, fields: unknown) => void logs.push({ message, fields });
  const seen: SyncWorld = {
    ...inner,
    polls: [],
    batches: [],
    trace: [],
    sleeps: [],
    states: [],
    logs,
    closed: 0,
    io: {
      open: async (request) => {
        const poll = polls[seen.polls.length];
        if (poll === undefined) {
          ended = true;
          throw new Error("no more polls");
        }
        inner.everything.push(request);
        seen.polls.push(request);
        seen.trace.push("poll");
        inner.clock.now += poll instanceof Error ? 0 : (poll.tookMs ?? 2_000);
        if (poll instanceof Error) throw poll;
        return streamOf(poll, seen);
      },
      sleep: async (ms) => {
        seen.sleeps.push(ms);
        seen.trace.push(`sleep ${ms}`);
        inner.clock.now += ms;
        // A loop that opens nothing ends too.
        ended ||= seen.sleeps.length >= 40;
      },
      stopped: () => ended,
      random: () => 0.5,
      clock: () => inner.clock.now,
      channels: options.rooms ?? (() => [ROOM]),
      cursor: () =>
        reached.at(-1) ?? (options.cursor === null ? undefined : (options.cursor ?? "s0")),
      reached: async (cursor) => {
        reached.push(cursor);
        seen.trace.push(`reached ${cursor}`);
      },
      pollGapMs: options.pollGapMs ?? 0,
      hand: async (batch) => {
        await options.hand?.(batch);
        seen.batches.push(batch);
        seen.trace.push("hand");
      },
      log: { debug: () => {}, info: () => {}, warn: log, error: log },
      state: (now, reason) =>
        void seen.states.push(reason === undefined ? now : `${now}: ${reason}`),
    },
    async run() {
      const { source } = inner.connector;
      if (source?.kind !== "account") throw new Error("not a source that polls");
      await source.run(seen.io);
    },
  };
  return seen;
}

function streamOf({ status = 200, body, headers, pieces }: Poll, seen: SyncWorld): HttpStream {
  const left = [...(pieces ?? [typeof body === "string" ? body : JSON.stringify(body ?? {})])];
  return {
    status,
    header: (name) => headers?.[name.toLowerCase()] ?? null,
    read: async () => {
      const piece = left.shift();
      if (piece instanceof Error) throw piece;
      return piece;
    },
    close: () => {
      seen.closed += 1;
    },
  };
}

/** The events of handed items, each with what was told beside it. */
export const itemsOf = (batches: readonly SourceBatch[]) =>
  batches.flatMap(({ items }) =>
    items.map(
      (item) =>
        JSON.parse(item) as {
          readonly at: string;
          readonly name?: string;
          readonly face?: string;
          readonly event: Record<string, unknown>;
        },
    ),
  );
export const idsOf = (batches: readonly SourceBatch[]) =>
  itemsOf(batches).map(({ event }) => event["event_id"]);
