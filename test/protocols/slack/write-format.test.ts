import type { BlockContent, ListItem, PhrasingContent, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { userId } from "../../../src/core/ids.ts";
import { splitBlocks } from "../../../src/protocols/slack/split.ts";
import { tableText, widthOf } from "../../../src/protocols/slack/table-text.ts";
import { fallbackText, toBlocks } from "../../../src/protocols/slack/to-slack.ts";

/** The blocks of a message that fits into one. */
const sent = (...children: RootContent[]) => {
  const parts = splitBlocks(toBlocks({ type: "root", children }));
  expect(parts).toHaveLength(1);
  return parts[0]!;
};
const fallback = (...children: RootContent[]) => fallbackText(sent(...children));
const t = (value: string): PhrasingContent => ({ type: "text", value });
const p = (...children: PhrasingContent[]) => ({ type: "paragraph" as const, children });
const say = (value: string) => p(t(value));
const quote = (...children: BlockContent[]): RootContent => ({ type: "blockquote", children });
const item = (...children: BlockContent[]): ListItem => ({ type: "listItem", children });
const list = (ordered: boolean, children: ListItem[], start = 1) => ({
  type: "list" as const,
  ordered,
  start,
  children,
});
const text = (value: string, style?: object) => ({
  type: "text",
  text: value,
  ...(style === undefined ? {} : { style }),
});
const section = (...elements: object[]) => ({ type: "rich_text_section", elements });
const phrases = (...children: PhrasingContent[]) => {
  const [only] = sent(p(...children));
  return only?.type === "rich_text_section" ? only.elements : [];
};

describe("text on its way to Slack", () => {
  it("has no NUL", () => {
    expect(sent(p(t("a\u0000b"), t("\u0000")))).toEqual([section(text("ab"))]);
  });

  it("keeps paragraphs apart by an empty line and lines by a line end, in one section", () => {
    expect(sent(p(t("a"), { type: "break" }, t("b")), say("c"))).toEqual([
      section(text("a\nb\n\nc")),
    ]);
  });

  it("has each style, also several at once, and one run for neighbours of one style", () => {
    for (const [type, style] of [
      ["strong", "bold"],
      ["emphasis", "italic"],
      ["delete", "strike"],
      ["underline", "underline"],
    ] as const)
      expect(phrases({ type, children: [t("x")] })).toEqual([text("x", { [style]: true })]);
    const inner: PhrasingContent = { type: "emphasis", children: [t("a"), t("b")] };
    expect(phrases({ type: "strong", children: [inner] })).toEqual([
      text("ab", { bold: true, italic: true }),
    ]);
  });

  it("is literal: signs, backticks and typed pings are letters", () => {
    const typed = "* _a_ ~b~ `c` ``` <!channel> <@U1> &lt; > :tada: @here";
    expect(sent(say(typed))).toEqual([section(text(typed))]);
    expect(phrases({ type: "inlineCode", value: "a*b`" })).toEqual([text("a*b`", { code: true })]);
    expect(phrases({ type: "html", value: "<b>" })).toEqual([text("<b>")]);
  });

  it("keeps text from right to left and letters without width", () => {
    const typed = "שלום \u200f\u2067a\u2069 ze\u200bro\u200d\ufeff";
    expect(phrases(t(typed))).toEqual([text(typed)]);
  });

  it("has no half characters", () => {
    expect(phrases(t("a\ud83d"))).toEqual([text("a\ufffd")]);
  });

  it("shows a heading bold, with its text on the next line", () => {
    expect(sent({ type: "heading", depth: 2, children: [t("News")] }, say("a"), say("b"))).toEqual([
      section(text("News", { bold: true }), text("\na\n\nb")),
    ]);
  });

  it("shows a line across as one", () => {
    expect(sent({ type: "thematicBreak" })).toEqual([section(text("———"))]);
  });

  it("says before a spoiler that it is one", () => {
    expect(phrases({ type: "spoiler", children: [t("he did it")] })).toEqual([
      text("(spoiler) he did it"),
    ]);
    expect(phrases({ type: "spoiler", reason: "the end", children: [t("he did it")] })).toEqual([
      text("(spoiler: the end) he did it"),
    ]);
  });
});

describe("code on its way to Slack", () => {
  const pre = (value: string, more: object = {}) => ({
    type: "rich_text_preformatted",
    elements: [text(value)],
    ...more,
  });

  it("keeps its letters and its language", () => {
    expect(sent({ type: "code", lang: "ts", value: "let a = `*b*`;\n\n  a" })).toEqual([
      pre("let a = `*b*`;\n\n  a", { language: "ts" }),
    ]);
    expect(sent({ type: "code", value: "" })).toEqual([pre(" ")]);
  });

  it("has no language that could not be one", () => {
    expect(sent({ type: "code", lang: "{.evil #x}", value: "a" })).toEqual([pre("a")]);
  });

  it("holds a table, its columns as wide as their widest cell and aligned as they were", () => {
    const row = (...cells: string[]) => ({
      type: "tableRow" as const,
      children: cells.map((value) => ({ type: "tableCell" as const, children: [t(value)] })),
    });
    const table: RootContent = {
      type: "table",
      align: [null, "right", "center"],
      children: [row("fruit", "kg", "note"), row("apple", "7"), row("林檎", "12", "x")],
    };
    expect(sent(table)).toEqual([
      pre(["fruit | kg | note", "------|----|-----", "apple |  7 |", "林檎  | 12 |  x"].join("\n")),
    ]);
    expect(tableText({ type: "table", children: [] })).toBe("");
  });

  it("pads no table to many times its letters", () => {
    const row = (...cells: string[]) => ({
      type: "tableRow" as const,
      children: cells.map((value) => ({ type: "tableCell" as const, children: [t(value)] })),
    });
    const rows = Array.from({ length: 1_000 }, (_none, index) => row(`${index}`, "x"));
    const wide = row(...Array.from({ length: 100 }, () => "y".repeat(100)));
    for (const top of [wide, row("z".repeat(400), "z")]) {
      const text = tableText({ type: "table", children: [top, ...rows] });
      expect(text.length).toBeLessThan(30_000);
      expect(text).toContain("\n999 | x");
    }
  });

  it("counts wide letters and emoji as two, and marks and joiners as none", () => {
    const widths: [string, number][] = [
      ["abc", 3],
      ["林檎", 4],
      ["한글", 4],
      ["ｶﾅ", 2],
      ["Ａ", 2],
      ["é e\u0301", 3],
      ["👋🏽", 2],
      ["👨‍👩‍👧", 2],
      ["🇩🇪", 2],
      ["❤️", 2],
      ["a\u200bb", 2],
    ];
    expect(widths.map(([each]) => [each, widthOf(each)])).toEqual(widths);
  });
});

describe("lists on their way to Slack", () => {
  const rich = (style: string, indent: number, items: object[], more: object = {}) => ({
    type: "rich_text_list",
    style,
    indent,
    ...more,
    elements: items,
  });

  it("are one list while nothing is nested, and go on with their numbers behind what is", () => {
    const inner = list(false, [item(say("x"))]);
    const outer = list(true, [item(say("a")), item(say("b"), inner), item(say("c"))], 3);
    expect(sent(outer)).toEqual([
      rich("ordered", 0, [section(text("a")), section(text("b"))], { offset: 2 }),
      rich("bullet", 1, [section(text("x"))]),
      rich("ordered", 0, [section(text("c"))], { offset: 4 }),
    ]);
  });

  it("are indented eight times at most", () => {
    let deep = list(false, [item(say("x"))]);
    for (let depth = 0; depth < 12; depth += 1) deep = list(false, [item(say("y"), deep)]);
    expect(sent(deep).map((each) => (each.type === "rich_text_list" ? each.indent : -1))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8,
    ]);
  });

  it("have boxes before tasks", () => {
    const tasks = [
      { ...item(say("done")), checked: true },
      { ...item(say("to do")), checked: false },
    ];
    expect(sent(list(false, tasks))).toEqual([
      rich("bullet", 0, [section(text("☑ done")), section(text("☐ to do"))]),
    ]);
  });

  it("hold the paragraphs of an item, and have its code below it", () => {
    const code: BlockContent = { type: "code", value: "x" };
    expect(sent(list(true, [item(say("a"), say("b"), code), item(say("c"))]))).toEqual([
      rich("ordered", 0, [section(text("a\nb"))]),
      { type: "rich_text_preformatted", elements: [text("x")] },
      rich("ordered", 0, [section(text("c"))], { offset: 1 }),
    ]);
  });
});

