import { describe, expect, it } from "vitest";

import { secret } from "../../../src/core/config/secret.ts";
import type { HttpAnswer, HttpRequest } from "../../../src/core/ports.ts";
import { createSession } from "../../../src/protocols/matrix/session.ts";
import { answer, bodyOf, HOME, HTML, ME, refused } from "./fake.ts";

function session(
  reply: HttpAnswer | Error,
  given: Partial<Parameters<typeof createSession>[0]> = {},
) {
  const requests: HttpRequest[] = [];
  const made = createSession({
    token: undefined,
    tokenName: "MATTERBRIDGE_MATRIX_X_TOKEN",
    server: "https://example.org",
    device: "FOOTBRIDGE_MATRIX_X",
    login: { user: "bridge", password: secret("hunter2") },
    ...given,
  });
  const token = async () => {
    const found = await made.token(async (request) => {
      requests.push(request);
      if (reply instanceof Error) throw reply;
      return reply;
    }, HOME);
    return "reveal" in found ? found.reveal() : found;
  };
  return { token, requests, forget: made.forget, fix: made.fix };
}
const welcome = answer(200, {
  access_token: "syt_new",
  user_id: ME,
  device_id: "FOOTBRIDGE_MATRIX_X",
});

describe("a configured token", () => {
  it("is used as it is, without a call", async () => {
    const { token, requests, fix } = session(welcome, { token: secret("syt_1") });
    expect(await token()).toBe("syt_1");
    expect(requests).toEqual([]);
    expect(fix).toContain("matrix-login https://example.org, and set MATTERBRIDGE_MATRIX_X_TOKEN");
  });
  it("with a line break in it is never sent", async () => {
    expect(await session(welcome, { token: secret("syt_1\n") }).token()).toMatchObject({
      kind: "account",
    });
  });
});

describe("logging in", () => {
  it("is done once, by password, as the same device each time", async () => {
    const { token, requests } = session(welcome);
    expect([await token(), await token()]).toEqual(["syt_new", "syt_new"]);
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `POST ${HOME}/_matrix/client/v3/login`,
    ]);
    expect(bodyOf(requests[0]!)).toMatchObject({
      type: "m.login.password",
      identifier: { type: "m.id.user", user: "bridge" },
      password: "hunter2",
      device_id: "FOOTBRIDGE_MATRIX_X",
    });
  });
  it("is done anew when the token was refused", async () => {
    const { token, requests, forget } = session(welcome);
    await token();
    forget("syt_new");
    await token();
    expect(requests).toHaveLength(2);
  });
  it("is done once for all who wait, as a further login of the device would end the first token", async () => {
    const { token, requests } = session(welcome);
    expect(await Promise.all([token(), token(), token()])).toEqual(Array(3).fill("syt_new"));
    expect(requests).toHaveLength(1);
  });
  it("is not done anew for the late refusal of an older token", async () => {
    const { token, requests, forget } = session(welcome);
    await token();
    forget("syt_old");
    await token();
    expect(requests).toHaveLength(1);
  });
  it("that is refused says what to check", async () => {
    expect(await session(refused(403, "M_FORBIDDEN")).token()).toMatchObject({
      kind: "account",
      fix: expect.stringContaining("check Login and Password") as string,
    });
  });
  it("comes again when the homeserver is away or limits logins", async () => {
    for (const reply of [
      new Error("timeout"),
      answer(502, HTML),
      answer(429, { errcode: "M_LIMIT_EXCEEDED" }, { "retry-after": "9" }),
    ])
      expect(await session(reply).token()).toMatchObject({ kind: "later" });
  });
});

describe("neither token nor login", () => {
  it("asks for a token, without a call", async () => {
    const { token, requests } = session(welcome, { login: undefined } as object);
    expect(await token()).toMatchObject({
      kind: "account",
      fix: expect.stringContaining("matrix-login") as string,
    });
    expect(requests).toEqual([]);
  });
});
