/** Files from one server to another through the node host: piece by piece, and nothing but the file. */
import { once } from "node:events";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { afterEach, describe, expect, it, vi } from "vitest";

import { accountId } from "../../../src/core/ids.ts";
import { createSlots, PROCESS_SLOTS } from "../../../src/core/outbox/slots.ts";
import {
  CallFailed,
  type Carried,
  type Connector,
  type FileHead,
  type FileSource,
} from "../../../src/core/ports.ts";
import { nodeFetch } from "../../../src/hosts/node/fetch.ts";
import { createCarry } from "../../../src/hosts/shared/carry.ts";
import { closeServers, serve } from "./loopback.ts";

afterEach(closeServers);

const FROM = accountId("slack.team");
const TO = accountId("matrix.home");
const TOKEN = { authorization: "Bearer xoxb-1" };

interface Taken {
  readonly length: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** A server that gives a file, one that takes it, and what came of it. */
async function carried(
  listener: RequestListener,
  options: {
    readonly source?: Partial<FileSource>;
    readonly most?: number;
    readonly size?: number;
    readonly onUpload?: (request: IncomingMessage, response: ServerResponse) => void;
  } = {},
): Promise<{ readonly result: Carried; readonly taken: Taken[]; readonly heads: FileHead[] }> {
  const { source = {}, most = 1_000, size } = options;
  const from = await serve(listener);
  const taken: Taken[] = [];
  const to = await serve((request, response) => {
    options.onUpload?.(request, response);
    const { "content-length": length, "content-type": type } = request.headers;
    text(request).then(
      (body) => {
        taken.push({ length, type, body });
        response.end("taken");
      },
      () => undefined,
    );
  });
  const web = { fetch: nodeFetch, slots: createSlots(PROCESS_SLOTS), onCall: () => undefined };
  const request = { method: "GET", url: `${from}/file`, headers: TOKEN } as const;
  const connector: Pick<Connector, "file"> = {
    file: async () => ({ request, name: "plan.png", ...source }),
  };
  const heads: FileHead[] = [];
  const carry = createCarry(
    TO,
    () => web,
    () => connector as Connector,
  );
  const result = await carry(
    { id: "F1", name: "plan.png", ...(size === undefined ? {} : { size }) },
    { from: FROM, mostBytes: most },
    async (head) => {
      heads.push(head);
      return { method: "POST", url: `${to}/upload`, headers: { "content-type": head.type } };
    },
  );
  return { result, taken, heads };
}

const giving =
  (body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) =>
    response
      .writeHead(200, { "content-type": "image/png", "content-length": body.length, ...headers })
      .end(body);

/** In chunks, without a length. */
const unmeasured =
  (body: string): RequestListener =>
  (_request, response) => {
    response.write(body);
    response.end();
  };

describe("a file", () => {
  it("arrives whole, with its length and type, and its service hears the token", async () => {
    let heard: string | undefined;
    const { result, taken, heads } = await carried((request, response) => {
      heard = request.headers.authorization;
      giving("bytes")(request, response);
    });
    expect(heard).toBe("Bearer xoxb-1");
    expect(heads).toEqual([{ name: "plan.png", type: "image/png", size: 5 }]);
    expect(taken).toEqual([{ length: "5", type: "image/png", body: "bytes" }]);
    expect(result).toMatchObject({ kind: "answer", answer: { status: 200, body: "taken" } });
  });

  it("is sent on while it still comes", async () => {
    const { promise: seen, resolve: see } = Promise.withResolvers<void>();
    const { result, taken } = await carried(
      (_request, response) => {
        response.writeHead(200, { "content-length": 10 }).write("first");
        // The rest only once the first piece has arrived on the other side.
        void seen.then(() => response.end("after"));
      },
      { onUpload: (request) => void once(request, "data").then(() => see()) },
    );
    expect(result.kind).toBe("answer");
    expect(taken.map(({ length }) => length)).toEqual(["10"]);
  });

  it.each([
    ["by its header", giving("x".repeat(1_001)), {}],
    ["by what its event said, where its answer does not say", unmeasured("x"), { size: 1_001 }],
  ])("that is too large %s is not sent", async (_how, listener, options) => {
    const { result, taken } = await carried(listener, options);
    expect(result).toMatchObject({ kind: "failed", lasting: true });
    expect(taken).toEqual([]);
  });

  it("of unknown length is not sent: nobody could tell when it is too much", async () => {
    const { result, taken } = await carried(unmeasured("bytes"));
    expect(result).toEqual({
      kind: "failed",
      reason: "its service does not say how large it is",
      lasting: true,
    });
    expect(taken).toEqual([]);
  });

  it.each([
    ["longer", "bytes and more", 5],
    ["shorter", "by", 5],
  ])("%s than its event said arrives nowhere", async (_how, body, size) => {
    const { result, taken } = await carried(
      (_request, response) => {
        response.write(body.slice(0, 1));
        response.end(body.slice(1));
      },
      { size },
    );
    expect(result).toMatchObject({ kind: "failed", lasting: false });
    expect(taken).toEqual([]);
  });

  it("that is empty is not sent", async () => {
    expect((await carried(giving(""))).result).toMatchObject({ kind: "failed", lasting: true });
  });

  it("is not looked for where a redirect leads, and the token stays", async () => {
    const asked: unknown[] = [];
    const elsewhere = await serve((request, response) => {
      asked.push(request.headers.authorization);
      response.end("stolen");
    });
    const { result } = await carried((_request, response) =>
      response.writeHead(302, { location: `${elsewhere}/x` }).end(),
    );
    expect(result).toMatchObject({ kind: "failed", reason: expect.stringContaining("302") });
    expect(asked).toEqual([]);
  });

  it("is not a page to sign in that comes in its place", async () => {
    const page = giving("<html>", { "content-type": "text/html; charset=utf-8" });
    const { result } = await carried(page, { source: { type: "image/png" } });
    expect(result).toMatchObject({ kind: "failed", lasting: true });
    const real = await carried(page, { source: { type: "text/html" } });
    expect(real.result.kind).toBe("answer");
  });

  it.each([
    [404, true],
    [403, true],
    [500, false],
    [429, false],
  ])("answered with %d is lost for good: %s", async (status, lasting) => {
    const { result } = await carried((_request, response) => void response.writeHead(status).end());
    expect(result).toMatchObject({ kind: "failed", lasting });
  });

  it("of a strange type is bytes and no more", async () => {
    const { heads } = await carried(giving("bytes", { "content-type": "weird" }), {
      source: { type: "text/html\r\nx: y" },
    });
    expect(heads[0]?.type).toBe("application/octet-stream");
  });
});

describe("a place that takes no file now", () => {
  it.each([
    ["later", false],
    ["rejected", true],
  ] as const)("%s: is it lost for good? %s", async (kind, lasting) => {
    const web = { fetch: nodeFetch, slots: createSlots(PROCESS_SLOTS), onCall: () => undefined };
    const url = await serve(giving("bytes"));
    const request = { method: "GET", url, headers: {} } as const;
    const connector = { file: async () => ({ request, name: "a" }) } as Partial<Connector>;
    const carry = createCarry(
      TO,
      () => web,
      () => connector as Connector,
    );
    const result = await carry({ id: "F1", name: "a" }, { from: FROM, mostBytes: 99 }, () =>
      Promise.reject(new CallFailed({ kind, reason: "no" })),
    );
    expect(result).toEqual({ kind: "failed", reason: "no", lasting });
  });
});

describe("a service that gives nothing of a file", () => {
  afterEach(() => void vi.useRealTimers());

  it("is waited for no longer than five seconds, as a lane stands still", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const web = { fetch: nodeFetch, slots: createSlots(PROCESS_SLOTS), onCall: () => undefined };
    const connector = { file: () => new Promise(() => undefined) } as Partial<Connector>;
    const carry = createCarry(
      TO,
      () => web,
      () => connector as Connector,
    );
    const carrying = carry({ id: "F1", name: "a" }, { from: FROM, mostBytes: 99 }, () =>
      Promise.reject(new Error("not asked")),
    );
    await vi.advanceTimersByTimeAsync(5_000);
    const reason = "its service did not answer within 5 s";
    expect(await carrying).toEqual({ kind: "failed", reason, lasting: false });
  });
});
