import { describe, expect, it } from "vitest";

import { secret } from "../../../src/core/config/secret.ts";
import { NotSent } from "../../../src/core/ports.ts";
import type { HttpAnswer, HttpRequest } from "../../../src/core/ports.ts";
import { createClient, path, query } from "../../../src/protocols/matrix/client.ts";
import { createSession } from "../../../src/protocols/matrix/session.ts";
import { answer, API, HTML, HOME, ME, refused } from "./fake.ts";

function client(reply: HttpAnswer | Error | ((request: HttpRequest) => HttpAnswer), login = false) {
  const requests: HttpRequest[] = [];
  const made = createClient({
    server: HOME,
    http: async (request) => {
      if (request.url.endsWith("/.well-known/matrix/client")) return answer(404);
      requests.push(request);
      if (reply instanceof Error) throw reply;
      return typeof reply === "function" ? reply(request) : reply;
    },
    session: createSession({
      token: login ? undefined : secret("t0ken"),
      tokenName: "MATTERBRIDGE_MATRIX_X_TOKEN",
      server: HOME,
      device: "D",
      ...(login ? { login: { user: "bridge", password: secret("p") } } : {}),
    }),
  });
  return { requests, ask: made.ask };
}
const read = (reply: Parameters<typeof client>[0]) => client(reply).ask("read", "GET", "/x");
const write = (reply: Parameters<typeof client>[0]) => client(reply).ask("write", "PUT", "/x", {});

describe("a request to a homeserver", () => {
  it("carries the token as a header and a whole string as its body", async () => {
    const { ask, requests } = client(answer(200, { room_id: "!a" }));
    expect(await ask("write", "PUT", "/x", { a: 1 })).toEqual({
      kind: "answer",
      json: { room_id: "!a" },
    });
    expect(requests).toEqual([
      {
        method: "PUT",
        url: `${API}/x`,
        headers: {
          accept: "application/json",
          authorization: "Bearer t0ken",
          "content-type": "application/json",
        },
        body: '{"a":1}',
      },
    ]);
  });
  it("asks once where the homeserver is", async () => {
    const urls: string[] = [];
    const made = createClient({
      server: "example.org",
      http: async ({ url }) => {
        urls.push(url);
        return answer(200, { "m.homeserver": { base_url: HOME } });
      },
      session: createSession({ token: secret("t"), tokenName: "T", server: "x", device: "D" }),
    });
    await made.ask("read", "GET", "/x");
    await made.ask("read", "GET", "/y");
    expect(urls).toEqual(["https://example.org/.well-known/matrix/client", `${API}/x`, `${API}/y`]);
  });
  it("encodes every segment of a path and every value of a query", () => {
    expect(path("rooms", "!a/b:c", "#d?e")).toBe("/rooms/!a%2Fb%3Ac/%23d%3Fe");
    expect(query({ from: "t1&2", dir: "b", to: undefined })).toBe("?from=t1%262&dir=b");
  });
});

