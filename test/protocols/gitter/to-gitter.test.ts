import fc from "fast-check";
import type { PhrasingContent, Root, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { plain, toText } from "../../../src/core/content.ts";
import type { Attachment } from "../../../src/core/event.ts";
import { channelId, userId } from "../../../src/core/ids.ts";
import { fromGitterMarkdown } from "../../../src/protocols/gitter/from-markdown.ts";
import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";
import type { ToWrite } from "../../../src/protocols/gitter/to-gitter.ts";

const Z = "\u200b";
const message = (content: Root, more: Partial<ToWrite> = {}): ToWrite => ({
  nick: "",
  content,
  emote: false,
  files: [],
  ...more,
});
const literal = (text: string, nick = "") => toGitter(message(plain(text), { nick })).join("¦");
const root = (...children: RootContent[]): Root => ({ type: "root", children });
const paragraph = (...children: PhrasingContent[]) => root({ type: "paragraph", children });
const text = (value: string) => ({ type: "text" as const, value });
const written = (...children: PhrasingContent[]) =>
  toGitter(message(paragraph(...children))).join("¦");
const link = (url: string, label: string): PhrasingContent => ({
  type: "link",
  url,
  children: [text(label)],
});

describe("literal text for Gitter", () => {
  it("stands as it is where it means nothing", () => {
    expect(literal("snake_case_x, 2 < 3, a#b, C:\\path [ok] ~5 :smile:")).toBe(
      "snake_case_x, 2 < 3, a#b, C:\\path [ok] ~5 :smile:",
    );
  });
  it("is escaped where it would format", () => {
    expect(literal("4 * 3 * 2 _x_ `c` ~~s~~ a\\*")).toBe(
      "4 \\* 3 \\* 2 \\_x\\_ \\`c\\` \\~\\~s\\~\\~ a\\\\\\*",
    );
  });
  it("makes no link", () => {
    expect(literal("[a](https://x.example) ![b](c)")).toBe("\\[a](https://x.example) !\\[b](c)");
  });
  it("makes no link of what begins in one node and ends in another", () => {
    expect(
      written(text("[a"), { type: "strong", children: [text("b")] }, text("](https://x.example)")),
    ).toBe("\\[a**b**](https://x.example)");
  });
  it("mentions nobody", () => {
    expect(literal("@ivo @/all a@b.co \\@ivo")).toBe(`@${Z}ivo @${Z}/all a@${Z}b.co \\\\@${Z}ivo`);
  });
  it("leaves an at-sign alone that nothing follows", () => {
    expect(literal("5 @ 3 @")).toBe("5 @ 3 @");
  });
  it("makes no formula", () => {
    expect(literal("$$x$$ $5")).toBe(`$${Z}$x$${Z}$ $5`);
  });
  it("makes no block at the start of a line", () => {
    expect(literal("#Head\n> q\n- a\n+ b\n1. c\n2) d\n===\n-==\n---\na | b\n--|--")).toBe(
      `\\#Head\n\\> q\n\\- a\n\\+ b\n1\\. c\n2\\) d\n${Z}===\n\\-==\n\\---\na | b\n\\--\\|--`,
    );
  });
  it("makes no code of an indented line", () => {
    expect(literal("    x")).toBe("\u2007\u2007\u2007\u2007x");
  });
  it("breaks tags in which escapes would show", () => {
    expect(literal("<mara> <a *b*> <a_-> <\u2003a@b>")).toBe(
      `<mara> &lt;a \\*b\\*> &lt;a\\_-> &lt;\u2003a@${Z}b>`,
    );
  });
  it("keeps an address whole", () => {
    expect(literal("see https://x.example/a_b*c/@ivo.")).toBe(
      "see https://x.example/a_b%2Ac/%40ivo.",
    );
  });
  it("comes back as it was", () => {
    const line = fc
      .array(
        fc.constantFrom(
          "*",
          "**",
          "_",
          "~",
          "`",
          "[",
          "](",
          "]: ",
          ")",
          ">",
          "-",
          "+",
          "#",
          "@",
          "ivo",
          "1.",
          "\\",
          "|",
          "<",
          "/b>",
          "$",
          "=",
          "!",
          " ",
          "x",
          "🍏",
          "&amp;",
          ":partyparrot:",
          "@/all",
        ),
        { minLength: 1, maxLength: 12 },
      )
      .map((parts) => `x${parts.join("")}`);
    const start = fc.constantFrom(
      "",
      "#",
      "> ",
      "- ",
      "1. ",
      "```",
      "~~~",
      "=",
      "---",
      "|",
      "*",
      "* ",
    );
    const lines = fc.array(fc.tuple(start, line), { minLength: 1, maxLength: 4 });
    const bare = (value: string) => value.replaceAll(/[\u200b\s]+/g, "");
    fc.assert(
      fc.property(lines, (parts) => {
        const said = parts.map(([mark, rest]) => mark + rest).join("\n");
        expect(bare(toText(fromGitterMarkdown(literal(said))))).toBe(bare(said));
      }),
      { numRuns: 100 },
    );
  });
});

describe("the name in front", () => {
  it("is literal", () => {
    expect(literal("hi", "[slack] <mara_x*> ")).toBe("[slack] &lt;mara_x\\*> hi");
    expect(literal("hi", "@ivo: ")).toBe(`@${Z}ivo: hi`);
  });
  it("may be set in bold, italics or code", () => {
    expect(literal("hi", "**mara**: ")).toBe("**mara**: hi");
    expect(literal("hi", "*mara* ")).toBe("*mara* hi");
    expect(literal("hi", "`mara` ")).toBe("`mara` hi");
  });
  it("stands alone in front of what is no paragraph", () => {
    const content = root({ type: "code", lang: "js", value: "x" });
    expect(toGitter(message(content, { nick: "mara: " }))).toEqual(["mara:\n\n```js\nx\n```"]);
  });
  it("makes a link with nothing that follows", () => {
    expect(literal("](https://x.example)", "[mara")).toBe("\\[mara](https://x.example)");
  });
  it("is part of an emote", () => {
    const content = paragraph(text("waves "), { type: "emphasis", children: [text("much")] });
    expect(toGitter(message(content, { nick: "mara ", emote: true }))).toEqual([
      "*mara waves much*",
    ]);
  });
});

describe("content for Gitter", () => {
  it("is marked up, with spaces outside of the signs", () => {
    expect(
      written(
        { type: "strong", children: [text("b ")] },
        { type: "emphasis", children: [text("i")] },
        text(" "),
        { type: "delete", children: [text("s")] },
        { type: "inlineCode", value: "a`b" },
      ),
    ).toBe("**b** *i* ~~s~~``a`b``");
  });
  it("is italic by the sign that is not in it, and plain where both are: Gitter heeds no escape there", () => {
    const italic = (value: string) => written({ type: "emphasis", children: [text(value)] });
    expect(italic("2 * 3")).toBe("_2 \\* 3_");
    expect(italic("2 * x_y")).toBe("2 \\* x\\_y");
    const inner: PhrasingContent = { type: "emphasis", children: [text("b")] };
    expect(written({ type: "emphasis", children: [text("a "), inner] })).toBe("*a b*");
    const content = paragraph(text("sees 2 * 3"));
    expect(toGitter(message(content, { nick: "mara ", emote: true }))).toEqual([
      "_mara sees 2 \\* 3_",
    ]);
  });
  it("has headings in one line, in formatting too", () => {
    const bold: PhrasingContent = {
      type: "strong",
      children: [text("a"), { type: "break" }, text("b")],
    };
    expect(
      toGitter(
        message(
          root({ type: "heading", depth: 1, children: [bold, { type: "break" }, text("c")] }),
        ),
      ),
    ).toEqual(["# **a b** c"]);
  });
  it("has no empty line in what is marked up, as that would end it", () => {
    const bold = (...children: PhrasingContent[]): PhrasingContent => ({
      type: "strong",
      children,
    });
    const gap: PhrasingContent[] = [{ type: "break" }, { type: "break" }];
    expect(written(bold(text("a"), ...gap, text("b")))).toBe(`**a\n${Z}\nb**`);
    expect(written(text("a"), ...gap, text("b"))).toBe("a\n\nb");
  });
  it("has each mark once: bold in bold would end the outer", () => {
    const twice = (type: "strong" | "delete"): PhrasingContent => ({
      type,
      children: [text("a"), { type, children: [text("b")] }],
    });
    expect(written(twice("strong"), text(" "), twice("delete"))).toBe("**ab** ~~ab~~");
  });
  it("escapes underscores where italics could begin or end with one", () => {
    expect(literal("a_b c_")).toBe("a\\_b c\\_");
    expect(literal("a_¼")).toBe("a\\_¼");
    expect(literal("a_b c_d")).toBe("a_b c_d");
  });
  it("is code in a line of its own, not a block of it", () => {
    expect(written({ type: "inlineCode", value: "a``b" })).toBe(`${Z}\`\`\`a\`\`b\`\`\``);
  });
  it("reads no address in a label", () => {
    expect(written(link("https://x.example", "https://x.example/)#12"))).toBe(
      "[https://x.example/)\\#12](https://x.example)",
    );
  });
  it("has no sign that Gitter takes for a line end", () => {
    expect(literal("a\u2424# b", "c\u2424")).toBe("c\u240aa\u240a# b");
  });
  it("has no mail address that begins in front of code", () => {
    const code: PhrasingContent = { type: "inlineCode", value: "a@ivo" };
    expect(written(text("x"), code)).toBe(`x${Z}\`a@ivo\``);
    expect(written(text("x "), code)).toBe("x `a@ivo`");
    expect(written({ type: "delete", children: [text(" "), code] })).toBe(` ~~${Z}\`a@ivo\`~~`);
  });
  it("escapes a mark of exclamation in front of a link, behind a backslash too", () => {
    expect(written(text("a\\!"), link("https://x.example", "go"))).toBe(
      "a\\\\\\![go](https://x.example)",
    );
  });
  it("has no brackets in a label, whatever holds them: they would end it, or make a picture", () => {
    const hidden: PhrasingContent = { type: "spoiler", reason: "![", children: [text("a")] };
    const code: PhrasingContent = { type: "inlineCode", value: "x[0]" };
    const url = "https://x.example";
    const children = [hidden, { type: "break" } as const, code];
    expect(written({ type: "link", url, children })).toBe(`[(!() ||a|| \`x(0)\`](${url})`);
  });
  it("shows mentions and channels without a ping", () => {
    expect(
      written(
        { type: "mention", target: { kind: "user", id: userId("U1") }, label: "mara" },
        text(" "),
        { type: "mention", target: { kind: "everyone" } },
        text(" "),
        { type: "channelLink", channel: channelId("C1"), label: "general" },
      ),
    ).toBe(`@${Z}mara @${Z}everyone #general`);
  });
  it("shows emoji as signs, else as shortcodes", () => {
    expect(
      written({ type: "emoji", name: "apple", value: "🍏" }, { type: "emoji", name: "parrot" }),
    ).toBe("🍏:parrot:");
  });
  it("writes links, and addresses bare where they are their own label", () => {
    expect(written(link("https://x.example/a(b)", "see"))).toBe(
      "[see](https://x.example/a%28b%29)",
    );
    expect(written(link("https://x.example", "https://x.example"))).toBe("https://x.example");
    expect(written(text("now!"), link("https://x.example", "go"))).toBe(
      "now\\![go](https://x.example)",
    );
    expect(written(link("https://x.example", ""), text("foo"))).toBe("https://x.example foo");
  });
  it("shows where a link goes whose label is another address", () => {
    expect(written(link("https://evil.example", "https://bank.example"))).toBe(
      "https://bank.example (https://evil.example)",
    );
  });
  it("links to nothing but the web", () => {
    expect(written(link("javascript:alert(1)", "go"))).toBe("go (javascript:alert(1))");
    expect(written(link("ftp://x.example/a", "go"))).toBe("go (ftp://x.example/a)");
  });
  it("links mail addresses, by their label or by themselves", () => {
    expect(written(link("mailto:a@b.co", "a@b.co"))).toBe(`[a@${Z}b.co](mailto:a@b.co)`);
    expect(written(link("mailto:a@b.co?body=@ivo", "write to us"))).toBe(
      "[write to us](mailto:a@b.co?body=%40ivo)",
    );
    expect(written(link("mailto:a@b.co", "c@d.co"))).toBe(
      `c@${Z}d.co ([a@${Z}b.co](mailto:a@b.co))`,
    );
  });
  it("writes blocks", () => {
    const list = (children: RootContent[], ordered: boolean): RootContent => ({
      type: "list",
      ordered,
      spread: false,
      children: [{ type: "listItem", spread: false, children: children as never }],
    });
    const p = (value: string): RootContent => ({ type: "paragraph", children: [text(value)] });
    const content = root(
      { type: "heading", depth: 2, children: [text("h")] },
      { type: "blockquote", children: [p("q1"), p("q2")] as never },
      list([p("a"), list([p("b")], false)], true),
      { type: "thematicBreak" },
      { type: "code", value: "a\n```\nb" },
    );
    expect(toGitter(message(content))).toEqual([
      "## h\n\n> q1\n> \n> q2\n\n1. a\n   * b\n\n***\n\n````\na\n```\nb\n````",
    ]);
  });
  it("writes tables", () => {
    const row = (...cells: string[]) => ({
      type: "tableRow" as const,
      children: cells.map((cell) => ({ type: "tableCell" as const, children: [text(cell)] })),
    });
    const content = root({ type: "table", children: [row("a", "b"), row("c|d", "e")] });
    expect(toGitter(message(content))).toEqual(["| a | b |\n| --- | --- |\n| c∣d | e |"]);
  });
  it("names files, with a link where there is one", () => {
    const files: Attachment[] = [
      { id: "1", name: "a[1] @ivo.png", url: "https://f.example/1" },
      { id: "2", name: "b_c.txt" },
    ];
    expect(toGitter(message(plain("look"), { files }))).toEqual([
      `look\n\n[a(1) @${Z}ivo.png](https://f.example/1)\nb_c.txt`,
    ]);
    expect(toGitter(message(plain(""), { files: files.slice(1), nick: "mara: " }))).toEqual([
      "mara: b_c.txt",
    ]);
  });
  it("is nothing when there is nothing to show", () => {
    expect(toGitter(message(plain("  "), { nick: "mara: " }))).toEqual([]);
    expect(toGitter(message(root(), { nick: "mara: " }))).toEqual([]);
  });
  it("is literal in plain form", () => {
    const content = paragraph({ type: "strong", children: [text("b*")] });
    expect(toGitter(message(content, { nick: "mara: ", emote: true }), true)).toEqual([
      "mara: b\\*",
    ]);
  });
  it("is as it is in plain form where it has no letters: the service refuses an empty text", () => {
    expect(toGitter(message(root({ type: "thematicBreak" })), true)).toEqual(["***"]);
  });
});
