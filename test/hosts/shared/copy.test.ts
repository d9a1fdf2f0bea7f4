import { describe, expect, it } from "vitest";

import { accountId } from "../../../src/core/ids.ts";
import { createSlots, PROCESS_SLOTS } from "../../../src/core/outbox/slots.ts";
import { createCopy, isFetchable } from "../../../src/hosts/shared/copy.ts";
import type { Fetch, FetchInit } from "../../../src/hosts/shared/web.ts";

const account = accountId("matrix.m");
const to = { method: "POST", url: "https://home.example/upload", headers: { a: "b" } } as const;
const limits = { mostBytes: 10, type: "image/" };

/** A network that has one file, and what was asked of it. */
function network(bytes: readonly number[], type = "image/png", status = 200) {
  const asked: (FetchInit & { readonly url: string })[] = [];
  const fetch: Fetch = async (url, init) => {
    asked.push({ ...init, url });
    const pieces = [Uint8Array.from(bytes)];
    return {
      status: init.method === "GET" ? status : 200,
      headers: { get: () => type },
      text: async () => "{}",
      body: {
        getReader: () => ({
          read: async () => {
            const value = pieces.shift();
            return value === undefined ? { done: true } : { done: false, value };
          },
        }),
      },
    };
  };
  const deps = { fetch, slots: createSlots(PROCESS_SLOTS), onCall: () => undefined };
  return { asked, deps, copy: createCopy(account, deps, new Set()) };
}

describe("copying a file", () => {
  it("sends the bytes under the file's own type, and to the file's service nothing of ours", async () => {
    const { asked, copy } = network([1, 2, 255]);
    await copy("https://faces.example.com/a.png", to, limits);
    expect(asked[0]).toMatchObject({ url: "https://faces.example.com/a.png", headers: {} });
    expect(asked[1]?.body).toEqual(Uint8Array.from([1, 2, 255]));
    expect(asked[1]?.headers).toEqual({ a: "b", "content-type": "image/png" });
  });

  it("stops at the limit", async () => {
    const { asked, copy } = network(Array.from({ length: 11 }, () => 1));
    await expect(copy("https://faces.example.com/a.png", to, limits)).rejects.toThrow("at most 10");
    expect(asked).toHaveLength(1);
  });

  it.each([
    ["a file of another type", network([1], "text/html")],
    ["an answer that is not the file", network([1], "image/png", 302)],
  ])("refuses %s", async (_what, { copy, asked }) => {
    await expect(copy("https://faces.example.com/a.png", to, limits)).rejects.toThrow("no image/");
    expect(asked).toHaveLength(1);
  });

  it("gives its slots back whatever happens", async () => {
    const { copy, deps } = network([1], "text/html");
    await copy("https://faces.example.com/a.png", to, limits).catch(() => undefined);
    expect(deps.slots.inUse()).toBe(0);
  });

  it("asks nothing of an address that may not be fetched", async () => {
    const { copy, asked } = network([1]);
    await expect(copy("https://127.0.0.1/a.png", to, limits)).rejects.toThrow("may be fetched");
    expect(asked).toEqual([]);
  });
});

describe("an address that a service gave", () => {
  const trusted = new Set(["http://127.0.0.1:8080"]);
  it.each(["https://avatars.slack-edge.com/a.png", "http://127.0.0.1:8080/face.svg"])(
    "is fetched where it is public or the configuration names its host: %s",
    (url) => expect(isFetchable(url, trusted)).toBe(true),
  );

  it.each([
    "http://avatars.slack-edge.com/a.png",
    "https://127.0.0.1/a.png",
    "https://2130706433/a.png",
    "https://[::1]/a.png",
    "https://localhost/a.png",
    "https://metadata.google.internal/a.png",
    "https://svc.cluster.local/a.png",
    "https://kubernetes.default.svc/a.png",
    "https://host.example.com:8443/a.png",
    "https://user@host.example.com/a.png",
    "http://127.0.0.1:8081/face.svg",
    "file:///etc/passwd",
    "no address",
  ])("is not fetched where it may lead inside: %s", (url) =>
    expect(isFetchable(url, trusted)).toBe(false),
  );
});