describe("quotes on their way to Slack", () => {
  it("are quotes, with their paragraphs", () => {
    expect(sent(quote(say("a"), say("b")))).toEqual([
      { type: "rich_text_quote", elements: [text("a\n\nb")] },
    ]);
  });

  it("give lists and code in them their border", () => {
    const code: BlockContent = { type: "code", value: "x" };
    expect(sent(quote(say("a"), list(false, [item(say("b"))]), code))).toMatchObject([
      { type: "rich_text_quote" },
      { type: "rich_text_list", border: 1 },
      { type: "rich_text_preformatted", border: 1 },
    ]);
  });

  it("in quotes keep their sign in each line", () => {
    const inner = quote(p(t("b"), { type: "break" }, t("c"))) as BlockContent;
    expect(sent(quote(say("a"), inner))).toEqual([
      { type: "rich_text_quote", elements: [text("a\n\n> b\n> c")] },
    ]);
  });
});

describe("what is more than words on its way to Slack", () => {
  it("links, with a label, without one, in a style", () => {
    const url = "https://x.example/a?b=1&c=2";
    const link = (...children: PhrasingContent[]): PhrasingContent => ({
      type: "link",
      url,
      children,
    });
    expect(phrases(link(t("go")))).toEqual([{ type: "link", url, text: "go" }]);
    expect(phrases(link())).toEqual([{ type: "link", url }]);
    expect(phrases(link(t(url)))).toEqual([{ type: "link", url }]);
    expect(phrases(link({ type: "strong", children: [t("go")] }))).toEqual([
      { type: "link", url, text: "go", style: { bold: true } },
    ]);
    expect(
      phrases({ type: "emphasis", children: [link({ type: "inlineCode", value: "x" })] }),
    ).toEqual([{ type: "link", url, text: "x", style: { italic: true, code: true } }]);
  });

  it("shows an image as a link", () => {
    const image = (alt: string): PhrasingContent => ({
      type: "image",
      url: "https://x.example/a.png",
      alt,
    });
    expect(phrases(image("an apple"))).toEqual([
      { type: "link", url: "https://x.example/a.png", text: "an apple" },
    ]);
    expect(phrases(image(""))).toEqual([{ type: "link", url: "https://x.example/a.png" }]);
  });

  it("keeps Unicode emoji as they are and custom ones by name", () => {
    expect(
      phrases(
        { type: "emoji", name: "wave", value: "👋🏽" },
        { type: "emoji", name: "party_apple" },
        { type: "emoji", name: "Not <a> name" },
      ),
    ).toEqual([text("👋🏽"), { type: "emoji", name: "party_apple" }, text(":Not <a> name:")]);
  });

  it("addresses people, groups, everyone and channels in letters only", () => {
    const id = userId("U0ALICE");
    const about = phrases(
      { type: "mention", target: { kind: "user", id }, label: "alice" },
      { type: "mention", target: { kind: "group", id: "S1" }, label: "crew" },
      { type: "mention", target: { kind: "everyone" }, label: "channel" },
      { type: "channelLink", channel: "C1" as never, label: "press" },
    );
    expect(about).toEqual([text("@alice@crew@channel#press")]);
  });

  it("shows a moment in the reader's own time", () => {
    expect(phrases({ type: "moment", at: 1_795_348_800_999, fallback: "22 Nov" })).toEqual([
      {
        type: "date",
        timestamp: 1_795_348_800,
        format: "{date_pretty} {time}",
        fallback: "22 Nov",
      },
    ]);
    expect(phrases({ type: "moment", at: 1_795_348_800_000, fallback: "" })).toMatchObject([
      { fallback: "2026-11-22 12:00 UTC" },
    ]);
    expect(phrases({ type: "moment", at: -1, fallback: "long ago" })).toEqual([text("long ago")]);
  });
});

describe("the text for notifications", () => {
  it("is escaped and tells lists, quotes and code by their letters", () => {
    const inner = list(true, [item(say("x"))], 2);
    expect(
      fallback(say("a < b & c"), list(false, [item(say("one"), inner)]), quote(say("<!channel>")), {
        type: "code",
        value: "x > y",
      }),
    ).toBe("a &lt; b &amp; c\n• one\n    2. x\n&lt;!channel&gt;\nx &gt; y");
  });
});
