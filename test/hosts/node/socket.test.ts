/** The node host's sockets before a real server. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

import { openSocket } from "../../../src/hosts/node/socket.ts";
import { failure, serve, closeServers } from "./loopback.ts";

const LIMITS = { firstMs: 9_999, silenceMs: 9_999, mostBytes: 1_000 };
const servers: WebSocketServer[] = [];
afterEach(() => {
  closeServers();
  for (const server of servers.splice(0)) {
    for (const client of server.clients) client.terminate();
    server.close();
  }
});

/** A server; its address and the first connection to it. */
async function listen(): Promise<{ url: string; first: Promise<WebSocket> }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  servers.push(server);
  const first = once(server, "connection").then(([ws]) => ws as WebSocket);
  await once(server, "listening");
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, first };
}

describe("a socket of the node host", () => {
  it("gives texts whole and in order, then the end", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, LIMITS);
    const peer = await first;
    for (const text of ["one", "zwei ü", ""]) peer.send(text);
    peer.close();
    const got = [await socket.read(), await socket.read(), await socket.read()];
    expect([...got, await socket.read()]).toEqual(["one", "zwei ü", "", undefined]);
  });

  it("sends what was said before it was closed", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, LIMITS);
    const peer = await first;
    const heard = once(peer, "message");
    const closed = once(peer, "close");
    socket.send("ack");
    socket.close();
    expect(String((await heard)[0])).toBe("ack");
    expect((await closed)[0]).not.toBe(1006);
    expect(await socket.read()).toBeUndefined();
  });

  it("ends at once for who reads when it is closed", async () => {
    const { url } = await listen();
    const socket = await openSocket(url, LIMITS);
    const reading = socket.read();
    socket.close();
    expect(await reading).toBeUndefined();
  });

  it("breaks when the other end goes without a word", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, LIMITS);
    (await first).terminate();
    expect(await Promise.race([failure(socket.read()), socket.read()])).toBeUndefined();
  });

  it("breaks when the other end is silent, pings included", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, { ...LIMITS, silenceMs: 100 });
    const peer = await first;
    peer.send("hello");
    expect(await socket.read()).toBe("hello");
    peer.pause();
    expect(String(await failure(socket.read()))).toContain("silent for 100 ms");
  });

  it("lives on pings alone", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, { ...LIMITS, silenceMs: 100 });
    const peer = await first;
    peer.send("hello");
    await socket.read();
    // Eight turns in which only pings were answered.
    for (let turn = 0; turn < 8; turn += 1) await once(peer, "ping");
    peer.send("still here");
    expect(await socket.read()).toBe("still here");
    socket.close();
  });

  it("breaks when nothing is said at first", async () => {
    const { url } = await listen();
    const socket = await openSocket(url, { ...LIMITS, firstMs: 50 });
    expect(String(await failure(socket.read()))).toContain("nothing was said within 50 ms");
  });

  it("takes no text over its limit into memory", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, LIMITS);
    (await first).send("x".repeat(1_001));
    expect(String(await failure(socket.read()))).toMatch(/max payload/iu);
  });

  it("leaves at the other end what is not read in time", async () => {
    const { url, first } = await listen();
    const socket = await openSocket(url, LIMITS);
    const peer = await first;
    const text = "x".repeat(999);
    for (let count = 0; count < 20_000; count += 1) peer.send(text);
    peer.close();
    // Far more than fits between the two: it would all have come here by then.
    for (let turn = 0; turn < 5_000 && peer.bufferedAmount > 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(peer.bufferedAmount).toBeGreaterThan(0);
    let read = 0;
    while ((await socket.read()) !== undefined) read += 1;
    expect(read).toBe(20_000);
  });

  it("leaves at the other end what is long, though it is not many", async () => {
    const { url, first } = await listen();
    const mostBytes = 1024 * 1024;
    const socket = await openSocket(url, { ...LIMITS, mostBytes });
    const peer = await first;
    const text = Buffer.alloc(mostBytes, "x");
    for (let count = 0; count < 64; count += 1) peer.send(text, { binary: false });
    peer.close();
    for (let turn = 0; turn < 5_000 && peer.bufferedAmount > 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(peer.bufferedAmount).toBeGreaterThan(0);
    let read = 0;
    while ((await socket.read()) !== undefined) read += 1;
    expect(read).toBe(64);
  });

  it("is not opened where something else answers", async () => {
    const url = await serve((_request, response) => response.writeHead(429).end());
    expect(String(await failure(openSocket(url.replace("http", "ws"), LIMITS)))).toContain("429");
  });

  it("is not opened where nobody listens", async () => {
    expect(String(await failure(openSocket("ws://127.0.0.1:1/", LIMITS)))).toContain(
      "ECONNREFUSED",
    );
  });
});
