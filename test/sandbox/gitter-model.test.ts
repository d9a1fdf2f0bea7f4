/** The Gitter model does what reference/gitter-api.md says Gitter did; each test names the section. */
import { describe, expect, it } from "vitest";

import { add } from "../../src/sandbox/gitter/messages.ts";
import { handleGitter, openStream } from "../../src/sandbox/gitter/model.ts";
import {
  DEFAULT_GITTER,
  type GitterMessage,
  type GitterRoom,
  type GitterSeed,
  type GitterState,
  type GitterUser,
  newGitterState,
} from "../../src/sandbox/gitter/state.ts";
import type { WireRequest } from "../../src/sandbox/wire.ts";

const NOW = 1_700_000_000_123;
const LOBBY = "5f1a2b3c4d5e6f7081920b01";
const MESSAGES = `/v1/rooms/${LOBBY}/chatMessages`;
const UNKNOWN = "5f1a2b3c4d5e6f70819200ff";

const gitter = (seed: Partial<GitterSeed> = {}): GitterState =>
  newGitterState({ ...DEFAULT_GITTER, ...seed });

interface Asked {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly now?: number;
}
interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
}

function requestOf(line: string, { body, headers }: Asked): WireRequest {
  const [method = "", target = ""] = line.split(" ");
  const [path = "", query] = target.split("?");
  return {
    method,
    path,
    query: new URLSearchParams(query),
    headers: headers ?? {
      authorization: `Bearer ${DEFAULT_GITTER.token}`,
      "content-type": "application/json",
    },
    body: body === undefined ? "" : JSON.stringify(body),
  };
}

function call(state: GitterState, line: string, asked: Asked = {}): Answered {
  const { ending, effects } = handleGitter(state, requestOf(line, asked), asked.now ?? NOW);
  if (ending.kind !== "answer") throw new Error(`no answer: ${ending.kind}`);
  const { status, headers, body: text } = ending.response;
  const isJson = headers["content-type"]?.startsWith("application/json") ?? false;
  const lines = effects.filter((one) => one.kind === "stream").map((one) => one.line);
  return { status, headers, text, lines, body: isJson ? JSON.parse(text) : undefined };
}

const lobbyOf = (state: GitterState): GitterRoom => state.rooms.get(LOBBY) as GitterRoom;
const mara = (state: GitterState): GitterUser =>
  state.people.get("5f1a2b3c4d5e6f7081920a01") as GitterUser;
const maraSays = (state: GitterState, text: string, parentId?: string): GitterMessage =>
  add(
    state,
    lobbyOf(state),
    mara(state),
    { text, ...(parentId === undefined ? {} : { parentId }) },
    NOW,
  ).message;
const post = (state: GitterState, text: string): GitterMessage =>
  call(state, `POST ${MESSAGES}`, { body: { text } }).body as GitterMessage;
const texts = ({ body }: Answered): string[] => (body as GitterMessage[]).map(({ text }) => text);

describe("tokens (1.2)", () => {
  it.each([
    [{}, 401],
    [{ authorization: "Bearer nope" }, 401],
    [{ authorization: "Bearer" }, 400],
    [{ authorization: `Bearer ${DEFAULT_GITTER.token}`, "x-access-token": "other" }, 400],
    [{ "x-access-token": DEFAULT_GITTER.token }, 200],
  ])("answers %j with %i", (headers, status) => {
    expect(call(gitter(), "GET /v1/user/me", { headers }).status).toBe(status);
  });

  it("takes the token from the query", () => {
    const line = `GET /v1/user/me?access_token=${DEFAULT_GITTER.token}`;
    expect(call(gitter(), line, { headers: {} }).status).toBe(200);
  });
});

