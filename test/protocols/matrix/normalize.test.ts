import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { accountId, position } from "../../../src/core/ids.ts";
import { normalizeItem, normalizeUnsaid } from "../../../src/protocols/matrix/normalize.ts";
import { event, MARA, ME, NOON, ROOM, state, text } from "./fake.ts";

const place = { account: accountId("matrix.orchard"), channel: ROOM, me: ME };
const at = position("001608202800000-500000");
const item = (raw: unknown, name?: string) =>
  normalizeItem(place, JSON.stringify({ at, event: raw, ...(name === undefined ? {} : { name }) }));
const one = (raw: unknown, name?: string) => {
  const events = item(raw, name);
  expect(events).toHaveLength(1);
  return events[0]!;
};
const message = (content: object, more: object = {}) => one(event({ content, ...more }));
const said = (found: ReturnType<typeof one>) =>
  "content" in found ? toText(found.content) : found;

describe("a message", () => {
  it("has its author's name in the room, its place and its time", () => {
    expect(one(text("$1", NOON + 5, "hi"), "Mara")).toMatchObject({
      kind: "message.created",
      account: "matrix.orchard",
      channel: ROOM,
      message: "$1",
      sentAt: NOON + 5,
      position: at,
      author: { id: MARA, name: "Mara" },
    });
  });
  it.each(["m.text", "m.notice", "m.location"])("is what it says, as %s", (msgtype) => {
    const found = message({ msgtype, body: "hi *you*" });
    expect(said(found)).toBe("hi *you*");
    expect(found).not.toHaveProperty("emote");
  });
  it("is a robot's as m.notice", () => {
    expect(message({ msgtype: "m.notice", body: "hi" })).toMatchObject({ author: { bot: true } });
    expect(message({ msgtype: "m.text", body: "hi" })).not.toHaveProperty("author.bot");
  });
  it("is an emote as m.emote", () => {
    expect(message({ msgtype: "m.emote", body: "waves" })).toMatchObject({
      kind: "message.created",
      emote: true,
    });
  });
  it("is read from its HTML where there is any", () => {
    const found = message({
      msgtype: "m.text",
      body: "x",
      format: "org.matrix.custom.html",
      formatted_body: "<b>bold</b>",
    });
    expect(found).toMatchObject({ content: { children: [{ children: [{ type: "strong" }] }] } });
  });
  it.each(["m.key.verification.request", "org.example.poll"])("is not relayed as %s", (msgtype) => {
    expect(message({ msgtype, body: "x" })).toEqual({ kind: "unsupported", reason: msgtype });
  });
  it.each([{}, { msgtype: "m.text" }, { body: "x" }, { msgtype: 1, body: "x" }])(
    "without text is not relayed: %j",
    (content) => {
      expect(message(content)).toMatchObject({ kind: "unsupported" });
    },
  );
  it("that was deleted since is not relayed", () => {
    expect(
      one(event({ content: {}, unsigned: { redacted_because: { type: "m.room.redaction" } } })),
    ).toEqual({ kind: "unsupported", reason: "redacted" });
  });
});

describe("an answer", () => {
  it("in a thread belongs to the thread's first message", () => {
    expect(
      message({
        msgtype: "m.text",
        body: "x",
        "m.relates_to": {
          rel_type: "m.thread",
          event_id: "$root",
          is_falling_back: true,
          "m.in_reply_to": { event_id: "$last" },
        },
      }),
    ).toMatchObject({ kind: "message.created", thread: "$root" });
  });
  it("to a message of a thread names both, unless that stands for clients without threads", () => {
    const answering = (isFallback: boolean) =>
      message({
        msgtype: "m.text",
        body: "x",
        "m.relates_to": {
          rel_type: "m.thread",
          event_id: "$root",
          is_falling_back: isFallback,
          "m.in_reply_to": { event_id: "$2" },
        },
      });
    expect(answering(false)).toMatchObject({
      thread: "$root",
      answers: { message: "$2", outside: false },
    });
    expect(answering(true)).not.toHaveProperty("answers");
  });
  it("to a message belongs to that message, without the quote of it", () => {
    const found = message({
      msgtype: "m.text",
      body: "> <@kim:example.org> apples\n\nyes",
      "m.relates_to": { "m.in_reply_to": { event_id: "$1" } },
    });
    expect(found).toMatchObject({ thread: "$1", answers: { message: "$1", outside: true } });
    expect(said(found)).toBe("yes");
  });
  it("to nothing is a message", () => {
    const found = message({ msgtype: "m.text", body: "x", "m.relates_to": { rel_type: 7 } });
    expect(found).toMatchObject({ kind: "message.created" });
    expect(found).not.toHaveProperty("thread");
  });
});