describe("what a homeserver refuses", () => {
  it.each([
    [401, "M_UNKNOWN_TOKEN", "account"],
    [401, "M_MISSING_TOKEN", "account"],
    [403, "M_USER_DEACTIVATED", "account"],
    [401, "M_USER_LOCKED", "account"],
    [403, "M_USER_SUSPENDED", "account"],
    [403, "M_CONSENT_NOT_GIVEN", "account"],
    [404, "M_UNRECOGNIZED", "account"],
    [405, "M_UNRECOGNIZED", "account"],
    [403, "M_FORBIDDEN", "channel"],
    [403, "M_BAD_STATE", "channel"],
    [413, "M_TOO_LARGE", "rejected"],
    [404, "M_NOT_FOUND", "rejected"],
    [400, "M_BAD_JSON", "rejected"],
    [400, "M_UNKNOWN", "rejected"],
    [400, "M_INVALID_PARAM", "rejected"],
    [400, "M_UNSUPPORTED_ROOM_VERSION", "rejected"],
    [429, "M_LIMIT_EXCEEDED", "later"],
  ])("%i %s is classed as %s", async (status, errcode, kind) => {
    const result = await write(refused(status, errcode));
    expect(result).toMatchObject({ kind, status, errcode });
    expect("fix" in result).toBe(kind === "account" || kind === "channel");
  });
  it("says in the homeserver's words", async () => {
    expect(await write(refused(400, "M_BAD_JSON", { error: "no body" }))).toMatchObject({
      reason: "400 M_BAD_JSON: no body",
    });
  });
  it("says how to get a new token", async () => {
    expect(await read(refused(401, "M_UNKNOWN_TOKEN"))).toMatchObject({
      fix: expect.stringContaining("set MATTERBRIDGE_MATRIX_X_TOKEN") as string,
    });
  });
  it("tells a soft logout", async () => {
    expect(await read(refused(401, "M_UNKNOWN_TOKEN", { soft_logout: true }))).toMatchObject({
      kind: "account",
      reason: expect.stringContaining("softly") as string,
    });
  });
  it("leads to the terms that have to be accepted", async () => {
    const consent_uri = "https://example.org/consent";
    expect(await read(refused(403, "M_CONSENT_NOT_GIVEN", { consent_uri }))).toMatchObject({
      fix: expect.stringContaining(consent_uri) as string,
    });
  });
  it("helps itself with plain text where a message was too large", async () => {
    expect(await write(refused(413, "M_TOO_LARGE"))).toMatchObject({ plainHelps: true });
  });
  it("makes one that logged in log in anew", async () => {
    let logins = 0;
    const { ask } = client(({ url }) => {
      if (!url.endsWith("/login"))
        return logins === 1 ? refused(401, "M_UNKNOWN_TOKEN", { soft_logout: true }) : answer(200);
      logins += 1;
      return answer(200, { access_token: `t${logins}`, user_id: ME });
    }, true);
    expect(await ask("read", "GET", "/x")).toMatchObject({ kind: "account" });
    expect(await ask("read", "GET", "/x")).toMatchObject({ kind: "answer" });
  });
});

describe("rate limits", () => {
  it("count by Retry-After", async () => {
    const both = answer(
      429,
      { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 9_000 },
      { "retry-after": "3" },
    );
    expect(await write(both)).toMatchObject({ kind: "later", retryAfterMs: 3_000 });
  });
  it("count by retry_after_ms where that comes alone", async () => {
    expect(
      await write(refused(429, "M_LIMIT_EXCEEDED", { retry_after_ms: 1_234.5 })),
    ).toMatchObject({ kind: "later", retryAfterMs: 1_235 });
  });
  it("may be a proxy's", async () => {
    expect(await write(answer(429, HTML))).toEqual({
      kind: "later",
      reason: "429 M_LIMIT_EXCEEDED",
      limited: true,
      status: 429,
    });
  });
  it("take no waiting time that is none", async () => {
    for (const retry_after_ms of [-5, "soon"])
      expect(await write(refused(429, "M_LIMIT_EXCEEDED", { retry_after_ms }))).not.toHaveProperty(
        "retryAfterMs",
      );
  });
});

describe("an answer that is no homeserver's", () => {
  it("blames the message for a firewall's page, so that nothing else has to wait", async () => {
    expect(await write(answer(403, HTML))).toMatchObject({ kind: "later", status: 403 });
    expect(await read(answer(403, HTML))).toMatchObject({ kind: "account" });
  });
  it.each([301, 404])("a page with a %i names Server", async (status) => {
    expect(await write(answer(status, HTML))).toMatchObject({
      kind: "account",
      fix: expect.stringContaining("Server") as string,
    });
  });
  it("leaves a write uncertain when it says success without JSON", async () => {
    expect(await write(answer(200, HTML))).toMatchObject({ kind: "uncertain" });
    expect(await read(answer(200, HTML))).toMatchObject({ kind: "later" });
  });
  it.each([500, 502, 503, 504, 520])("leaves a write uncertain with a %i", async (status) => {
    expect(await write(answer(status, HTML))).toMatchObject({ kind: "uncertain", status });
    expect(await read(answer(status, HTML))).toMatchObject({ kind: "later", status });
  });
});

describe("no answer", () => {
  it("leaves a write uncertain, unless it was never sent", async () => {
    expect(await write(new Error("timeout"))).toMatchObject({ kind: "uncertain" });
    expect(await write(new NotSent("refused"))).toMatchObject({ kind: "later" });
  });
  it("lets a read come again", async () => {
    expect(await read(new Error("timeout"))).toMatchObject({ kind: "later" });
  });
});
