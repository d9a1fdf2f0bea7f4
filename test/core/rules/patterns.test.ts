/** Patterns behave as in Go, whose `regexp` they were written for; expected values are of https://pkg.go.dev/regexp. */
import type { Root } from "mdast";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { plain, toText } from "../../../src/core/content.ts";
import { createIgnore } from "../../../src/core/rules/ignore.ts";
import { createExtract, createReplace } from "../../../src/core/rules/replace.ts";
import { textOf } from "../../../src/core/rules/text.ts";
import { userId } from "../../../src/core/ids.ts";

const paragraph = (...children: unknown[]): Root =>
  ({ type: "root", children: [{ type: "paragraph", children }] }) as Root;
const text = (value: string) => ({ type: "text", value });
const strong = (...children: unknown[]) => ({ type: "strong", children });
const link = (url: string, label = url) => ({ type: "link", url, children: [text(label)] });
const replaced = (content: Root, ...pairs: [string, string][]) =>
  createReplace(pairs).content(content);

describe("a replacement", () => {
  const { text: once } = createReplace([["a(x*)b", "${1}W"]]);

  it("is filled in as Go fills it in", () => {
    expect(once("-ab-axxb-")).toBe("-W-xxW-");
    expect(createReplace([["a(x*)b", "$1W"]]).text("-ab-axxb-")).toBe("---");
    expect(createReplace([["(cat)s", "${1}nip $1 $$ $1x"]]).text("cats")).toBe("catnip cat $ ");
  });

  it("knows groups by name, and no group by a number that begins with 0", () => {
    const pairs = [["(?P<first>[a-z]+) (?P<last>[a-z]+)", "$last, ${first}$01"]] as const;
    expect(createReplace(pairs).text("ann lee")).toBe("lee, ann");
  });

  it("keeps a dollar that means nothing", () => {
    expect(createReplace([["x", "5 $ ${ ${a"]]).text("x")).toBe("5 $ ${ ${a");
  });

  it("counts no empty match behind another one", () => {
    expect(createReplace([["a*", "-"]]).text("baac")).toBe("-b-c-");
    expect(createReplace([["", "-"]]).text("a😀")).toBe("-a-😀-");
  });

  it("sees what the pair before it made", () => {
    const pairs: [string, string][] = [
      ["a", "b"],
      ["b", "c"],
    ];
    expect(createReplace(pairs).text("a")).toBe("c");
  });
});

