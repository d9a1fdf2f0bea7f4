import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { linkOf } from "../../../src/protocols/slack/to-inline.ts";

const EVIL = "https://evil.example/path";
const link = (url: string, label: string) => linkOf(url, label, {});
const isLabelled = (url: string, label: string): boolean =>
  link(url, label).some((each) => each.type === "link" && each.text === label);

describe("a link's label", () => {
  it("that claims another address stays letters beside the true one", () => {
    expect(link("https://evil.example", "https://bank.example")).toEqual([
      { type: "text", text: "https://bank.example (" },
      { type: "link", url: "https://evil.example" },
      { type: "text", text: ")" },
    ]);
  });

  it("is no other address in any spelling", () => {
    for (const label of [
      "bank.example",
      "www.bank.example",
      "https://bank.example/login",
      "HTTP://BANK.EXAMPLE",
      "log in at bank.example now",
      "(bank.example)",
      "..bank.example",
      "ｂａｎｋ．ｅｘａｍｐｌｅ",
      "bank。example",
      "bank.exam\u200bple",
      "bank\u200b.\u2060example",
      "ｈｔｔｐｓ：／／localhost/",
      "１２７.0.0.1",
      "\u202eelpmaxe.knab\u202c",
      "\u202e/nigol/tsohlacol//:sptth\u202c",
      "evil.example.bank.example",
      "https://evil.example@bank.example/",
      "https://bank.example@evil.example/",
      "support@bank.example",
      "127.0.0.1",
      "xn--bnk-hoa.example",
      "a".repeat(5_000),
    ])
      expect([label, isLabelled(EVIL, label)]).toEqual([label, false]);
  });

  it("may be the address itself, its host or a domain above it", () => {
    const url = "https://www.docs.x.example/guide?a=1";
    for (const label of ["docs.x.example", "x.example", "www.docs.x.example/guide", "the guide"])
      expect([label, isLabelled(url, label)]).toEqual([label, true]);
    expect(isLabelled("mailto:ivo@x.example", "ivo@x.example")).toBe(true);
    expect(isLabelled("mailto:ivo@evil.example", "ivo@x.example")).toBe(false);
  });

  it("may name a file, a version or a product", () => {
    for (const label of ["Node.js", "package.json", "v1.2.3", "1.10", "e.g. this", "see index.ts"])
      expect([label, isLabelled(EVIL, label)]).toEqual([label, true]);
    expect(isLabelled("https://git.example/a/README.md", "README.md")).toBe(true);
    expect(isLabelled("https://git.example/a/", "README.md")).toBe(false);
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
