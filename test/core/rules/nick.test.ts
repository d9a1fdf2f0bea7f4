import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { cleanNick } from "../../../src/core/rules/clean.ts";
import { formatNick, iconUrl, shownName } from "../../../src/core/rules/nick.ts";

const origin = {
  userId: "U1",
  protocol: "slack",
  bridge: "team",
  label: "L",
  gateway: "g",
  channel: "dev",
};
const naming = { userId: "U1", strip: false, replace: (nick: string) => nick, own: ["Footbridge"] };

describe("RemoteNickFormat", () => {
  it("fills in every placeholder, as often as it stands there", () => {
    const format =
      "[{PROTOCOL}/{BRIDGE}/{GATEWAY}/{LABEL}/{CHANNEL}/{USERID}] <{NICK}> {NICK}{TENGO}";
    expect(formatNick(format, "Ann", origin)).toBe("[slack/team/g/L/dev/U1] <Ann> Ann");
  });

  it("does not expand a placeholder that stands in a nick or a label", () => {
    const wrapped = { ...origin, label: "{NICK}" };
    expect(formatNick("{LABEL} {NICK}", "{CHANNEL}", wrapped)).toBe("{NICK} {CHANNEL}");
  });

  it("leaves what is no placeholder", () => {
    expect(formatNick("{nick} {OTHER} {", "Ann", origin)).toBe("{nick} {OTHER} {");
  });

  it.each([
    ["Ann", "A\u200bnn"],
    ["😀x", "😀\u200bx"],
    ["👩‍💻 dev", "👩‍💻\u200b dev"],
    ["🇩🇪de", "🇩🇪\u200bde"],
    ["e\u0301a", "e\u0301\u200ba"],
    ["é", "é"],
    ["", ""],
  ])("breaks %s behind its first character with NOPINGNICK", (nick, broken) => {
    expect(formatNick("{NOPINGNICK}", nick, origin)).toBe(broken);
  });

  it.each([
    ["<{NICK}> ", "Ann> hi <Bob", "<Ann hi <Bob> "],
    ["(**{NICK}**) ", "Ann (she)", "(**Ann (she)**) "],
    ["(**{NICK}**) ", "Ann) (x", "(**Ann (x**) "],
    ["{NICK}: ", "Ann :)", "Ann :): "],
  ])("of %s keeps a nick from closing its brackets: %s", (format, nick, shown) => {
    expect(formatNick(format, nick, origin)).toBe(shown);
  });
});

describe("a name that somebody gave himself", () => {
  it.each([
    ["\u202eevil\u200b\u2066", "evil"],
    ["A\u00adn\ufe0fn\u{e0041}", "Ann"],
    ["two\n\tlines", "two lines"],
    ["\u3164\u2800 x\u00a0\u3000y ", "x y"],
    ["x\ud800y", "x\ufffdy"],
    ["می\u200cخواهم", "میخواهم"],
  ])("loses what cannot be seen: %j", (nick, clean) => {
    expect(cleanNick(nick)).toBe(clean);
  });

  it.each(["👩‍💻", "❤️", "👩🏽‍🚀 Ann", "1️⃣", "Ann O'Neil-Müller 李"])("keeps %s as it is", (nick) => {
    expect(cleanNick(nick)).toBe(nick);
  });

  it("has no towers of accents", () => {
    expect(cleanNick(`a${"\u0301".repeat(50)}b`)).toBe(`a${"\u0301".repeat(4)}b`.normalize("NFD"));
  });

  it("is cut when it is longer than any service's own names", () => {
    expect(cleanNick("😀".repeat(200))).toBe(`${"😀".repeat(79)}…`);
  });

  it("stays clean when it is cleaned again, and is never longer than 80", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (nick) => {
        const clean = cleanNick(nick);
        expect(cleanNick(clean)).toBe(clean);
        expect(Array.from(clean).length).toBeLessThanOrEqual(80);
        expect(clean).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b]/u);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the name that is shown", () => {
  it("is stripped first and replaced then, as in Matterbridge", () => {
    const replace = (nick: string) => nick.replace(/^ab$/u, "done");
    expect(shownName("a-b", { ...naming, strip: true, replace })).toBe("done");
    expect(shownName("a-b", { ...naming, replace })).toBe("a-b");
  });

  it("is the id where StripNick leaves nothing of it", () => {
    expect(shownName("Анна", { ...naming, strip: true })).toBe("U1");
    expect(shownName("\u200b", naming)).toBe("U1");
    expect(shownName("", { ...naming, userId: "" })).toBe("unknown");
  });

  it.each([
    "Footbridge",
    "FOOTBRIDGE",
    "foot-bridge",
    "F00tbridge",
    "Fооtbrіdge",
    "Ｆootbridge",
    "Footbr1dge.",
    "𝐅𝐨𝐨𝐭𝐛𝐫𝐢𝐝𝐠𝐞",
  ])("is not the bridge's own: %s", (nick) => {
    expect(shownName(nick, naming)).toBe(`${cleanNick(nick)} (not the bridge)`);
  });

  it("is not the bridge's own after StripNick and ReplaceNicks either", () => {
    expect(shownName("foot-bridge", { ...naming, strip: true })).toBe("footbridgeU1");
    expect(shownName("x", { ...naming, replace: () => "Footbridge" })).toBe(
      "Footbridge (not the bridge)",
    );
  });

  it("may begin like it, and be written without a Latin letter", () => {
    expect([shownName("Footbridge fan", naming), shownName("李", naming)]).toEqual([
      "Footbridge fan",
      "李",
    ]);
  });
});

describe("IconURL", () => {
  it("has its placeholders filled in as parts of an address", () => {
    const format = "https://icons.example/{PROTOCOL}/{BRIDGE}/{LABEL}/{NICK}.png?size=64";
    expect(iconUrl(format, "Ann & Bob/{BRIDGE}", { ...origin, label: "a b" })).toBe(
      "https://icons.example/slack/team/a%20b/Ann%20%26%20Bob%2F%7BBRIDGE%7D.png?size=64",
    );
  });
});
