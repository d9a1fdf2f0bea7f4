import type { PhrasingContent } from "mdast";
import { describe, expect, it } from "vitest";

import { userId } from "../../../src/core/ids.ts";
import { cutPoint, cutPointOf, headOf, lettersOf, tailOf } from "../../../src/core/writing/cut.ts";

const text = (value: string): PhrasingContent => ({ type: "text", value });
const strong = (...children: PhrasingContent[]): PhrasingContent => ({ type: "strong", children });
const mention = (label: string): PhrasingContent => ({
  type: "mention",
  target: { kind: "user", id: userId("U1") },
  label,
});

describe("a text is cut", () => {
  it("at the last empty line of its second half, before a line end, before a blank", () => {
    expect(cutPoint("aaaa\n\nb\nc d", 7)).toEqual({ end: 4, next: 6 });
    expect(cutPoint("aa\n\naa\nc d", 10)).toEqual({ end: 6, next: 7 });
    expect(cutPoint("a\na aaaa d", 9)).toEqual({ end: 8, next: 9 });
  });

  it("between two characters where it is one word, and takes no letter away", () => {
    expect(cutPoint("a bbbbbbbb", 8)).toEqual({ end: 8, next: 8 });
    expect(cutPoint("aaa🍎", 4)).toEqual({ end: 3, next: 3 });
  });
});

describe("phrases are cut", () => {
  it("inside formatting, which is closed and opened again", () => {
    const nodes = [text("ab"), strong(text("cd")), text("ef")];
    expect(headOf(nodes, 3)).toEqual([text("ab"), strong(text("c"))]);
    expect(tailOf(nodes, 3)).toEqual([strong(text("d")), text("ef")]);
  });

  it("in code, of which both pieces are code", () => {
    const nodes: PhrasingContent[] = [{ type: "inlineCode", value: "abcd" }];
    expect(headOf(nodes, 2)).toEqual([{ type: "inlineCode", value: "ab" }]);
    expect(tailOf(nodes, 2)).toEqual([{ type: "inlineCode", value: "cd" }]);
  });

  it("before a name, not inside it", () => {
    const nodes = [text("hello "), strong(mention("mara devlin"))];
    const letters = lettersOf(nodes);
    expect(letters).toHaveLength("hello @mara devlin".length);
    expect(cutPointOf(nodes, letters, 12)).toEqual({ end: 6, next: 6 });
  });

  it("behind a name that stands first, and inside what is longer than any name", () => {
    const first = [mention("mara devlin")];
    expect(cutPointOf(first, lettersOf(first), 5)).toEqual({ end: 12, next: 12 });
    const long = [mention("x".repeat(300))];
    expect(cutPointOf(long, lettersOf(long), 250)).toEqual({ end: 250, next: 250 });
    expect(headOf(long, 3)).toEqual([text("@xx")]);
  });
});
