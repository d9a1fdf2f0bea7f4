import type { Root, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";
import type { ToWrite } from "../../../src/protocols/gitter/to-gitter.ts";
import { shown } from "./shown.ts";

const Z = "\u200b";
const message = (content: Root): ToWrite => ({ nick: "", content, emote: false, files: [] });
const root = (...children: RootContent[]): Root => ({ type: "root", children });
const text = (value: string) => ({ type: "text" as const, value });

describe("a list for Gitter", () => {
  it("keeps code in the item that it is in, with its empty lines", () => {
    const item = (...children: RootContent[]) => ({
      type: "listItem" as const,
      children: children as [],
    });
    const list = (...children: ReturnType<typeof item>[]): RootContent => ({
      type: "list",
      children,
    });
    const code = (value: string): RootContent => ({ type: "code", value });
    expect(toGitter(message(root(list(item(code("a\n\n\nb"))))))).toEqual([
      `* \`\`\`\n  a\n  \n  ${Z}\n  b\n  \`\`\``,
    ]);
    expect(toGitter(message(root(list(item(code("---\na"))))))).toEqual([
      `* ${Z}\n  \`\`\`\n  ---\n  a\n  \`\`\``,
    ]);
    const quote: RootContent = {
      type: "blockquote",
      children: [{ type: "paragraph", children: [text("q")] }],
    };
    expect(toGitter(message(root(list(item(quote, code("a"))))))).toEqual([
      "* > q\n  \n  ```\n  a\n  ```",
    ]);
    const target: RootContent = { type: "paragraph", children: [text("x]: y")] };
    expect(toGitter(message(root(list(item(code("[a"))), target)))).toEqual([
      `* \`\`\`\n  ${Z}[a\n  \`\`\`\n\nx]: y`,
    ]);
    // Tabs and no-break spaces are spaces to Gitter.
    expect(toGitter(message(root(list(item(code("\u00a0[a]: b"), code("\t[c]: d"))))))).toEqual([
      `* \`\`\`\n   ${Z}[a]: b\n  \`\`\`\n  \`\`\`\n      ${Z}[c]: d\n  \`\`\``,
    ]);
    expect(toGitter(message(root(list(item(list(item()), code("a\n\nb"))))))).toEqual([
      `* * ${Z}\n  \n  \`\`\`\n  a\n  \n  b\n  \`\`\``,
    ]);
  });
  it("ends a list in an item before what follows it there", () => {
    const list = (...children: RootContent[]): RootContent => ({
      type: "list",
      children: [{ type: "listItem", children: children as [] }],
    });
    const p = (value: string): RootContent => ({ type: "paragraph", children: [text(value)] });
    const code: RootContent = { type: "code", value: "\n@ivo" };
    const posts = toGitter(message(root(list(list(p("a")), p("b"), code, list(p("c")), list()))));
    expect(posts).toEqual([
      `* * a\n  \n  b\n  \`\`\`\n  \n  @ivo\n  \`\`\`\n  * c\n  \n  ${Z}\n  \n  * ${Z}`,
    ]);
    expect(shown(posts[0] ?? "")?.html).toBe(
      `<ul><li><ul><li>a</li></ul><p>b</p><pre><code>@ivo</code></pre><ul><li>c</li></ul><p>${Z}</p><ul><li>${Z}</li></ul></li></ul>`,
    );
  });
  it("ends a list in an item also behind a line of blanks that Gitter keeps", () => {
    const list = (...children: RootContent[]): RootContent => ({
      type: "list",
      children: [{ type: "listItem", children: children as [] }],
    });
    const blank: RootContent = { type: "paragraph", children: [text("a\n ")] };
    const [post = ""] = toGitter(message(root(list(list(blank), { type: "code", value: "b" }))));
    expect(post).toBe("* * a\n    \u2007\n  \n  ```\n  b\n  ```");
    expect(shown(post)?.html).toMatch(/<pre><code>b/);
  });
  it("keeps code in an item whose lines begin with a separator of lines", () => {
    const list = (child: RootContent): RootContent => ({
      type: "list",
      children: [{ type: "listItem", children: [child as never] }],
    });
    const [post = ""] = toGitter(
      message(root(list(list({ type: "code", value: "a\n\n\u2028@ivo" })))),
    );
    expect(shown(post)?.pings).toEqual([]);
    expect(shown(post)?.html).toMatch(/<pre><code>a/);
  });
  it("has a line across in an item, not of the item's bullet", () => {
    const [post = ""] = toGitter(
      message(
        root({
          type: "list",
          children: [{ type: "listItem", children: [{ type: "thematicBreak" }] }],
        }),
      ),
    );
    expect(post).toBe(`* ${Z}\n  ***`);
    expect(shown(post)?.html).toBe(`<ul><li>${Z}<hr></li></ul>`);
  });
});
