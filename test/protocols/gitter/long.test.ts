/** Where a message that is longer than one post is cut. */
import type { Root, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";
import type { ToWrite } from "../../../src/protocols/gitter/to-gitter.ts";

const message = (content: Root, more: Partial<ToWrite> = {}): ToWrite => ({
  nick: "",
  content,
  emote: false,
  files: [],
  ...more,
});
const root = (...children: RootContent[]): Root => ({ type: "root", children });
const text = (value: string) => ({ type: "text" as const, value });

describe("long messages", () => {
  it("are cut at a paragraph", () => {
    const p = (letter: string): RootContent => ({
      type: "paragraph",
      children: [text(letter.repeat(3000))],
    });
    expect(toGitter(message(root(p("a"), p("b"))))).toEqual(["a".repeat(3000), "b".repeat(3000)]);
  });
  it("are cut at a line, else at a word, and a word becomes no heading", () => {
    const [one, two] = toGitter(message(plain(`${"a".repeat(3000)}\n${"b".repeat(3000)}`)));
    expect([one, two]).toEqual(["a".repeat(3000), "b".repeat(3000)]);
    const [three, four] = toGitter(message(plain(`${"a".repeat(4000)} #${"b".repeat(3000)}`)));
    expect([three, four]).toEqual(["a".repeat(4000), `\\#${"b".repeat(3000)}`]);
  });
  it("close a fence and open it again", () => {
    const value = Array.from({ length: 300 }, (_, line) => `line ${line} of some code`).join("\n");
    const posts = toGitter(message(root({ type: "code", lang: "js", value }), { nick: "mara: " }));
    expect(posts.length).toBe(2);
    expect(posts[0]).toMatch(/^mara:\n\n```js\nline 0 of[^]*\n```$/);
    expect(posts[1]).toMatch(/^```js\nline \d+ of some code\n[^]*line 299 of some code\n```$/);
  });
  it("cut no escape off its sign", () => {
    const posts = toGitter(message(plain(`x${"*".repeat(5000)}`)));
    expect(posts.every((post) => /^x?(\\\*)+$/.test(post))).toBe(true);
  });
  it("are measured as they are sent: in italics more is escaped, and signs stand between blocks", () => {
    const fits = (posts: readonly string[]) => posts.filter((post) => post.length > 4096).length;
    const emote = message(plain("a_b ".repeat(1020)), { nick: "mara ", emote: true });
    expect(fits(toGitter(emote))).toBe(0);
    expect(fits(toGitter(emote, true))).toBe(0);
    const lists = Array.from({ length: 500 }, (): RootContent => ({
      type: "list",
      children: [{ type: "listItem", children: [{ type: "thematicBreak" }] }],
    }));
    expect(fits(toGitter(message(root(...lists))))).toBe(0);
  });
  it("cut through no character", () => {
    const posts = toGitter(message(plain("🍏".repeat(3000))));
    expect(posts.join("")).toBe("🍏".repeat(3000));
    expect(posts.every((post) => post.isWellFormed())).toBe(true);
  });
});
