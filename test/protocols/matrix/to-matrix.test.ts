import type { PhrasingContent, Root, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId, userId } from "../../../src/core/ids.ts";
import { toMatrix } from "../../../src/protocols/matrix/to-matrix.ts";
import type { MatrixText } from "../../../src/protocols/matrix/to-matrix.ts";
import { item, link, message, paragraph, RICH, root, strong, text, written } from "./tree.ts";

const Z = "\u200b";
const html = (...children: RootContent[]): string | undefined => written(...children)[0]?.html;
const body = (...children: RootContent[]): string | undefined => written(...children)[0]?.body;
const inline = (...children: PhrasingContent[]): string | undefined => html(paragraph(...children));
const named = (nick: string, content: Root): MatrixText | undefined =>
  toMatrix(message(content, { nick }), RICH)[0];

describe("formatted text for Matrix", () => {
  it("is bold, italic, struck out and code", () => {
    expect(
      inline(
        strong(text("a")),
        { type: "emphasis", children: [text("b")] },
        { type: "delete", children: [text("c")] },
        { type: "inlineCode", value: "<d>" },
        { type: "break" },
      ),
    ).toBe("<strong>a</strong><em>b</em><del>c</del><code>&lt;d&gt;</code><br>");
  });
  it("is underlined", () => {
    expect(written(paragraph({ type: "underline", children: [text("a")] }))).toEqual([
      { body: "a", html: "<u>a</u>", fallback: false },
    ]);
  });
  it("is hidden in a spoiler, by signs in its plain form", () => {
    const hidden = (reason: object): PhrasingContent => ({
      type: "spoiler",
      ...reason,
      children: [text("b")],
    });
    expect(written(paragraph(text("a "), hidden({})))).toEqual([
      { body: "a ||b||", html: "a <span data-mx-spoiler>b</span>", fallback: false },
    ]);
    expect(written(paragraph(hidden({ reason: 'the "end"' })))).toEqual([
      {
        body: '(the "end") ||b||',
        html: '<span data-mx-spoiler="the &quot;end&quot;">b</span>',
        fallback: false,
      },
    ]);
  });
  it("says moments as the author's client does", () => {
    expect(body(paragraph({ type: "moment", at: 0, fallback: "1 Jan 1970 at 00:00" }))).toBe(
      "1 Jan 1970 at 00:00",
    );
  });
  it("has no signs in its plain form", () => {
    expect(body(paragraph(strong(text("a")), { type: "inlineCode", value: "b" }))).toBe("ab");
  });
  it("is escaped", () => {
    expect(inline(strong(text(`<script>"a" & 'b'`)))).toBe(
      "<strong>&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;</strong>",
    );
  });
  it("keeps rows of blanks", () => {
    expect(inline(strong(text("a   b")))).toBe("<strong>a\u00a0\u00a0 b</strong>");
  });
  it("needs no HTML where nothing is formatted", () => {
    expect(toMatrix(message(plain("a <b>\nhttps://a.example")), RICH)).toEqual([
      { body: "a <b>\nhttps://a.example", fallback: false },
    ]);
  });
  it("has no HTML where that is switched off", () => {
    const content = root(paragraph(strong(text("a"))));
    expect(toMatrix(message(content, { nick: "mara" }), { plainOnly: false, html: false })).toEqual(
      [{ body: "mara: a", fallback: true, displayname: "mara" }],
    );
  });
  it("has no HTML and no formatting in plain form", () => {
    const content = root({ type: "heading", depth: 1, children: [strong(text("a"))] });
    expect(toMatrix(message(content), { plainOnly: true, html: true })).toEqual([
      { body: "a", fallback: false },
    ]);
  });
  it("shows names without addressing anybody", () => {
    const nodes: PhrasingContent[] = [
      { type: "mention", target: { kind: "user", id: userId("U1") }, label: "ivo" },
      { type: "mention", target: { kind: "everyone" } },
      { type: "mention", target: { kind: "group", id: "G1" }, label: "ops" },
      { type: "channelLink", channel: channelId("C1"), label: "general" },
      { type: "emoji", name: "tada", value: "🎉" },
      { type: "emoji", name: "parrot" },
    ];
    expect(body(paragraph(...nodes))).toBe(`@ivo@${Z}everyone@${Z}ops#general🎉:parrot:`);
  });
  it("never pings the room, in text and code, in body and HTML", () => {
    const code: RootContent = { type: "code", value: "@ROOM" };
    expect(written(paragraph(text("@room")), code)).toEqual([
      {
        body: `@${Z}room\n\n@${Z}ROOM`,
        html: `<p>@${Z}room</p><pre><code>@${Z}ROOM</code></pre>`,
        fallback: false,
      },
    ]);
  });
  it("never pings the room across formatting", () => {
    expect(written(paragraph(text("@"), strong(text("ro")), text("om")))).toEqual([
      { body: `@${Z}room`, html: `@${Z}<strong>ro</strong>om`, fallback: false },
    ]);
  });
  it("holds nothing that homeservers refuse", () => {
    expect(body(paragraph(text("a\u0000b\ud83dc")))).toBe("ab\ufffdc");
  });
});