describe("errors (1.3, 1.4)", () => {
  it.each([
    ["GET /v1/rooms/nope/chatMessages", 400, { error: "Bad Request" }],
    [`GET /v1/rooms/${UNKNOWN}/chatMessages`, 404, { error: "Not Found" }],
    [`GET ${MESSAGES}/nope`, 500, { error: "Internal Server Error", uniqueId: NOW }],
    [`GET ${MESSAGES}?beforeId=nope`, 500, { error: "Internal Server Error", uniqueId: NOW }],
    [`GET ${MESSAGES}/${UNKNOWN}`, 404, { error: "Not Found" }],
    ["GET /v1/nothing", 404, { error: "Not Found" }],
    ["GET /v1/user/someone", 403, { error: "Forbidden" }],
  ])("answers %s with %i and the bare phrase", (line, status, body) => {
    expect(call(gitter(), line)).toMatchObject({ status, body });
  });

  it("answers HTML to unknown paths that are no GET", () => {
    const { status, text } = call(gitter(), "POST /v1/nothing");
    expect([status, text.includes("Cannot POST /v1/nothing")]).toEqual([404, true]);
  });

  it("refuses a chunked body with 406", () => {
    const headers = {
      authorization: `Bearer ${DEFAULT_GITTER.token}`,
      "transfer-encoding": "chunked",
    };
    expect(call(gitter(), `POST ${MESSAGES}`, { headers }).status).toBe(406);
  });

  it("refuses a body over 100 kB with 413", () => {
    const body = { text: "x".repeat(103_000) };
    expect(call(gitter(), `POST ${MESSAGES}`, { body }).status).toBe(413);
  });

  it("answers 403 in a room that threw the bot out", () => {
    const rooms = [{ id: LOBBY, uri: "footbridge/lobby", botIsBanned: true }];
    expect(call(gitter({ rooms }), `GET ${MESSAGES}`).status).toBe(403);
  });
});

describe("rate limit (1.5)", () => {
  it("allows 100 calls in a window that begins with the first, then answers 429 without Retry-After", () => {
    const state = gitter();
    const first = call(state, "GET /v1/user/me");
    expect(first.headers).toMatchObject({
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": "99",
      "x-ratelimit-reset": `${NOW + 60_000}`,
    });
    for (let count = 2; count < 100; count += 1)
      call(state, "GET /v1/user/me", { now: NOW + count });
    const last = call(state, "GET /v1/user/me", { now: NOW + 100 });
    expect([last.status, last.headers["x-ratelimit-remaining"]]).toEqual([200, "0"]);
    const refused = call(state, "GET /v1/user/me", { now: NOW + 59_999 });
    expect(refused).toMatchObject({ status: 429, body: { error: "Too Many Requests" } });
    expect(refused.headers).toMatchObject({ "x-ratelimit-remaining": "0" });
    expect(refused.headers).not.toHaveProperty("retry-after");
    expect(call(state, "GET /v1/user/me", { now: NOW + 60_000 }).status).toBe(200);
  });
});

describe("users and rooms (2.1, 2.2)", () => {
  it("answers /user with a list of one and /user/me with the user", () => {
    const state = gitter();
    expect(call(state, "GET /v1/user").body).toEqual([
      expect.objectContaining({ username: "footbridge-bot" }),
    ]);
    expect(call(state, "GET /v1/user/me").body).toMatchObject({ username: "footbridge-bot" });
  });

  it("resolves a uri whatever its case, without joining", () => {
    const body = { uri: "Footbridge/LOBBY" };
    expect(call(gitter(), "POST /v1/rooms", { body }).body).toMatchObject({
      id: LOBBY,
      uri: "footbridge/lobby",
      roomMember: false,
    });
  });

  it("joins by id, again and again", () => {
    const state = gitter();
    for (let count = 0; count < 2; count += 1) {
      const answer = call(state, "POST /v1/user/me/rooms", { body: { id: LOBBY } });
      expect(answer).toMatchObject({ status: 200, body: { roomMember: true } });
    }
  });

  it("hides rooms that do not exist or may not be read", () => {
    const rooms = [{ id: LOBBY, uri: "a/secret", isPrivate: true }];
    const status = (uri: string): number =>
      call(gitter({ rooms }), "POST /v1/rooms", { body: { uri } }).status;
    expect([status("a/secret"), status("a/none"), status("")]).toEqual([404, 404, 400]);
  });
});

