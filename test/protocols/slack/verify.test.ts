import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { verify } from "../../../src/protocols/slack/verify.ts";
import { decodeUtf8 } from "../../../src/protocols/slack/utf8.ts";
import { createWebhook } from "../../../src/protocols/slack/webhook.ts";
import { accountOf, envelope, fixture, hmac, NOW, secret, signed } from "./wire.ts";

const KEY = "8f742231b10e8888abcd99yyyzzz85a5";
const check = (request: ReturnType<typeof signed>, keys = [KEY], now = NOW) =>
  verify(request, keys.map(secret), now, hmac);

describe("the signature", () => {
  it("is accepted when Slack made it", async () => {
    expect(await check(signed(KEY, '{"a":1}'))).toEqual({ ok: true });
  });

  it("is refused when any byte of the body is altered", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (body, at, flip) => {
          const request = signed(KEY, body);
          const altered = body.slice();
          altered[at % altered.length]! ^= flip;
          expect(await check({ ...request, body: altered })).toMatchObject({ ok: false });
          expect(await check(request)).toEqual({ ok: true });
        },
      ),
      { numRuns: 100 },
    );
  });

  it("is refused when it was made with another secret", async () => {
    expect(await check(signed("another", "{}"))).toMatchObject({ ok: false });
  });

  it("is accepted with either secret while one replaces the other", async () => {
    expect(await check(signed("old", "{}"), ["new", "old"])).toEqual({ ok: true });
    expect(await check(signed("new", "{}"), ["new", "old"])).toEqual({ ok: true });
  });

  it("is accepted up to five minutes off, and refused beyond, both ways", async () => {
    for (const off of [-300_000, 300_000])
      expect(await check(signed(KEY, "{}", { at: NOW + off }))).toEqual({ ok: true });
    for (const off of [-301_000, 301_000])
      expect(await check(signed(KEY, "{}", { at: NOW + off }))).toMatchObject({ ok: false });
  });

  it("is refused when the timestamp is not the one that was signed", async () => {
    const headers = { "x-slack-request-timestamp": String(NOW / 1000 + 1) };
    expect(await check(signed(KEY, "{}", { headers }))).toMatchObject({ ok: false });
  });

  it("is refused in any other shape", async () => {
    for (const signature of ["", "v0=", "v1=" + "a".repeat(64), "v0=" + "a".repeat(63)])
      expect(
        await check(signed(KEY, "{}", { headers: { "x-slack-signature": signature } })),
      ).toMatchObject({ ok: false });
    for (const timestamp of ["", "now", "1.7953488e9", "1795348800.5", "+1795348800"]) {
      const headers = {
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": `v0=${await hmac(KEY, [`v0:${timestamp}:`, "{}"])}`,
      };
      expect(await check(signed(KEY, "{}", { headers }))).toMatchObject({ ok: false });
    }
  });
});

describe("the webhook", () => {
  const account = accountOf({ SigningSecret: [secret(KEY)] });
  const open = (body: string | Uint8Array, key = KEY) =>
    createWebhook(account, { hmac, clock: () => NOW })(signed(key, body));

  it("hands on the envelope of an event", async () => {
    const body = envelope(fixture("message"));
    expect(await open(JSON.stringify(body))).toEqual({ kind: "events", raw: body });
  });

  it("answers the challenge when it is signed", async () => {
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" });
    expect(await open(body)).toEqual({ kind: "challenge", answer: "3eZbrw1a" });
  });

  it("refuses a challenge that is not signed by Slack", async () => {
    const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a" });
    expect(await open(body, "forged")).toMatchObject({ kind: "refuse", status: 401 });
  });

  it("refuses with the name of what to set while there is no signing secret", async () => {
    const webhook = createWebhook(accountOf(), { hmac, clock: () => NOW });
    const result = await webhook(signed(KEY, "{}"));
    expect(result).toMatchObject({ kind: "refuse", status: 503 });
    expect(JSON.stringify(result)).toContain("MATTERBRIDGE_SLACK_ORCHARD_SIGNINGSECRET");
  });

  it("asks for history when Slack held events back", async () => {
    const body = { type: "app_rate_limited", team_id: "T0ORCHARD", minute_rate_limited: 1 };
    expect(await open(JSON.stringify(body))).toMatchObject({ kind: "gap" });
  });

  it("answers signed nonsense as success, so that Slack does not switch the app off", async () => {
    for (const body of ["", "not json", "[]", "null", "7", '{"type":"new_thing"}'])
      expect(await open(body)).toMatchObject({ kind: "ignore" });
    expect(await open(new Uint8Array([0xff, 0xfe]))).toMatchObject({ kind: "ignore" });
  });
});

it("decodes UTF-8 as the platform does", () => {
  const platform = new TextDecoder("utf-8", { ignoreBOM: true });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = new TextEncoder().encode(text);
      expect(decodeUtf8(bytes)).toBe(platform.decode(bytes));
    }),
  );
});

it("makes no letter of broken UTF-8 that the platform does not make of it", () => {
  // How many U+FFFD stand for one broken sequence is up to a decoder.
  const letters = (text: string) => text.replaceAll(/\ufffd+/gu, "\ufffd");
  const platform = new TextDecoder("utf-8", { ignoreBOM: true });
  const edges = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf];
  const more = [0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff];
  const byte = fc.constantFrom(...edges, ...more);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.array(byte), (any, edge) => {
      for (const bytes of [any, Uint8Array.from(edge)])
        expect(letters(decodeUtf8(bytes))).toBe(letters(platform.decode(bytes)));
    }),
    { numRuns: 2_000 },
  );
});
