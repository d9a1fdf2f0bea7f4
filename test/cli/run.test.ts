/** What all commands have in common: help, near misses, colours. */
import { describe, expect, it } from "vitest";

import { commands } from "../../src/cli/commands.ts";
import { createPaint } from "../../src/cli/paint.ts";
import { cli } from "./broken-home.ts";

describe("a command", () => {
  it.each([
    ["chekc", "check"],
    ["stat", "status"],
    ["deadletters", "dead-letters"],
  ])("%s that is mistyped is told what it was meant to be", async (typed, meant) => {
    expect(await cli([typed])).toMatchObject({
      code: 2,
      err: expect.stringContaining(`Did you mean "${meant}"?`),
    });
  });

  it("that is like none is not guessed", async () => {
    expect((await cli(["frobnicate"])).err).not.toContain("Did you mean");
  });

  it("whose option is mistyped is not run", async () => {
    const { code, err } = await cli(["check", "--depoly"]);
    expect(code).toBe(2);
    expect(err).toContain('"check" has no option --depoly. Did you mean --deploy?');
  });

  it.each([
    ['"check" takes no "mine.toml". Did you mean --conf mine.toml?', "check", "mine.toml"],
    ['"status" takes no "extra".', "status", "extra"],
    ['"export" takes no second "b".', "export", "a", "b"],
    ["--url is for --live", "check", "--url", "https://bridge.dev"],
  ])("says of a word that it has no use for: %s", async (said, ...args) => {
    const { code, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it("takes options in front of it too", async () => {
    expect((await cli(["--conf=none.toml", "plan"])).err).toContain("none.toml is not there");
  });

  it.each(commands.map(({ name }) => name))("%s tells its options by --help", async (name) => {
    const { code, out } = await cli([name, "--help"]);
    expect(code).toBe(0);
    expect(out).toContain(`npm run footbridge -- ${name}`);
    expect(out).toContain("--json");
  });
});

describe("colours", () => {
  it.each([
    ["on a terminal", {}, true, true],
    ["not in a pipe", {}, false, false],
    ["not with NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["with an empty NO_COLOR", { NO_COLOR: "" }, true, true],
    ["not on a dumb terminal", { TERM: "dumb" }, true, false],
    ["in a pipe with FORCE_COLOR", { FORCE_COLOR: "1" }, false, true],
  ])("%s", (_name, env, isTerminal, coloured) => {
    expect(createPaint(env, isTerminal)("red", "x") !== "x").toBe(coloured);
  });
});
