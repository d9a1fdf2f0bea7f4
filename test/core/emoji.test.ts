/** The emoji table as everyone uses it: Slack's shortcodes on one side, Unicode on the other. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { describe, expect, it } from "vitest";

import { bareEmoji, emojiName, emojiOf, selectedEmoji } from "../../src/core/emoji.ts";

describe("a shortcode becomes Unicode", () => {
  it.each([
    ["+1", "👍"],
    ["thumbsup", "👍"],
    ["tada", "🎉"],
    // Signs that are text by themselves need the selector to be in colour.
    ["heart", "❤\ufe0f"],
    ["male-doctor", "👨‍⚕\ufe0f"],
    ["flag-us", "🇺🇸"],
    ["us", "🇺🇸"],
    ["hash", "#\ufe0f\u20e3"],
    ["rainbow-flag", "🏳\ufe0f‍🌈"],
    ["phoenix", "🐦‍🔥"],
  ])(":%s:", (name, text) => {
    expect(emojiOf(name)).toBe(text);
  });

  it("with the skin tone that Slack writes behind it", () => {
    expect(emojiOf("thumbsup::skin-tone-3")).toBe("👍🏼");
    expect(emojiOf("wave::skin-tone-6")).toBe("👋🏿");
  });

  it("with the tone in place of a selector", () => {
    expect(emojiOf("v::skin-tone-2")).toBe("✌🏻");
    expect(emojiOf("male-detective::skin-tone-2")).toBe("🕵🏻‍♂\ufe0f");
  });

  it("with one tone for both or one for each", () => {
    expect(emojiOf("man-heart-man::skin-tone-2-4")).toBe("👨🏻‍❤\ufe0f‍👨🏽");
    expect(emojiOf("man-heart-man::skin-tone-2")).toBe("👨🏻‍❤\ufe0f‍👨🏻");
    expect(emojiOf("handshake::skin-tone-2-5")).toBe("🫱🏻‍🫲🏾");
    expect(emojiOf("handshake::skin-tone-2")).toBe("🤝🏻");
  });

  it.each(["partyparrot", "", "constructor", "__proto__", "thumbsup::skin-tone-7", "::"])(
    "but not :%s:, which is nobody's or a workspace's own",
    (name) => {
      expect(emojiOf(name)).toBeUndefined();
    },
  );
});

describe("Unicode becomes a shortcode", () => {
  it.each([
    ["👍", "+1"],
    ["👍\ufe0f", "+1"],
    ["❤", "heart"],
    ["❤\ufe0f", "heart"],
    ["👨‍⚕️", "male-doctor"],
    ["🇺🇸", "us"],
    ["👍🏼", "+1::skin-tone-3"],
    ["✌🏻", "v::skin-tone-2"],
    ["🕵🏻‍♂️", "male-detective::skin-tone-2"],
    ["🫱🏻‍🫲🏾", "handshake::skin-tone-2-5"],
    ["🏽", "skin-tone-4"],
  ])("%s", (text, name) => {
    expect(emojiName(text)).toBe(name);
  });

  it.each(["", "a", "LGTM", "👍👍", "🏳‍", "7"])("but not %j", (text) => {
    expect(emojiName(text)).toBeUndefined();
  });
});

describe("the table", () => {
  const require = createRequire(import.meta.url);
  const read = (path: string): unknown =>
    JSON.parse(readFileSync(require.resolve(`emojibase-data/${path}`), "utf8"));
  const names = Object.values(read("en/shortcodes/iamcal.json") as Record<string, string>).flat();
  const data = read("en/data.json") as {
    emoji: string;
    skins?: { emoji: string; tone: number | number[] }[];
  }[];

  it("leads from every shortcode to Unicode and back to the same emoji", () => {
    expect(names.length).toBeGreaterThan(1_900);
    const wrong = names.filter((name) => emojiOf(emojiName(emojiOf(name)!)!) !== emojiOf(name));
    expect(wrong).toEqual([]);
  });

  it("writes every emoji with a skin tone as Unicode does", () => {
    const toned = data
      .flatMap(({ skins = [] }) => skins.map(({ emoji }) => emoji))
      .filter((emoji) => emojiName(emoji) !== undefined);
    expect(toned.length).toBeGreaterThan(1_700);
    expect(
      toned.filter((emoji) => bareEmoji(emojiOf(emojiName(emoji)!)!) !== bareEmoji(emoji)),
    ).toEqual([]);
  });

  it("puts a selector where Unicode allows one, and nowhere else", () => {
    // Its own data has the emoji of a keyboard, selectors included.
    const wrong = data
      .map(({ emoji }) => emoji)
      .filter((emoji) => emojiName(emoji) !== undefined && selectedEmoji(emoji) !== emoji);
    expect(wrong).toEqual([]);
    expect(selectedEmoji("👍")).toBe("👍\ufe0f");
    expect(selectedEmoji("👍🏽")).toBe("👍🏽");
    expect(selectedEmoji("LGTM")).toBe("LGTM");
  });
});
