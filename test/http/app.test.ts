import { describe, expect, it } from "vitest";

import { StorageError } from "../../src/core/errors.ts";
import type { WebhookResult } from "../../src/core/ports.ts";
import type { RelayDoor } from "../../src/http/app.ts";
import { appOf, REPORT } from "./app.ts";

function app(result: WebhookResult, door: Partial<RelayDoor> = {}, adminToken?: string) {
  const { hono, got } = appOf({ result, door, adminToken });
  const post = (body: string, path = "/slack/team/events") =>
    hono.request(path, { method: "POST", body });
  return { hono, post, got };
}

describe("a webhook", () => {
  it("is answered 200 once it is stored", async () => {
    const { post, got } = app({ kind: "events", raw: { a: 1 } });
    expect((await post("{}")).status).toBe(200);
    expect(got).toEqual([{ a: 1 }]);
  });

  it("is answered 503 when it could not be stored, so that it comes again", async () => {
    const { post } = app(
      { kind: "events", raw: {} },
      { webhook: () => Promise.reject(new StorageError("full")) },
    );
    expect((await post("{}")).status).toBe(503);
  });

  it("gets its challenge back", async () => {
    const { post } = app({ kind: "challenge", answer: "abc" });
    expect(await (await post("{}")).text()).toBe("abc");
  });

  it("is refused as the connector says", async () => {
    const { post, got } = app({ kind: "refuse", status: 401, reason: "bad signature" });
    expect((await post("{}")).status).toBe(401);
    expect(got).toEqual([]);
  });

  it("is answered 200 when nobody wants it", async () => {
    const { post, got } = app({ kind: "ignore", reason: "other app" });
    expect((await post("{}")).status).toBe(200);
    expect(got).toEqual([]);
  });

  it("for an unknown account is answered 404 with the section to look at", async () => {
    const answer = await app({ kind: "ignore", reason: "" }).post("{}", "/slack/nobody/events");
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("[slack.nobody]");
  });

  it("larger than 1 MiB is refused before it is looked at", async () => {
    const { post, got } = app({ kind: "events", raw: {} });
    expect((await post("x".repeat(1024 * 1024 + 1))).status).toBe(413);
    expect(got).toEqual([]);
  });

  it("that reports dropped events makes the relay read history", async () => {
    const { post, got } = app({ kind: "gap", reason: "app_rate_limited" });
    expect((await post("{}")).status).toBe(200);
    expect(got).toEqual(["app_rate_limited"]);
  });
});

describe("the admin surface", () => {
  const status = (token: string | undefined, given?: string) =>
    app({ kind: "ignore", reason: "" }, {}, token).hono.request("/admin/status", {
      headers: given === undefined ? {} : { authorization: `Bearer ${given}` },
    });

  it("is not there without a token", async () => {
    expect((await status(undefined, "")).status).toBe(404);
  });

  it("looks as if it were not there with a wrong token", async () => {
    expect((await status("right", "wrong")).status).toBe(404);
  });

  it("tells the state with the right token", async () => {
    expect(await (await status("right", "right")).json()).toEqual(REPORT);
  });

  it("keeps /metrics behind the token where it faces the Internet", async () => {
    const { hono } = app({ kind: "ignore", reason: "" }, {}, "right");
    expect((await hono.request("/metrics")).status).toBe(404);
    const answer = await hono.request("/metrics", { headers: { authorization: "Bearer right" } });
    expect(await answer.text()).toContain("footbridge_dead_letters 1");
  });
});

describe("health", () => {
  it("is alive whatever the relay does", async () => {
    const { hono } = app(
      { kind: "ignore", reason: "" },
      { report: () => Promise.reject(new Error("down")) },
    );
    expect((await hono.request("/healthz")).status).toBe(200);
    expect((await hono.request("/readyz")).status).toBe(503);
  });

  it("is ready where it can take something in, whichever replica relays", async () => {
    let isAway = false;
    const replica = {
      ready: () => (isAway ? Promise.reject(new Error("away")) : Promise.resolve()),
      report: () => Promise.reject(new Error("not asked")),
    };
    const { hono } = app(
      { kind: "ignore", reason: "" },
      { report: () => Promise.reject(new Error("no replica relays")), replica },
    );
    expect((await hono.request("/readyz")).status).toBe(200);
    isAway = true;
    expect((await hono.request("/readyz")).status).toBe(503);
  });
});
