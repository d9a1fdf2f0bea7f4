import fc from "fast-check";
import { Parser } from "htmlparser2";
import type { PhrasingContent, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { plain, toText } from "../../../src/core/content.ts";
import { fromHtml } from "../../../src/protocols/matrix/from-html.ts";
import { toMatrix } from "../../../src/protocols/matrix/to-matrix.ts";
import type { MatrixText } from "../../../src/protocols/matrix/to-matrix.ts";
import { alphanumeric, LETTERS as TYPED, lettersOf, missing, runs, TREE } from "../trees.ts";
import { item, link, message, paragraph, RICH, root, strong, text, written } from "./tree.ts";

const bytes = ({ body, html = "" }: MatrixText): number =>
  Buffer.byteLength(JSON.stringify(body)) + Buffer.byteLength(JSON.stringify(html));

describe("a message that is too long for one event", () => {
  const long = (letters: string, count: number) => letters.repeat(count).trim();

  it("is cut between blocks", () => {
    const parts = written(
      paragraph(text("a".repeat(15_000))),
      paragraph(text("b".repeat(15_000))),
      paragraph(text("c".repeat(1_000))),
    );
    expect(parts.map(({ body }) => body.replaceAll(/(.)\1+/g, "$1"))).toEqual(["a", "b\n\nc"]);
  });
  it("is cut between lines", () => {
    const parts = toMatrix(message(plain(long(`${"x".repeat(99)}\n`, 500))), RICH);
    expect(parts.length).toBe(3);
    expect(parts.every(({ body }) => body.split("\n").every((line) => line.length === 99))).toBe(
      true,
    );
  });
  it("is cut between words, with its formatting", () => {
    const parts = written(paragraph(strong(text(long("word ", 10_000)))));
    expect(parts.length).toBe(3);
    expect(parts.every(({ html = "" }) => /^<strong>(word )*word<\/strong>$/.test(html))).toBe(
      true,
    );
  });
  it("is not cut inside a character", () => {
    const parts = written(paragraph(text("x😀".repeat(10_000))));
    expect(parts.length).toBe(3);
    expect(parts.map(({ body }) => body).join("")).toBe("x😀".repeat(10_000));
    expect(parts.every(({ body }) => body.isWellFormed())).toBe(true);
  });
  it("has code in every part, and loses no line of it", () => {
    const value = long("  if (a) {\n    b();\n  }\n", 3_000);
    const parts = written({ type: "code", lang: "js", value });
    expect(parts.length).toBe(4);
    expect(parts.map(({ body }) => body).join("\n")).toBe(value);
    expect(
      parts.every(({ html = "" }) =>
        /^<pre><code class="language-js">[^<]+<\/code><\/pre>$/.test(html),
      ),
    ).toBe(true);
  });
  it("goes on counting", () => {
    const children = Array.from({ length: 3 }, () => item(paragraph(text("x".repeat(15_000)))));
    const parts = written({ type: "list", ordered: true, children });
    expect(parts.map(({ html = "" }) => html.replaceAll(/x+/g, "x"))).toEqual([
      "<ol><li>x</li></ol>",
      '<ol start="2"><li>x</li></ol>',
      '<ol start="3"><li>x</li></ol>',
    ]);
  });
  it("stays in its quote", () => {
    const parts = written({
      type: "blockquote",
      children: [paragraph(text(long("word ", 10_000)))],
    });
    expect(parts.length).toBe(3);
    expect(parts.every(({ body }) => body.startsWith("> word"))).toBe(true);
  });
  it("repeats the header of a table", () => {
    const row = (cell: string) => ({
      type: "tableRow" as const,
      children: [{ type: "tableCell" as const, children: [text(cell)] }],
    });
    const rows = Array.from({ length: 30 }, () => row("x".repeat(1_000)));
    const parts = written({ type: "table", children: [row("head"), ...rows] });
    expect(parts.length).toBe(2);
    expect(parts.every(({ html = "" }) => html.includes("<th>head</th>"))).toBe(true);
  });
  it("counts what escaping adds", () => {
    const parts = toMatrix(message(plain('"\u0001&'.repeat(20_000)), { nick: "n" }), RICH);
    expect(Math.max(...parts.map(bytes))).toBeLessThan(48_000);
  });
  it("cuts an address that no client could open", () => {
    const url = `https://a.example/${"x".repeat(60_000)}`;
    const parts = written(paragraph(link(url, "here")));
    expect(parts.length).toBeGreaterThan(1);
    expect(
      parts
        .map(({ body }) => body)
        .join("")
        .replaceAll(" ", ""),
    ).toBe(`here(${url})`);
  });
});

/** Tags and attributes of what we wrote, as a parser sees them. */
function tagsOf(html: string): readonly string[] {
  const tags: string[] = [];
  new Parser({
    onopentag: (tag, attributes) => void tags.push([tag, ...Object.keys(attributes)].join(" ")),
  }).end(html);
  return tags;
}
const ALLOWED = new Set(
  "p|h1|h2|h3|h4|h5|h6|pre|code|code class|blockquote|ul|ol|ol start|li|table|thead|tbody|tr|th|td|hr|br|strong|strong data-mx-profile-fallback|em|del|u|span data-mx-spoiler|a href".split(
    "|",
  ),
);
/** Letters that a reader sees, and what a spoiler says about itself. */
const shown = (html: string): string => {
  let letters = "";
  new Parser({
    ontext: (data) => void (letters += data),
    onopentag: (_, attributes) => void (letters += attributes["data-mx-spoiler"] ?? ""),
  }).end(html);
  return letters;
};

const LETTERS = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom("<b>", "</p>", "@room", "@", "room", "<script>", '">', "&lt;", "<!--", "word "),
);
/** Some of more letters than an event has. */
const LONG_LETTERS = fc.oneof(
  { weight: 6, arbitrary: LETTERS },
  { weight: 1, arbitrary: fc.nat({ max: 9_000 }).map((count) => "😀 <&".repeat(count)) },
);
const PHRASE = fc.letrec<{ node: PhrasingContent }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    LONG_LETTERS.map((value): PhrasingContent => text(value)),
    LETTERS.map((value): PhrasingContent => ({ type: "inlineCode", value })),
    fc.constant<PhrasingContent>({ type: "break" }),
    fc
      .record({
        type: fc.constantFrom(
          "strong" as const,
          "emphasis" as const,
          "delete" as const,
          "underline" as const,
        ),
        children: fc.array(tie("node"), { maxLength: 3 }),
      })
      .map((node): PhrasingContent => node),
    fc
      .record({ reason: LETTERS, children: fc.array(tie("node"), { maxLength: 3 }) })
      .map((node): PhrasingContent => ({ type: "spoiler", ...node })),
    fc
      .tuple(fc.oneof(LETTERS, fc.webUrl()), fc.array(tie("node"), { maxLength: 2 }))
      .map(([url, children]): PhrasingContent => ({ type: "link", url, children })),
    LETTERS.map((label): PhrasingContent => ({
      type: "mention",
      target: { kind: "everyone" },
      label,
    })),
  ),
})).node;
const BLOCK = fc.letrec<{ node: RootContent }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    fc.array(PHRASE, { maxLength: 4 }).map((children): RootContent => paragraph(...children)),
    fc
      .tuple(LETTERS, LONG_LETTERS)
      .map(([lang, value]): RootContent => ({ type: "code", lang, value })),
    fc
      .array(tie("node"), { maxLength: 3 })
      .map((children): RootContent => ({ type: "blockquote", children: children as [] })),
    fc
      .array(fc.array(tie("node"), { maxLength: 3 }), { maxLength: 4 })
      .map((items): RootContent => ({
        type: "list",
        ordered: true,
        children: items.map((children) => item(...children)),
      })),
    fc
      .array(fc.array(fc.array(PHRASE, { maxLength: 2 }), { maxLength: 3 }), { maxLength: 4 })
      .map((rows): RootContent => ({
        type: "table",
        children: rows.map((cells) => ({
          type: "tableRow",
          children: cells.map((children) => ({ type: "tableCell", children })),
        })),
      })),
  ),
})).node;
const MESSAGE = fc.record({
  nick: LETTERS,
  content: fc.array(BLOCK, { maxLength: 4 }).map((children) => root(...children)),
  emote: fc.boolean(),
  files: fc.array(fc.record({ id: LETTERS, name: LETTERS, url: LETTERS }), { maxLength: 2 }),
});

