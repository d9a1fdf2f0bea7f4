import { describe, expect, it } from "vitest";

import { soleSpan } from "../../../src/core/span.ts";
import type { Event } from "../../../src/core/event.ts";
import { channelId, deliveryKey, messageId } from "../../../src/core/ids.ts";
import { plain } from "../../../src/core/content.ts";
import { fromRichText } from "../../../src/protocols/slack/from-rich-text.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { normalize } from "../../../src/protocols/slack/normalize.ts";
import { render } from "../../../src/protocols/slack/send.ts";
import { splitBlocks } from "../../../src/protocols/slack/split.ts";
import { toBlocks } from "../../../src/protocols/slack/to-slack.ts";
import {
  ACCOUNT,
  accountOf,
  envelope,
  fixture,
  hmac,
  NOW,
  noFiles,
  quiet,
  secret,
} from "./wire.ts";

const me = { user: "U0BRIDGE", bot: "B0BRIDGE", team: "T0ORCHARD" };
const read = (event: object) => normalize(ACCOUNT, me, envelope(event));

/** A connector to a Slack that answers by method; what it was asked, in order. */
function world(answer: (method: string, args: URLSearchParams) => object) {
  const asked: string[] = [];
  const time = { now: NOW };
  const values = { Token: secret("xoxb-test"), APIURL: "https://slack.example/api/" };
  const connector = slack.connect(accountOf(values), {
    http: ({ url, body }) => {
      const method = url.replace("https://slack.example/api/", "");
      asked.push(method);
      const found = JSON.stringify(answer(method, new URLSearchParams(body)));
      return Promise.resolve({ status: 200, header: () => null, body: found });
    },
    hmac,
    clock: () => time.now,
    log: quiet,
    instance: "i-1",
    longLived: true,
    ...noFiles,
  });
  return { connector, asked, time };
}

describe("a change without a new `edited`", () => {
  it("is an edit when one file of a message was deleted", () => {
    const [event] = read(fixture("changed-file-deleted"));
    expect(event).toMatchObject({ kind: "message.edited", version: "1795348799.000900" });
    expect((event as Extract<Event, { kind: "message.edited" }>).files).toHaveLength(1);
  });

  it("is an edit of its own when it follows an edit", () => {
    const change = fixture("changed-edit");
    const was = change["message"] as object;
    const again = { ...change, message: { ...was, text: "b", blocks: [] }, previous_message: was };
    expect(read(again)).toMatchObject([{ version: "1795348799.000900" }]);
  });
});

it("knows a post of its own by the app that the envelope names", () => {
  const { metadata: _, bot_id: __, ...bare } = fixture("own-post");
  expect(read(bare)[0]).toHaveProperty("echo");
});

it("takes a post under a name of its own for that name's, not the bot user's", () => {
  const [event] = read({ ...fixture("bot-message"), user: "U0BUILDBOT" });
  expect(event).toMatchObject({ author: { id: "B0BUILD", name: "Buildbot" } });
});

it("reads a list that goes on behind a nested one as one list", () => {
  const lists = fromRichText(fixture("rich-text")).filter(({ type }) => type === "list");
  expect(lists).toMatchObject([{ children: [{}, {}, {}] }, { start: 4 }]);
});

describe("blocks", () => {
  it("hold items without anything nested in one list", () => {
    const item = { type: "listItem" as const, children: [] };
    const list = { type: "list" as const, ordered: true, children: [item, item, item] };
    expect(toBlocks({ type: "root", children: [list] })).toHaveLength(1);
  });

  it("are never without letters, which Slack refuses", () => {
    const definition = { type: "definition" as const, identifier: "a", url: "https://x.example" };
    const quote = { type: "blockquote" as const, children: [] };
    expect(toBlocks({ type: "root", children: [definition, quote] })).toEqual([]);
    const empty = { type: "paragraph" as const, children: [] };
    expect(splitBlocks(toBlocks({ type: "root", children: [empty] }))).toEqual([
      [{ type: "rich_text_section", elements: [{ type: "text", text: " " }] }],
    ]);
  });
});

