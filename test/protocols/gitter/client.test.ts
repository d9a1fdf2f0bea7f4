import { describe, expect, it } from "vitest";

import { NotSent } from "../../../src/core/ports.ts";
import type { HttpAnswer } from "../../../src/core/ports.ts";
import { createClient } from "../../../src/protocols/gitter/client.ts";
import { answer, NOON, secret } from "./fake.ts";

function client(reply: HttpAnswer | Error, token: string | undefined = "t0ken") {
  const requests: unknown[] = [];
  const made = createClient({
    http: async (request) => {
      requests.push(request);
      if (reply instanceof Error) throw reply;
      return reply;
    },
    clock: () => NOON,
    apiUrl: "http://127.0.0.1:4002/v1/",
    token: token === undefined ? undefined : secret(token),
    tokenName: "MATTERBRIDGE_GITTER_X_TOKEN",
  });
  return { requests, ask: made.ask.bind(made) };
}
const limits = (remaining: number) => ({
  "x-ratelimit-limit": "100",
  "x-ratelimit-remaining": String(remaining),
  "x-ratelimit-reset": String(NOON + 42_000),
});

describe("a request to Gitter", () => {
  it("carries the token as a header and a whole string as its body", async () => {
    const { ask, requests } = client(answer(200, { id: "1" }));
    expect(await ask("write", "POST", "/rooms", { uri: "a/b" })).toEqual({
      kind: "answer",
      json: { id: "1" },
    });
    expect(requests).toEqual([
      {
        method: "POST",
        url: "http://127.0.0.1:4002/v1/rooms",
        headers: {
          accept: "application/json",
          "content-type": "application/json",
          authorization: "Bearer t0ken",
        },
        body: '{"uri":"a/b"}',
      },
    ]);
  });
  it("takes an empty answer for success", async () => {
    expect(await client(answer(204, "")).ask("write", "DELETE", "/x")).toMatchObject({
      kind: "answer",
    });
  });
  it.each([
    [302, "account"],
    [400, "rejected"],
    [401, "account"],
    [403, "channel"],
    [404, "channel"],
    [406, "rejected"],
    [413, "rejected"],
    [500, "uncertain"],
    [503, "uncertain"],
  ])("classes a write's %i as %s", async (status, kind) => {
    const result = await client(answer(status)).ask("write", "POST", "/x", {});
    expect(result).toMatchObject({ kind, status });
    if (kind === "account" || kind === "channel") expect(result).toHaveProperty("fix");
  });
  it("names the setting when the token is refused", async () => {
    expect(JSON.stringify(await client(answer(401)).ask("read", "GET", "/x"))).toContain(
      "MATTERBRIDGE_GITTER_X_TOKEN",
    );
  });
  it("asks for a token when there is none, without a call", async () => {
    const requests: unknown[] = [];
    const made = createClient({
      http: async (request) => {
        requests.push(request);
        return answer(200);
      },
      clock: () => NOON,
      apiUrl: "http://127.0.0.1",
      token: undefined,
      tokenName: "MATTERBRIDGE_GITTER_X_TOKEN",
    });
    expect(await made.ask("read", "GET", "/x")).toMatchObject({ kind: "account" });
    expect(requests).toEqual([]);
  });
  it("repeats a read after a 5xx", async () => {
    expect(await client(answer(502)).ask("read", "GET", "/x")).toMatchObject({ kind: "later" });
  });
  it("waits after a 429 until the reset, which is in milliseconds", async () => {
    expect(await client(answer(429, {}, limits(0))).ask("write", "POST", "/x", {})).toEqual({
      kind: "later",
      reason: "429 too many requests",
      retryAfterMs: 42_000,
    });
  });
  it("does not know of a write without an answer, unless it was never sent", async () => {
    expect(await client(new Error("timeout")).ask("write", "POST", "/x", {})).toMatchObject({
      kind: "uncertain",
    });
    expect(await client(new NotSent("refused")).ask("write", "POST", "/x", {})).toMatchObject({
      kind: "later",
    });
  });
  it("holds writes back when 30 requests are left, and lets look-ups go", async () => {
    const { ask, requests } = client(answer(200, {}, limits(30)));
    await ask("write", "POST", "/x", {});
    expect(await ask("write", "POST", "/x", {})).toMatchObject({
      kind: "later",
      retryAfterMs: 42_000,
    });
    expect(await ask("read", "GET", "/x")).toMatchObject({ kind: "answer" });
    expect(requests.length).toBe(2);
  });
});
