/** How the node host keeps polls going, and ends them. */
import { describe, expect, it } from "vitest";

import type { HttpStream } from "../../../src/core/ports.ts";
import type { Relay } from "../../../src/core/relay.ts";
import { runRelay } from "../../../src/hosts/node/relay-runner.ts";

const REQUEST = { method: "GET", url: "https://home.example/sync", headers: {} } as const;
const STREAM: HttpStream = {
  status: 200,
  header: () => null,
  read: async () => undefined,
  close: () => undefined,
};
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const noSocket = () => Promise.reject(new Error("no sockets here"));

/** A relay that only has one source. */
const relayOf = (run: ReturnType<Relay["sources"]>[number]["run"]): Relay =>
  ({
    drain: async () => undefined,
    nextDue: () => Infinity,
    sources: () => [{ key: "matrix.orchard", polls: true, run }],
    stop: () => undefined,
    letters: {},
  }) as unknown as Relay;

describe("the node host's polls", () => {
  it("hang on nothing that lives as long as the process, which would keep each of them for ever", async () => {
    const stops: unknown[] = [];
    const polled = Promise.withResolvers<void>();
    const runner = runRelay(
      relayOf(async (io) => {
        for (let poll = 0; poll < 3; poll += 1) await io.open(REQUEST);
        polled.resolve();
      }),
      async (_request, stop) => {
        stops.push(stop);
        return STREAM;
      },
      noSocket,
      log,
    );
    await polled.promise;
    expect(new Set(stops).size).toBe(3);
    await runner.stop();
  });

  it("end with the host while they wait", async () => {
    const [waiting, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const runner = runRelay(
      relayOf(async (io) => void (await io.open(REQUEST))),
      async (_request, stop) => {
        waiting.resolve();
        await stop;
        ended.resolve();
        return STREAM;
      },
      noSocket,
      log,
    );
    await waiting.promise;
    await runner.stop();
    await expect(ended.promise).resolves.toBeUndefined();
  });
});
