/** What Slack says to changes of our posts, and to a look at what is quoted. */
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId, deliveryKey, messageId } from "../../../src/core/ids.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { normalize } from "../../../src/protocols/slack/normalize.ts";
import { ACCOUNT, accountOf, hmac, NOW, noFiles, quiet, secret } from "./wire.ts";

const KEY = deliveryKey("k");
const channel = channelId("C0GENERAL");
const ts = messageId("1795348000.000100");

/** A connector whose every call is answered by this, or by what it is of each method. */
function world(body: object | ((method: string) => object)) {
  const asked: string[] = [];
  const values = { Token: secret("xoxb-test"), APIURL: "https://slack.example/api/" };
  const connector = slack.connect(accountOf(values), {
    http: async ({ url, body: sent }) => {
      const method = url.replace("https://slack.example/api/", "");
      asked.push(`${method} ${sent ?? ""}`);
      const answer = typeof body === "function" ? body(method) : body;
      return { status: 200, header: () => null, body: JSON.stringify(answer) };
    },
    hmac,
    clock: () => NOW,
    log: quiet,
    instance: "i-1",
    longLived: true,
    ...noFiles,
  });
  return { connector, asked };
}
const callWith = (method: string, error: string) =>
  world({ ok: false, error }).connector.call({ method, args: { channel, ts } }, KEY);

describe("a change of a post of ours", () => {
  it("is moot where the post is gone or closed to changes", async () => {
    for (const error of ["message_not_found", "edit_window_closed"])
      expect(await callWith("chat.update", error)).toMatchObject({ kind: "rejected", moot: true });
  });

  it("is a dead letter where an operator may want to know", async () => {
    expect(await callWith("chat.update", "msg_too_long")).not.toHaveProperty("moot");
    expect(await callWith("chat.delete", "cant_delete_message")).not.toHaveProperty("moot");
  });

  it("is blanked where the workspace lets nobody delete", async () => {
    const { connector, asked } = world((method) =>
      method === "chat.delete" ? { ok: false, error: "cant_delete_message" } : { ok: true },
    );
    const call = { method: "chat.delete", args: { channel, ts } };
    expect(await connector.call(call, KEY)).toEqual({ kind: "done" });
    const update = JSON.parse(asked[1]!.replace("chat.update ", "")) as Record<string, unknown>;
    expect(update).toMatchObject({ channel, ts, text: "deleted" });
    expect(JSON.stringify(update["blocks"])).toContain('"deleted"');
  });

  it("tells what it takes away", () => {
    const { connector } = world({ ok: true });
    expect(connector.removes({ method: "chat.delete", args: { channel, ts } })).toBe(ts);
    expect(connector.removes({ method: "chat.update", args: { channel, ts } })).toBeUndefined();
  });
});

it("puts what an edit adds into the thread of its message, under the author's face", () => {
  const calls = world({ ok: true }).connector.render(
    {
      kind: "edit",
      channel,
      targets: [ts],
      thread: messageId("1795340000.000100"),
      author: { id: "gitter.a/1", name: "mara" },
      avatarUrl: "https://faces.example/mara.png",
      nick: "mara",
      content: plain(`${"a".repeat(3_900)}\n\n${"b".repeat(3_900)}`),
      emote: false,
      files: [],
    },
    false,
  );
  expect(calls.map(({ method }) => method)).toEqual(["chat.update", "chat.postMessage"]);
  expect(calls[1]?.["args"]).toMatchObject({
    thread_ts: "1795340000.000100",
    username: "mara",
    icon_url: "https://faces.example/mara.png",
  });
});

it("edits into plain text by one section without marks, as an edit keeps blocks that it brings none for", () => {
  const children = [
    {
      type: "paragraph" as const,
      children: [
        { type: "strong" as const, children: [{ type: "text" as const, value: "ship" }] },
        { type: "text" as const, value: " <it>" },
      ],
    },
    { type: "code" as const, value: "now()" },
  ];
  const [call] = world({ ok: true }).connector.render(
    {
      kind: "edit",
      channel,
      targets: [ts],
      author: { id: "gitter.a/1", name: "mara" },
      nick: "mara",
      content: { type: "root", children },
      emote: false,
      files: [],
    },
    true,
  );
  const text = { type: "text", text: "ship <it>\nnow()" };
  expect(call?.["args"]).toMatchObject({
    text: "ship &lt;it&gt;\nnow()",
    blocks: [{ type: "rich_text", elements: [{ type: "rich_text_section", elements: [text] }] }],
  });
});