describe("messages (2.3 to 2.7, 3)", () => {
  it("answers a new message with 200, an ObjectId of this second and no editedAt", () => {
    const { status, body } = call(gitter(), `POST ${MESSAGES}`, { body: { text: "hi @ivo" } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^6553f100[0-9a-f]{16}$/),
      text: "hi @ivo",
      sent: "2023-11-14T22:13:20.123Z",
      v: 1,
      unread: false,
      mentions: [{ screenName: "ivo", userId: "5f1a2b3c4d5e6f7081920a02" }],
      fromUser: { username: "footbridge-bot" },
    });
    expect(body).not.toHaveProperty("editedAt");
  });

  it.each([{}, { text: "" }, { text: "x".repeat(4097) }, { text: "x", parentId: UNKNOWN }])(
    "answers 400 to %j",
    (body) => {
      expect(call(gitter(), `POST ${MESSAGES}`, { body }).status).toBe(400);
    },
  );

  it("lists oldest to newest: the newest before an id, the oldest after one", () => {
    const state = gitter();
    const ids = ["a", "b", "c", "d"].map((text) => maraSays(state, text).id);
    const read = (query: string): string[] => texts(call(state, `GET ${MESSAGES}?${query}`));
    expect(read("limit=2")).toEqual(["c", "d"]);
    expect(read(`limit=2&beforeId=${ids[3]}`)).toEqual(["b", "c"]);
    expect(read(`limit=2&afterId=${ids[0]}`)).toEqual(["b", "c"]);
    expect(read("limit=1&skip=2")).toEqual(["b"]);
  });

  it("gives 50 unless told, never more than 100", () => {
    const state = gitter();
    for (let count = 0; count < 120; count += 1) maraSays(state, "x");
    const count = (query: string): number => texts(call(state, `GET ${MESSAGES}?${query}`)).length;
    expect([count(""), count("limit=0"), count("limit=500")]).toEqual([50, 50, 100]);
  });

  it("leaves replies out unless includeThreads, and counts them at their parent", () => {
    const state = gitter();
    const parent = maraSays(state, "parent");
    maraSays(state, "reply", parent.id);
    expect(texts(call(state, `GET ${MESSAGES}`))).toEqual(["parent"]);
    expect(texts(call(state, `GET ${MESSAGES}?includeThreads=true`))).toEqual(["parent", "reply"]);
    const { body } = call(state, `GET ${MESSAGES}/${parent.id}`);
    expect(body).toMatchObject({ threadMessageCount: 1, v: 2 });
    expect(body).not.toHaveProperty("editedAt");
  });

  it("edits own messages for ten minutes, and takes an empty text", () => {
    const state = gitter();
    const { id } = post(state, "one");
    const put = (text: string, now: number): Answered =>
      call(state, `PUT ${MESSAGES}/${id}`, { body: { text }, now });
    expect(put("two", NOW + 600_000).body).toMatchObject({ text: "two", v: 2 });
    expect(put("", NOW + 600_000).body).toMatchObject({ text: "" });
    expect(put("late", NOW + 600_001).status).toBe(400);
  });

  it("leaves the messages of others alone", () => {
    const state = gitter();
    const { id } = maraSays(state, "hers");
    expect(call(state, `PUT ${MESSAGES}/${id}`, { body: { text: "x" } }).status).toBe(403);
    expect(call(state, `DELETE ${MESSAGES}/${id}`).status).toBe(403);
  });

  it("deletes with 204, but only blanks a message that has replies", () => {
    const state = gitter();
    const parent = post(state, "parent");
    maraSays(state, "reply", parent.id);
    const single = post(state, "single");
    expect(call(state, `DELETE ${MESSAGES}/${single.id}`)).toMatchObject({ status: 204, text: "" });
    expect(call(state, `DELETE ${MESSAGES}/${parent.id}`).status).toBe(204);
    expect(texts(call(state, `GET ${MESSAGES}`))).toEqual([""]);
  });
});

describe("streams (4.1)", () => {
  it("echoes own posts, and nothing but creations", () => {
    const state = gitter();
    const created = call(state, `POST ${MESSAGES}`, { body: { text: "one" } });
    const message = created.body as GitterMessage;
    expect(created.lines.map((line) => JSON.parse(line) as unknown)).toEqual([message]);
    const edited = call(state, `PUT ${MESSAGES}/${message.id}`, { body: { text: "two" } });
    expect(edited.lines).toEqual([]);
  });

  it("opens with the token and outside the rate limit", () => {
    const state = gitter({ rateLimit: 0 });
    const opening = openStream(state, requestOf(`GET ${MESSAGES}`, {}), NOW);
    expect(opening).toEqual({ kind: "stream", room: LOBBY });
  });

  it.each([
    ["an unknown token", `GET ${MESSAGES}`, { headers: {} }, 401],
    ["an unknown room", `GET /v1/rooms/${UNKNOWN}/chatMessages`, {}, 404],
  ])("refuses %s", (_what, line, asked, status) => {
    const opening = openStream(gitter(), requestOf(line, asked), NOW);
    expect(opening).toMatchObject({ kind: "answer", response: { status } });
  });
});
