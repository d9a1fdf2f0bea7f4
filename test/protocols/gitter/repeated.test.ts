/** What is written into each post anew, such as a link's target or a table's header, must not fill it. */
import type { PhrasingContent, RootContent } from "mdast";
import { expect, describe, it } from "vitest";

import { prepare } from "../../../src/core/writing/prepare.ts";
import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";

const text = (value: string) => ({ type: "text" as const, value });
const link = (url: string, label: string): PhrasingContent => ({
  type: "link",
  url,
  children: [text(label)],
});
const written = (...children: RootContent[]) =>
  toGitter({ nick: "", content: { type: "root", children }, emote: false, files: [] });

describe("what cannot be seen", () => {
  it("makes no post", () => {
    for (const value of ["\u200b", "\u2800 \u00ad", "\u0000"])
      expect(written({ type: "paragraph", children: [text(value)] })).toEqual([]);
  });
});

describe("very many small nodes of text", () => {
  it("are cleaned once", () => {
    let letters = 0;
    const clean = (value: string): string => {
      letters += value.length;
      return value;
    };
    const children = Array.from({ length: 10_000 }, () => text("a"));
    const [block] = prepare([{ type: "paragraph", children }], {
      clean,
      cleanUrl: clean,
      maxDepth: 9,
    });
    expect(block).toEqual({ type: "paragraph", children: [text("a".repeat(10_000))] });
    expect(letters).toBeLessThan(50_000);
  });
});

describe("links that are long once they are written", () => {
  /** Each of its signs is written as three. */
  const long = `https://x.example/${"|".repeat(1_800)}`;
  const short = `https://x.example/${"p".repeat(800)}`;
  const words = Array.from({ length: 400 }, (_none, index) => `w${index}`).join(" ");
  const posts = (...children: PhrasingContent[]) => written({ type: "paragraph", children });

  it("are said once, with all of a long label, in posts that the service takes", () => {
    const parts = posts(link(long, words));
    expect(parts.length).toBeLessThan(6);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(4096);
    expect(parts.join(" ")).toContain("w0 w1 ");
    expect(parts.join(" ")).toContain(" w399 (https://x.example/");
  });

  it("are repeated in few posts where their label goes on", () => {
    const all = Array.from({ length: 100 }, (_none, index) => link(`${short}${index}`, words));
    const parts = posts(...all.slice(0, 20));
    expect(parts.length).toBeLessThan(40);
    expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(4096);
  });

  it("repeat no header of a table that takes most of a post", () => {
    const row = (...cells: PhrasingContent[]) => ({
      type: "tableRow" as const,
      children: cells.map((cell) => ({ type: "tableCell" as const, children: [cell] })),
    });
    const rows = Array.from({ length: 300 }, (_none, index) => row(text(`row ${index}`)));
    const table: RootContent = { type: "table", children: [row(text("h".repeat(1_900))), ...rows] };
    const parts = written(table);
    expect(parts.join("").match(/h{1900}/gu)).toHaveLength(1);
    expect(parts.join("\n")).toContain("row 299");
  });
});
