import fc from "fast-check";
import type { RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { fromHtml } from "../../../src/protocols/matrix/from-html.ts";

const blocks = (html: string): RootContent[] => fromHtml(html).children;
/** The inline content of the only paragraph. */
const inlines = (html: string): unknown => {
  const [only, ...rest] = blocks(html);
  return rest.length === 0 && only?.type === "paragraph" ? only.children : blocks(html);
};
const text = (value: string) => ({ type: "text", value });
const marked = (type: string, ...children: object[]) => ({ type, children });
const link = (url: string, label: string) => ({ type: "link", url, children: [text(label)] });
const paragraph = (value: string) => marked("paragraph", text(value));
const item = (...children: object[]) => ({ type: "listItem", spread: false, children });
const bullets = (...children: object[]) => ({
  type: "list",
  ordered: false,
  start: null,
  spread: false,
  children,
});

describe("formatting in Matrix HTML", () => {
  it("is bold, italic and struck out under all names of the tags", () => {
    expect(inlines("<b>a</b><strong>b</strong><i>c</i><em>d</em><del>e</del><s>f</s>")).toEqual([
      marked("strong", text("a")),
      marked("strong", text("b")),
      marked("emphasis", text("c")),
      marked("emphasis", text("d")),
      marked("delete", text("e")),
      marked("delete", text("f")),
    ]);
  });
  it("nests", () => {
    expect(inlines("<b>a <i>b</i></b> c")).toEqual([
      marked("strong", text("a "), marked("emphasis", text("b"))),
      text(" c"),
    ]);
  });
  it("goes on in every block that it stands around", () => {
    expect(blocks("<b>a<p>b</p></b>")).toEqual([
      marked("paragraph", marked("strong", text("a"))),
      marked("paragraph", marked("strong", text("b"))),
    ]);
  });
  it("is underlined", () => {
    expect(inlines("<u>a</u><ins>b</ins>")).toEqual([
      marked("underline", text("a")),
      marked("underline", text("b")),
    ]);
  });
  it("keeps the text of coloured and unknown tags", () => {
    expect(
      inlines(
        '<font color="red">a</font><span data-mx-color="#f00">b</span><constructor>c</constructor>',
      ),
    ).toEqual([text("abc")]);
  });
  it("keeps what raised and lowered digits mean", () => {
    expect(inlines("10<sup>-6</sup> m H<sub>2</sub>O")).toEqual([text("10⁻⁶ m H₂O")]);
  });
  it("types what is raised or lowered and has no signs for it", () => {
    expect(inlines("x<sup>k</sup> y<sup>a b</sup> a<sub>i</sub>")).toEqual([
      text("x^k y^(a b) a_i"),
    ]);
  });
  it("leaves raised endings of numbers and names as they are", () => {
    expect(inlines("1<sup>st</sup> X<sup>TM</sup>")).toEqual([text("1st XTM")]);
  });
  it("keeps a raised link, and says that it is raised", () => {
    expect(inlines('a<sup><a href="https://a.example">1</a></sup>')).toEqual([
      text("a"),
      link("https://a.example", "¹"),
    ]);
    expect(inlines("a<sup><code>b</code></sup>")).toEqual([
      text("a^("),
      { type: "inlineCode", value: "b" },
      text(")"),
    ]);
  });
  it("keeps what is raised in code", () => {
    expect(inlines("<code>2<sup>10</sup></code>")).toEqual([{ type: "inlineCode", value: "2¹⁰" }]);
  });
  it("drops scripts and styles with their text", () => {
    expect(inlines("a<script>alert(1)</script><style>b{}</style><title>t</title>c")).toEqual([
      text("ac"),
    ]);
  });
  it("drops the quote of an answered message", () => {
    expect(
      inlines("<mx-reply><blockquote>old <script>x</script>words</blockquote></mx-reply>new"),
    ).toEqual([text("new")]);
  });
  it("collapses blanks, but not those that do not break", () => {
    expect(inlines("  a \n\t b\u00a0\u00a0c <b> d</b> <br> e ")).toEqual([
      text("a b\u00a0\u00a0c "),
      marked("strong", text("d")),
      { type: "break" },
      text("e"),
    ]);
  });
  it("reads entities once", () => {
    expect(inlines("&lt;b&gt; &amp;lt; &#128512;")).toEqual([text("<b> &lt; 😀")]);
  });
  it("keeps code as it is", () => {
    expect(inlines("<code>a &lt;b&gt; <b>c</b></code>")).toEqual([
      { type: "inlineCode", value: "a <b> c" },
    ]);
  });
  it("hides the text of a spoiler, with its reason", () => {
    expect(
      inlines('<span data-mx-spoiler>x</span> <span data-mx-spoiler="the end">y <b>z</b></span>'),
    ).toEqual([
      marked("spoiler", text("x")),
      text(" "),
      { ...marked("spoiler", text("y "), marked("strong", text("z"))), reason: "the end" },
    ]);
  });
  it("hides code in a spoiler line by line, as no block can be part of one", () => {
    expect(blocks("<span data-mx-spoiler><pre><code>a\nb</code></pre></span>")).toEqual([
      marked(
        "paragraph",
        marked(
          "spoiler",
          { type: "inlineCode", value: "a" },
          { type: "break" },
          { type: "inlineCode", value: "b" },
        ),
      ),
    ]);
  });
  it("says by signs what is hidden inside of code", () => {
    expect(inlines("<code>a <span data-mx-spoiler>b</span></code>")).toEqual([
      { type: "inlineCode", value: "a ||b||" },
    ]);
  });
  it("shows the source of a formula as code", () => {
    expect(inlines('<span data-mx-maths="x^2"><code>x<sup>2</sup></code></span> is')).toEqual([
      { type: "inlineCode", value: "x^2" },
      text(" is"),
    ]);
    expect(blocks('a<div data-mx-maths="\\frac{1}{2}">half</div>')).toEqual([
      paragraph("a"),
      { type: "code", lang: "latex", value: "\\frac{1}{2}" },
    ]);
  });
  it("is code under all names of the tags", () => {
    expect(inlines("<kbd>a</kbd><samp>b</samp><tt>c</tt>")).toEqual(
      ["a", "b", "c"].map((value) => ({ type: "inlineCode", value })),
    );
  });
});

describe("links in Matrix HTML", () => {
  it.each([
    "https://a.example/b?c=d",
    "http://a.example",
    "ftp://a.example/f",
    "mailto:a@b.example",
  ])("lead to %s", (url) => {
    expect(inlines(`<a href="${url}">here</a>`)).toEqual([link(url, "here")]);
  });
  it.each([
    "javascript:alert(1)",
    " java\nscript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "mxc://a.example/b",
    "/relative",
    "",
  ])("do not lead to %j", (url) => {
    expect(inlines(`<a href="${url}">here</a>`)).toEqual([text("here")]);
  });
  it("are made of bare web addresses", () => {
    expect(inlines("see https://a.example/x_(y). (http://b.example/)")).toEqual([
      text("see "),
      link("https://a.example/x_(y)", "https://a.example/x_(y)"),
      text(". ("),
      link("http://b.example/", "http://b.example/"),
      text(")"),
    ]);
  });
  it("hold no links", () => {
    expect(inlines('<a href="https://a.example">to <b>https://b.example</b></a>')).toEqual([
      {
        type: "link",
        url: "https://a.example",
        children: [text("to "), marked("strong", text("https://b.example"))],
      },
    ]);
  });
  it.each([
    "https://matrix.to/#/@ivo:gitter.im",
    "https://matrix.to/#/%40ivo%3Agitter.im",
    "https://matrix.to/#/@ivo:gitter.im?via=gitter.im",
    "matrix:u/ivo:gitter.im",
    "matrix:user/ivo:gitter.im?action=chat",
  ])("to %s mention somebody", (url) => {
    expect(inlines(`<a href="${url}">@Ivo</a>: hi`)).toEqual([
      { type: "mention", target: { kind: "user", id: "@ivo:gitter.im" }, label: "Ivo" },
      text(": hi"),
    ]);
  });
  it("to rooms and messages stay links", () => {
    const url = "https://matrix.to/#/#org_room:gitter.im";
    expect(inlines(`<a href="${url}">#room</a>`)).toEqual([link(url, "#room")]);
  });
  it.each([
    ["matrix:r/org_room:gitter.im", "https://matrix.to/#/#org_room:gitter.im"],
    [
      "matrix:roomid/abc:gitter.im?via=a.example&action=join&via=b.example",
      "https://matrix.to/#/!abc:gitter.im?via=a.example&via=b.example",
    ],
    ["matrix:roomid/abc:gitter.im/e/xyz", "https://matrix.to/#/!abc:gitter.im/$xyz"],
  ])("from %s lead where any browser can follow", (uri, url) => {
    expect(inlines(`<a href="${uri}">here</a>`)).toEqual([link(url, "here")]);
  });
  it("that stand bare and name people mention them", () => {
    expect(inlines("ask https://matrix.to/#/@ivo:gitter.im.")).toEqual([
      text("ask "),
      { type: "mention", target: { kind: "user", id: "@ivo:gitter.im" }, label: "ivo:gitter.im" },
      text("."),
    ]);
  });
  it("name nobody in an address that cannot be read", () => {
    const url = "https://matrix.to/#/%zz";
    expect(inlines(`<a href="${url}">x</a>`)).toEqual([link(url, "x")]);
  });
  it("mention no room", () => {
    expect(inlines("@room hi")).toEqual([text("@room hi")]);
  });
});

describe("images in Matrix HTML", () => {
  it("are emoji where they say so", () => {
    expect(inlines('<img data-mx-emoticon src="mxc://a/b" alt=":party_parrot:">')).toEqual([
      { type: "emoji", name: "party_parrot" },
    ]);
  });
  it("are emoji also when only the title names them", () => {
    expect(
      inlines('<img data-mx-emoticon src="mxc://a/b" alt="a parrot, dancing" title=":parrot:">'),
    ).toEqual([{ type: "emoji", name: "parrot" }]);
  });
  it("are letters where the description is an emoji", () => {
    expect(inlines('<img data-mx-emoticon src="mxc://a/b" alt="👍🏽">')).toEqual([text("👍🏽")]);
  });
  it("are their description, and no link to what cannot be opened", () => {
    expect(inlines('<img src="mxc://a/b" alt="a cat"> <img src="mxc://a/b">')).toEqual([
      text("a cat image"),
    ]);
  });
  it("are linked where they are on the web", () => {
    expect(inlines('<img src="https://a.example/c.png" title="a cat">')).toEqual([
      link("https://a.example/c.png", "a cat"),
    ]);
  });
});

describe("blocks of Matrix HTML", () => {
  it("are paragraphs and headings", () => {
    expect(blocks("<h2>a</h2>b<p>c<p>d<hr>e")).toEqual([
      { type: "heading", depth: 2, children: [text("a")] },
      paragraph("b"),
      paragraph("c"),
      paragraph("d"),
      { type: "thematicBreak" },
      paragraph("e"),
    ]);
  });
  it("are code with its language and its line ends", () => {
    expect(blocks('<pre><code class="x language-ts">\nif (a)\n  b &lt; c\n</code></pre>')).toEqual([
      { type: "code", lang: "ts", value: "if (a)\n  b < c" },
    ]);
  });
  it("are code without a language", () => {
    expect(blocks("a<pre>b<br>c</pre>")).toEqual([
      paragraph("a"),
      { type: "code", lang: null, value: "b\nc" },
    ]);
  });
  it("are quotes in quotes", () => {
    expect(blocks("<blockquote><blockquote>a</blockquote>b</blockquote>")).toEqual([
      marked("blockquote", marked("blockquote", paragraph("a")), paragraph("b")),
    ]);
  });
  it("are lists in lists, with their numbers", () => {
    expect(blocks('<ul>\n<li>a<ol start="3"><li><p>b</p></li></ol></li>\n<li>c</li></ul>')).toEqual(
      [
        bullets(
          item(paragraph("a"), {
            type: "list",
            ordered: true,
            start: 3,
            spread: false,
            children: [item(paragraph("b"))],
          }),
          item(paragraph("c")),
        ),
      ],
    );
  });
  it("are tasks", () => {
    expect(
      blocks(
        '<ul><li><input type="checkbox" disabled checked>a</li><li><p><input type="checkbox"> b</p></li><li>c</li></ul>',
      ),
    ).toEqual([
      bullets(
        { ...item(paragraph("a")), checked: true },
        { ...item(paragraph("b")), checked: false },
        item(paragraph("c")),
      ),
    ]);
  });
  it("are items also where a list holds something else, and text where none is around", () => {
    expect(blocks("<ul>a<li>b</li></ul><li>c</li>")).toEqual([
      bullets(item(paragraph("a")), item(paragraph("b"))),
      paragraph("c"),
    ]);
  });
  it("are tables with their caption before them", () => {
    expect(
      blocks(
        "<table><caption>t</caption><thead><tr><th>a</th></tr></thead><tbody><tr><td>1</td><td><p>2</p><p>3</p></td></tr></tbody></table>",
      ),
    ).toEqual([
      paragraph("t"),
      marked(
        "table",
        marked("tableRow", marked("tableCell", text("a")), marked("tableCell")),
        marked(
          "tableRow",
          marked("tableCell", text("1")),
          marked("tableCell", text("2"), text(" "), text("3")),
        ),
      ),
    ]);
  });
  it("show what can be folded away, under its summary", () => {
    expect(blocks("<details><summary>a</summary>b</details>")).toEqual([
      marked("paragraph", marked("strong", text("a"))),
      paragraph("b"),
    ]);
  });
  it("are none where nothing shows", () => {
    expect(blocks("<p> </p><ul></ul><b></b><br>")).toEqual([]);
  });
  it("are not nested deeper than anybody reads, and keep their text", () => {
    const content = fromHtml(`${"<blockquote>".repeat(500)}deep${"</blockquote>".repeat(500)}`);
    expect(JSON.stringify(content).split("blockquote").length - 1).toBe(40);
    expect(toText(content)).toBe("deep");
  });
});

const BITS = fc.constantFrom(
  ...'<b> </b> <i> <p> </p> <ul> <li> </ul> <ol start=2> <pre> <code> </code> </pre> <table> <tr> <td> </table> <blockquote> </blockquote> <br> <hr> <h1> </h1> <mx-reply> </mx-reply> <script> </script> </a> <span/data-mx-spoiler> </span> <img/alt=x> &lt; &amp; < > " @room word'.split(
    " ",
  ),
  '<a href="javascript:alert(1)">',
  '<a href="https://matrix.to/#/@a:b">',
  "<a href='&#106;avascript:x'>",
  '<a href="https://a.example">',
  " ",
  "\n",
);
const HTML = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(BITS, fc.string()), { maxLength: 60 }).map((bits) => bits.join("")),
);

describe("any text read as Matrix HTML", () => {
  it("makes a tree of blocks without links that run scripts", () => {
    fc.assert(
      fc.property(HTML, (html) => {
        const content = fromHtml(html);
        expect(JSON.stringify(content)).not.toMatch(/"url":"\s*(?:javascript|data|vbscript)/i);
        const inline = new Set([
          "text",
          "strong",
          "emphasis",
          "delete",
          "link",
          "inlineCode",
          "break",
        ]);
        expect(content.children.filter(({ type }) => inline.has(type))).toEqual([]);
      }),
    );
  });
  it("keeps its letters when it is escaped", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (letters) => {
        const html = letters.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        const blank = /[ \t\n\f\r]+/g;
        expect(toText(fromHtml(`<p>${html}</p>`)).replaceAll(blank, "")).toBe(
          letters.replaceAll(blank, ""),
        );
      }),
    );
  });
});
