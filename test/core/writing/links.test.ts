import { describe, expect, it } from "vitest";

import { isLinkable, misleads, nameMisleads } from "../../../src/core/writing/links.ts";

const EVIL = "https://evil.example/path";

describe("a label that claims another address", () => {
  it("is known in any spelling", () => {
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
      "bank\u0301.example",
      "bank.exa\u0332mple",
      "https\u0332://bank.example",
      "[2001:db8::1]",
      "3221226219",
    ])
      expect([label, misleads(label, EVIL)]).toEqual([label, true]);
  });

  it("may be the address itself, its host or a domain above it", () => {
    const url = "https://www.docs.x.example/guide?a=1";
    for (const label of ["docs.x.example", "x.example", "www.docs.x.example/guide", "the guide"])
      expect([label, misleads(label, url)]).toEqual([label, false]);
    for (const at of [
      "https://caf\u00e9.example/",
      "https://[2001:db8::1]:8080/",
      "https://3221226219/",
    ])
      expect([at, misleads(at.split("/")[2] ?? "", at)]).toEqual([at, false]);
    expect(misleads("ivo@x.example", "mailto:ivo@x.example")).toBe(false);
    expect(misleads("ivo@x.example", "mailto:ivo@evil.example")).toBe(true);
  });

  it("may name a file, a version or a product", () => {
    for (const label of [
      "Node.js",
      "20261126",
      "cafe\u0301",
      "package.json",
      "v1.2.3",
      "1.10",
      "e.g. this",
      "see index.ts",
    ])
      expect([label, misleads(label, EVIL)]).toEqual([label, false]);
    expect(misleads("README.md", "https://git.example/a/README.md")).toBe(false);
    expect(misleads("README.md", "https://git.example/a/")).toBe(true);
  });
});

describe("a file's name", () => {
  it("may look like a host, but not like an address", () => {
    for (const name of ["notes.md", "bank.example", "archive.zip"])
      expect([name, nameMisleads(name, EVIL)]).toEqual([name, false]);
    for (const name of ["https://bank.example", "www.bank.example", "see http://bank.example/a"])
      expect([name, nameMisleads(name, EVIL)]).toEqual([name, true]);
    expect(nameMisleads(EVIL, EVIL)).toBe(false);
  });
});

describe("an address", () => {
  it("may be followed when it opens in a browser or writes a mail", () => {
    for (const url of [
      "https://x.example",
      "HTTP://x.example/a?b#c",
      "mailto:a@b.example?subject=x",
    ])
      expect([url, isLinkable(url)]).toEqual([url, true]);
    for (const url of ["javascript:x", "ftp://x.example", "https://a@x.example", "mailto:", ""])
      expect([url, isLinkable(url)]).toEqual([url, false]);
  });
});
