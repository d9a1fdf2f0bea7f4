/** The node host's `fetch` behind the port for streams. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";

import { afterEach, describe, expect, it } from "vitest";

import { closeServers, failure, get, openStream, serve } from "./loopback.ts";

afterEach(closeServers);

describe("a stream of the node host", () => {
  it("gives pieces as they come, then the end", async () => {
    let response: ServerResponse | undefined;
    const url = await serve((_request, opened) => {
      response = opened;
      opened.write(Buffer.from("gr\u00fc").subarray(0, 3));
    });
    const stream = await openStream(get(url));
    expect(await stream.read(9_999)).toBe("gr");
    response!.write(Buffer.from("\u00fc").subarray(1));
    expect(await stream.read(9_999)).toBe("ü");
    response!.end();
    expect(await stream.read(9_999)).toBeUndefined();
  });

  it("says when it was silent for too long", async () => {
    const url = await serve((_request, response) => response.flushHeaders());
    const stream = await openStream(get(url));
    expect(String(await failure(stream.read(1)))).toContain("silent for 1 ms");
    stream.close();
  });

  it("fails when it is cut", async () => {
    const url = await serve((_request, response) => {
      response.write("one");
      response.socket!.end();
    });
    const stream = await openStream(get(url));
    expect(await stream.read(9_999)).toBe("one");
    expect(await failure(stream.read(9_999))).toBeInstanceOf(Error);
  });

  it("lets go of its connection when it is closed", async () => {
    let gone: Promise<unknown> | undefined;
    const url = await serve((request, response) => {
      gone = once(request.socket, "close");
      response.flushHeaders();
    });
    const stream = await openStream(get(url));
    stream.close();
    await gone;
    expect(await failure(stream.read(9_999))).toBeInstanceOf(Error);
  });
});
