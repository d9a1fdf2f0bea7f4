/** Edits that are taken back, as the connector hears of them and asks what counts then. */
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import type { MessageReverted } from "../../../src/core/event.ts";
import { messageId } from "../../../src/core/ids.ts";
import { answer, event, HTML, MARA, missing, ROOM, said, text, world } from "./fake.ts";

const KIM = "@kim:example.org";
const item = (raw: unknown) => JSON.stringify({ at: "001608202800000-500000", event: raw });
const edit = (id: string, body: string, more: object = {}) =>
  event({
    event_id: id,
    content: {
      msgtype: "m.text",
      body: `* ${body}`,
      "m.new_content": { msgtype: "m.text", body },
      "m.relates_to": { rel_type: "m.replace", event_id: "$1" },
    },
    ...more,
  });
const redaction = (redacts: string) =>
  event({ event_id: "$gone", type: "m.room.redaction", content: { redacts } });

describe("the redaction of an edit", () => {
  it("is about the message that the edit had changed", () => {
    const { connector } = world([]);
    connector.normalizeItem(ROOM, item(edit("$e1", "second")));
    expect(connector.normalizeItem(ROOM, item(redaction("$e1")))).toMatchObject([
      { kind: "message.reverted", message: "$1", author: { id: MARA }, version: "$e1" },
    ]);
    expect(connector.normalizeItem(ROOM, item(redaction("$1")))).toMatchObject([
      { kind: "message.deleted", message: "$1" },
    ]);
  });

  it("is known of edits from history, and where items are only glanced at", async () => {
    const { connector } = world([answer(200, { start: "t", chunk: [edit("$e1", "second")] })]);
    await connector.history(ROOM, connector.now(0));
    expect(connector.glance!(ROOM, item(redaction("$e1")))).toMatchObject([
      { kind: "message.reverted", message: "$1" },
    ]);
  });

  it("is a deletion of something unknown once the edit was the oldest of too many", () => {
    const { connector } = world([]);
    for (let n = 1; n <= 2_001; n += 1)
      connector.normalizeItem(ROOM, item(edit(`$e${n}`, "again")));
    const kinds = ["$e1", "$e2"].map(
      (id) => connector.normalizeItem(ROOM, item(redaction(id)))[0]?.kind,
    );
    expect(kinds).toEqual(["message.deleted", "message.reverted"]);
  });
});

it("edits that others send of a message are none, and push none out", () => {
  const { connector } = world([]);
  connector.normalizeItem(ROOM, item(text("$1")));
  connector.normalizeItem(ROOM, item(edit("$e1", "second")));
  for (let n = 2; n <= 2_100; n += 1)
    connector.normalizeItem(ROOM, item(edit(`$e${n}`, "forged", { sender: KIM })));
  const kinds = ["$e1", "$e2"].map(
    (id) => connector.normalizeItem(ROOM, item(redaction(id)))[0]?.kind,
  );
  expect(kinds).toEqual(["message.reverted", "message.deleted"]);
});

describe("what a message says now", () => {
  const asked = (...replies: Parameters<typeof world>[0]) => {
    const { connector, requests } = world(replies);
    connector.normalizeItem(ROOM, item(edit("$e1", "second")));
    const [reverted] = connector.normalizeItem(ROOM, item(redaction("$e1")));
    return { current: connector.current!(reverted as MessageReverted), requests };
  };
  const edits = (...chunk: unknown[]) => answer(200, { chunk });

  it("is what it said first, where no edit is left", async () => {
    const { current, requests } = asked(answer(200, text("$1")), edits());
    expect(await current).toMatchObject({ content: plain("$1"), edited: false });
    expect(requests.map((request) => said(request))).toEqual([
      `GET /rooms/${ROOM}/event/$1`,
      `GET https://hs.example.org/_matrix/client/v1/rooms/${ROOM}/relations/$1/m.replace/m.room.message limit=100`,
    ]);
  });

  it("is its author's newest edit, whatever anybody else sent and in whatever order they come", async () => {
    const { current } = asked(
      answer(200, text("$1")),
      edits(
        edit("$e4", "forged", { sender: KIM, origin_server_ts: 9_000_000_000_000 }),
        edit("$e2", "older", { origin_server_ts: 1_608_202_800_001 }),
        edit("$e3", "newer", { origin_server_ts: 1_608_202_800_002 }),
      ),
    );
    expect(await current).toMatchObject({ content: plain("newer"), edited: true });
  });

  it("is found behind a page of what others sent, of which there may be so many", async () => {
    const forged = { ...edit("$e4", "forged", { sender: KIM }) };
    const page = answer(200, { chunk: [forged], next_batch: "more" });
    const { current, requests } = asked(answer(200, text("$1")), page, edits(edit("$e2", "own")));
    expect(await current).toMatchObject({ content: plain("own"), edited: true });
    expect(said(requests[2]!)).toContain("from=more");
    const endless = asked(answer(200, text("$1")), ...Array.from({ length: 20 }, () => page));
    expect(await endless.current).toMatchObject({ content: plain("$1"), edited: false });
    expect(endless.requests).toHaveLength(11);
  });

  it("keeps the thread and the file that it has", async () => {
    const original = event({
      event_id: messageId("$1"),
      content: {
        msgtype: "m.image",
        body: "a.png",
        filename: "a.png",
        url: "mxc://example.org/a",
        "m.relates_to": { rel_type: "m.thread", event_id: "$root" },
      },
    });
    const { current } = asked(answer(200, original), edits());
    expect(await current).toMatchObject({
      thread: "$root",
      files: [{ id: "mxc://example.org/a" }],
    });
  });

  it("is nothing for a message that is gone", async () => {
    expect(await asked(missing).current).toBeUndefined();
  });

  it("is asked for again where the homeserver is away", async () => {
    for (const replies of [[answer(502, HTML)], [answer(200, text("$1")), answer(502, HTML)]])
      await expect(asked(...replies).current).rejects.toMatchObject({ outcome: { kind: "later" } });
  });
});
