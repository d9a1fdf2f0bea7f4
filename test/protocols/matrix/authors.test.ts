import { describe, expect, it } from "vitest";

import type { MessageEdited } from "../../../src/core/event.ts";
import { answer, event, HTML, MARA, missing, refused, ROOM, said, text, world } from "./fake.ts";

const KIM = "@kim:example.org";
const item = (raw: unknown) => JSON.stringify({ at: "001608202800000-500000", event: raw });
const edit = (sender: string) =>
  event({
    sender,
    content: {
      msgtype: "m.text",
      body: "* x",
      "m.new_content": { msgtype: "m.text", body: "x" },
      "m.relates_to": { rel_type: "m.replace", event_id: "$1" },
    },
  });
const editBy = (connector: ReturnType<typeof world>["connector"], sender: string) => {
  const [found] = connector.normalizeItem(ROOM, item(edit(sender)));
  return connector.ownEdit!(found as MessageEdited);
};

describe("an edit", () => {
  it("of somebody else's message does not count", async () => {
    const { connector, requests } = world([]);
    connector.normalizeItem(ROOM, item(text("$1")));
    expect(await editBy(connector, KIM)).toBe(false);
    expect(requests).toEqual([]);
  });
  it("of one's own message counts", async () => {
    const { connector, requests } = world([]);
    connector.normalizeItem(ROOM, item(text("$1")));
    expect(await editBy(connector, MARA)).toBe(true);
    expect(requests).toEqual([]);
  });
  it("of a message from history is known too", async () => {
    const { connector, requests } = world([answer(200, { start: "t", chunk: [text("$1")] })]);
    await connector.history(ROOM, connector.now(0));
    expect(await editBy(connector, KIM)).toBe(false);
    expect(requests).toHaveLength(1);
  });
  it("of a message that is forgotten is asked about", async () => {
    const { connector, requests } = world([answer(200, text("$1"))]);
    expect(await editBy(connector, MARA)).toBe(true);
    expect(await editBy(connector, KIM)).toBe(false);
    expect(said(requests[0]!)).toBe(`GET /rooms/${ROOM}/event/$1`);
  });
  it("does not make its sender the author", async () => {
    const { connector } = world([answer(200, text("$1"))]);
    connector.normalizeItem(ROOM, item(edit(KIM)));
    expect(await editBy(connector, KIM)).toBe(false);
  });
  it("of a message that nobody can show does not count", async () => {
    for (const reply of [missing, refused(403, "M_FORBIDDEN")]) {
      const { connector } = world([reply, answer(200, { joined_rooms: [ROOM] })]);
      expect(await editBy(connector, MARA)).toBe(false);
    }
  });
  it.each([
    ["the homeserver is away", answer(502, HTML), "later"],
    ["a proxy answers in its place", answer(404, HTML), "account"],
    ["the bridge is thrown out of the room", missing, "channel"],
  ])("waits while %s", async (_what, reply, kind) => {
    const { connector } = world([reply, answer(200, { joined_rooms: ["!other:example.org"] })]);
    await expect(editBy(connector, MARA)).rejects.toMatchObject({
      outcome: { kind },
    });
  });
  it("is asked about when its message was the oldest of too many", async () => {
    const { connector, requests } = world([answer(200, text("$1"))]);
    for (let n = 1; n <= 2_001; n += 1) connector.normalizeItem(ROOM, item(text(`$${n}`)));
    expect(await editBy(connector, MARA)).toBe(true);
    expect(requests).toHaveLength(1);
  });
});
