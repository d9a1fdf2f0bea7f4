import { describe, expect, it } from "vitest";

import { accountId, channelId } from "../../../src/core/ids.ts";
import { backoffMs, runStream } from "../../../src/protocols/gitter/stream.ts";
import { NOON, ROOM, secret, sourceWorld } from "./fake.ts";
import type { SourceWorld } from "./fake.ts";

const run = (world: SourceWorld) =>
  runStream(
    {
      account: accountId("gitter.orchard"),
      streamUrl: "http://127.0.0.1:4003/v1/",
      token: secret("t0ken"),
      tokenName: "MATTERBRIDGE_GITTER_ORCHARD_TOKEN",
    },
    channelId(ROOM),
    world.io,
  );
const handed = (world: SourceWorld) =>
  world.batches.map(({ opened, items }) => (opened ? "opened" : items));

describe("the stream of a room", () => {
  it("tells the relay of each opening before it hands over lines", async () => {
    const world = sourceWorld([{ pieces: ['{"id":1}\n', " \n", '{"id":2}\n{"id"', ":3}\n"] }]);
    await run(world);
    expect(handed(world)).toEqual(["opened", ['{"id":1}'], ['{"id":2}'], ['{"id":3}']]);
    expect(world.requests[0]).toEqual({
      method: "GET",
      url: `http://127.0.0.1:4003/v1/rooms/${ROOM}/chatMessages`,
      headers: { accept: "application/json", authorization: "Bearer t0ken" },
    });
    expect(world.states).toEqual(["open", "closed"]);
    expect(world.closed).toBe(1);
  });
  it("opens again after an end, a broken connection and silence", async () => {
    const world = sourceWorld([
      { pieces: [" \n"] },
      { pieces: [" \n", new Error("75 s of silence")] },
      new Error("refused"),
      { pieces: ['{"id":1}\n'] },
    ]);
    await run(world);
    expect(handed(world)).toEqual(["opened", "opened", "opened", ['{"id":1}']]);
    expect(new Set(world.silences)).toEqual(new Set([75_000]));
    expect(world.closed).toBe(3);
  });
  it("waits longer with every failure, and anew after a connection that held", async () => {
    const refused = new Error("refused");
    const held = { pieces: [" \n"], msPerPiece: 15_000 };
    const world = sourceWorld([refused, refused, refused, held, refused]);
    await run(world);
    expect(world.sleeps).toEqual([2000, 4000, 8000, 1000, 2000]);
  });
  it("takes connections that end right after their first bytes for refused ones", async () => {
    const short = { pieces: [" \n"], msPerPiece: 100 };
    const world = sourceWorld([short, short, short, short]);
    await run(world);
    expect(world.sleeps).toEqual([2000, 4000, 8000, 16_000]);
  });
  it("waits between a second and a minute", () => {
    expect(backoffMs(0, 0)).toBe(1000);
    expect(backoffMs(3, 0.999_999)).toBeLessThanOrEqual(16_000);
    expect(backoffMs(1000, 0.999_999)).toBeLessThanOrEqual(60_000);
  });
  it("waits after a 429 until the reset", async () => {
    const headers = { "x-ratelimit-reset": String(NOON + 33_000) };
    const world = sourceWorld([{ status: 429, headers }]);
    await run(world);
    expect(world.sleeps).toEqual([33_000]);
    expect(world.batches).toEqual([]);
  });
  it.each([401, 403, 404])("says what to do after a %i, and tries slowly", async (status) => {
    const world = sourceWorld([{ status }]);
    await run(world);
    expect(world.sleeps).toEqual([300_000]);
    expect(world.logs).toEqual([expect.stringContaining(`stream refused: ${status}`)]);
    expect(world.closed).toBe(1);
  });
  it("backs off from a 5xx without a word", async () => {
    const world = sourceWorld([{ status: 503 }]);
    await run(world);
    expect(world.sleeps).toEqual([2000]);
    expect(world.logs).toEqual([]);
  });
  it("opens again when a batch was not stored, so that history brings it", async () => {
    let stored = 0;
    const world = sourceWorld([{ pieces: ["a\n", "b\n"] }, {}], async ({ opened }) => {
      if (!opened && ++stored === 1) throw new Error("disk full");
    });
    await run(world);
    expect(handed(world)).toEqual(["opened", "opened"]);
    expect(world.closed).toBe(2);
  });
  it("drops a line that is too long, says so, and reads on", async () => {
    const world = sourceWorld([{ pieces: ["x".repeat(1_048_577), "x\nok\n"] }]);
    await run(world);
    expect(handed(world)).toEqual(["opened", ["ok"]]);
    expect(world.logs).toEqual(["dropped lines over 1 MiB from the stream"]);
  });
  it("ends when it is told to stop", async () => {
    const world = sourceWorld([]);
    await run(world);
    expect(world.requests).toEqual([]);
  });
});