describe("links for Matrix", () => {
  it("show their target in the plain form", () => {
    expect(written(paragraph(link("https://a.example/?b&c", "here")))).toEqual([
      {
        body: "here (https://a.example/?b&c)",
        html: '<a href="https://a.example/?b&amp;c">here</a>',
        fallback: false,
      },
    ]);
  });
  it("cannot leave their attribute", () => {
    expect(inline(link('https://a.example/"onclick="x', "here"))).toBe(
      '<a href="https://a.example/&quot;onclick=&quot;x">here</a>',
    );
  });
  it.each(["javascript:alert(1)", "ftp://a.example", "https://a.example b"])(
    "are text for %s",
    (url) => {
      expect(body(paragraph(link(url, "here")))).toBe(`here (${url})`);
      expect(inline(link(url, "here"), strong(text("!")))).toBe(`here (${url})<strong>!</strong>`);
    },
  );
  it("show where they go when their label says something else", () => {
    expect(inline(link("https://evil.example", "www.good.example"), strong(text("!")))).toBe(
      'www.good.example (<a href="https://evil.example">https://evil.example</a>)<strong>!</strong>',
    );
  });
  it.each(["bank\u200b.example", "ｂａｎｋ.example", "bank\u3002example", "bänk.example:8080"])(
    "show where they go when their label %j looks like something else",
    (label) => {
      expect(body(paragraph(link("https://evil.example", label)))).toBe(
        `${label} (https://evil.example)`,
      );
      expect(inline(link("https://evil.example", label), strong(text("!")))).toContain(
        ' (<a href="https://evil.example">https://evil.example</a>)',
      );
    },
  );
  it("show mail addresses without the scheme", () => {
    expect(written(paragraph(link("mailto:a@b.example", "a@b.example")))).toEqual([
      {
        body: "a@b.example",
        html: '<a href="mailto:a@b.example">a@b.example</a>',
        fallback: false,
      },
    ]);
  });
  it("ping no room", () => {
    expect(body(paragraph(link("https://a.example/@room", "here")))).toBe(
      "here (https://a.example/%40room)",
    );
  });
  it("stand for images", () => {
    expect(inline({ type: "image", url: "https://a.example/c.png", alt: "a cat" })).toBe(
      '<a href="https://a.example/c.png">a cat</a>',
    );
  });
});

