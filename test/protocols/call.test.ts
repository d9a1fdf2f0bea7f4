import { describe, expect, it } from "vitest";

import { CallFailed, type HttpAnswer, NotSent } from "../../src/core/ports.ts";
import {
  form,
  jsonObject,
  orThrow,
  parseJson,
  request,
  retryAfterMs,
  unlessHung,
} from "../../src/protocols/call.ts";

const req = { method: "POST", url: "https://service.example/x", headers: {} } as const;
const answer = (status: number, body = "", headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  body,
  header: (name) => headers[name.toLowerCase()] ?? null,
});
const rejects = (error: Error) => () => Promise.reject(error);
const answers = (value: HttpAnswer) => () => Promise.resolve(value);

describe("one call", () => {
  it("is an answer when the service took it, whatever the service says inside", async () => {
    expect(await request(answers(answer(200, "{}")), req, "write")).toMatchObject({
      kind: "answer",
    });
    expect(await request(answers(answer(403)), req, "write")).toMatchObject({ kind: "answer" });
  });

  it("is tried again later when it certainly was not sent", async () => {
    const http = rejects(new NotSent("refused"));
    expect(await request(http, req, "write")).toEqual({ kind: "later", reason: "refused" });
  });

  it("is uncertain when a write was cut off", async () => {
    const http = rejects(new Error("socket hang up"));
    expect(await request(http, req, "write")).toMatchObject({ kind: "uncertain" });
  });

  it("is simply repeated when a read was cut off", async () => {
    const http = rejects(new Error("socket hang up"));
    expect(await request(http, req, "read")).toMatchObject({ kind: "later" });
  });

  it("is uncertain when a write ends in a 5xx", async () => {
    for (const status of [500, 502, 503, 504])
      expect(await request(answers(answer(status)), req, "write")).toMatchObject({
        kind: "uncertain",
      });
  });

  it("is simply repeated when a read ends in a 5xx", async () => {
    expect(await request(answers(answer(502)), req, "read")).toMatchObject({ kind: "later" });
  });

  it("waits as long as a 429 asks, in milliseconds", async () => {
    const http = answers(answer(429, "", { "retry-after": "7" }));
    expect(await request(http, req, "write")).toMatchObject({ kind: "later", retryAfterMs: 7000 });
  });

  it("takes a 429 without a time for a limit of no time", async () => {
    expect(await request(answers(answer(429)), req, "write")).toEqual({
      kind: "later",
      reason: "429 too many requests",
      limited: true,
    });
  });
});

describe("reading an answer", () => {
  it("does not take a date or nonsense for a number of seconds", () => {
    for (const value of ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "1e9", "", "99999999"])
      expect(retryAfterMs(answer(429, "", { "retry-after": value }))).toBeUndefined();
  });

  it("takes what is not JSON for nothing, without an exception", () => {
    expect(parseJson("<html>")).toBeUndefined();
    expect(jsonObject(answer(200, "[1]"))).toBeUndefined();
    expect(jsonObject(answer(200, "null"))).toBeUndefined();
    expect(jsonObject(answer(200, '{"ok":true}'))).toEqual({ ok: true });
  });

  it("throws a failure with its class", () => {
    const failure = { kind: "later", reason: "busy" } as const;
    expect(() => orThrow(failure)).toThrow(CallFailed);
    expect(orThrow({ kind: "answer", value: 1 })).toEqual({ kind: "answer", value: 1 });
  });
});

it("encodes a form without the fields that are undefined", () => {
  expect(form({ channel: "C1", cursor: undefined, q: "a&b=ü", limit: 5, inclusive: true })).toBe(
    "channel=C1&q=a%26b%3D%C3%BC&limit=5&inclusive=true",
  );
});

describe("a question that messages can go without", () => {
  function questions() {
    const clock = { now: 0 };
    const answers: (() => void)[] = [];
    const ask = unlessHung(
      () => clock.now,
      () => new Promise<string>((resolve) => answers.push(() => resolve("told"))),
      ({ kind }) => kind,
    );
    return { ask, answers, clock };
  }

  it("is not asked while another has had no answer for three seconds", async () => {
    const { ask, answers, clock } = questions();
    void ask();
    void ask();
    clock.now = 3_000;
    expect(await ask()).toBe("later");
    expect(answers).toHaveLength(2);
  });

  it("is asked again once those have one", async () => {
    const { ask, answers, clock } = questions();
    const first = ask();
    clock.now = 3_000;
    answers[0]!();
    await first;
    const next = ask();
    answers[1]!();
    expect(await next).toBe("told");
  });
});
