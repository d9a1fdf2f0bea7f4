import { describe, expect, it } from "vitest";

import { deliveryKey, messageId } from "../../../src/core/ids.ts";
import type { HttpAnswer } from "../../../src/core/ports.ts";
import { emojiOfKey } from "../../../src/protocols/matrix/reactions.ts";
import { answer, bodyOf, event, HOME, MARA, ME, refused, ROOM, said, world } from "./fake.ts";

const KEY = deliveryKey("k-1");
const target = messageId("$1");
const annotation = (id: string, sender: string, key: string) =>
  event({
    event_id: id,
    sender,
    type: "m.reaction",
    content: { "m.relates_to": { rel_type: "m.annotation", event_id: "$1", key } },
  });

async function write(kind: "react" | "unreact", emoji: string, ...replies: HttpAnswer[]) {
  const { connector, requests } = world(replies);
  const [call] = connector.render({ kind, channel: ROOM, target, emoji }, false);
  expect(connector.posts(call!)).toBe(false);
  return { outcome: await connector.call(call!, KEY), requests };
}

describe("a key of a reaction", () => {
  it.each([
    ["👍\ufe0f", "👍"],
    ["👍🏽", "👍🏽"],
    [":tada:", "🎉"],
    [":partyparrot:", ":partyparrot:"],
    ["LGTM", "LGTM"],
  ])("%j is %j", (key, emoji) => {
    expect(emojiOfKey(key)).toBe(emoji);
  });
  it.each(["", "a\u001fb", "x".repeat(65)])("%j is none", (key) => {
    expect(emojiOfKey(key)).toBeUndefined();
  });
});

describe("reacting in a room", () => {
  it("annotates the message under the delivery's key, with the selector that clients write", async () => {
    const { outcome, requests } = await write("react", "👍", answer(200, { event_id: "$r" }));
    expect(outcome).toEqual({ kind: "done" });
    expect(requests.map(said)).toEqual([`PUT /rooms/${ROOM}/send/m.reaction/k-1`]);
    expect(bodyOf(requests[0]!)).toEqual({
      "m.relates_to": { rel_type: "m.annotation", event_id: "$1", key: "👍\ufe0f" },
    });
  });

  it("is done where it was done before", async () => {
    const { outcome } = await write("react", "👍", refused(400, "M_DUPLICATE_ANNOTATION"));
    expect(outcome).toEqual({ kind: "done" });
  });

  it.each([
    [403, "M_FORBIDDEN"],
    [400, "M_UNKNOWN"],
  ])("that is refused with %i %s holds up no message", async (status, errcode) => {
    const { outcome } = await write("react", "👍", refused(status, errcode));
    expect(outcome).toMatchObject({ kind: "rejected", moot: true });
  });

  it("without being in the room is the room's trouble", async () => {
    const reply = refused(403, "M_FORBIDDEN", { error: `User ${ME} not in room ${ROOM}` });
    expect((await write("react", "👍", reply)).outcome).toMatchObject({ kind: "channel" });
  });
});

describe("taking a reaction back in a room", () => {
  it("redacts all of ours with that emoji, and nobody else's", async () => {
    const chunk = [
      annotation("$theirs", MARA, "👍"),
      annotation("$other", ME, "🎉"),
      annotation("$ours", ME, "👍"),
      annotation("$ours-too", ME, "👍\ufe0f"),
    ];
    const { outcome, requests } = await write(
      "unreact",
      "👍",
      answer(200, { chunk }),
      answer(200, { event_id: "$x" }),
    );
    expect(outcome).toEqual({ kind: "done" });
    expect(requests.map(said)).toEqual([
      `GET ${HOME}/_matrix/client/v1/rooms/${ROOM}/relations/$1/m.annotation/m.reaction limit=1000`,
      `PUT /rooms/${ROOM}/redact/$ours/k-1`,
      `PUT /rooms/${ROOM}/redact/$ours-too/k-1-1`,
    ]);
  });

  it("looks through further pages", async () => {
    const { requests } = await write(
      "unreact",
      "👍",
      answer(200, { chunk: [annotation("$theirs", MARA, "👍")], next_batch: "t2" }),
      answer(200, { chunk: [annotation("$ours", ME, "👍")] }),
      answer(200, { event_id: "$x" }),
    );
    expect(requests.map(said).slice(1)).toEqual([
      `GET ${HOME}/_matrix/client/v1/rooms/${ROOM}/relations/$1/m.annotation/m.reaction limit=1000&from=t2`,
      `PUT /rooms/${ROOM}/redact/$ours/k-1`,
    ]);
  });

  it("is done where there is none, or no message any more", async () => {
    expect((await write("unreact", "👍", answer(200, { chunk: [] }))).outcome).toEqual({
      kind: "done",
    });
    expect((await write("unreact", "👍", refused(404, "M_NOT_FOUND"))).outcome).toEqual({
      kind: "done",
    });
  });

  it("is tried again where the homeserver is away", async () => {
    expect((await write("unreact", "👍", answer(502, "x"))).outcome).toMatchObject({
      kind: "later",
    });
  });
});
