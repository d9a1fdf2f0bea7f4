import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { fromMrkdwn } from "../../../src/protocols/slack/from-mrkdwn.ts";
import { fromRichText } from "../../../src/protocols/slack/from-rich-text.ts";
import { fixture } from "./wire.ts";

const rich = () => fromRichText(fixture("rich-text")).children;
const inline = (text: string) => {
  const [first] = fromMrkdwn(text).children;
  return first !== undefined && "children" in first ? first.children : [];
};

describe("rich text", () => {
  it("ends a paragraph at an empty line", () => {
    expect(rich().map(({ type }) => type)).toEqual(
      expect.arrayContaining(["paragraph", "list", "code", "blockquote"]),
    );
    expect(rich().filter(({ type }) => type === "paragraph")).toHaveLength(2);
  });

  it("keeps people, groups and channels as ids", () => {
    const text = JSON.stringify(rich());
    expect(text).toContain('{"kind":"user","id":"U0BOB"}');
    expect(text).toContain('{"kind":"group","id":"S0PRESS"}');
    expect(text).toContain('{"kind":"everyone"}');
    expect(text).toContain('{"type":"channelLink","channel":"C0CELLAR"}');
  });

  it("keeps emoji by name, with their letters where there are some", () => {
    const text = JSON.stringify(rich());
    expect(text).toContain('{"type":"emoji","name":"wave","value":"👋"}');
    expect(text).toContain('{"type":"emoji","name":"party_apple"}');
  });

  it("nests styles", () => {
    expect(JSON.stringify(rich())).toContain(
      '{"type":"strong","children":[{"type":"emphasis","children":[{"type":"delete","children":[{"type":"text","value":"x"}]}]}]}',
    );
  });

  it("takes marks in text and code literally", () => {
    expect(JSON.stringify(rich())).toContain('{"type":"inlineCode","value":"a*b"}');
    const block = {
      elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "*a* <@U1>" }] }],
    };
    expect(fromRichText(block).children).toMatchObject([
      { type: "paragraph", children: [{ type: "text", value: "*a* <@U1>" }] },
    ]);
  });

  it("nests a list by its indent", () => {
    const list = rich().find(({ type }) => type === "list");
    expect(list).toMatchObject({
      ordered: false,
      children: [
        { children: [{ type: "paragraph" }] },
        { children: [{ type: "paragraph" }, { type: "list", ordered: true }] },
        ...(list?.type === "list" ? list.children.slice(2) : []),
      ],
    });
  });

  it("keeps a numbered list's first number", () => {
    expect(
      rich()
        .filter(({ type }) => type === "list")
        .at(-1),
    ).toMatchObject({ start: 4 });
  });

  it("keeps code as it stands, with its language", () => {
    expect(rich().find(({ type }) => type === "code")).toEqual({
      type: "code",
      lang: "ts",
      value: 'let a = "<b>";\nhttps://x.example',
    });
  });

  it("shows what it does not know by its text", () => {
    expect(
      rich()
        .map((node) => toText(node))
        .join("\n"),
    ).toContain("23 Nov#c0ffee??");
  });

  it("never throws, whatever a block holds", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("section", "list", "quote"), (inside, kind) => {
        const block = { elements: [{ type: `rich_text_${kind}`, elements: [inside, null, 7] }] };
        expect(fromRichText(block as never).type).toBe("root");
        expect(fromRichText({ elements: inside }).type).toBe("root");
      }),
    );
  });
});

describe("mrkdwn", () => {
  it("reads emphasis at word boundaries only", () => {
    expect(inline("*a* _b_ ~c~")).toMatchObject([
      { type: "strong" },
      { type: "text", value: " " },
      { type: "emphasis" },
      { type: "text" },
      { type: "delete" },
    ]);
    for (const value of ["snake_case_name 2*3*4", "file_name_ 2*3* ", "_file_name *2*3"])
      expect(inline(value)).toEqual([{ type: "text", value }]);
  });

  it("unescapes once: an escaped ping stays letters", () => {
    expect(inline("&lt;!channel&gt; &amp;lt;")).toEqual([
      { type: "text", value: "<!channel> &lt;" },
    ]);
  });

  it("reads people, channels, groups and everyone", () => {
    expect(inline("<@U1>")).toEqual([{ type: "mention", target: { kind: "user", id: "U1" } }]);
    expect(inline("<@U1|ivo>")).toMatchObject([{ label: "ivo" }]);
    expect(inline("<#C1|press>")).toEqual([{ type: "channelLink", channel: "C1", label: "press" }]);
    expect(inline("<#C1|>")).toEqual([{ type: "channelLink", channel: "C1" }]);
    expect(inline("<!subteam^S1|@crew>")).toEqual([
      { type: "mention", target: { kind: "group", id: "S1" }, label: "crew" },
    ]);
    expect(inline("<!here>")).toMatchObject([{ type: "mention", target: { kind: "everyone" } }]);
    expect(inline("<!date^1795348800^{date}|23 Nov>")).toEqual([{ type: "text", value: "23 Nov" }]);
  });

  it("reads links with their escapes undone", () => {
    expect(inline("<https://x.example/?a=1&amp;b=2|here &amp; now>")).toEqual([
      {
        type: "link",
        url: "https://x.example/?a=1&b=2",
        children: [{ type: "text", value: "here & now" }],
      },
    ]);
  });

  it("reads nothing inside code", () => {
    expect(inline("`*a* :tada: &lt;`")).toEqual([{ type: "inlineCode", value: "*a* :tada: <" }]);
    expect(fromMrkdwn("see\n```\nlet *a* = &lt;b&gt;;\n```").children).toMatchObject([
      { type: "paragraph" },
      { type: "code", value: "let *a* = <b>;" },
    ]);
  });

  it("reads a quote at the start of a line", () => {
    expect(fromMrkdwn("&gt; said\n&gt; so\nanswer").children).toMatchObject([
      { type: "blockquote" },
      { type: "paragraph" },
    ]);
  });

  it("reads emoji by name", () => {
    expect(inline(":wave::skin-tone-2:")).toEqual([{ type: "emoji", name: "wave::skin-tone-2" }]);
  });

  it("loses no letter of a text without marks", () => {
    const words = fc.stringMatching(/^[a-z0-9 .,!?]{0,40}$/u);
    fc.assert(
      fc.property(words, (text) => {
        expect(toText(fromMrkdwn(text))).toBe(text);
      }),
    );
  });

  it("reads the worst it can be given at once", () => {
    // Ten times what Slack lets through: whatever is not linear would take minutes.
    for (const part of ["*a ", "<", "`", ":a"])
      expect(fromMrkdwn(part.repeat(400_000 / part.length)).type).toBe("root");
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(fromMrkdwn(text).type).toBe("root");
      }),
    );
  });
});
