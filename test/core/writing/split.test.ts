import type { RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import type { Block } from "../../../src/core/writing/prepare.ts";
import { splitBlocks } from "../../../src/core/writing/split.ts";

/** A service whose messages have 20 letters and that counts nothing else. */
const room = { most: 20, cost: (node: Block) => toText(node).length };
const say = (value: string) => ({
  type: "paragraph" as const,
  children: [{ type: "text" as const, value }],
});
const split = (...blocks: RootContent[]): string[][] =>
  splitBlocks(blocks as Block[], room).map((part) => part.map((each) => toText(each)));

describe("blocks in messages", () => {
  it("stand together while they fit, and are not cut when they fit into one of their own", () => {
    expect(split(say("a".repeat(8)), say("b".repeat(8)), say("c".repeat(8)))).toEqual([
      ["aaaaaaaa", "bbbbbbbb"],
      ["cccccccc"],
    ]);
  });

  it("fill the message that a short one began, when they have to be cut anyway", () => {
    const quote: RootContent = { type: "blockquote", children: [say("who?")] };
    expect(split(quote, say("word ".repeat(6).trim()))).toEqual([
      ["who?", "word word word"],
      ["word word word"],
    ]);
    const code: RootContent = { type: "code", value: "one\ntwo\nthree\nfour\nfive\nsix" };
    expect(split(say("see"), code)).toEqual([["see", "one\ntwo\nthree"], ["four\nfive\nsix"]]);
  });

  it("leave the rest of a message empty where a piece would be tiny", () => {
    expect(split(say("a".repeat(16)), say("word ".repeat(6).trim()))).toEqual([
      ["a".repeat(16)],
      ["word word word word"],
      ["word word"],
    ]);
  });
});

describe("a link that takes nearly all of a message", () => {
  it("is said once, in letters, and nothing of it is lost", () => {
    const url = `https://x.example/${"p".repeat(100)}`;
    const words = Array.from({ length: 200 }, (_none, index) => `w${index}`).join(" ");
    const link: RootContent = {
      type: "paragraph",
      children: [
        { type: "strong", children: [{ type: "link", url, children: say(words).children }] },
      ],
    };
    const parts = splitBlocks([link] as Block[], {
      most: 140,
      cost: (node) => toText(node).length,
    });
    const letters = parts.flat().map((each) => toText(each));
    expect(letters.length).toBeLessThan(12);
    expect(letters.join(" ").split("https://")).toHaveLength(2);
    expect(letters.join(" ").match(/w\d+/gu)).toHaveLength(200);
  });
});
