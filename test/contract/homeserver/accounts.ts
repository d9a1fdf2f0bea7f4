/** Who is who: discovery, login, tokens, profiles. */
import { describe, expect, it } from "vitest";

import { callMatrix } from "../../synapse/client.ts";
import { part, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import { refused } from "./ask.ts";

interface LoggedIn {
  readonly user_id: string;
  readonly device_id: string;
  readonly access_token: string;
}

export function accountPromises(running: Running): void {
  const asked = <T>(token: string | undefined, method: string, path: string, body?: unknown) =>
    callMatrix<T>(running().url, token, method, path, body);
  const logIn = (password: string, more: object = {}) =>
    asked<LoggedIn>(undefined, "POST", `${V3}/login`, {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: running().bot.userId },
      password,
      ...more,
    });

  describe("a stranger", () => {
    it("is told the versions", async () => {
      const answer = await asked(undefined, "GET", "/_matrix/client/versions");
      expect(answer).toMatchObject({
        status: 200,
        body: { versions: expect.arrayContaining(["v1.11"]) },
      });
    });

    it("is told by .well-known where the API is", async () => {
      const { body } = await asked<{ "m.homeserver": { base_url: string } }>(
        undefined,
        "GET",
        "/.well-known/matrix/client",
      );
      const base = body["m.homeserver"].base_url.replace(/\/$/u, "");
      const { status } = await callMatrix(base, undefined, "GET", "/_matrix/client/versions");
      expect(status).toBe(200);
    });

    it("is told that a password may be used", async () => {
      const { body } = await asked(undefined, "GET", `${V3}/login`);
      expect(body).toMatchObject({
        flows: expect.arrayContaining([expect.objectContaining({ type: "m.login.password" })]),
      });
    });

    it("is refused without a token", async () => {
      const answer = await asked(undefined, "GET", `${V3}/account/whoami`);
      expect(answer).toMatchObject(refused(401, "M_MISSING_TOKEN"));
    });

    it("is told that a path is not known", async () => {
      const answer = await asked(undefined, "GET", `${V3}/no_such_thing`);
      expect(answer).toMatchObject(refused(404, "M_UNRECOGNIZED"));
    });
  });

  describe("a login", () => {
    it("gives a token that belongs to the account and the device", async () => {
      const { body: login } = await logIn(running().botPassword);
      const { body } = await asked(login.access_token, "GET", `${V3}/account/whoami`);
      expect(body).toMatchObject({
        user_id: running().bot.userId,
        device_id: login.device_id,
      });
    });

    it("makes a device of its own", async () => {
      const [one, two] = [await logIn(running().botPassword), await logIn(running().botPassword)];
      expect(one.body.device_id).not.toBe(two.body.device_id);
    });

    it("takes the device that it is told", async () => {
      const { body } = await logIn(running().botPassword, { device_id: "FOOTBRIDGE" });
      expect(body.device_id).toBe("FOOTBRIDGE");
    });

    it("leaves the tokens of other devices alone", async () => {
      const { body: before } = await logIn(running().botPassword);
      await logIn(running().botPassword);
      const { status } = await asked(before.access_token, "GET", `${V3}/account/whoami`);
      expect(status).toBe(200);
    });

    it("leaves the token of its own device alone", async () => {
      const device = { device_id: "TWICE" };
      const { body: before } = await logIn(running().botPassword, device);
      await logIn(running().botPassword, device);
      const { status } = await asked(before.access_token, "GET", `${V3}/account/whoami`);
      expect(status).toBe(200);
    });

    it("is refused with a wrong password", async () => {
      expect(await logIn("wrong")).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("is refused without a type", async () => {
      const answer = await logIn(running().botPassword, { type: undefined });
      expect(answer).toMatchObject({ status: 400 });
    });
  });

  describe("a token", () => {
    it("that was revoked is unknown, and that is no soft logout", async () => {
      const token = await running().deadToken("revoked");
      expect(await asked(token, "GET", `${V3}/sync?timeout=0`)).toMatchObject({
        status: 401,
        body: { errcode: "M_UNKNOWN_TOKEN", soft_logout: false },
      });
    });

    it("that ran out is unknown, and that is a soft logout", async () => {
      const token = await running().deadToken("expired");
      expect(await asked(token, "GET", `${V3}/account/whoami`)).toMatchObject({
        status: 401,
        body: { errcode: "M_UNKNOWN_TOKEN", soft_logout: true },
      });
    });

    it("that nobody was given is unknown, and that is no soft logout", async () => {
      expect(await asked("syt_made_up", "GET", `${V3}/account/whoami`)).toMatchObject({
        status: 401,
        body: { errcode: "M_UNKNOWN_TOKEN", soft_logout: false },
      });
    });
  });

  describe("a profile", () => {
    it("has the display name", async () => {
      const { bot, ada } = running();
      const { body } = await bot.call("GET", `${V3}/profile/${part(ada.userId)}`);
      expect(body).toMatchObject({ displayname: "Ada" });
    });

    it("of nobody is not found", async () => {
      const { bot, serverName } = running();
      const answer = await bot.call("GET", `${V3}/profile/${part(`@nobody:${serverName}`)}`);
      expect(answer).toMatchObject({ status: 404 });
    });
  });

  describe("an upload", () => {
    it("is given an mxc address of the server", async () => {
      const { url, bot, serverName } = running();
      const response = await fetch(`${url}/_matrix/media/v3/upload?filename=a.txt`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${bot.token}`,
          "content-type": "text/plain",
          connection: "close",
        },
        body: "face",
      });
      expect(await response.json()).toEqual({
        content_uri: expect.stringMatching(new RegExp(`^mxc://${serverName}/[^/]+$`, "u")),
      });
    });
  });
}
