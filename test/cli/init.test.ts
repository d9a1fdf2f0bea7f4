/** `init`: from nothing to files that `check` is content with. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseVars } from "../../src/cli/dev-vars.ts";
import { cli, newFolder } from "./broken-home.ts";

const ROOT = join(import.meta.dirname, "../..");
const FLAGS = ["--slack-channel", "general", "--room", "orchard/cider"];

describe("init", () => {
  it("asks four questions and writes what check is content with", async () => {
    const folder = newFolder();
    const typed = "#general\norchard/cider\n\nhttps://bridge.dev\n";
    const { code, out } = await cli(["init"], { folder, typed });
    expect(code).toBe(0);
    const { code: checked, out: plan } = await cli(["plan"], { folder });
    expect(checked).toBe(0);
    expect(plan).toContain("slack.myteam general -> gitter.mygitter orchard/cider");
    const link = /https:\/\/api\.slack\.com\/apps\?new_app\S+/u.exec(out)?.[0] ?? "";
    expect(decodeURIComponent(link)).toContain("https://bridge.dev/slack/myteam/events");
  });

  it("asks again where an answer is none", async () => {
    const typed = "\ngeneral\ncider\n#cider:matrix.org\nmatrix.org\nsomewhere\nsocket\n";
    const folder = newFolder();
    const { code, out } = await cli(["init"], { folder, typed });
    expect(code).toBe(0);
    expect(out).toContain("Write it as in: orchard/cider, or #cider:matrix.org");
    const text = readFileSync(join(folder, "matterbridge.toml"), "utf8");
    expect(text).toContain('[matrix.mymatrix]\nServer = "https://matrix.org"');
    expect(decodeURIComponent(out)).toContain('"socket_mode_enabled":true');
  });

  it("writes nothing where the person leaves in the middle", async () => {
    const folder = newFolder();
    expect((await cli(["init"], { folder, typed: "general\n" })).code).toBe(1);
    expect(existsSync(join(folder, "matterbridge.toml"))).toBe(false);
    expect(existsSync(join(folder, ".dev.vars"))).toBe(false);
  });

  it("asks nothing in a script, and says which flags it needs", async () => {
    const folder = newFolder();
    const { code, err } = await cli(["init", "--room", "orchard/cider"], { folder });
    expect(code).toBe(2);
    expect(err).toContain("add --slack-channel NAME and --room ROOM");
    expect((await cli(["init", ...FLAGS], { folder })).code).toBe(0);
  });

  it("takes the place of the template, and of nothing that somebody has written", async () => {
    const folder = newFolder();
    const template = readFileSync(join(ROOT, "matterbridge.toml"), "utf8");
    for (const [text, code] of [
      [template, 0],
      // As Git for Windows checks it out.
      [template.replaceAll("\n", "\r\n"), 0],
      [template.replace("your-channel", "ours"), 1],
      [template.replace("[general]", '[general]\nIgnoreNicks = "robot"'), 1],
      [`${template}# to be done\n`, 1],
    ] as const) {
      writeFileSync(join(folder, "matterbridge.toml"), text);
      expect((await cli(["init", ...FLAGS], { folder })).code).toBe(code);
      if (code === 1) expect(readFileSync(join(folder, "matterbridge.toml"), "utf8")).toBe(text);
    }
  });

  it("adds to .dev.vars what is not there, with a random ADMIN_TOKEN, and changes no line", async () => {
    const folder = newFolder();
    const before = "MATTERBRIDGE_SLACK_MYTEAM_TOKEN=xoxb-kept";
    writeFileSync(join(folder, ".dev.vars"), before);
    await cli(["init", ...FLAGS], { folder });
    const text = readFileSync(join(folder, ".dev.vars"), "utf8");
    expect(text.startsWith(`${before}\n`)).toBe(true);
    const { ADMIN_TOKEN, ...others } = parseVars(text);
    expect(ADMIN_TOKEN).toMatch(/^[\w-]{32}$/u);
    expect(others).toEqual({
      MATTERBRIDGE_SLACK_MYTEAM_TOKEN: "xoxb-kept",
      MATTERBRIDGE_SLACK_MYTEAM_SIGNINGSECRET: "",
      MATTERBRIDGE_GITTER_MYGITTER_TOKEN: "",
    });
  });

  it("fills in what .dev.vars has as the example's placeholder, or not yet", async () => {
    for (const before of ["ADMIN_TOKEN=put-a-long-random-text-here\n", "ADMIN_TOKEN=\n"]) {
      const folder = newFolder();
      await cli(["init", ...FLAGS], { folder, files: { ".dev.vars": before } });
      const { ADMIN_TOKEN } = parseVars(readFileSync(join(folder, ".dev.vars"), "utf8"));
      expect(ADMIN_TOKEN).toMatch(/^[\w-]{32}$/u);
    }
  });

  it.each([
    ["--room", "orchard"],
    ["--slack-channel", ""],
    ["--server", "here"],
    ["--url", "bridge.dev"],
    ["--team", "our team"],
  ])(
    "takes no answer as a flag that it would not take from a person: %s %s",
    async (flag, text) => {
      const folder = newFolder();
      const { code, err } = await cli(["init", ...FLAGS, flag, text], { folder });
      expect(code).toBe(2);
      expect(err).toContain(`${flag} ${text} is no answer. Write`);
      expect(existsSync(join(folder, "matterbridge.toml"))).toBe(false);
    },
  );

  it("completes a homeserver's address that comes as a flag, too", async () => {
    const folder = newFolder();
    await cli(["init", ...FLAGS, "--server", "matrix.org"], { folder });
    const text = readFileSync(join(folder, "matterbridge.toml"), "utf8");
    expect(text).toContain('Server = "https://matrix.org"');
  });

  it("where .dev.vars cannot be written leaves nothing that would stop a second try", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, ".dev.vars"));
    const { code, err } = await cli(["init", ...FLAGS], { folder });
    expect(code).toBe(1);
    expect(err).toContain("Nothing was written");
    rmdirSync(join(folder, ".dev.vars"));
    expect((await cli(["init", ...FLAGS], { folder })).code).toBe(0);
  });

  it("for Socket Mode leaves a place for the app-level token, which all commands know it by", async () => {
    const folder = newFolder();
    await cli(["init", ...FLAGS, "--socket-mode"], { folder });
    const { out } = await cli(["check", "--json"], { folder });
    const { missing } = JSON.parse(out) as { readonly missing: readonly string[] };
    expect(missing).toEqual([
      "MATTERBRIDGE_SLACK_MYTEAM_TOKEN",
      "MATTERBRIDGE_SLACK_MYTEAM_APPTOKEN",
      "MATTERBRIDGE_GITTER_MYGITTER_TOKEN",
    ]);
    const { out: told } = await cli(["check"], { folder });
    expect(told).not.toContain("wrangler");
    const { out: urls } = await cli(["urls"], { folder });
    expect(urls).toContain("has Socket Mode and needs no Events URL");
    expect((await cli(["check", "--deploy"], { folder })).code).toBe(1);
  });
});