describe("ReplaceMessages", () => {
  it("sees the message as one text: its start and end come once", () => {
    const content = paragraph(text("one "), strong(text("two")), { type: "break" }, text("three"));
    expect(toText(replaced(content, ["^", "> "], ["$", "."]))).toBe("> one two\nthree.");
  });

  it("finds words across formatting, and keeps the formatting of the rest", () => {
    const content = paragraph(text("foo"), strong(text("bar baz")));
    expect(replaced(content, ["foobar", "qux"])).toEqual(
      paragraph(text("qux"), strong(text(" baz"))),
    );
  });

  it("changes the words inside code, too", () => {
    const content = paragraph({ type: "inlineCode", value: "rm secret" });
    expect(replaced(content, ["secret", "***"])).toEqual(
      paragraph({ type: "inlineCode", value: "rm ***" }),
    );
  });

  it("makes text of a mention whose name it changes", () => {
    const mention = {
      type: "mention",
      target: { kind: "user", id: userId("U1") },
      label: "ann",
    };
    expect(replaced(paragraph(text("hi "), mention), ["@(\\w+)", "$1!"])).toEqual(
      paragraph(text("hi "), text("ann!")),
    );
    expect(replaced(paragraph(text("hi "), mention), ["hi", "ho"])).toEqual(
      paragraph(text("ho "), mention),
    );
  });

  it("changes where a bare link leads", () => {
    expect(replaced(paragraph(link("http://a.example/x")), ["^http:", "https:"])).toEqual(
      paragraph(link("https://a.example/x")),
    );
  });

  it("changes a link's label alone, and its address alone", () => {
    const content = paragraph(link("https://a.example", "read me"));
    expect(replaced(content, ["read", "see"])).toEqual(
      paragraph(link("https://a.example", "see me")),
    );
    expect(replaced(content, ["a\\.example", "b.example"])).toEqual(
      paragraph(link("https://b.example", "read me")),
    );
  });

  it("sees links and images as Matterbridge's users wrote patterns for them", () => {
    const image = { type: "image", url: "https://files.example/a.png", alt: "a.png" };
    expect(replaced(paragraph(image), ["!\\[(.*?)\\]\\((.*?)\\)", "$2"])).toEqual(
      paragraph(link("https://files.example/a.png")),
    );
  });

  it("makes links of the addresses that it puts in", () => {
    const to = "[#$1](https://bugs.example/$1)";
    expect(replaced(paragraph(text("see #12.")), ["#(\\d+)", to])).toEqual(
      paragraph(text("see "), link("https://bugs.example/12", "#12"), text(".")),
    );
  });

  it("leaves what people wrote as text that looks like a link", () => {
    const content = paragraph(text("[a](https://x.example) b"));
    expect(replaced(content, ["b", "c"])).toEqual(paragraph(text("[a](https://x.example) c")));
  });

  it("takes away what is left without a letter", () => {
    const content: Root = {
      type: "root",
      children: [...plain("secret").children, ...plain("public").children],
    };
    expect(replaced(content, ["secret", ""])).toEqual(plain("public"));
  });

  it("keeps blocks apart where the line end between them is replaced", () => {
    const content: Root = {
      type: "root",
      children: [...plain("one").children, ...plain("two").children],
    };
    expect(textOf(content)).toBe("one\ntwo");
    expect(textOf(replaced(content, ["\n", " "]))).toBe("one\n two");
  });

  it("gives the text that replacing in the text itself gives, whatever the tree", () => {
    const inline = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.string({ unit: fc.constantFrom("a", "b", "c", "😀") }).map(text),
        fc.record({
          type: fc.constantFrom("strong", "emphasis", "delete"),
          children: fc.array(tie("node"), { maxLength: 3 }),
        }),
      ),
    })).node;
    fc.assert(
      fc.property(
        fc.array(inline, { maxLength: 5 }),
        fc.constantFrom("a", "b+", "ab", "^", "$", "a*", "(b)(c)?", "[^a]", "a.b"),
        fc.constantFrom("", "x", "$1y", "zz"),
        (children, pattern, to) => {
          const content = paragraph(...children);
          const before = textOf(content);
          // An empty tree has no place for letters.
          fc.pre(before !== "");
          const wanted = createReplace([[pattern, to]]).text(before);
          expect(textOf(createReplace([[pattern, to]]).content(content))).toBe(wanted);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe("IgnoreNicks and IgnoreMessages", () => {
  it("match anywhere in the text", () => {
    const ignore = createIgnore(["bot$"], ["^!"]);
    expect([
      ignore.nick("mybot"),
      ignore.nick("bothered"),
      ignore.text("!x"),
      ignore.text("x!"),
    ]).toEqual([true, false, true, false]);
  });

  it("see line ends as a part of one text unless (?m) is written", () => {
    expect(createIgnore([], ["^!"]).text("x\n!y")).toBe(false);
    expect(createIgnore([], ["(?m)^!"]).text("x\n!y")).toBe(true);
  });
});

describe("ExtractNicks", () => {
  const extract = createExtract([["^relay$", "^<(.*?)>\\s+"]]);

  it("takes the author out of what a bot says for others", () => {
    const { nick, content } = extract({ nick: "relay", content: plain("<ann> hi <b>") });
    expect([nick, toText(content)]).toEqual(["ann", "hi <b>"]);
  });

  it("leaves everybody else alone, and a text without an author too", () => {
    const other = { nick: "bob", content: plain("<ann> hi") };
    const silent = { nick: "relay", content: plain("restarted") };
    expect([extract(other), extract(silent)]).toEqual([other, silent]);
  });

  it("finds the author across formatting", () => {
    const content = paragraph(text("<"), strong(text("ann")), text("> hi"));
    expect(extract({ nick: "relay", content })).toEqual({
      nick: "ann",
      content: paragraph(text("hi")),
    });
  });

  it("goes on with the nick that the pair before it found", () => {
    const twice = createExtract([
      ["^relay$", "^<(.*?)> "],
      ["^inner$", "^\\((.*?)\\) "],
    ]);
    const { nick, content } = twice({ nick: "relay", content: plain("<inner> (ann) hi") });
    expect([nick, toText(content)]).toEqual(["ann", "hi"]);
  });
});
