/** `GET /media`: who may see a file, and what a hostile file can do to whoever looks at it: nothing. */
import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";

import { secret } from "../../src/core/config/secret.ts";
import { accountId, channelId, messageId } from "../../src/core/ids.ts";
import { createMediaLinks, type MediaRef } from "../../src/core/media.ts";
import type { Hmac } from "../../src/core/ports.ts";
import { createApp } from "../../src/http/app.ts";
import { disposition, type MediaDoor, type MediaFile } from "../../src/http/media.ts";

const hmac: Hmac = async (key, parts) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest("hex");
};
const NOON = 1_750_000_000_000;
const REF: MediaRef = {
  account: accountId("slack.team"),
  channel: channelId("C0GENERAL"),
  message: messageId("1750000000.000100"),
  file: { id: "F0PLAN", name: "plan.png", mimetype: "image/png" },
  until: NOON + 60_000,
};
const stream = (text: string): ReadableStream<Uint8Array> =>
  new Response(text).body ?? new ReadableStream();
const FILE: Extract<MediaFile, { kind: "file" }> = {
  kind: "file",
  status: 200,
  name: "plan.png",
  type: "image/png",
  length: 5,
  body: null,
};

const { length: _length, ...UNMEASURED } = FILE;

const FACE: MediaRef = {
  account: accountId("slack.team"),
  face: "mxc://x.example/ann",
  until: NOON + 60_000,
};

const pathOf = async (ref: MediaRef = REF, token = "xoxb-1"): Promise<string> => {
  const links = createMediaLinks("", 1_000, hmac, () => secret(token));
  return (await links.of(ref)) ?? "";
};

interface Opened {
  readonly get: (
    path: string,
    headers?: Record<string, string>,
    method?: string,
  ) => Promise<Response>;
  /** Ranges of the files that were fetched from their service. */
  readonly fetched: (string | undefined)[];
}

function opened(door: Partial<MediaDoor> = {}, file: MediaFile = FILE): Opened {
  const fetched: (string | undefined)[] = [];
  const app = createApp({
    webhookOf: () => undefined,
    relay: {
      webhook: async () => undefined,
      gap: async () => undefined,
      report: () => Promise.reject(new Error("not asked")),
      letters: {
        list: async () => [],
        replay: () => Promise.reject(new Error("not asked")),
        discard: () => Promise.reject(new Error("not asked")),
      },
    },
    adminToken: undefined,
    clock: () => NOON,
    pause: async () => undefined,
    openMetrics: false,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
    media: {
      secretOf: (account) => (account === "slack.team" ? secret("xoxb-1") : undefined),
      hmac,
      clock: () => NOON,
      shows: async () => true,
      open: async (_ref, range) => {
        fetched.push(range);
        return file.kind === "file" ? { ...file, body: stream("bytes") } : file;
      },
      ...door,
    },
  });
  return {
    fetched,
    get: async (path, headers = {}, method = "GET") =>
      app.request(
        `https://bridge.example${path}`,
        { headers, method },
        {},
        {
          waitUntil: () => undefined,
          passThroughOnException: () => undefined,
          props: {},
        },
      ),
  };
}

