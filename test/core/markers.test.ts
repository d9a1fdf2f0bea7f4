/** Texts that would cost their parser seconds are shown as they stand; what people write is not among them. */
import { describe, expect, it } from "vitest";

import { isCostly } from "../../src/core/markers.ts";
import { fromGitterMarkdown } from "../../src/protocols/gitter/from-markdown.ts";
import { plain } from "../../src/core/content.ts";
import { fromMarkdownBlock } from "../../src/protocols/slack/from-markdown-block.ts";

const stars = "*".repeat(2_000);
const line = "-".repeat(3) + "\n";

describe("a text that is not parsed", () => {
  it.each([
    ["a long row of signs", `${stars}a${stars}`],
    ["very many signs that open", "*a ".repeat(2_000) + "a* ".repeat(2_000)],
    ["very many signs that could close", "_a* ".repeat(3_000)],
    [
      "those behind a fence in a list, which ends in it",
      `- \`\`\`\n  \`\`\`\n${"_a* ".repeat(3_000)}`,
    ],
    ["those behind a fence in HTML", `<!--\n\`\`\`\n-->\n${"_a* ".repeat(3_000)}`],
  ])("is %s", (_what, text) => {
    expect(isCostly(text)).toBe(true);
    expect(fromGitterMarkdown(text)).toEqual(plain(text));
    expect(fromMarkdownBlock(text)).toEqual(plain(text).children);
  });

  it.each([
    ["a line across", `above\n\n${"*".repeat(80)}\n\n${"_ ".repeat(80)}\nbelow`],
    [
      "a program with banners",
      `\`\`\`c\n/${"*".repeat(90)}/\n${"a_b_c_d ".repeat(300)}\n\`\`\`\nend`,
    ],
    ["a long report", `${"- **Name**: says _what_ it is\n".repeat(90)}\n${line}`.repeat(3)],
  ])("is not %s", (_what, text) => {
    expect(isCostly(text)).toBe(false);
  });
});