describe("an edit", () => {
  const edit = (more: object = {}) => ({
    msgtype: "m.text",
    body: "* new",
    "m.new_content": { msgtype: "m.text", body: "new" },
    "m.relates_to": { rel_type: "m.replace", event_id: "$1" },
    ...more,
  });
  it("is about the message that it replaces, with the new text", () => {
    const found = message(edit());
    expect(found).toMatchObject({ kind: "message.edited", message: "$1", author: { id: MARA } });
    expect(said(found)).toBe("new");
  });
  it("has a version that is greater for a later one, and its own", () => {
    const versions = [NOON, NOON + 1, NOON + 1].map((ms, index) => {
      const found = message(edit(), { event_id: `$v${index}`, origin_server_ts: ms });
      return found.kind === "message.edited" ? found.version : "";
    });
    expect(versions).toEqual([...versions].sort());
    expect(new Set(versions).size).toBe(3);
  });
  it("may make an emote of it", () => {
    expect(message(edit({ "m.new_content": { msgtype: "m.emote", body: "waves" } }))).toMatchObject(
      {
        emote: true,
      },
    );
  });
  it.each([
    { "m.new_content": undefined },
    { "m.new_content": "new" },
    { "m.relates_to": { rel_type: "m.replace" } },
  ])("of nothing is not relayed: %j", (more) => {
    expect(message(edit(more))).toMatchObject({ kind: "unsupported" });
  });
});

describe("a redaction", () => {
  it("deletes what it names, as rooms before version 11 have it", () => {
    expect(one(event({ type: "m.room.redaction", redacts: "$1", content: {} }))).toMatchObject({
      kind: "message.deleted",
      message: "$1",
    });
  });
  it("deletes what it names, as rooms since version 11 have it", () => {
    expect(one(event({ type: "m.room.redaction", content: { redacts: "$1" } }))).toMatchObject({
      kind: "message.deleted",
      message: "$1",
    });
  });
  it("of nothing is not relayed", () => {
    expect(one(event({ type: "m.room.redaction", content: {} }))).toMatchObject({
      kind: "unsupported",
    });
  });
});

describe("a reaction", () => {
  const to = { rel_type: "m.annotation", event_id: "$1", key: "👍" };
  it("is about the message that it is on", () => {
    const raw = event({
      type: "m.reaction",
      event_id: "$r",
      content: { "m.relates_to": to },
    });
    expect(one(raw)).toMatchObject({
      kind: "reaction.added",
      message: "$1",
      emoji: "👍",
      reaction: "$r",
      author: { id: MARA },
    });
  });
  it.each([{ ...to, rel_type: "m.thread" }, { ...to, key: undefined }, undefined])(
    "to nothing is not relayed: %j",
    (relation) => {
      expect(
        one(event({ type: "m.reaction", content: { "m.relates_to": relation } })),
      ).toMatchObject({ kind: "unsupported" });
    },
  );
});

describe("a file", () => {
  const file = {
    msgtype: "m.image",
    body: "apples.png",
    url: "mxc://example.org/abc",
    info: { mimetype: "image/png", size: 5 },
  };
  it.each(["m.image", "m.file", "m.video", "m.audio"])(
    "is an attachment without text, as %s",
    (msgtype) => {
      const found = message({ ...file, msgtype }, { event_id: "$1" });
      expect(found).toMatchObject({
        kind: "message.created",
        files: [
          {
            name: "apples.png",
            mimetype: "image/png",
            size: 5,
            url: "https://matrix.to/#/!orchard%3Aexample.org/%241",
          },
        ],
      });
      expect(said(found)).toBe("");
    },
  );
  it("has a caption where its name stands for itself", () => {
    const found = message({ ...file, filename: "apples.png", body: "look" });
    expect(found).toMatchObject({ files: [{ name: "apples.png" }] });
    expect(said(found)).toBe("look");
  });
  it("has no caption that only repeats its name", () => {
    expect(said(message({ ...file, filename: "apples.png" }))).toBe("");
  });
  it("of unknown size and kind is still one", () => {
    expect(message({ ...file, info: { size: "big" } })).toMatchObject({
      files: [{ name: "apples.png" }],
    });
  });
  it("is what a sticker is", () => {
    const content = { body: "a cat", url: "mxc://example.org/cat", info: {} };
    expect(one(event({ type: "m.sticker", content }))).toMatchObject({
      kind: "message.created",
      files: [{ name: "a cat" }],
    });
  });
});

describe("a topic", () => {
  it("is told with who set it", () => {
    expect(one(state("m.room.topic", { topic: "apples" }))).toMatchObject({
      kind: "topic.changed",
      topic: "apples",
      author: { id: MARA },
    });
  });
  it("is only one in the room's state: anybody may send an event of its type", () => {
    expect(one(event({ type: "m.room.topic", content: { topic: "apples" } }))).toMatchObject({
      kind: "unsupported",
    });
  });
  it("without text is not relayed", () => {
    expect(one(state("m.room.topic", {}))).toMatchObject({ kind: "unsupported" });
  });
});