describe("a link to a file", () => {
  it("gives the file to whoever has it", async () => {
    const answer = await opened().get(await pathOf());
    expect([answer.status, await answer.text()]).toEqual([200, "bytes"]);
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(answer.headers.get("content-length")).toBe("5");
  });

  it("is not fetched to its end for who asks for its head only", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled = true) });
    const { get } = opened({ open: async () => ({ ...FILE, body }) });
    const answer = await get(await pathOf(), {}, "HEAD");
    expect([answer.status, answer.headers.get("content-length"), cancelled]).toEqual([
      200,
      "5",
      true,
    ]);
  });

  it.each([
    ["another file", { ...REF, file: { ...REF.file, id: "F0SECRET" } }],
    ["another message", { ...REF, message: messageId("1750000000.000200") }],
    ["another channel", { ...REF, channel: channelId("C0PRIVATE") }],
    ["a later end", { ...REF, until: REF.until + 1_000_000 }],
    ["another type", { ...REF, file: { ...REF.file, mimetype: "text/html" } }],
  ])("gives nothing to who writes %s into it", async (_what, ref: MediaRef) => {
    const { get, fetched } = opened();
    const signature = (await pathOf()).slice(-32);
    const forged = (await pathOf(ref)).slice(0, -32) + signature;
    expect((await get(forged)).status).toBe(404);
    expect(fetched).toEqual([]);
  });

  it("to a face needs no message, and gives no other face and no file to who changes it", async () => {
    const { get, fetched } = opened({ shows: async () => false });
    expect((await get(await pathOf(FACE))).status).toBe(200);
    const signature = (await pathOf(FACE)).slice(-32);
    for (const ref of [
      { ...FACE, face: "mxc://x.example/ben" },
      { ...REF, until: FACE.until },
    ])
      expect((await get((await pathOf(ref)).slice(0, -32) + signature)).status).toBe(404);
    expect((await get(await pathOf({ ...FACE, until: NOON }))).status).toBe(404);
    expect(fetched).toHaveLength(1);
  });

  it.each([
    ["without a signature", (path: string) => path.slice(0, -33)],
    ["with an empty one", (path: string) => path.slice(0, -32)],
    ["with half of one", (path: string) => path.slice(0, -16)],
    ["with one letter changed", (path: string) => `${path.slice(0, -1)}x`],
    ["in capitals", (path: string) => path.toUpperCase().replace("/MEDIA/", "/media/")],
    ["with a path behind it", (path: string) => `${path}/../../admin/status`],
    ["with an encoded letter", (path: string) => path.replace("F0PLAN", "F0PL%41N")],
    ["with a line end", (path: string) => `${path}%0a`],
  ])("gives nothing %s", async (_what, change) => {
    const { get, fetched } = opened();
    expect((await get(change(await pathOf()))).status).toBe(404);
    expect(fetched).toEqual([]);
  });

  it("gives nothing that was signed with another token", async () => {
    expect((await opened().get(await pathOf(REF, "xoxb-old"))).status).toBe(404);
  });

  it("gives nothing of an account that is not configured", async () => {
    const ref = { ...REF, account: accountId("slack.other") };
    expect((await opened().get(await pathOf(ref))).status).toBe(404);
  });

  it("ends with its time", async () => {
    const { get } = opened({ clock: () => REF.until });
    expect((await get(await pathOf())).status).toBe(404);
  });

  it("ends with its message, also where a copy was kept", async () => {
    const cache = { match: async () => new Response("kept"), put: async () => undefined };
    const { get, fetched } = opened({ shows: async () => false, cache });
    expect((await get(await pathOf())).status).toBe(404);
    expect(fetched).toEqual([]);
  });

  it("says so where the file is gone at its service", async () => {
    expect((await opened({}, { kind: "gone" }).get(await pathOf())).status).toBe(404);
  });

  it("asks to come again where the service cannot be asked", async () => {
    const answer = await opened({}, { kind: "later", reason: "429" }).get(await pathOf());
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
  });
});

