import { describe, expect, it } from "vitest";

import { createLines } from "../../src/cli/problems.ts";

const TEXT = `[general]
Label="x"

[Slack.Team]
ReplaceNicks=[
  ["a","b"],
]
[[gateway]]
name="one"
[[gateway.inout]]
account="a"
[[gateway]]
inout=[{account="b"},
  {account="c"}]
`;

describe("the line of a path", () => {
  const line = createLines(TEXT);

  it.each([
    [["general", "Label"], 2],
    [["slack", "team"], 4],
    [["Slack", "Team", "ReplaceNicks", 0], 6],
    [["gateway", 0], 8],
    [["gateway", 0, "inout", 0, "account"], 11],
    [["gateway", 1, "inout", 1], 14],
    [["gateway", 1, "name"], 12],
    [["@line", 7], 7],
  ])("of %j is %i", (path, expected) => {
    expect(line(path)).toBe(expected);
  });

  it("of nothing in the file is none", () => {
    expect(line(["nowhere"])).toBeUndefined();
  });

  it("is found behind a byte order mark", () => {
    expect(createLines(`\uFEFF${TEXT}`)(["general", "Label"])).toBe(2);
  });

  it("of a file that is no TOML is what the problem itself says", () => {
    expect(createLines("a=")(["@line", 1])).toBe(1);
  });
});
