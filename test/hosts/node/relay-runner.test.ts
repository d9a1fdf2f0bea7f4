/** How the node host keeps polls going, and ends them. */
import { describe, expect, it } from "vitest";

import { accountId } from "../../../src/core/ids.ts";
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

describe("what the store did not take", () => {
  const account = accountId("slack.team");
  const noStream = () => Promise.reject(new Error("no streams here"));

  it.each(["webhook", "gap"] as const)(
    "leaves history to read: that is begun with the answer to the %s",
    async (kind) => {
      let drains = 0;
      const runner = runRelay(
        {
          ...relayOf(async () => undefined),
          sources: () => [],
          drain: async () => void (drains += 1),
          webhook: () => Promise.reject(new Error("disk full")),
          gap: () => Promise.reject(new Error("disk full")),
        },
        noStream,
        noSocket,
        log,
      );
      const before = drains;
      await expect(runner[kind](account, "")).rejects.toThrow("disk full");
      expect(drains).toBe(before + 1);
      await runner.stop();
    },
  );

  it("is asked for again by a new poll, without anything else happening", async () => {
    let runs = 0;
    const again = Promise.withResolvers<void>();
    const runner = runRelay(
      relayOf(async () => {
        runs += 1;
        if (runs === 1) throw new Error("disk full");
        again.resolve();
      }),
      noStream,
      noSocket,
      log,
    );
    await again.promise;
    expect(runs).toBe(2);
    await runner.stop();
  });
});