describe("a file", () => {
  it("runs nothing, is what it says, and tells nobody where it was seen", async () => {
    const { headers } = await opened().get(await pathOf());
    expect(Object.fromEntries(headers)).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "referrer-policy": "no-referrer",
      "cache-control": "private, max-age=300",
    });
  });

  it.each([
    ["image/jpeg", "image/jpeg", "inline"],
    ["video/mp4", "video/mp4", "inline"],
    ["text/plain", "text/plain; charset=utf-8", "inline"],
    ["text/html", "application/octet-stream", "attachment"],
    ["image/svg+xml", "application/octet-stream", "attachment"],
    ["application/xhtml+xml", "application/octet-stream", "attachment"],
    ["application/pdf", "application/octet-stream", "attachment"],
    ["image/png\r\nset-cookie: a=b", "application/octet-stream", "attachment"],
    ["", "application/octet-stream", "attachment"],
  ])("of the type %j is given as %s, %s", async (type, shown, how) => {
    const { headers } = await opened({}, { ...FILE, type }).get(await pathOf());
    expect(headers.get("content-type")).toBe(shown);
    expect(headers.get("content-disposition")).toMatch(new RegExp(`^${how};`, "u"));
    expect(headers.get("set-cookie")).toBeNull();
  });

  it.each([
    ["plan.png", `inline; filename="plan.png"; filename*=UTF-8''plan.png`],
    [
      'a"b\r\nset-cookie: x=1.png',
      `inline; filename="a_b__set-cookie_ x=1.png"; filename*=UTF-8''a_b__set-cookie_%20x%3D1.png`,
    ],
    ["../../etc/passwd", `inline; filename="__.._etc_passwd"; filename*=UTF-8''__.._etc_passwd`],
    ["größe.png", `inline; filename="gr__e.png"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png`],
    ["cod\u202Egnp.exe", `inline; filename="cod_gnp.exe"; filename*=UTF-8''cod_gnp.exe`],
    ["\uD800.png", `inline; filename="_.png"; filename*=UTF-8''%EF%BF%BD.png`],
    ["", `inline; filename="file"; filename*=UTF-8''file`],
  ])("called %j has a name that is only a name", (name, header) => {
    expect(disposition("inline", name)).toBe(header);
  });

  it.each([
    ["bytes=0-99", "bytes=0-99"],
    ["bytes=100-", "bytes=100-"],
    ["bytes=-5", "bytes=-5"],
    ["bytes=0-1,5-6", undefined],
    ["lines=0-1", undefined],
    ["bytes=-", undefined],
    ["bytes=0-1\u00e9", undefined],
  ])("is asked for in the part %j as %j", async (range, passed) => {
    const { get, fetched } = opened();
    await get(await pathOf(), { range });
    expect(fetched).toEqual([passed]);
  });

  it("is asked for whole where the part is of an older copy", async () => {
    const { get, fetched } = opened();
    await get(await pathOf(), { range: "bytes=0-1", "if-range": '"old"' });
    expect(fetched).toEqual([undefined]);
  });

  it("is given in the part that was asked for", async () => {
    const part: MediaFile = { ...FILE, status: 206, range: "bytes 0-4/99" };
    const answer = await opened({}, part).get(await pathOf(), { range: "bytes=0-4" });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([206, "bytes 0-4/99"]);
  });
});

describe("the copy close to the reader", () => {
  const keeping = () => {
    const kept = new Map<string, Response>();
    const cache = {
      match: async (url: string) => kept.get(url)?.clone(),
      put: async (url: string, response: Response) => void kept.set(url, response),
    };
    return { kept, cache };
  };

  it("is given without asking the service again, and no longer valid at the reader than the first", async () => {
    const { cache } = keeping();
    const { get, fetched } = opened({ cache });
    const first = await get(await pathOf());
    const second = await get(`${await pathOf()}?anything`);
    expect([await first.text(), await second.text()]).toEqual(["bytes", "bytes"]);
    expect(second.headers.get("cache-control")).toBe("private, max-age=300");
    expect(fetched).toHaveLength(1);
  });

  it("lasts five minutes: its file may be deleted alone", async () => {
    const { kept, cache } = keeping();
    await opened({ cache }).get(await pathOf());
    expect([...kept.values()].map(({ headers }) => headers.get("cache-control"))).toEqual([
      "public, max-age=300",
    ]);
  });

  it.each([
    ["a part", { ...FILE, status: 206 as const, range: "bytes 0-4/99" }],
    ["a large file", { ...FILE, length: 6_000_000 }],
    ["a file of unknown length", UNMEASURED],
  ])("is not made of %s", async (_what, file) => {
    const { kept, cache } = keeping();
    await opened({ cache }, file).get(await pathOf());
    expect(kept.size).toBe(0);
  });
});
