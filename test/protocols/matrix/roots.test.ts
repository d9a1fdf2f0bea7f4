import { expect, it } from "vitest";

import { event, ROOM, text, world } from "./fake.ts";

const item = (raw: unknown) => JSON.stringify({ at: "001608202800000-500000", event: raw });
const replyTo = (id: string, answered: string) =>
  event({
    event_id: id,
    content: {
      msgtype: "m.text",
      body: "yes",
      "m.relates_to": { "m.in_reply_to": { event_id: answered } },
    },
  });
const editOf = (id: string) =>
  event({
    content: {
      msgtype: "m.text",
      body: "* no",
      "m.new_content": { msgtype: "m.text", body: "no" },
      "m.relates_to": { rel_type: "m.replace", event_id: id },
    },
  });

it("hangs a chain of replies on the message that the first of them answered", () => {
  const { connector } = world([]);
  connector.normalizeItem(ROOM, item(text("$1")));
  connector.normalizeItem(ROOM, item(replyTo("$2", "$1")));
  expect(connector.normalizeItem(ROOM, item(replyTo("$3", "$2")))).toMatchObject([
    { thread: "$1", answers: { message: "$2", outside: true } },
  ]);
});

it("tells where an edited message stands, which its edit does not say", () => {
  const { connector } = world([]);
  connector.normalizeItem(ROOM, item(replyTo("$2", "$1")));
  expect(connector.normalizeItem(ROOM, item(editOf("$2")))).toMatchObject([
    { kind: "message.edited", thread: "$1", answers: { message: "$1", outside: true } },
  ]);
  expect(connector.normalizeItem(ROOM, item(editOf("$9")))[0]).not.toHaveProperty("thread");
});
