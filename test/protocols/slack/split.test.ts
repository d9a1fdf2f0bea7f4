import type { PhrasingContent, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { userId } from "../../../src/core/ids.ts";
import type { Block } from "../../../src/protocols/slack/rich-text.ts";
import { splitBlocks } from "../../../src/protocols/slack/split.ts";
import { blockLetters, fallbackText, toBlocks } from "../../../src/protocols/slack/to-slack.ts";

const split = (...children: RootContent[]): Block[][] => {
  const parts = splitBlocks(toBlocks({ type: "root", children }));
  for (const part of parts) {
    expect(fallbackText(part).length).toBeLessThanOrEqual(4_000);
    expect(JSON.stringify(part).length).toBeLessThanOrEqual(12_000);
  }
  return parts;
};
const letters = (parts: Block[][]): string[] =>
  parts.map((part) => part.map(blockLetters).join("\n"));
const t = (value: string): PhrasingContent => ({ type: "text", value });
const say = (value: string): RootContent => ({ type: "paragraph", children: [t(value)] });
const words = (count: number, word = "word") =>
  Array.from({ length: count }, (_none, index) => `${word}${index}`).join(" ");

describe("a long message", () => {
  it("of 40,000 characters is cut between words and loses no letter", () => {
    const long = words(5_000).slice(0, 40_000);
    const parts = letters(split(say(long)));
    expect(parts.length).toBeLessThanOrEqual(11);
    expect(parts.join("")).toBe(long);
    for (const part of parts.slice(0, -1)) expect(part).toMatch(/ $/u);
  });

  it("begins behind a short quote in the first message", () => {
    const quote: RootContent = { type: "blockquote", children: [say("ann: what?") as never] };
    const parts = letters(split(quote, say("word ".repeat(2_000))));
    expect(parts.length).toBe(3);
    expect(parts[0]).toMatch(/^ann: what\?\n(?:word ){700}/u);
  });

  it("is cut between paragraphs where there are some, before lines and words", () => {
    const [a, b] = ["a".repeat(3_000), "b".repeat(3_000)];
    expect(letters(split(say(`${a} ${a}`.slice(0, 3_000)), say(b)))).toEqual([a, b]);
    const lines: RootContent = {
      type: "paragraph",
      children: [t(`x ${a}`), { type: "break" }, t(`x ${b}`)],
    };
    expect(letters(split(lines))).toEqual([`x ${a}`, `x ${b}`]);
  });

  it("has its empty line where it was cut in no part", () => {
    const inner = `${"a ".repeat(1_500)}end\n\n${"b ".repeat(1_500)}end`;
    const parts = letters(split({ type: "code", value: inner }));
    expect(parts).toEqual(inner.split("\n\n"));
  });

  it("opens code again, in its language", () => {
    const value = Array.from({ length: 600 }, (_none, index) => `line ${index};`).join("\n");
    const parts = split({ type: "code", lang: "ts", value });
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts)
      expect(part).toMatchObject([{ type: "rich_text_preformatted", language: "ts" }]);
    expect(letters(parts).join("\n")).toBe(value);
  });

  it("keeps the numbers of a list, also within an item", () => {
    const item = (value: string) => ({
      type: "listItem" as const,
      children: [say(value) as never],
    });
    const children = Array.from({ length: 300 }, (_n, index) => item(`item ${index}`));
    const parts = split({ type: "list", ordered: true, start: 5, children });
    const lines = letters(parts).join("\n").split("\n");
    expect(lines).toEqual(children.map((_n, index) => `${index + 5}. item ${index}`));
    const [, second] = split({
      type: "list",
      ordered: true,
      children: [item("a"), item(words(900))],
    });
    expect(second).toMatchObject([{ type: "rich_text_list", offset: 1 }]);
  });

  it("is cut by what it takes when it is escaped, and by what its blocks take", () => {
    expect(letters(split(say("&".repeat(2_000)))).join("")).toBe("&".repeat(2_000));
    const styled = Array.from({ length: 600 }, (_none, index): PhrasingContent =>
      index % 2 === 0 ? t("a") : { type: "strong", children: [t("b")] },
    );
    const parts = split({ type: "paragraph", children: styled });
    expect(parts.length).toBeGreaterThan(1);
    expect(letters(parts).join("")).toBe("ab".repeat(300));
    const breaks = Array.from({ length: 3_000 }, (): RootContent => ({ type: "thematicBreak" }));
    expect(
      letters(split(...breaks))
        .join("")
        .match(/———/gu),
    ).toHaveLength(3_000);
  });

  it("has at most 50 blocks a part", () => {
    const codes = Array.from({ length: 120 }, (): RootContent => ({ type: "code", value: "x" }));
    expect(split(...codes).map(({ length }) => length)).toEqual([50, 50, 20]);
  });

  it("is not cut inside a name that is addressed", () => {
    const mention: PhrasingContent = {
      type: "mention",
      target: { kind: "user", id: userId("U1") },
      label: "Ivo of the long night watch",
    };
    for (let before = 3_860; before < 3_910; before += 1) {
      const parts = letters(
        split({ type: "paragraph", children: [t("x".repeat(before)), mention, t("y".repeat(99))] }),
      );
      expect(parts.filter((part) => part.includes("@Ivo of the long night watch"))).toHaveLength(1);
    }
  });

  it("is not cut inside of what people see as one character", () => {
    const family = "👨‍👩‍👧";
    for (const before of ["", "a", "ab"]) {
      const parts = letters(split(say(before + family.repeat(1_000))));
      expect(parts.join("")).toBe(before + family.repeat(1_000));
      for (const part of parts) expect(part.replaceAll(family, "")).toMatch(/^(?:|a|ab)$/u);
    }
  });

  it("is not cut inside a link without a label, and has a long label's link in each part", () => {
    const link = (url: string, label: string): PhrasingContent => ({
      type: "link",
      url,
      children: label === "" ? [] : [{ type: "text", value: label }],
    });
    const url = `https://x.example/${"a".repeat(500)}`;
    const parts = split({ type: "paragraph", children: [t("x".repeat(3_600)), link(url, "")] });
    expect(JSON.stringify(parts[1])).toContain(JSON.stringify({ type: "link", url }));
    const labelled = split({
      type: "paragraph",
      children: [t("x".repeat(3_000)), link("https://x.example/", "go ".repeat(600))],
    });
    expect(labelled.map((part) => JSON.stringify(part).includes('"type":"link"'))).toEqual([
      true,
      true,
    ]);
  });
});