const lettersIn = (value: string): string => value.replaceAll(/[^\p{L}]/gu, "");

/** Where links of what we wrote go. */
function hrefsOf(html: string): readonly string[] {
  const hrefs: string[] = [];
  new Parser({ onopentag: (_, { href }) => void (href !== undefined && hrefs.push(href)) }).end(
    html,
  );
  return hrefs;
}

describe("any content for Matrix", () => {
  it("pings nobody, links to nothing else and shows every letter", { timeout: 600_000_000 }, () => {
    fc.assert(
      fc.property(TREE, TYPED, fc.boolean(), (content, nick, emote) => {
        const parts = toMatrix({ nick: nick.slice(0, 80), content, emote, files: [] }, RICH);
        for (const { body, html = "" } of parts) {
          expect(tagsOf(html).filter((tag) => !ALLOWED.has(tag))).toEqual([]);
          expect(hrefsOf(html).filter((url) => !url.includes("good"))).toEqual([]);
          expect(body + shown(html)).not.toMatch(/@room/i);
          expect((body + html).isWellFormed()).toBe(true);
        }
        if (parts.length === 0) return;
        const letters = lettersOf(content);
        expect(missing(alphanumeric(parts.map(({ body }) => body).join("")), letters)).toBe(
          undefined,
        );
        const html = parts.map((part) => (part.html === undefined ? part.body : shown(part.html)));
        expect(missing(alphanumeric(html.join("")), letters)).toBe(undefined);
      }),
      runs(200),
    );
  });
});

