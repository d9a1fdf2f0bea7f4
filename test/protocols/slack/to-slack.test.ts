import fc from "fast-check";
import type { PhrasingContent, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { type Content, plain } from "../../../src/core/content.ts";
import { channelId, messageId } from "../../../src/core/ids.ts";
import type { Outgoing } from "../../../src/core/ports.ts";
import { render } from "../../../src/protocols/slack/send.ts";
import { accountOf } from "./wire.ts";

const channel = channelId("C0GENERAL");
const create = (content: Content, more: object = {}): Outgoing => ({
  kind: "create",
  channel,
  author: { id: "slack.a/U1", name: "mara" },
  nick: "ivo",
  content,
  emote: false,
  files: [],
  ...more,
});
interface Args {
  text: string;
  blocks?: { type: string; elements: { type: string; elements: unknown[] }[] }[];
  [name: string]: unknown;
}
const args = (outgoing: Outgoing, plainOnly = false, values = {}): Args[] =>
  render(accountOf(values), outgoing, plainOnly).map((call) => call["args"] as Args);
const root = (...children: RootContent[]): Content => ({ type: "root", children });
const p = (...children: PhrasingContent[]): RootContent => ({ type: "paragraph", children });
const t = (value: string): PhrasingContent => ({ type: "text", value });
const EVIL = [
  "<!channel>",
  "<@U0ALICE>",
  "<#C1>",
  "&lt;!here&gt;",
  "*",
  "`",
  "```",
  "\n",
  "<",
  "&",
];

const leaf = fc.oneof(
  fc.string({ unit: "binary" }).map(t),
  fc.constantFrom(...EVIL).map(t),
  fc.constantFrom(...EVIL).map((value): PhrasingContent => ({ type: "html", value })),
  fc.constantFrom(...EVIL).map((value): PhrasingContent => ({ type: "inlineCode", value })),
  fc.constantFrom(...EVIL).map((name): PhrasingContent => ({ type: "emoji", name })),
  fc
    .constantFrom(...EVIL)
    .map((label): PhrasingContent => ({ type: "mention", target: { kind: "everyone" }, label })),
  fc
    .constantFrom("https://x.example/<!channel>", "javascript:x", "<@U1>", "")
    .map((url): PhrasingContent => ({ type: "link", url, children: [t("<!here>")] })),
);
const anyContent = fc
  .array(
    fc.oneof(
      fc.array(leaf).map((children) => p(...children)),
      fc.array(leaf).map((children): RootContent => ({
        type: "blockquote",
        children: [{ type: "paragraph", children }],
      })),
      fc.string().map((value): RootContent => ({ type: "code", value })),
      fc.array(leaf).map((children): RootContent => ({
        type: "list",
        ordered: true,
        children: [{ type: "listItem", children: [{ type: "paragraph", children }] }],
      })),
    ),
  )
  .map((children) => root(...children));

describe("what Slack is sent", () => {
  it("holds no ping that somebody typed, in any part of any message", () => {
    fc.assert(
      fc.property(anyContent, fc.boolean(), (content, plainOnly) => {
        for (const { text, blocks } of args(create(content), plainOnly)) {
          expect(text).not.toMatch(/<[!@#]/u);
          const types = JSON.stringify(blocks ?? []).match(
            /"type":"(?:user|usergroup|broadcast|channel)"/gu,
          );
          expect(types).toBeNull();
        }
      }),
    );
  });

  it("asks Slack not to look for names and not to unfold links", () => {
    expect(args(create(plain("@here hi")))[0]).toMatchObject({
      link_names: false,
      unfurl_links: false,
      unfurl_media: false,
    });
  });
});

describe("a post", () => {
  it("goes out under the author's name and face, in the thread", () => {
    const thread = messageId("1795348790.000100");
    const avatarUrl = "https://img.example/ivo.png";
    expect(args(create(plain("hi"), { thread, avatarUrl }))[0]).toMatchObject({
      channel: "C0GENERAL",
      username: "ivo",
      icon_url: avatarUrl,
      thread_ts: "1795348790.000100",
    });
  });

  it("has the nick in its text instead when that is asked for", () => {
    const avatarUrl = "https://img.example/ivo.png";
    const [post] = args(create(plain("hi"), { nick: "<ivo> ", avatarUrl }), false, {
      PrefixMessagesWithNick: true,
    });
    expect(post).not.toHaveProperty("username");
    expect(post).not.toHaveProperty("icon_url");
    expect(post!.text).toBe("&lt;ivo&gt; hi");
  });

  it("has a name of at most 80 characters", () => {
    const [post] = args(create(plain("hi"), { nick: "x".repeat(200) }));
    expect(post!["username"]).toHaveLength(80);
  });

  it("is italic when it is an emote", () => {
    const [post] = args(create(plain("waves"), { emote: true }));
    expect(post!.blocks![0]!.elements[0]!.elements).toEqual([
      { type: "text", text: "waves", style: { italic: true } },
    ]);
  });

  it("links the files that came with it", () => {
    const files = [{ id: "F1", name: "press.jpg", url: "https://x.example/press.jpg" }];
    expect(args(create(root(), { files }))[0]!.blocks![0]!.elements[0]!.elements).toEqual([
      { type: "link", url: "https://x.example/press.jpg", text: "press.jpg" },
    ]);
  });

  it("is none when there is nothing to show", () => {
    expect(args(create(root()))).toEqual([]);
  });

  it("in plain form has no blocks, and its signs are no marks", () => {
    expect(args(create(plain("a\n*b*")), true)[0]).toMatchObject({ text: "a\n*b*", mrkdwn: false });
    expect(args(create(plain("a\nb")), true)[0]).not.toHaveProperty("blocks");
  });
});

describe("an edit and a deletion", () => {
  const targets = ["1795348790.000100", "1795348790.000200"].map(messageId);

  it("keep an edited message rich text, or Slack refuses it", () => {
    const edit: Outgoing = { ...base(), targets: targets.slice(0, 1) };
    expect(render(accountOf(), edit, false)).toMatchObject([
      {
        method: "chat.update",
        args: { ts: targets[0], text: "new", blocks: [{ type: "rich_text" }], link_names: false },
      },
    ]);
  });

  it("keep its signs signs in plain form too, where Slack has no switch for marks", () => {
    const edit: Outgoing = { ...base(), content: plain("a *b*"), targets: targets.slice(0, 1) };
    const [call] = render(accountOf(), edit, true);
    expect(call?.["args"]).toMatchObject({
      blocks: [
        {
          type: "rich_text",
          elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "a *b*" }] }],
        },
      ],
    });
    expect(call?.["args"]).not.toHaveProperty("mrkdwn");
  });

  it("take away the posts that a shorter text needs no more", () => {
    const calls = render(accountOf(), { ...base(), targets }, false);
    expect(calls.map(({ method }) => method)).toEqual(["chat.update", "chat.delete"]);
  });

  it("add the posts that a longer text needs", () => {
    const content = plain("word ".repeat(1_500));
    const calls = render(accountOf(), { ...base(), content, targets: targets.slice(0, 1) }, false);
    expect(calls.map(({ method }) => method)).toEqual(["chat.update", "chat.postMessage"]);
  });

  it("delete every part", () => {
    const calls = render(accountOf(), { kind: "delete", channel, targets }, false);
    expect(calls).toEqual(targets.map((ts) => ({ method: "chat.delete", args: { channel, ts } })));
  });

  it("are plain JSON, as calls are stored", () => {
    const calls = render(accountOf(), create(plain("a")), false);
    expect(JSON.parse(JSON.stringify(calls))).toStrictEqual(calls);
  });

  function base() {
    return {
      kind: "edit",
      channel,
      author: { id: "slack.a/U1", name: "mara" },
      nick: "ivo",
      content: plain("new"),
      emote: false,
      files: [],
    } as const;
  }
});
