import { describe, expect, it } from "vitest";

import { channelId } from "../../../src/core/ids.ts";
import { positionOf } from "../../../src/protocols/gitter/ids.ts";
import { answer, fixtures, NOON, ROOM, world } from "./fake.ts";

const channel = channelId(ROOM);
const since = positionOf(NOON, "0".repeat(24));
const hex = (seconds: number) => seconds.toString(16).padStart(8, "0");
/** A message made that many seconds after noon. */
const at = (seconds: number, serial = 0) => ({
  ...fixtures["plain"],
  id: hex(NOON / 1000 + seconds) + serial.toString(16).padStart(16, "0"),
  sent: new Date(NOON + seconds * 1000).toISOString(),
});

describe("reading history", () => {
  it("begins a few seconds early, with replies, at most 100 at once", async () => {
    const { connector, requests } = world([answer(200, [at(1), fixtures["editedReply"]])]);
    const page = await connector.history(channel, since);
    expect(requests[0]?.url).toBe(
      `http://127.0.0.1:4002/v1/rooms/${ROOM}/chatMessages?afterId=${hex(NOON / 1000 - 5)}${"0".repeat(16)}&includeThreads=true&limit=100`,
    );
    expect(page.events.map((event) => event.kind)).toEqual([
      "message.created",
      "message.created",
      "message.edited",
    ]);
    expect(page.next).toBeUndefined();
  });
  it("goes on until a page is not full", async () => {
    const full = Array.from({ length: 100 }, (_, index) => at(index));
    const { connector, requests } = world([answer(200, full), answer(200, [at(99), at(100)])]);
    const first = await connector.history(channel, since);
    expect(first.next).toBe(hex(NOON / 1000 + 97) + "0".repeat(16));
    const second = await connector.history(channel, since, first.next);
    expect(second.next).toBeUndefined();
    expect(requests[1]?.url).toContain(`afterId=${first.next}&`);
  });
  it("makes its way through a second with more than a page of messages", async () => {
    const busy = Array.from({ length: 100 }, (_, index) => at(0, index));
    const { connector } = world([answer(200, busy)]);
    const first = await connector.history(channel, since);
    const second = await connector.history(channel, since, first.next);
    expect(second.next).toBe(at(0, 99).id);
    // The same page again: no way on, so it ends.
    expect((await connector.history(channel, since, second.next)).next).toBeUndefined();
  });
  it("starts a new channel at now", () => {
    expect(world([]).connector.now(NOON)).toBe(since);
  });
  it("tells a failure by its class", async () => {
    for (const [status, kind] of [
      [401, "account"],
      [403, "channel"],
      [500, "later"],
    ] as const)
      await expect(world([answer(status)]).connector.history(channel, since)).rejects.toMatchObject(
        { outcome: { kind } },
      );
    await expect(world([answer(200, {})]).connector.history(channel, since)).rejects.toMatchObject({
      outcome: { kind: "later" },
    });
  });
  it("asks nothing that the service would answer with a 500", async () => {
    const { connector, requests } = world([answer(200, [])]);
    await expect(connector.history(channelId("C1"), since)).rejects.toMatchObject({
      outcome: { kind: "rejected" },
    });
    await expect(connector.history(channel, since, "junk")).rejects.toThrow();
    expect(requests).toEqual([]);
  });
});
