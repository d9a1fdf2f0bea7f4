import { describe, expect, it } from "vitest";

import { plain, toText } from "../../src/core/content.ts";
import { createIgnore } from "../../src/core/rules/ignore.ts";
import { cleanNick, formatNick } from "../../src/core/rules/nick.ts";
import { createReplace, replaceContent } from "../../src/core/rules/replace.ts";

const facts = {
  nick: "Ann",
  userId: "U1",
  protocol: "slack",
  bridge: "team",
  label: "L",
  gateway: "g",
  channel: "dev",
};

describe("RemoteNickFormat", () => {
  it("fills in every placeholder", () => {
    const format = "[{PROTOCOL}/{BRIDGE}/{GATEWAY}/{LABEL}/{CHANNEL}/{USERID}] <{NICK}> ";
    expect(formatNick(format, facts, false)).toBe("[slack/team/g/L/dev/U1] <Ann> ");
  });

  it("does not expand a placeholder that stands in a nick", () => {
    expect(formatNick("{NICK}", { ...facts, nick: "{CHANNEL}" }, false)).toBe("{CHANNEL}");
  });

  it("breaks a nick after its first character with NOPINGNICK, emoji included", () => {
    expect(formatNick("{NOPINGNICK}", { ...facts, nick: "😀x" }, false)).toBe("😀\u200bx");
  });

  it("leaves letters and digits only with StripNick", () => {
    expect(formatNick("{NICK}", { ...facts, nick: "a-b c1" }, true)).toBe("abc1");
  });

  it("takes bidirectional and zero-width characters out of a nick", () => {
    expect(cleanNick("\u202eevil\u200b\u2066")).toBe("evil");
  });
});

describe("ReplaceMessages", () => {
  it("reads the replacement as Go does", () => {
    expect(createReplace([["(cat)s", "${1}nip $1 $$ $1x"]])("cats")).toBe("catnip cat $ ");
  });

  it("applies pairs one after the other", () => {
    expect(
      createReplace([
        ["a", "b"],
        ["b", "c"],
      ])("a"),
    ).toBe("c");
  });

  it("changes text and keeps the tree", () => {
    const changed = replaceContent(plain("say cat\nand cat"), createReplace([["cat", "dog"]]));
    expect(toText(changed)).toBe("say dog\nand dog");
  });
});

describe("IgnoreNicks and IgnoreMessages", () => {
  it("match anywhere in the text", () => {
    const ignore = createIgnore(["bot$"], ["^!"]);
    expect([
      ignore.nick("mybot"),
      ignore.nick("bothered"),
      ignore.text("!x"),
      ignore.text("x!"),
    ]).toEqual([true, false, true, false]);
  });
});