describe("a message that is quoted", () => {
  it("is the first of its thread", async () => {
    const first = { ts, user: "U0ADA", text: "ship it" };
    const { connector, asked } = world({ ok: true, messages: [first] });
    expect(await connector.said!(channel, ts)).toMatchObject({
      author: { id: "U0ADA" },
      content: plain("ship it"),
    });
    expect(asked).toEqual([`conversations.replies channel=${channel}&ts=${ts}&limit=1`]);
  });

  it("is nothing where it is deleted or not there", async () => {
    const tombstone = {
      ts,
      subtype: "tombstone",
      user: "USLACKBOT",
      text: "This message was deleted.",
    };
    for (const messages of [[tombstone], [{ ts: "1.000100", user: "U0ADA", text: "no" }], []])
      expect(await world({ ok: true, messages }).connector.said!(channel, ts)).toBeUndefined();
  });
});

describe("an event of a change", () => {
  const change = (message: object, previous?: object) =>
    normalize(ACCOUNT, undefined, {
      type: "event_callback",
      event: {
        type: "message",
        subtype: "message_changed",
        channel,
        ts: "1795348800.000900",
        event_ts: "1795348800.000900",
        message,
        ...(previous === undefined ? {} : { previous_message: previous }),
      },
    });
  const was = { ts, user: "U0ADA", text: "ship it" };
  const edited = { user: "U0ADA", ts: "1795348799.000100" };

  it("is no edit where nothing that is shown has changed, whatever it is stamped", () => {
    const unfurled = {
      ...was,
      edited,
      attachments: [{ from_url: "https://a.example/", title: "A" }],
    };
    for (const now of [unfurled, { ...was, edited, pinned_to: [channel] }])
      expect(change(now, was)).toMatchObject([{ kind: "unsupported" }]);
  });

  it("is an edit where an app changed what it attached", () => {
    const attached = (text: string) => ({ ...was, bot_id: "B0CI", attachments: [{ text }] });
    expect(change(attached("build passed"), attached("build runs"))).toMatchObject([
      { kind: "message.edited", version: "1795348800.000900" },
    ]);
  });

  it("says which thread the message is in, so that it needs no other place", () => {
    const thread = { thread_ts: "1795340000.000100" };
    expect(change({ ...was, ...thread, text: "new", edited }, was)).toMatchObject([
      { kind: "message.edited", thread: "1795340000.000100" },
    ]);
    expect(change({ ...was, thread_ts: ts, text: "new", edited }, was)[0]).not.toHaveProperty(
      "thread",
    );
  });
});

describe("a reply that is also sent to the channel", () => {
  const root = { ts: "1795340000.000100", user: "U0BEN", text: "who ships?" };
  const reply = {
    type: "message",
    subtype: "thread_broadcast",
    channel,
    ts,
    user: "U0ADA",
    text: "me",
    thread_ts: root.ts,
    root,
  };

  it("says so, and carries what it answers", () => {
    const events = normalize(ACCOUNT, undefined, { type: "event_callback", event: reply });
    expect(events).toMatchObject([
      {
        kind: "message.created",
        thread: root.ts,
        broadcast: true,
        quoted: { author: { id: "U0BEN" }, content: plain("who ships?") },
      },
    ]);
  });

  it("is one at another workspace too", () => {
    const outgoing = {
      kind: "create",
      channel,
      author: { id: "slack.b/U0ADA", name: "ada" },
      nick: "ada",
      content: plain("me"),
      emote: false,
      files: [],
      thread: messageId(root.ts),
      broadcast: true,
    } as const;
    const [call] = world({ ok: true }).connector.render(outgoing, false);
    expect(call?.["args"]).toMatchObject({ thread_ts: root.ts, reply_broadcast: true });
    const { thread: _, ...outside } = outgoing;
    const [flat] = world({ ok: true }).connector.render(outside, false);
    expect(flat?.["args"]).not.toHaveProperty("reply_broadcast");
  });
});

it("finds in history that a thread's first message was deleted", async () => {
  const tombstone = {
    type: "message",
    subtype: "tombstone",
    user: "USLACKBOT",
    text: "This message was deleted.",
    ts,
    thread_ts: ts,
    reply_count: 1,
  };
  const { connector } = world({ ok: true, messages: [tombstone] });
  const { events } = await connector.history(channel, connector.now(NOW - 3_600_000));
  expect(events).toMatchObject([{ kind: "message.deleted", message: ts }]);
});