describe("blocks for Matrix", () => {
  it("are headings, lines and quotes", () => {
    expect(
      written(
        { type: "heading", depth: 3, children: [text("a")] },
        { type: "thematicBreak" },
        { type: "blockquote", children: [paragraph(text("b")), paragraph(text("c"))] },
      ),
    ).toEqual([
      {
        body: "a\n\n———\n\n> b\n>\n> c",
        html: "<h3>a</h3><hr><blockquote><p>b</p><p>c</p></blockquote>",
        fallback: false,
      },
    ]);
  });
  it("are code as it is", () => {
    expect(written({ type: "code", lang: "c++", value: "a < b\n  c" })).toEqual([
      {
        body: "a < b\n  c",
        html: '<pre><code class="language-c++">a &lt; b\n  c</code></pre>',
        fallback: false,
      },
    ]);
  });
  it("name no language that could be markup", () => {
    expect(html({ type: "code", lang: 'a"b', value: "c" })).toBe("<pre><code>c</code></pre>");
  });
  it("are lists in lists with numbers and boxes", () => {
    const inner = {
      type: "list" as const,
      ordered: true,
      start: 9,
      children: [
        item(paragraph(text("b"))),
        item(paragraph(text("c"), { type: "break" }, text("d"))),
      ],
    };
    const done = { ...item(paragraph(text("e"))), checked: true };
    const open = { ...item(paragraph(text("f"))), checked: false };
    expect(
      written({ type: "list", children: [item(paragraph(text("a")), inner), done, open] }),
    ).toEqual([
      {
        body: "• a\n  9. b\n  10. c\n      d\n• ☑ e\n• ☐ f",
        html: '<ul><li>a<ol start="9"><li>b</li><li>c<br>d</li></ol></li><li>☑ e</li><li>☐ f</li></ul>',
        fallback: false,
      },
    ]);
  });
  it("are tables", () => {
    const row = (...cells: string[]) => ({
      type: "tableRow" as const,
      children: cells.map((cell) => ({ type: "tableCell" as const, children: [text(cell)] })),
    });
    expect(written({ type: "table", children: [row("a", "b"), row("1", "2")] })).toEqual([
      {
        body: "a | b\n1 | 2",
        html: "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        fallback: false,
      },
    ]);
  });
  it("are files, a line each", () => {
    const files = [
      { id: "1", name: "notes.md", url: "https://a.example/1" },
      { id: "2", name: "b <c>" },
    ];
    expect(toMatrix(message(plain("a"), { files }), RICH)).toEqual([
      {
        body: "a\n\nnotes.md (https://a.example/1)\nb <c>",
        html: '<p>a</p><p><a href="https://a.example/1">notes.md</a><br>b &lt;c&gt;</p>',
        fallback: false,
      },
    ]);
  });
  it("are none where there is nothing to show", () => {
    expect(toMatrix(message(root(paragraph(text(" "))), { nick: "mara" }), RICH)).toEqual([]);
  });
});

describe("the author's name for Matrix", () => {
  it("stands in front as MSC4144 has it", () => {
    expect(named("mara ", plain("hi"))).toEqual({
      body: "mara: hi",
      html: "<strong data-mx-profile-fallback>mara: </strong>hi",
      fallback: true,
      displayname: "mara",
    });
  });
  it("stands in the first of several paragraphs", () => {
    expect(named("mara", root(paragraph(text("a")), paragraph(text("b"))))?.html).toBe(
      "<p><strong data-mx-profile-fallback>mara: </strong>a</p><p>b</p>",
    );
  });
  it("stands before what is no paragraph, on a line of its own", () => {
    expect(named("mara", root({ type: "code", value: "a\nb" }))).toMatchObject({
      body: "mara: \na\nb",
      html: "<strong data-mx-profile-fallback>mara: </strong><pre><code>a\nb</code></pre>",
    });
  });
  it("keeps what the format puts around it, escaped", () => {
    expect(named("[slack] <mara>: ", plain("hi"))).toMatchObject({
      body: "[slack] <mara>: hi",
      html: "<strong data-mx-profile-fallback>[slack] &lt;mara&gt;: </strong>hi",
      displayname: "[slack] <mara>",
    });
  });
  it.each(["**mara** ", "*mara*: ", "`mara`", "**mara:** "])("is not formatted by %j", (nick) => {
    expect(named(nick, plain("hi"))?.body).toBe("mara: hi");
  });
  it("is one line", () => {
    expect(named("ma\nra\r\n", plain("hi"))?.body).toBe("ma ra: hi");
  });
  it("has at most 255 bytes", () => {
    const name = `${"ü".repeat(126)}…`;
    expect(named("ü".repeat(10_000), plain("hi"))).toMatchObject({
      body: `${name}: hi`,
      displayname: name,
    });
  });
  it("pings no room", () => {
    expect(named("@room", plain("hi"))?.body).toBe(`@${Z}room: hi`);
  });
  it("stands on every event of a long message", () => {
    const parts = toMatrix(message(plain("word ".repeat(10_000)), { nick: "mara" }), RICH);
    expect(parts.map(({ body, html }) => [body.slice(0, 10), html?.slice(-5)])).toEqual([
      ["mara: word", " word"],
      ["mara: word", " word"],
      ["mara: word", "word "],
    ]);
  });
});
