import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId, messageId } from "../../../src/core/ids.ts";
import type { Seen } from "../../../src/core/store.ts";
import { answer, world } from "./fake.ts";

const ROOM = channelId("5f1a2b3c4d5e6f7081920b01");
/** Ids as Gitter makes them: the first 8 digits are seconds. */
const idOf = (n: number): string => `${(0x5fdb3a10 + n).toString(16)}c4d5e6f708192101`;
const message = (n: number, more: object = {}) => ({
  id: idOf(n),
  text: `text ${n}`,
  sent: "2020-12-17T10:59:28.412Z",
  fromUser: { id: "5f1a2b3c4d5e6f7081920a01", username: "mara-dev" },
  ...more,
});
const known = (...seen: readonly (readonly [number, Partial<Seen>])[]) =>
  new Map(seen.map(([n, each]) => [messageId(idOf(n)), { deleted: false, ...each }] as const));
const editedAt = "2020-12-17T11:01:10.500Z";

describe("reading a room again", () => {
  it("asks once for the newest messages, with the replies in threads", async () => {
    const { connector, requests } = world([answer(200, [message(1)])]);
    expect(await connector.reread!.read(ROOM, known([1, {}]))).toEqual([]);
    expect(requests.map(({ url }) => url)).toEqual([
      `http://127.0.0.1:4002/v1/rooms/${ROOM}/chatMessages?includeThreads=true&limit=100`,
    ]);
  });

  it("finds an edit, and once known not again", async () => {
    const { connector } = world([answer(200, [message(1, { text: "better", editedAt })])]);
    expect(await connector.reread!.read(ROOM, known([1, {}]))).toMatchObject([
      { kind: "message.edited", message: idOf(1), version: editedAt, content: plain("better") },
    ]);
    expect(await connector.reread!.read(ROOM, known([1, { edited: editedAt }]))).toEqual([]);
  });

  it("takes an emptied message for deleted", async () => {
    const { connector } = world([answer(200, [message(1, { text: "" })])]);
    expect(await connector.reread!.read(ROOM, known([1, {}]))).toMatchObject([
      { kind: "message.deleted", message: idOf(1) },
    ]);
    expect(await connector.reread!.read(ROOM, known([1, { deleted: true }]))).toEqual([]);
  });

  it("takes a message for deleted that is not listed and that the service does not know", async () => {
    const { connector, requests } = world([answer(200, [message(2)]), answer(404)]);
    expect(await connector.reread!.read(ROOM, known([1, {}], [2, {}]))).toMatchObject([
      { kind: "message.deleted", message: idOf(1) },
    ]);
    expect(requests[1]?.url.endsWith(`/chatMessages/${idOf(1)}`)).toBe(true);
  });

  it("does not trust a listing alone: what is deleted does not come back", async () => {
    const there = world([answer(200, []), answer(200, message(1))]);
    expect(await there.connector.reread!.read(ROOM, known([1, {}]))).toEqual([]);
    const away = world([answer(200, []), answer(502)]);
    expect(await away.connector.reread!.read(ROOM, known([1, {}], [2, {}]))).toEqual([]);
    expect(away.requests).toHaveLength(2);
  });

  it("takes nothing for deleted that a full page cannot show", async () => {
    const page = Array.from({ length: 100 }, (_each, index) => message(10 + index));
    const { connector, requests } = world([answer(200, page), answer(404)]);
    expect(await connector.reread!.read(ROOM, known([1, {}], [10, {}]))).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it("leaves new messages to the stream", async () => {
    const { connector } = world([answer(200, [message(1), message(2, { editedAt })])]);
    expect(await connector.reread!.read(ROOM, known([1, {}]))).toEqual([]);
  });

  it("is shed first: with no more than 60 % of the minute's requests left it waits", async () => {
    const { connector, requests } = world([
      answer(200, [], {
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "60",
        "x-ratelimit-reset": String(1_608_202_800_000 + 30_000),
      }),
    ]);
    await connector.reread!.read(ROOM, known());
    await expect(connector.reread!.read(ROOM, known())).rejects.toMatchObject({
      outcome: { kind: "later", retryAfterMs: 30_000 },
    });
    // A history is still read.
    await connector.history(ROOM, connector.now(1_608_202_800_000));
    expect(requests).toHaveLength(2);
  });
});
