import { describe, expect, it } from "vitest";

import { userId } from "../../../src/core/ids.ts";
import type { HttpAnswer } from "../../../src/core/ports.ts";
import {
  account,
  answer,
  API,
  event,
  HTML,
  IDENTITY,
  MARA,
  ME,
  missing,
  queryOf,
  refused,
  ROOM,
  said,
  world,
} from "./fake.ts";

const me = answer(200, { user_id: ME, device_id: "D" });

describe("who we are", () => {
  it("is asked for and known from then on", async () => {
    const { connector, requests } = world([me], { known: false });
    expect(JSON.parse(await connector.identify())).toMatchObject({ user_id: ME });
    expect(requests.map(said)).toEqual(["GET /account/whoami"]);
    const item = JSON.stringify({ at: "1", event: event({ sender: ME }) });
    expect(connector.normalizeItem(ROOM, item)[0]).toMatchObject({ echo: {} });
  });
  it("is remembered from the last start, whatever else is stored", () => {
    const { connector } = world([], { known: false });
    connector.remember(IDENTITY);
    connector.remember("junk");
    const item = JSON.stringify({ at: "1", event: event({ sender: ME }) });
    expect(connector.normalizeItem(ROOM, item)[0]).toMatchObject({ echo: {} });
  });
  it("may be what MxID says", async () => {
    const { connector } = world([me], { config: account({ MxID: ME }) });
    expect(JSON.parse(await connector.identify())).toMatchObject({ user_id: ME });
  });
  it("may not be somebody else than MxID says", async () => {
    const { connector } = world([me], { config: account({ MxID: MARA }) });
    await expect(connector.identify()).rejects.toMatchObject({
      outcome: { kind: "account", fix: expect.stringContaining(`write MxID="${ME}"`) as string },
    });
  });
  it.each([
    ["a refused token", refused(401, "M_UNKNOWN_TOKEN")],
    ["a page", answer(404, HTML)],
    ["an answer without a name", answer(200, {})],
  ])("stalls the account with %s", async (_what, reply) => {
    await expect(world([reply]).connector.identify()).rejects.toMatchObject({
      outcome: { kind: "account" },
    });
  });
});

/** A homeserver of rooms by alias or id, with their state. */
interface Room {
  readonly id: string;
  readonly state?: Readonly<Record<string, unknown>>;
}
function homeserver(rooms: Readonly<Record<string, Room | HttpAnswer>>) {
  return world(
    [
      ({ url }) => {
        const [at = ""] = url.replace(API, "").split("?");
        const [, kind = "", name = "", , type = ""] = at.split("/").map(decodeURIComponent);
        if (kind === "join") {
          const room = rooms[name];
          return room === undefined
            ? missing
            : "status" in room
              ? room
              : answer(200, { room_id: room.id });
        }
        const room = Object.values(rooms).find((each) => "id" in each && each.id === name);
        const found = room !== undefined && "id" in room ? room.state?.[type] : undefined;
        if (found === undefined) return missing;
        return typeof found === "object" && found !== null && "status" in found
          ? (found as HttpAnswer)
          : answer(200, found);
      },
    ],
    { naming: "gitter", clear: false },
  );
}
const moved = (replacement_room: string) => ({
  "m.room.tombstone": { body: "moved", replacement_room },
});

