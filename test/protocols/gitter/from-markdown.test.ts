import fc from "fast-check";
import type { RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { userId } from "../../../src/core/ids.ts";
import { fromGitterMarkdown } from "../../../src/protocols/gitter/from-markdown.ts";

/** The children of the only paragraph. */
function phrases(text: string): readonly RootContent[] {
  const { children } = fromGitterMarkdown(text);
  expect(children.map((node) => node.type)).toEqual(["paragraph"]);
  return children[0]?.type === "paragraph" ? children[0].children : [];
}
const text = (value: string) => ({ type: "text", value });

describe("reading Gitter's Markdown", () => {
  it("reads strong, emphasis, deletion and code", () => {
    expect(phrases("**b** *i* _u_ ~~s~~ `c<d`").map((node) => node.type)).toEqual(
      ["strong", "emphasis", "emphasis", "delete", "inlineCode"].flatMap((type, index) =>
        index === 0 ? [type] : ["text", type],
      ),
    );
  });
  it("makes a break of a line end", () => {
    expect(phrases("a\nb")).toEqual([text("a"), { type: "break" }, text("b")]);
  });
  it("leaves HTML literal, and reads the entities that browsers show as signs", () => {
    expect(phrases('<b>x</b> &lt; "q" &#64;')).toEqual([text('<b>x</b> < "q" &#64;')]);
    expect(phrases("<div>")).toEqual([text("<div>")]);
  });
  it("reads a mention, without the colon behind it", () => {
    expect(phrases("@mara-dev: hi")).toEqual([
      { type: "mention", target: { kind: "user", id: "mara-dev" }, label: "mara-dev" },
      text(": hi"),
    ]);
  });
  it("takes the id of the mentioned where the message carries it", () => {
    const tree = fromGitterMarkdown("@Ivo", new Map([["ivo", userId("5f1a")]]));
    expect(JSON.stringify(tree)).toContain('"id":"5f1a"');
  });
  it("reads @/all as everyone", () => {
    expect(phrases("@/all hi")[0]).toMatchObject({ target: { kind: "everyone" }, label: "all" });
  });
  it("reads no mention in a mail address, in code or in a link", () => {
    const found = JSON.stringify(fromGitterMarkdown("a@b.co `@ivo` [@ivo](https://x.example)"));
    expect(found).not.toContain('"mention"');
  });
  it("makes a heading of #word at the start of a line, with and without a space", () => {
    expect(fromGitterMarkdown("#Head").children[0]).toMatchObject({ type: "heading", depth: 1 });
    expect(fromGitterMarkdown("a\n## Head").children[1]).toMatchObject({ depth: 2 });
  });
  it("leaves the number of an issue, and code, as they are", () => {
    expect(phrases("#12 is done")).toEqual([text("#12 is done")]);
    expect(fromGitterMarkdown("```sh\n#!sh\n```").children).toEqual([
      { type: "code", lang: "sh", meta: null, value: "#!sh" },
    ]);
  });
  it("reads shortcodes, also one behind the other", () => {
    expect(phrases(":smile::+1::partyparrot:")).toEqual([
      { type: "emoji", name: "smile", value: "😄" },
      { type: "emoji", name: "+1", value: "👍" },
      { type: "emoji", name: "partyparrot" },
    ]);
  });
  it("reads no shortcode in times and names of code", () => {
    expect(phrases("10:30:45 std::foo::bar a:b:c")).toEqual([text("10:30:45 std::foo::bar a:b:c")]);
  });
  it("finds the target of a link by name", () => {
    expect(phrases("[a][x]\n\n[x]: https://x.example")[0]).toEqual({
      type: "link",
      url: "https://x.example",
      children: [text("a")],
    });
  });
  it("keeps a text that is nothing but the target of a link", () => {
    expect(toText(fromGitterMarkdown("[x]: https://x.example"))).toBe("[x]: https://x.example");
  });
  it("reads quotes, lists and tables", () => {
    const blocks = fromGitterMarkdown("> q\n\n* a\n\n1. b\n\n| a |\n|---|\n| b |").children;
    expect(blocks.map((node) => node.type)).toEqual(["blockquote", "list", "list", "table"]);
  });
  it("carries no places in the source, as the tree is stored", () => {
    expect(JSON.stringify(fromGitterMarkdown("a **b** [c](https://d.example)"))).not.toContain(
      "position",
    );
  });
  it("reads what is nested without end as plain text", () => {
    for (const deep of [">".repeat(4000), "- ".repeat(2000), "1. ".repeat(1300)]) {
      expect(toText(fromGitterMarkdown(`${deep}x`))).toBe(`${deep}x`);
    }
  });
  it("never throws, and loses no text to it", () => {
    const pieces = fc.array(
      fc.constantFrom(
        "*",
        "_",
        "~~",
        "`",
        "```",
        "[",
        "](",
        ")",
        ">",
        "- ",
        "#",
        "@ivo",
        ":a:",
        "\n",
        "x ",
        "\\",
        "|",
        "<b>",
        "$$",
        "🍏",
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(pieces, (parts) => {
        expect(fromGitterMarkdown(parts.join("")).children.length).toBeGreaterThan(0);
      }),
    );
  });
  it("reads a line of words as Markdown does, without it", () => {
    const signs = Array.from(`abzAZäßЖ語ٱ\u0301019Ⅷ,.;?!'"()`);
    const word = fc.string({ unit: fc.constantFrom(...signs), minLength: 1, maxLength: 8 });
    const pieces = fc.oneof(
      word,
      fc.constantFrom("www.", "WWW.a.bc", "w", "1.", "1)", "a.bc", "x"),
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (parts, apart) => {
          const line = parts.join(apart ? " " : "");
          // What only names a target is no words, and is not shown.
          expect(fromGitterMarkdown(line)).toEqual(
            fromGitterMarkdown(`${line}\n\n[target]: /there`),
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
