import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { deliveryKey } from "../../../src/core/ids.ts";
import type { HttpAnswer, Outgoing } from "../../../src/core/ports.ts";
import { answer, bodyOf, missing, refused, ROOM, said, world } from "./fake.ts";

const KEY = deliveryKey("k-1");
const topic = (text: string, more: object = {}): Outgoing => ({
  kind: "topic",
  channel: ROOM,
  topic: text,
  purpose: false,
  ...more,
});

async function set(text: string, ...replies: HttpAnswer[]) {
  const { connector, requests } = world(replies);
  const [call] = connector.render(topic(text), false);
  return { outcome: await connector.call(call!, KEY), requests };
}

describe("a notice of the bridge", () => {
  it("is one that robots do not answer, and names no author", () => {
    const [call] = world([]).connector.render(
      { kind: "notice", channel: ROOM, content: plain("Ann joined") },
      false,
    );
    expect(call).toEqual({
      op: "create",
      room: ROOM,
      content: { msgtype: "m.notice", body: "Ann joined", "m.mentions": {} },
    });
  });
});

describe("a room's topic", () => {
  it("is set where it is another", async () => {
    const { outcome, requests } = await set(
      "apples",
      answer(200, { topic: "pears" }),
      answer(200, { event_id: "$t" }),
    );
    expect(outcome).toEqual({ kind: "done" });
    expect(requests.map(said)).toEqual([
      `GET /rooms/${ROOM}/state/m.room.topic`,
      `PUT /rooms/${ROOM}/state/m.room.topic`,
    ]);
    expect(bodyOf(requests[1]!)).toEqual({ topic: "apples" });
  });

  it("is set where there was none, and cleared only where there was", async () => {
    expect((await set("apples", missing, answer(200, { event_id: "$t" }))).requests).toHaveLength(
      2,
    );
    expect((await set("", missing)).requests).toHaveLength(1);
  });

  it("is left alone where it is so already, or two bridges would never end", async () => {
    const { outcome, requests } = await set("apples", answer(200, { topic: "apples" }));
    expect([outcome.kind, requests.length]).toEqual(["done", 1]);
  });

  it("that only moderators may set holds up no message", async () => {
    const { outcome } = await set("apples", missing, refused(403, "M_FORBIDDEN"));
    expect(outcome).toMatchObject({ kind: "rejected", moot: true });
  });

  it("is told of before it is set, so that people know in any case", () => {
    const { connector } = world([]);
    const calls = connector.render(topic("apples", { notice: plain("Ann did it") }), false);
    expect(calls.map(({ op }) => op)).toEqual(["create", "topic"]);
    expect(calls.map((call) => connector.posts(call))).toEqual([true, false]);
  });

  it("has no purpose beside it", () => {
    expect(world([]).connector.render(topic("fruit", { purpose: true }), false)).toEqual([]);
  });
});