describe("finding a room", () => {
  it("joins it by its alias, through its server, and looks whether it can be relayed", async () => {
    const { connector, requests } = homeserver({ "#cider:example.org": { id: ROOM } });
    expect(await connector.resolve("#cider:example.org")).toEqual({ kind: "found", channel: ROOM });
    expect(requests.map((request) => said(request).split(" ").slice(0, 2).join(" "))).toEqual([
      "POST /join/#cider:example.org",
      `GET /rooms/${ROOM}/state/m.room.tombstone/`,
      `GET /rooms/${ROOM}/state/m.room.encryption/`,
    ]);
    expect(queryOf(requests[0]!)).toEqual({ server_name: "example.org", via: "example.org" });
  });
  it("joins Gitter's rooms by the names that they had there", async () => {
    const { connector, requests } = homeserver({ "#Orchard_Cider:gitter.im": { id: ROOM } });
    expect(await connector.resolve("Orchard/Cider")).toMatchObject({ kind: "found" });
    expect(requests).toHaveLength(3);
  });
  it("tries Gitter's rooms in lower case too", async () => {
    const { connector } = homeserver({ "#orchard_cider:gitter.im": { id: ROOM } });
    expect(await connector.resolve("Orchard/Cider")).toEqual({ kind: "found", channel: ROOM });
  });
  it("says that a room is nowhere, and where its address stands", async () => {
    const { connector, requests } = homeserver({});
    expect(await connector.resolve("Orchard/Cider")).toMatchObject({
      kind: "missing",
      reason: expect.stringContaining("Orchard/Cider") as string,
      fix: expect.stringContaining("address") as string,
    });
    expect(requests).toHaveLength(2);
  });
  it("does not try another spelling when the first was refused", async () => {
    const { connector, requests } = homeserver({
      "#Orchard_Cider:gitter.im": refused(403, "M_FORBIDDEN"),
    });
    expect(await connector.resolve("Orchard/Cider")).toMatchObject({ kind: "missing" });
    expect(requests).toHaveLength(1);
  });
  it("asks for an invitation, in the words to type", async () => {
    const { connector } = homeserver({ "#cider:example.org": refused(403, "M_FORBIDDEN") });
    expect(await connector.resolve("#cider:example.org")).toMatchObject({
      kind: "missing",
      fix: expect.stringContaining(`/invite ${ME}`) as string,
    });
  });
  it("asks for the ban to be lifted", async () => {
    const banned = refused(403, "M_FORBIDDEN", { error: `${ME} is banned from the room.` });
    const { connector } = homeserver({ "#cider:example.org": banned });
    expect(await connector.resolve("#cider:example.org")).toMatchObject({
      kind: "missing",
      reason: expect.stringContaining("banned") as string,
      fix: expect.stringContaining("lift the ban") as string,
    });
  });
  it("passes on what to do about the token", async () => {
    const { connector } = homeserver({ "#cider:example.org": refused(401, "M_UNKNOWN_TOKEN") });
    expect(await connector.resolve("#cider:example.org")).toMatchObject({
      kind: "missing",
      fix: expect.stringContaining("matrix-login") as string,
    });
  });
  it.each([
    ["the homeserver is away", answer(502, HTML)],
    ["joins are limited", refused(429, "M_LIMIT_EXCEEDED", { retry_after_ms: 9_000 })],
    ["the answer holds no room", answer(200, {})],
  ])("comes again when %s", async (_what, reply) => {
    const { connector } = homeserver({ "#cider:example.org": reply });
    expect(await connector.resolve("#cider:example.org")).toMatchObject({ kind: "later" });
  });
  it("waits for as long as it is told", async () => {
    const limited = refused(429, "M_LIMIT_EXCEEDED", { retry_after_ms: 9_000 });
    expect(await homeserver({ "!a:b": limited }).connector.resolve("!a:b")).toMatchObject({
      retryAfterMs: 9_000,
    });
  });
  it("joins nothing by a name that is no room's", async () => {
    const { connector, requests } = homeserver({});
    expect(await connector.resolve("cider")).toMatchObject({ kind: "missing" });
    expect(requests).toEqual([]);
  });
});

