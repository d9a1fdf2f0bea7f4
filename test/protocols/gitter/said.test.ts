import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId, messageId } from "../../../src/core/ids.ts";
import { answer, world } from "./fake.ts";

const ROOM = channelId("5f1a2b3c4d5e6f7081920b01");
const ID = messageId("5fdb3a10c4d5e6f708192101");
const message = {
  id: ID,
  text: "ship it",
  fromUser: { id: "5f1a2b3c4d5e6f7081920a01", username: "mara-dev", displayName: "Mara Devlin" },
};

describe("a message that is quoted", () => {
  it("is read with its author", async () => {
    const { connector, requests } = world([answer(200, message)]);
    expect(await connector.said!(ROOM, ID)).toMatchObject({
      author: { name: "mara-dev" },
      content: plain("ship it"),
    });
    expect(requests[0]?.url).toBe(`http://127.0.0.1:4002/v1/rooms/${ROOM}/chatMessages/${ID}`);
  });

  it("is nothing where it is gone, blanked, or no id of Gitter's", async () => {
    expect(await world([answer(404)]).connector.said!(ROOM, ID)).toBeUndefined();
    const blank = answer(200, { ...message, text: "" });
    expect(await world([blank]).connector.said!(ROOM, ID)).toBeUndefined();
    const { connector, requests } = world([answer(500)]);
    expect(await connector.said!(ROOM, messageId("$1"))).toBeUndefined();
    expect(requests).toEqual([]);
  });

  it("is asked for again where the service is away", async () => {
    const asked = world([answer(502, "<html>")]).connector.said!(ROOM, ID);
    await expect(asked).rejects.toMatchObject({ outcome: { kind: "later" } });
  });
});
