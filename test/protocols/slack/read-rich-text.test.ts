import fc from "fast-check";
import type { RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { fromRichText } from "../../../src/protocols/slack/from-rich-text.ts";
import { fixture } from "./wire.ts";

const rich = (): RootContent[] => fromRichText(fixture("rich-text"));
const section = (...elements: object[]) => ({ type: "rich_text_section", elements });
const block = (...elements: object[]) => fromRichText({ type: "rich_text", elements });
const t = (text: string, style?: object) => ({ type: "text", text, ...(style ? { style } : {}) });
/** The phrases of the first paragraph of one section. */
const phrases = (...elements: object[]) => {
  const [first] = block(section(...elements));
  return first?.type === "paragraph" ? first.children : [];
};
const list = (style: string, indent: number, texts: string[], more: object = {}) => ({
  type: "rich_text_list",
  style,
  indent,
  elements: texts.map((each) => section(t(each))),
  ...more,
});
const text = (value: string) => ({ type: "text", value });
const p = (value: string) => ({ type: "paragraph", children: [text(value)] });

describe("the words of rich text", () => {
  it("end a paragraph at an empty line, and a line at a line end", () => {
    expect(block(section(t("a\nb\n\nc")))).toEqual([
      { type: "paragraph", children: [text("a"), { type: "break" }, text("b")] },
      p("c"),
    ]);
  });

  it("keep every style, also several at once", () => {
    for (const [style, type] of [
      ["bold", "strong"],
      ["italic", "emphasis"],
      ["strike", "delete"],
      ["underline", "underline"],
    ])
      expect(phrases(t("x", { [style!]: true }))).toEqual([{ type, children: [text("x")] }]);
    expect(phrases(t("x", { bold: true, italic: true, strike: true, underline: true }))).toEqual([
      {
        type: "strong",
        children: [
          {
            type: "emphasis",
            children: [
              { type: "delete", children: [{ type: "underline", children: [text("x")] }] },
            ],
          },
        ],
      },
    ]);
  });

  it("share one mark where neighbours have one style", () => {
    const bold = { bold: true };
    expect(
      phrases(t("a ", bold), t("b", { bold: true, italic: true }), t("\n", bold), t("c", bold)),
    ).toEqual([
      {
        type: "strong",
        children: [
          text("a "),
          { type: "emphasis", children: [text("b")] },
          { type: "break" },
          text("c"),
        ],
      },
    ]);
  });

  it("have no mark around blanks alone", () => {
    expect(phrases(t("a"), t(" ", { bold: true }), t("b"))).toEqual([text("a b")]);
  });

  it("take signs literally, in text and in code", () => {
    expect(phrases(t("*a* <@U1> &amp; `b`"))).toEqual([text("*a* <@U1> &amp; `b`")]);
    expect(phrases(t("a*b", { code: true }))).toEqual([{ type: "inlineCode", value: "a*b" }]);
  });

  it("keep code line by line", () => {
    expect(phrases(t("a\nb", { code: true }))).toEqual([
      { type: "inlineCode", value: "a" },
      { type: "break" },
      { type: "inlineCode", value: "b" },
    ]);
  });
});

describe("what is more than words in rich text", () => {
  it("links, with a label, without one and in a style", () => {
    const url = "https://cider.example/?a=1&b=2";
    expect(phrases({ type: "link", url, text: "recipe" })).toEqual([
      { type: "link", url, children: [text("recipe")] },
    ]);
    expect(phrases({ type: "link", url })).toEqual([{ type: "link", url, children: [text(url)] }]);
    expect(phrases({ type: "link", url, text: "x", style: { bold: true, code: true } })).toEqual([
      {
        type: "strong",
        children: [{ type: "link", url, children: [{ type: "inlineCode", value: "x" }] }],
      },
    ]);
  });

  it("keeps people, groups, everyone and channels as ids", () => {
    expect(
      phrases(
        { type: "user", user_id: "U0BOB" },
        { type: "usergroup", usergroup_id: "S0PRESS" },
        { type: "team", team_id: "T0ORCHARD" },
        { type: "broadcast", range: "here" },
        { type: "channel", channel_id: "C0CELLAR" },
      ),
    ).toEqual([
      { type: "mention", target: { kind: "user", id: "U0BOB" } },
      { type: "mention", target: { kind: "group", id: "S0PRESS" } },
      { type: "mention", target: { kind: "group", id: "T0ORCHARD" } },
      { type: "mention", target: { kind: "everyone" }, label: "here" },
      { type: "channelLink", channel: "C0CELLAR" },
    ]);
  });

  it("keeps emoji by name, with their letters and skin tones where there are some", () => {
    expect(
      phrases(
        { type: "emoji", name: "wave", unicode: "1f44b-1f3fb", skin_tone: 2 },
        { type: "emoji", name: "flag-de", unicode: "1f1e9-1f1ea" },
        { type: "emoji", name: "party_apple" },
        { type: "emoji", name: "wave::skin-tone-6" },
        { type: "emoji", name: "brand-new", unicode: "1faf8-1f3ff" },
      ),
    ).toEqual([
      { type: "emoji", name: "wave::skin-tone-2", value: "👋🏻" },
      { type: "emoji", name: "flag-de", value: "🇩🇪" },
      { type: "emoji", name: "party_apple" },
      { type: "emoji", name: "wave::skin-tone-6", value: "👋🏿" },
      { type: "emoji", name: "brand-new", value: "🫸🏿" },
    ]);
  });

  it("keeps a date as a moment, with its link", () => {
    const date = { type: "date", timestamp: 1_795_348_800, format: "{date}", fallback: "22 Nov" };
    const moment = { type: "moment", at: 1_795_348_800_000, fallback: "22 Nov" };
    expect(phrases(date)).toEqual([moment]);
    const url = "https://x.example";
    expect(phrases({ ...date, url })).toEqual([{ type: "link", url, children: [moment] }]);
  });

  it("says a date without a fallback in UTC, in the words around it", () => {
    const date = { type: "date", timestamp: 1_795_348_800, format: "Due {date_long} at {time}!" };
    expect(phrases(date)).toMatchObject([{ fallback: "Due 2026-11-22 at 12:00 UTC!" }]);
  });

  it("shows a colour, and what it does not know, by the text", () => {
    const known = [
      { type: "color", value: "#c0ffee" },
      { type: "hologram", text: "??" },
    ];
    expect(phrases(...known)).toEqual([text("#c0ffee??")]);
  });
});

describe("the blocks of rich text", () => {
  it("nest a list by its indent and go on where it was cut", () => {
    expect(
      block(list("bullet", 0, ["1", "2"]), list("ordered", 1, ["2a"]), list("bullet", 0, ["3"])),
    ).toEqual([
      {
        type: "list",
        ordered: false,
        spread: false,
        children: [
          { type: "listItem", spread: false, children: [p("1")] },
          {
            type: "listItem",
            spread: false,
            children: [
              p("2"),
              {
                type: "list",
                ordered: true,
                start: 1,
                spread: false,
                children: [{ type: "listItem", spread: false, children: [p("2a")] }],
              },
            ],
          },
          { type: "listItem", spread: false, children: [p("3")] },
        ],
      },
    ]);
  });

  it("keep a numbered list's first number, and start anew where Slack does", () => {
    const [first, second] = block(
      list("ordered", 0, ["4", "5"], { offset: 3 }),
      list("ordered", 0, ["1"]),
    );
    expect(first).toMatchObject({ start: 4, children: [{}, {}] });
    expect(second).toMatchObject({ start: 1, children: [{}] });
  });

  it("put a list and code with a border into the quote around them", () => {
    const quote = (value: string) => ({ type: "rich_text_quote", elements: [t(value)] });
    const code = { type: "rich_text_preformatted", border: 1, elements: [t("x")] };
    expect(block(quote("a"), list("bullet", 0, ["b"], { border: 1 }), quote("c"), code)).toEqual([
      {
        type: "blockquote",
        children: [
          p("a"),
          {
            type: "list",
            ordered: false,
            spread: false,
            children: [{ type: "listItem", spread: false, children: [p("b")] }],
          },
          p("c"),
          { type: "code", value: "x" },
        ],
      },
    ]);
  });

  it("keep two quotes in a row apart", () => {
    const quote = { type: "rich_text_quote", elements: [t("a")] };
    expect(block(quote, quote).map(({ type }) => type)).toEqual(["blockquote", "blockquote"]);
  });

  it("keep code as it stands, with its language, and addresses in it as letters", () => {
    expect(rich().find(({ type }) => type === "code")).toEqual({
      type: "code",
      lang: "ts",
      value: 'let a = "<b>";\nhttps://x.example',
    });
  });

  it("lose no word of a whole message", () => {
    const words = toText({ type: "root", children: rich() });
    for (const word of "Hello next recipe one two three fourth said so 23 c0ffee ??".split(" "))
      expect(words).toContain(word);
  });

  it("never throw, whatever a block holds", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("section", "list", "quote"), (inside, kind) => {
        block({ type: `rich_text_${kind}`, elements: [inside, null, 7] });
        fromRichText({ elements: inside });
      }),
    );
    expect(block(section(t("a\n\n".repeat(150_000))))).toHaveLength(150_000);
    let deep: object = section(t("x"));
    for (let depth = 0; depth < 50_000; depth += 1)
      deep = { type: "rich_text_list", elements: [deep] };
    expect(block(deep)).toHaveLength(1);
  });
});