describe("a reply to what is gone", () => {
  const thread = messageId("1.000100");
  const outgoing = {
    kind: "create",
    channel: channelId("C0GENERAL"),
    author: { id: "slack.a/U1", name: "mara" },
    nick: "ivo",
    content: plain("hi"),
    emote: false,
    files: [],
    thread,
  } as const;

  it("is worth another try outside of the thread", async () => {
    const { connector } = world(() => ({ ok: false, error: "thread_not_found" }));
    const [call] = connector.render(outgoing, false);
    expect(await connector.call(call!, deliveryKey("k"))).toMatchObject({ flatHelps: true });
  });

  it("stays in its thread in plain form", () => {
    const args = render(accountOf(), outgoing, true)[0]!["args"];
    expect(args).toMatchObject({ thread_ts: thread });
    expect(args).not.toHaveProperty("blocks");
  });
});

it("never cuts a name inside a character", () => {
  const nick = `${"x".repeat(79)}🍎🍎`;
  const outgoing = { kind: "create", channel: channelId("C1"), content: plain("a") } as const;
  const [call] = render(
    accountOf(),
    { ...outgoing, nick, author: { id: "slack.a/U1", name: "mara" }, emote: false, files: [] },
    false,
  );
  expect((call!["args"] as { username: string }).username).toBe(`${"x".repeat(79)}🍎`);
});

describe("the list of channels", () => {
  const pages = (_method: string, args: URLSearchParams) =>
    args.get("cursor") === "n"
      ? { ok: true, channels: [{ id: "C0B", name: "b", is_member: true }] }
      : {
          ok: true,
          channels: [{ id: "C0A", name: "a", is_member: true }],
          response_metadata: { next_cursor: "n" },
        };

  it("is read once for all names of a start, as far as needed", async () => {
    const { connector, asked } = world(pages);
    await connector.resolve("a");
    expect(asked).toHaveLength(1);
    await Promise.all([connector.resolve("b"), connector.resolve("a"), connector.resolve("b")]);
    expect(asked).toHaveLength(2);
  });

  it("is read again after a minute, for a channel that is new", async () => {
    const { connector, asked, time } = world(pages);
    await connector.resolve("missing");
    time.now += 61_000;
    await connector.resolve("missing");
    expect(asked).toHaveLength(4);
  });

  it("goes on where a busy Slack cut it off", async () => {
    let busy = true;
    const { connector, asked, time } = world((method, args) => {
      if (args.get("cursor") !== "n" || !busy) return pages(method, args);
      busy = false;
      return { ok: false, error: "ratelimited" };
    });
    expect(await connector.resolve("b")).toMatchObject({ kind: "later" });
    time.now += 30_000;
    expect(await connector.resolve("b")).toMatchObject({ kind: "found" });
    expect(asked).toHaveLength(3);
  });

  it("is not asked for before a busy Slack wants to be asked again", async () => {
    const { connector, asked, time } = world(() => ({ ok: false, error: "ratelimited" }));
    await connector.resolve("b");
    time.now += 29_000;
    expect(await connector.resolve("b")).toMatchObject({ kind: "later", retryAfterMs: 1_000 });
    expect(asked).toHaveLength(1);
  });
});

describe("a look for a post", () => {
  const call = { method: "chat.postMessage", args: { channel: "C1", text: "hi" } };
  const look = (connector: ReturnType<typeof world>["connector"]) =>
    connector.find(call, deliveryKey("k"), soleSpan(NOW), async () => false);

  it("is not made while Slack limits the method, whichever lane it was limited for", async () => {
    const { connector, asked } = world(() => ({ ok: false, error: "ratelimited" }));
    await expect(look(connector)).rejects.toThrow();
    await expect(look(connector)).rejects.toThrow();
    expect(asked).toEqual(["conversations.history"]);
  });

  it("takes no other bot's post for ours, whatever key stands in it", async () => {
    const metadata = { event_type: "footbridge_msg", event_payload: { key: "k" } };
    const post = { ts: "1795348799.000100", text: "hi", metadata };
    const answer = (bot: string) => () => ({ ok: true, messages: [{ ...post, bot_id: bot }] });
    const [theirs, ours] = ["B0OTHER", "B0BRIDGE"].map((bot) => world(answer(bot)).connector);
    for (const each of [theirs, ours]) each!.remember(JSON.stringify(me));
    expect(await look(theirs!)).toBeUndefined();
    expect(await look(ours!)).toBe(post.ts);
  });
});

it("says what is wrong with a base URL and an interval", () => {
  const problems = slack.check(accountOf({ APIURL: "slack.com/api", SendInterval: -1 }), []);
  expect(problems).toMatchObject([{ path: ["APIURL"] }, { path: ["SendInterval"] }]);
  expect(slack.check(accountOf({ APIURL: "http://x.example/api/" }), [])).toMatchObject([
    { severity: "warning" },
  ]);
});
