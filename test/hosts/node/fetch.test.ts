/** The node host's `fetch` behind the port for calls. */
import { text } from "node:stream/consumers";
import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

import { afterEach, describe, expect, it, vi } from "vitest";

import { accountId } from "../../../src/core/ids.ts";
import { createSlots } from "../../../src/core/outbox/slots.ts";
import { NotSent } from "../../../src/core/ports.ts";
import { nodeFetch } from "../../../src/hosts/node/fetch.ts";
import { createHttp, fetchBytes, openAnswer } from "../../../src/hosts/shared/web.ts";
import { closeServers, deps, failure, get, http, httpOn, openStream, serve } from "./loopback.ts";

afterEach(closeServers);
afterEach(() => void vi.useRealTimers());

const TEAM = accountId("slack.team");

/** One of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a call of the node host", () => {
  it.each(["POST", "PUT", "DELETE"] as const)(
    "carries headers and a body of known length with %s",
    async (method) => {
      const url = await serve((request, response) => {
        const { authorization, "content-length": length } = request.headers;
        void text(request).then((body) => {
          const seen = [request.method, request.url, authorization, length, body];
          response.writeHead(201, { "retry-after": "7" }).end(JSON.stringify(seen));
        });
      });
      const headers = { authorization: "Bearer t" };
      const answer = await http({ method, url: `${url}/a?b=c`, headers, body: "grüße" });
      expect(JSON.parse(answer.body)).toEqual([method, "/a?b=c", "Bearer t", "7", "grüße"]);
      expect([answer.status, answer.header("Retry-After"), answer.header("x")]).toEqual([
        201,
        "7",
        null,
      ]);
    },
  );

  it("reads an answer that is compressed", async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("größer ".repeat(99))),
    );
    expect((await http(get(url))).body).toBe("größer ".repeat(99));
  });

  it("keeps its connection for the next call", async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end("ok");
    });
    for (let call = 0; call < 3; call += 1) await http(get(url));
    expect(ports.size).toBe(1);
  });

  it("follows no redirect", async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect((await http(get(`${url}/here`))).status).toBe(302);
    expect(asked).toEqual(["/here"]);
  });

  it("is certainly not sent when nobody listens", async () => {
    const url = await serve(() => undefined);
    closeServers();
    expect(await failure(http(get(url)))).toBeInstanceOf(NotSent);
  });

  it("is certainly not sent, and tells no token, when a header cannot be sent", async () => {
    const url = await serve((_request, response) => response.end());
    const headers = { authorization: "Bearer geheim\u200b" };
    const error = await failure(http({ ...get(url), headers }));
    expect(error).toBeInstanceOf(NotSent);
    expect(String(error)).not.toContain("geheim");
  });

  it.each([
    ["before its answer", (response: ServerResponse) => response.socket!.resetAndDestroy()],
    [
      "in the middle of its answer",
      (response: ServerResponse) => {
        response.writeHead(200, { "content-length": "9" }).write("half");
        response.socket!.end();
      },
    ],
    [
      "in the middle of chunks",
      (response: ServerResponse) => {
        response.write("half");
        response.socket!.end();
      },
    ],
    [
      "in the middle of a compressed answer",
      (response: ServerResponse) => {
        const headers = { "content-encoding": "gzip", "content-length": "99" };
        response.writeHead(200, headers).write(gzipSync("whole"));
        response.socket!.end();
      },
    ],
  ])("may have worked when the service goes away %s", async (_when, goAway) => {
    const url = await serve((_request, response) => goAway(response));
    const error = await failure(http(get(url)));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(NotSent);
  });

  it("may have worked when an open connection loses its route", async () => {
    const cause = Object.assign(new Error("read"), { code: "EHOSTUNREACH", syscall: "read" });
    const lost = httpOn(() => Promise.reject(new Error("fetch failed", { cause })));
    expect(await failure(lost(get("http://service")))).not.toBeInstanceOf(NotSent);
  });

  it.each([{}, { "content-encoding": "gzip" }])(
    "is over with its signal, even in the middle of the body (%j)",
    async (headers) => {
      const url = await serve((_request, response) => {
        response.writeHead(200, headers).flushHeaders();
      });
      const over = new AbortController();
      const { signal } = over;
      const answer = await nodeFetch(url, { ...get(url), headers: {}, redirect: "manual", signal });
      const body = failure(answer.text());
      const reason = new Error("time is up");
      over.abort(reason);
      expect(await body).toBe(reason);
    },
  );

  it.each([
    ["that never answers", () => undefined],
    ["whose answer never ends", (response: ServerResponse) => void response.write("half")],
  ])("ends after ten seconds at a service %s, and may have worked", async (_which, begin) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serve((_request, response) => {
      begin(response);
      resolve();
    });
    let isOver = false;
    const call = failure(http(get(url))).finally(() => (isOver = true));
    await asked;
    vi.advanceTimersByTime(9_999);
    await turn();
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(1);
    const error = await call;
    expect(error).toMatchObject({ message: "no answer within 10 s" });
    expect(error).not.toBeInstanceOf(NotSent);
  });

  it.each([
    ["a file", (url: string) => fetchBytes(TEAM, deps, url, 1_000)],
    ["a file's head", (url: string) => openAnswer(TEAM, deps, get(url), new AbortController())],
    ["a stream", (url: string) => openStream(get(url))],
  ])("for %s ends after ten seconds without an answer", async (_what, ask) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serve(() => resolve());
    let isOver = false;
    const call = failure(ask(url)).finally(() => (isOver = true));
    await asked;
    vi.advanceTimersByTime(9_999);
    await turn();
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await call).toMatchObject({ message: "no answer within 10 s" });
  });

  it("that hangs leaves its place to another one once it is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const url = await serve((request, response) => {
      if (request.url === "/next") response.end("ok");
      else resolve();
    });
    const one = createSlots({ total: 2, share: 1 });
    const call = createHttp(TEAM, {
      fetch: nodeFetch,
      slots: one,
      onCall: () => undefined,
    });
    const hung = failure(call(get(`${url}/hangs`)));
    const next = call(get(`${url}/next`));
    await asked;
    vi.advanceTimersByTime(10_000);
    await hung;
    expect((await next).body).toBe("ok");
  });
});
