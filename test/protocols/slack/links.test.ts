import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { linkOf } from "../../../src/protocols/slack/to-inline.ts";

const EVIL = "https://evil.example/path";
const link = (url: string, label: string) => linkOf(url, label, {});

describe("a link's label", () => {
  it("that claims another address stays letters beside the true one", () => {
    expect(link("https://evil.example", "https://bank.example")).toEqual([
      { type: "text", text: "https://bank.example (" },
      { type: "link", url: "https://evil.example" },
      { type: "text", text: ")" },
    ]);
  });

  it("of a file is what the file is called, unless it is an address with its scheme", () => {
    const file = (name: string) => linkOf(EVIL, name, {}, true);
    expect(file("bank.example")).toEqual([{ type: "link", url: EVIL, text: "bank.example" }]);
    expect(file("https://bank.example")).toHaveLength(3);
  });
});

describe("an address", () => {
  it("is a link only where it opens harmlessly", () => {
    for (const url of [
      "javascript:alert(1)",
      "data:text/html,x",
      "file:///etc/passwd",
      "ftp://x.example",
      "https://",
      "https:///x.example",
      "https://x .example",
      "https://bank.example\\@evil.example",
      "https://bank.example@evil.example",
      "https://x.example/\u0000",
      `https://x.example/${"a".repeat(3_000)}`,
      "<@U1>",
      "",
    ])
      expect(link(url, "go").filter(({ type }) => type === "link")).toEqual([]);
  });

  it("that is none is told in letters", () => {
    expect(link("javascript:x()", "go")).toEqual([{ type: "text", text: "go (javascript:x())" }]);
    expect(link("steam://run", "steam://run")).toEqual([{ type: "text", text: "steam://run" }]);
  });

  it("is judged at once, however long it is", () => {
    const long = fc
      .constantFrom("a", "a.", ".", "www.", "http://", "-", "1.")
      .map((each) => each.repeat(100_000));
    fc.assert(
      fc.property(long, long, (a, b) => {
        expect(link(`https://x.example/${a}`, b).length).toBeGreaterThan(0);
        expect(link(EVIL, b.slice(0, 2_000)).length).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
  });
});
