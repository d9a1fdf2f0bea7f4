/** Socket Mode as it is configured: what is refused, and where its connection's address comes from. */
import { describe, expect, it } from "vitest";

import type { HttpRequest } from "../../../src/core/ports.ts";
import { createAskAddress } from "../../../src/protocols/slack/address.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { slackManifest } from "../../../src/protocols/slack/manifest.ts";
import { accountOf, hmac, noFiles, NOW, quiet, secret } from "./wire.ts";

const APP = { AppToken: secret("xapp-1-A0") };

function asks(body: object, values = {}, more: { status?: number; retryAfter?: string } = {}) {
  const requests: HttpRequest[] = [];
  const ask = createAskAddress(accountOf({ ...APP, ...values }), async (request) => {
    requests.push(request);
    return {
      status: more.status ?? 200,
      header: (name) => (name === "retry-after" ? (more.retryAfter ?? null) : null),
      body: JSON.stringify(body),
    };
  });
  return { ask, requests };
}

describe("the address of a connection", () => {
  it("is asked for with the app's token, not the bot's", async () => {
    const { ask, requests } = asks(
      { ok: true, url: "wss://x.slack.com/?t=1" },
      { Token: secret("xoxb-1") },
    );
    expect(await ask()).toBe("wss://x.slack.com/?t=1");
    expect(requests[0]).toMatchObject({
      method: "POST",
      url: "https://slack.com/api/apps.connections.open",
      headers: { authorization: "Bearer xapp-1-A0" },
    });
  });

  it.each(["ws://x.slack.com/", "https://x.slack.com/", undefined])(
    "is used only over TLS: %s",
    async (url) => {
      await expect(asks({ ok: true, url }).ask()).rejects.toThrow("no wss address");
    },
  );

  it("may be plain where the API itself is", async () => {
    const { ask } = asks({ ok: true, url: "ws://127.0.0.1:1/" }, { APIURL: "http://127.0.0.1:1/" });
    expect(await ask()).toBe("ws://127.0.0.1:1/");
  });

  it("that Slack limits says how long to wait", async () => {
    const { ask } = asks({}, {}, { status: 429, retryAfter: "17" });
    await expect(ask()).rejects.toMatchObject({ outcome: { kind: "later", retryAfterMs: 17_000 } });
  });

  it.each([
    [{ ok: false, error: "invalid_auth" }, "set MATTERBRIDGE_SLACK_ORCHARD_APPTOKEN to"],
    [{ ok: false, error: "missing_scope", needed: "connections:write" }, "connections:write"],
  ])("that is refused says what to do: %j", async (body, fix) => {
    await expect(asks(body).ask()).rejects.toMatchObject({
      outcome: { kind: "account", fix: expect.stringContaining(fix) },
    });
  });
});

describe("AppToken", () => {
  const errors = (values: Parameters<typeof accountOf>[0]) =>
    slack
      .check(accountOf(values), [])
      .filter(({ severity }) => severity === "error")
      .map(({ what }) => what);

  it("and SigningSecret at once are an error, as Slack sends one way only", () => {
    expect(errors({ ...APP, SigningSecret: [secret("s")] })).toEqual([
      expect.stringContaining("both set"),
    ]);
    expect(errors(APP)).toEqual([]);
  });

  it("is an app-level token", () => {
    expect(errors({ AppToken: secret("xoxb-1") })).toEqual(["AppToken is not an app-level token"]);
  });

  it("stops a deploy to Cloudflare, and says what to do instead", () => {
    const [problem] = slack.check(accountOf(APP), []);
    expect(problem).toMatchObject({ severity: "warning", worker: "error" });
    expect(problem!.fix).toContain("set MATTERBRIDGE_SLACK_ORCHARD_SIGNINGSECRET");
  });

  const connect = (longLived: boolean, values = {}) =>
    slack.connect(accountOf({ ...APP, ...values }), {
      ...noFiles,
      http: () => Promise.reject(new Error("no call")),
      hmac,
      clock: () => NOW,
      log: quiet,
      instance: "one",
      longLived,
    });

  it("gives a process a socket in place of a webhook", () => {
    const { source, webhook } = connect(true);
    expect([source?.kind, webhook]).toEqual(["socket", undefined]);
  });

  it("makes a Worker refuse webhooks with what to do instead", async () => {
    const { source, webhook } = connect(false);
    expect(source).toBeUndefined();
    const answer = await webhook!({ body: new Uint8Array(), header: () => null });
    expect(answer).toMatchObject({
      kind: "refuse",
      status: 503,
      reason: expect.stringContaining("MATTERBRIDGE_SLACK_ORCHARD_SIGNINGSECRET"),
    });
  });
});

it("the manifest for Socket Mode switches it on and names no address", () => {
  const { settings } = slackManifest({ name: "x" }) as {
    settings: { socket_mode_enabled: boolean; event_subscriptions: object };
  };
  expect(settings.socket_mode_enabled).toBe(true);
  expect(settings.event_subscriptions).not.toHaveProperty("request_url");
  const other = slackManifest({ name: "x", requestUrl: "https://x.example" });
  expect(other).toMatchObject({ settings: { socket_mode_enabled: false } });
});
