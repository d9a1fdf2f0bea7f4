import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isSeen, plain } from "../../../src/core/content.ts";
import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";
import { alphanumeric, LETTERS, lettersOf, LONG_TREE, missing, runs, TREE } from "../trees.ts";
import { shown } from "./shown.ts";

const bare = (text: string): string =>
  text
    .replaceAll("\u200b", "")
    .replace(/^https?:\/\//i, "")
    .toLowerCase();

/** What every post has to be, whatever it says. */
function judge(post: string): string | undefined {
  expect(post.length).toBeLessThanOrEqual(4096);
  expect(post.trim()).not.toBe("");
  expect(post.isWellFormed()).toBe(true);
  const read = shown(post);
  if (read === undefined) return undefined;
  const { pings, links, others, text } = read;
  expect({ pings, others }).toEqual({ pings: [], others: [] });
  for (const { url, label } of links)
    if (!url.includes("good"))
      // Gitter makes links of bare addresses, which show where they go; behind a label there must be none.
      expect(bare(label)).toBe(bare(url.replace(/^mailto:/, "")));
  return text;
}

describe("Gitter's own parser, given any content that we wrote", () => {
  it("pings nobody, links to nothing else and shows every letter", { timeout: 600_000_000 }, () => {
    fc.assert(
      fc.property(TREE, LETTERS, fc.boolean(), (content, nick, emote) => {
        const posts = toGitter({ nick: nick.slice(0, 80), content, emote, files: [] });
        const texts = posts.map(judge);
        if (texts.length === 0 || texts.includes(undefined)) return;
        expect(missing(alphanumeric(texts.join("")), lettersOf(content))).toBeUndefined();
      }),
      runs(40),
    );
  });
  it("is given posts that fit, with every letter", { timeout: 600_000_000 }, () => {
    fc.assert(
      fc.property(LONG_TREE, LETTERS, fc.boolean(), fc.boolean(), (content, nick, emote, bare) => {
        const posts = toGitter({ nick, content, emote, files: [] }, bare);
        for (const post of posts) {
          expect(post.length).toBeLessThanOrEqual(4096);
          expect(post.trim()).not.toBe("");
          expect(post.isWellFormed()).toBe(true);
        }
        if (posts.length > 0)
          expect(missing(alphanumeric(posts.join("")), lettersOf(content))).toBeUndefined();
      }),
      runs(10),
    );
  });
  it("shows literal text as it stands", { timeout: 600_000_000 }, () => {
    fc.assert(
      fc.property(LETTERS, (said) => {
        const posts = toGitter({ nick: "", content: plain(said), emote: false, files: [] });
        const isNothing = !isSeen(said.replaceAll("\u0000", ""));
        expect(posts.length === 0).toBe(isNothing);
        if (isNothing) return;
        const squeezed = (text: string) =>
          text.toWellFormed().replaceAll(/[\u0000\u200b\s\u2424\u240a]+/gu, "");
        const texts = posts.map(judge);
        if (texts.includes(undefined)) return;
        const text = texts.join("");
        expect(decodeUrls(squeezed(text))).toBe(decodeUrls(squeezed(said)));
      }),
      runs(40),
    );
  });
});

const decodeUrls = (text: string): string =>
  text.replaceAll(/%[0-9A-F]{2}/g, (code) =>
    String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  );
