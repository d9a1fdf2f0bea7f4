/** When Slack sends an event again, and how it signs (reference/slack.md 1.3, 1.4). */
import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";

import { retryAfter, signedHeaders, urlVerification } from "../../src/sandbox/slack/events.ts";

const answered = (status: number, noRetry = false) =>
  ({ kind: "answered", status, noRetry }) as const;

describe("retries", () => {
  it("stops at any 2xx", () => {
    expect(retryAfter(0, answered(204))).toBeUndefined();
  });

  it("comes again at once, after a minute and after five, then never", () => {
    const delays = [0, 1, 2, 3].map((attempt) => retryAfter(attempt, answered(503))?.delayMs);
    expect(delays).toEqual([0, 60_000, 300_000, undefined]);
  });

  it("says which retry it is and why", () => {
    expect(retryAfter(1, { kind: "timeout" })?.headers).toEqual({
      "x-slack-retry-num": "2",
      "x-slack-retry-reason": "http_timeout",
    });
    const reasons = [answered(500), { kind: "refused" } as const].map(
      (outcome) => retryAfter(0, outcome)?.headers["x-slack-retry-reason"],
    );
    expect(reasons).toEqual(["http_error", "connection_failed"]);
  });

  it("obeys x-slack-no-retry", () => {
    expect(retryAfter(0, answered(503, true))).toBeUndefined();
  });
});

describe("signatures", () => {
  it("signs version, timestamp and raw body", () => {
    const body = urlVerification("abc");
    const sign = (secret: string, text: string): string =>
      createHmac("sha256", secret).update(text).digest("hex");
    const headers = signedHeaders("secret", body, 1_700_000_000_999, sign);
    expect(headers["x-slack-request-timestamp"]).toBe("1700000000");
    expect(headers["x-slack-signature"]).toBe(
      `v0=${createHmac("sha256", "secret").update(`v0:1700000000:${body}`).digest("hex")}`,
    );
  });
});
