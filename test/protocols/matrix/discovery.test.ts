import { describe, expect, it } from "vitest";

import type { HttpAnswer } from "../../../src/core/ports.ts";
import { discover, serverUrl } from "../../../src/protocols/matrix/discovery.ts";
import { answer, HTML } from "./fake.ts";

async function look(server: string, reply: HttpAnswer | Error) {
  const urls: string[] = [];
  const found = await discover(async ({ url }) => {
    urls.push(url);
    if (reply instanceof Error) throw reply;
    return reply;
  }, server);
  return { found, urls };
}
const tells = (base: unknown) => answer(200, { "m.homeserver": { base_url: base } });

describe("looking for a homeserver's API", () => {
  it("asks the well-known address of the server's name", async () => {
    const { found, urls } = await look("example.org", tells("https://matrix.example.org/"));
    expect(urls).toEqual(["https://example.org/.well-known/matrix/client"]);
    expect(found).toBe("https://matrix.example.org");
  });
  it("goes where it is told, with a path too", async () => {
    expect((await look("https://example.org/", tells("https://example.org/hs/"))).found).toBe(
      "https://example.org/hs",
    );
  });
  it.each([
    ["404", answer(404, HTML)],
    [
      "a redirect, which is not followed",
      answer(301, "", { location: "https://elsewhere.example" }),
    ],
    ["a page", answer(200, HTML)],
    ["no homeserver", answer(200, {})],
    ["something else than text", tells(7)],
    ["no address", tells("matrix.example.org")],
    ["an address with a password in it", tells("https://u:p@matrix.example.org")],
  ])("stays with the server itself at %s", async (_what, reply) => {
    expect((await look("https://example.org", reply)).found).toBe("https://example.org");
  });
  it("does not send the token less safely than its owner wrote", async () => {
    expect((await look("https://example.org", tells("http://example.org"))).found).toBe(
      "https://example.org",
    );
  });
  it("asks nobody when the owner wrote a path", async () => {
    const { found, urls } = await look("https://example.org/hs/", new Error("unreachable"));
    expect([found, urls]).toEqual(["https://example.org/hs", []]);
  });
  it("comes again when nobody answers: what it would guess is remembered", async () => {
    expect((await look("https://example.org", new Error("timeout"))).found).toMatchObject({
      kind: "later",
    });
    expect((await look("https://example.org", answer(503, HTML))).found).toMatchObject({
      kind: "later",
    });
  });
});

describe("Server", () => {
  it("without a scheme means https", () => {
    expect(serverUrl("matrix.org")).toBe("https://matrix.org");
    expect(serverUrl("http://localhost:8008//")).toBe("http://localhost:8008");
  });
});