describe("any message for Matrix", () => {
  it("fits, holds our tags only and pings no room", () => {
    fc.assert(
      fc.property(MESSAGE, (any) => {
        for (const part of toMatrix(any, RICH)) {
          expect(bytes(part)).toBeLessThan(48_000);
          expect(tagsOf(part.html ?? "").filter((tag) => !ALLOWED.has(tag))).toEqual([]);
          expect(part.body).not.toMatch(/@room/i);
          expect(shown(part.html ?? "")).not.toMatch(/@room/i);
          expect(
            part.body.startsWith(`${part.displayname ?? ""}${part.fallback ? ": " : ""}`),
          ).toBe(true);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });
  it("keeps its letters, in the text and in the HTML", () => {
    const nodes = fc.array(
      fc.oneof(
        LONG_LETTERS.map((value) => paragraph(strong(text(value)), text(value))),
        LONG_LETTERS.map((value): RootContent => ({ type: "code", value })),
      ),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(nodes, (children) => {
        const parts = written(...children, { type: "thematicBreak" });
        const letters = lettersIn(children.map((child) => toText(child).toWellFormed()).join(""));
        expect(lettersIn(parts.map(({ body }) => body).join(""))).toBe(letters);
        expect(lettersIn(parts.map(({ html = "" }) => shown(html)).join(""))).toBe(letters);
      }),
      { numRuns: 60, seed: 1 },
    );
  });
  it("may have come from Matrix", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (html) => {
        expect(() => toMatrix(message(fromHtml(html), { nick: html }), RICH)).not.toThrow();
      }),
    );
  });
});
