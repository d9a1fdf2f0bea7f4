import type { PhrasingContent, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { toText } from "../../src/core/content.ts";

const t = (value: string): PhrasingContent => ({ type: "text", value });
const p = (...children: PhrasingContent[]) => ({ type: "paragraph" as const, children });
const read = (...children: RootContent[]) => toText({ type: "root", children });

describe("a tree as text", () => {
  it("keeps the blocks of a list's item apart", () => {
    const inner = { type: "listItem" as const, children: [p(t("c"))] };
    const list = { type: "list" as const, children: [inner] };
    expect(
      read({
        type: "list",
        children: [{ type: "listItem", children: [p(t("a")), p(t("b")), list] }, inner],
      }),
    ).toBe("a\nb\nc\nc");
  });

  it("keeps the rows and cells of a table apart", () => {
    const cell = (value: string) => ({ type: "tableCell" as const, children: [t(value)] });
    const row = { type: "tableRow" as const, children: [cell("a"), cell("b")] };
    expect(read({ type: "table", children: [row, row] })).toBe("a | b\na | b");
  });

  it("names an image, or tells where it is", () => {
    const url = "https://x.example/a.png";
    expect(read(p({ type: "image", url, alt: "an apple" }))).toBe("an apple");
    for (const alt of ["", " ", null, undefined])
      expect(read(p({ type: "image", url, ...(alt === undefined ? {} : { alt }) }))).toBe(url);
  });
});