describe("a membership", () => {
  const KIM = "@kim:example.org";
  const change = (was: string | undefined, now: string, sender = KIM) =>
    one(
      state("m.room.member", { membership: now, displayname: "Kim" }, KIM, {
        sender,
        ...(was === undefined ? {} : { unsigned: { prev_content: { membership: was } } }),
      }),
    );
  it.each([undefined, "invite", "leave"])("after %s is a coming", (was) => {
    expect(change(was, "join")).toMatchObject({ kind: "member.joined", author: { id: KIM } });
  });
  it("ends with a leaving", () => {
    expect(change("join", "leave")).toMatchObject({ kind: "member.left", author: { id: KIM } });
  });
  it("ends with a kick or a ban, told of the one who had to go", () => {
    for (const now of ["leave", "ban"])
      expect(change("join", now, MARA)).toMatchObject({ kind: "member.left", author: { id: KIM } });
  });
  it("with a new name or face is neither", () => {
    expect(change("join", "join")).toMatchObject({ kind: "unsupported" });
  });
  it.each([
    ["invite", "leave"],
    ["leave", "ban"],
    ["ban", "leave"],
    [undefined, "invite"],
    [undefined, "knock"],
  ])("from %s to %s of somebody who was not there is not relayed", (was, now) => {
    expect(change(was, now, MARA)).toMatchObject({ kind: "unsupported" });
  });
  it("that is no state is not relayed", () => {
    expect(one(event({ type: "m.room.member", content: { membership: "join" } }))).toMatchObject({
      kind: "unsupported",
    });
  });
});

describe("our own events", () => {
  it("are known by their key and the instance that wrote them", () => {
    const content = {
      msgtype: "m.text",
      body: "x",
      "dev.footbridge": { key: "k1", instance: "one" },
    };
    expect(message(content, { sender: ME })).toMatchObject({
      echo: { key: "k1", instance: "one" },
    });
  });
  it("are known by their sender alone where somebody wrote as the bridge", () => {
    expect(message({ msgtype: "m.text", body: "x" }, { sender: ME })).toMatchObject({ echo: {} });
    expect(
      one(event({ type: "m.room.redaction", redacts: "$1", sender: ME, content: {} })),
    ).toMatchObject({ echo: {} });
  });
  it("cannot be claimed by others", () => {
    const content = {
      msgtype: "m.text",
      body: "x",
      "dev.footbridge": { key: "k1", instance: "one" },
    };
    expect(message(content)).not.toHaveProperty("echo");
  });
});

describe("what cannot be read", () => {
  it("says so when it is encrypted", () => {
    expect(one(event({ type: "m.room.encrypted", content: { ciphertext: "x" } }))).toMatchObject({
      kind: "unsupported",
      reason: expect.stringContaining("encrypted") as string,
    });
  });
  it("is counted by its type", () => {
    expect(one(event({ type: "m.call.invite" }))).toEqual({
      kind: "unsupported",
      reason: "m.call.invite",
    });
  });
  it.each([
    "",
    "null",
    "[]",
    "{",
    "{}",
    '{"event":{}}',
    '{"at":1,"event":null}',
    '{"at":"1","event":{"event_id":"1","type":"x","sender":"@a:b","origin_server_ts":1,"content":{}}}',
    '{"at":"1","event":{"event_id":"$1","type":"x","sender":"a","origin_server_ts":1,"content":{}}}',
  ])("is no event: %s", (line) => {
    expect(normalizeItem(place, line)).toEqual([{ kind: "unsupported", reason: "not an event" }]);
  });
  it("never throws for a content of any shape", () => {
    for (const type of [
      "m.room.message",
      "m.room.member",
      "m.reaction",
      "m.room.topic",
      "m.sticker",
    ])
      for (const content of [null, 1, [], "x", { "m.relates_to": [] }, { body: {}, info: 1 }])
        expect(one(state(type, content as object, ""))).toHaveProperty("kind");
  });
});

describe("a glance at an item", () => {
  const glance = (raw: unknown) => normalizeUnsaid(place, JSON.stringify({ at, event: raw }));
  it("knows our own events by their sender, with the key that settles them", () => {
    const content = {
      msgtype: "m.text",
      body: "x",
      "dev.footbridge": { key: "k1", instance: "one" },
    };
    const own = event({ content, sender: ME });
    expect(glance(own)).toMatchObject([
      { kind: "message.created", position: at, echo: { key: "k1", instance: "one" } },
    ]);
  });
  it("reads events in which nothing is said", () => {
    const redaction = event({ type: "m.room.redaction", redacts: "$1", content: {} });
    expect(glance(redaction)).toEqual(item(redaction));
    const topic = state("m.room.topic", { topic: "news" });
    expect(glance(topic)).toEqual(item(topic));
  });
  it("leaves what anybody else says unread, and what is no event", () => {
    expect(glance(text("$1", NOON, "hi"))).toBeUndefined();
    expect(glance({ ...text("$1", NOON, "hi"), type: "m.sticker" })).toBeUndefined();
    expect(glance({})).toBeUndefined();
    expect(normalizeUnsaid(place, "half an it")).toBeUndefined();
  });
});