describe("a room that was upgraded", () => {
  it("is followed to where it is now", async () => {
    const { connector } = homeserver({
      "#cider:example.org": { id: "!1:a", state: moved("!2:b") },
      "!2:b": { id: "!2:b", state: moved("!3:c") },
      "!3:c": { id: "!3:c" },
    });
    expect(await connector.resolve("#cider:example.org")).toEqual({
      kind: "found",
      channel: "!3:c",
    });
  });
  it("to an id without a server is joined through our own", async () => {
    const { connector, requests } = homeserver({
      "#cider:example.com": { id: "!1:a", state: moved("!v12") },
      "!v12": { id: "!v12" },
    });
    await connector.resolve("#cider:example.com");
    const join = requests.find((request) => said(request).startsWith("POST /join/!v12"));
    expect(queryOf(join!)).toMatchObject({ server_name: "example.org" });
  });
  it("in a circle is given up", async () => {
    const { connector, requests } = homeserver({
      "!1:a": { id: "!1:a", state: moved("!2:b") },
      "!2:b": { id: "!2:b", state: moved("!1:a") },
    });
    expect(await connector.resolve("!1:a")).toMatchObject({
      kind: "missing",
      reason: "upgraded in a circle",
    });
    expect(requests.length).toBeLessThan(20);
  });
  it("to where we are not let in asks for an invitation", async () => {
    const { connector } = homeserver({
      "!1:a": { id: "!1:a", state: moved("!2:b") },
      "!2:b": refused(403, "M_FORBIDDEN"),
    });
    expect(await connector.resolve("!1:a")).toMatchObject({
      kind: "missing",
      fix: expect.stringContaining("/invite") as string,
    });
  });
});

describe("an encrypted room", () => {
  const encryption = { algorithm: "m.megolm.v1.aes-sha2" };
  it("is refused, and says why", async () => {
    const { connector } = homeserver({
      "!1:a": { id: "!1:a", state: { "m.room.encryption": encryption } },
    });
    expect(await connector.resolve("!1:a")).toMatchObject({
      kind: "missing",
      reason: expect.stringContaining("encrypted") as string,
    });
  });
  it("is not taken for a clear one because a proxy answers in the homeserver's place", async () => {
    const { connector } = homeserver({
      "!1:a": { id: "!1:a", state: { "m.room.encryption": answer(404, HTML) } },
    });
    expect(await connector.resolve("!1:a")).not.toMatchObject({ kind: "found" });
  });
});

describe("a person's name", () => {
  const author = { id: userId(MARA) };
  const named = (name: string, values = {}) =>
    world([answer(200, { displayname: name })], { config: account(values) }).connector;
  it("is the one in the room, without a call", async () => {
    const { connector, requests } = world([]);
    expect(await connector.profile({ ...author, name: "Mara" })).toEqual({ name: "Mara" });
    expect(requests).toEqual([]);
  });
  it("is asked for where the room has none", async () => {
    expect(await named("Mara").profile(author)).toEqual({ name: "Mara" });
  });
  it("is the Matrix id where there is no profile, or none for us", async () => {
    for (const reply of [missing, refused(403, "M_FORBIDDEN"), answer(200, {})])
      expect(await world([reply]).connector.profile(author)).toEqual({ name: "mara:example.org" });
  });
  it("is the Matrix id with UseUserName", async () => {
    const connector = named("Mara", { UseUserName: true });
    expect(await connector.profile({ ...author, name: "Mara" })).toEqual({
      name: "mara:example.org",
    });
  });
  it("is without its server with NoHomeServerSuffix", async () => {
    const connector = named("Mara", { UseUserName: true, NoHomeServerSuffix: true });
    expect(await connector.profile(author)).toEqual({ name: "mara" });
  });
  it("keeps its own colon, and loses the id that tells namesakes apart, with NoHomeServerSuffix", async () => {
    const connector = named("", { NoHomeServerSuffix: true });
    expect(await connector.profile({ ...author, name: `Mara: the 2nd (${MARA})` })).toEqual({
      name: "Mara: the 2nd",
    });
  });
  it("comes later when the homeserver is away", async () => {
    await expect(world([answer(503)]).connector.profile(author)).rejects.toMatchObject({
      outcome: { kind: "later" },
    });
  });
});
