import { describe, expect, it } from "vitest";

import { channelId, userId } from "../../../src/core/ids.ts";
import { account, answer, fixtures, IDENTITY, ME, NOON, ROOM, secret, world } from "./fake.ts";

describe("who we are", () => {
  it("is asked for and known from then on", async () => {
    const { connector, requests } = world([
      answer(200, { id: ME, username: "bridge", displayName: "Bridge" }),
    ]);
    expect(await connector.identify()).toBe(IDENTITY);
    expect(requests[0]).toMatchObject({ method: "GET", url: "http://127.0.0.1:4002/v1/user/me" });
    const line = JSON.stringify({ ...fixtures["plain"], fromUser: { id: ME } });
    expect(connector.normalizeItem(channelId(ROOM), line)[0]).toMatchObject({ echo: {} });
  });
  it("is remembered from the last start", () => {
    const { connector } = world([]);
    connector.remember(IDENTITY);
    connector.remember("junk");
    const line = JSON.stringify({ ...fixtures["plain"], fromUser: { id: ME } });
    expect(connector.normalizeItem(channelId(ROOM), line)[0]).toMatchObject({ echo: {} });
  });
  it("stalls the account when the token is refused or the base is wrong", async () => {
    for (const reply of [answer(401), answer(200, "<html>")])
      await expect(world([reply]).connector.identify()).rejects.toMatchObject({
        outcome: { kind: "account" },
      });
  });
});

describe("finding a room", () => {
  const room = answer(200, { id: ROOM, uri: "orchard/cider" });
  it("asks for it by name and joins it", async () => {
    const { connector, requests } = world([room, room]);
    expect(await connector.resolve("orchard/cider")).toEqual({ kind: "found", channel: ROOM });
    expect(requests.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["POST", "http://127.0.0.1:4002/v1/rooms", '{"uri":"orchard/cider"}'],
      ["POST", "http://127.0.0.1:4002/v1/user/me/rooms", `{"id":"${ROOM}"}`],
    ]);
  });
  it("says what to do when it is missing or closed", async () => {
    for (const replies of [[answer(404)], [answer(400)], [room, answer(403)], [answer(401)]])
      expect(await world(replies).connector.resolve("orchard/cider")).toMatchObject({
        kind: "missing",
        fix: expect.any(String) as string,
      });
  });
  it("comes again when the service is away", async () => {
    for (const reply of [answer(503), new Error("timeout")])
      expect(await world([reply]).connector.resolve("orchard/cider")).toMatchObject({
        kind: "later",
      });
    const limited = answer(429, {}, { "x-ratelimit-reset": String(NOON + 9000) });
    expect(await world([limited]).connector.resolve("orchard/cider")).toMatchObject({
      kind: "later",
      retryAfterMs: 9000,
    });
  });
});

describe("the connector", () => {
  it("shows authors as their messages do, without a look-up", async () => {
    const { connector, requests } = world([]);
    const id = userId("5f1a");
    expect(await connector.profile({ id, name: "mara", avatarUrl: "https://a.example" })).toEqual({
      name: "mara",
      avatarUrl: "https://a.example",
    });
    expect(await connector.profile({ id })).toEqual({ name: "5f1a" });
    expect(requests).toEqual([]);
  });
  it("paces posts as configured, else at 600 ms", () => {
    expect(world([]).connector.sendIntervalMs).toBe(600);
    const config = account({ Token: secret("t"), SendInterval: 0 });
    expect(world([], config).connector.sendIntervalMs).toBe(0);
  });
  it("has no webhook", () => {
    const { connector } = world([]);
    expect(connector.webhook).toBeUndefined();
    expect(connector.normalize({})[0]).toMatchObject({ kind: "unsupported" });
  });
});
