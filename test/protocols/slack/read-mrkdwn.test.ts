import fc from "fast-check";
import type { RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { type Content, mapNodes, toText } from "../../../src/core/content.ts";
import { fromMrkdwn } from "../../../src/protocols/slack/from-mrkdwn.ts";

const read = (value: string): Content => ({ type: "root", children: fromMrkdwn(value) });
const inline = (value: string) => {
  const [first] = fromMrkdwn(value);
  return first?.type === "paragraph" ? first.children : [];
};
const text = (value: string) => ({ type: "text", value });
const p = (value: string) => ({ type: "paragraph", children: [text(value)] });

describe("marks in mrkdwn", () => {
  it("are bold, italic and strike", () => {
    expect(inline("*a* _b_ ~c~")).toEqual([
      { type: "strong", children: [text("a")] },
      text(" "),
      { type: "emphasis", children: [text("b")] },
      text(" "),
      { type: "delete", children: [text("c")] },
    ]);
  });

  it("nest, and stand beside punctuation", () => {
    expect(inline("(*a _b ~c~_*)")).toEqual([
      text("("),
      {
        type: "strong",
        children: [
          text("a "),
          { type: "emphasis", children: [text("b "), { type: "delete", children: [text("c")] }] },
        ],
      },
      text(")"),
    ]);
  });

  it("work at the edges of words only", () => {
    for (const value of [
      "snake_case_name 2*3*4",
      "file_name_ 2*3* ",
      "_file_name *2*3",
      "* a * and _ b _",
      "**",
      "5 * 3 = 15 * 1",
      "𝒂*b*",
    ])
      expect(inline(value)).toEqual([text(value)]);
  });

  it("close the nearest of their kind, and leave the others as they are", () => {
    expect(inline("*a *b* _c* d_")).toEqual([
      text("*a "),
      { type: "strong", children: [text("b")] },
      text(" "),
      { type: "emphasis", children: [text("c* d")] },
    ]);
  });

  it("do not reach over a line end", () => {
    expect(inline("*a\nb*")).toEqual([text("*a"), { type: "break" }, text("b*")]);
  });

  it("hold links, people and emoji", () => {
    expect(inline("*<https://x.example|x> :tada:*")).toMatchObject([
      { type: "strong", children: [{ type: "link" }, text(" "), { type: "emoji" }] },
    ]);
  });
});

describe("entities in mrkdwn", () => {
  it("are people, channels, groups and everyone", () => {
    expect(inline("<@U1>")).toEqual([{ type: "mention", target: { kind: "user", id: "U1" } }]);
    expect(inline("<@U1|ivo>")).toMatchObject([{ label: "ivo" }]);
    expect(inline("<#C1|press>")).toEqual([{ type: "channelLink", channel: "C1", label: "press" }]);
    expect(inline("<#C1|>")).toEqual([{ type: "channelLink", channel: "C1" }]);
    expect(inline("<!subteam^S1|@crew>")).toEqual([
      { type: "mention", target: { kind: "group", id: "S1" }, label: "crew" },
    ]);
    for (const range of ["here", "channel", "everyone"])
      for (const written of [`<!${range}>`, `<!${range}|@${range}>`])
        expect(inline(written)).toEqual([
          { type: "mention", target: { kind: "everyone" }, label: range },
        ]);
  });

  it("are dates, as moments, with their link", () => {
    const moment = { type: "moment", at: 1_795_348_800_000, fallback: "22 Nov" };
    expect(inline("<!date^1795348800^{date}|22 Nov>")).toEqual([moment]);
    expect(inline("<!date^1795348800^{date}^https://x.example/?a&amp;b|22 Nov>")).toEqual([
      { type: "link", url: "https://x.example/?a&b", children: [moment] },
    ]);
    expect(inline("<!date^soon^{date}|22 Nov>")).toEqual([text("22 Nov")]);
  });

  it("are links, with their escapes undone", () => {
    const url = "https://x.example/?a=1&b=2";
    expect(inline("<https://x.example/?a=1&amp;b=2|here &amp; now>")).toEqual([
      { type: "link", url, children: [text("here & now")] },
    ]);
    expect(inline("<https://x.example/?a=1&amp;b=2>")).toEqual([
      { type: "link", url, children: [text(url)] },
    ]);
  });

  it("are addresses of mail and phones, shown without the scheme", () => {
    expect(inline("<mailto:ivo@x.example|ivo@x.example>")).toEqual([
      { type: "link", url: "mailto:ivo@x.example", children: [text("ivo@x.example")] },
    ]);
    expect(inline("<tel:+4930123>")).toEqual([
      { type: "link", url: "tel:+4930123", children: [text("+4930123")] },
    ]);
  });

  it("that are not Slack's stay letters", () => {
    expect(inline("<b> a <nobody knows|this> <>")).toEqual([text("<b> a <nobody knows|this> <>")]);
    expect(inline("<!unknown^1|as it says>")).toEqual([text("as it says")]);
  });

  it("are escaped once: an escaped ping stays letters", () => {
    expect(inline("&lt;!channel&gt; &amp;lt;")).toEqual([text("<!channel> &lt;")]);
  });
});

describe("code, quotes and emoji in mrkdwn", () => {
  it("read nothing inside code", () => {
    expect(inline("`*a* :tada: &lt;` `<@U1|ivo>`")).toEqual([
      { type: "inlineCode", value: "*a* :tada: <" },
      text(" "),
      { type: "inlineCode", value: "@ivo" },
    ]);
    const fenced = "see\n```\nlet *a* = &lt;b&gt;;\n<https://x.example|x.example>\n```\nafter";
    expect(fromMrkdwn(fenced)).toEqual([
      p("see"),
      { type: "code", value: "let *a* = <b>;\nx.example" },
      p("after"),
    ]);
  });

  it("leave a fence that does not end as it is", () => {
    expect(fromMrkdwn("```a")).toEqual([p("```a")]);
  });

  it("quote lines, escaped or not, and all that follows three signs", () => {
    const quote = (...children: object[]) => ({ type: "blockquote", children });
    const two = { type: "paragraph", children: [text("said"), { type: "break" }, text("so")] };
    expect(fromMrkdwn("&gt; said\n&gt;so\nanswer")).toEqual([quote(two), p("answer")]);
    expect(fromMrkdwn("> said\n>so")).toEqual([quote(two)]);
    expect(fromMrkdwn("a\n&gt;&gt;&gt; said\nso\n\n```x```\nend")).toEqual([
      p("a"),
      quote(two, { type: "code", value: "x" }, p("end")),
    ]);
  });

  it("open one quote by three signs, however often they stand there", () => {
    const tree = JSON.stringify(fromMrkdwn("&gt;&gt;&gt;a\n".repeat(2_500)));
    expect(tree.match(/blockquote/gu)?.length).toBeLessThanOrEqual(2);
    expect(tree.match(/a"/gu)).toHaveLength(2_500);
  });

  it("name emoji, with skin tones and in any script, but not the time of day", () => {
    expect(inline(":wave::skin-tone-2: :handshake::skin-tone-2-5:")).toEqual([
      { type: "emoji", name: "wave::skin-tone-2", value: "👋🏻" },
      text(" "),
      { type: "emoji", name: "handshake::skin-tone-2-5", value: "🫱🏻‍🫲🏾" },
    ]);
    expect(inline(":party_apple: :林檎:")).toEqual([
      { type: "emoji", name: "party_apple" },
      text(" "),
      { type: "emoji", name: "林檎" },
    ]);
    expect(toText(read("at 10:30:20 or a: b: c"))).toBe("at 10:30:20 or a: b: c");
  });
});

describe("any mrkdwn", () => {
  const escape = (value: string) =>
    value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const anyText = fc
    .array(
      fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...Array.from("*_~`: \n><&@!#|"))),
    )
    .map((parts) => parts.join(""));
  const nameOf = (node: RootContent) =>
    node.type === "emoji" ? { type: "text" as const, value: `:${node.name}:` } : undefined;
  const words = (value: string) => value.match(/[\p{L}\p{N}]/gu) ?? [];

  it("loses no letter, and what was typed is no ping and no link", () => {
    fc.assert(
      fc.property(anyText, (typed) => {
        const tree = read(escape(typed));
        expect(words(toText(mapNodes(tree, nameOf)))).toEqual(words(typed));
        expect(JSON.stringify(tree)).not.toMatch(/"type":"(?:mention|channelLink|link|moment)"/u);
      }),
    );
  });

  it("is read at once, the worst too", () => {
    // Twice what Slack lets through: whatever is not linear would take minutes.
    for (const part of ["*a ", "*a* ", "<", "<a|", "`", "``` ", ":a", "_*~", ">\n", "a*_"])
      expect(read(part.repeat(80_000 / part.length))).toMatchObject({ type: "root" });
  });

  it("never throws, and makes no deep trees", () => {
    const depth = (node: object): number =>
      "children" in node ? 1 + Math.max(0, ...(node.children as object[]).map(depth)) : 0;
    fc.assert(
      fc.property(anyText, (value) => {
        expect(depth(read(value))).toBeLessThan(8);
      }),
    );
  });
});
