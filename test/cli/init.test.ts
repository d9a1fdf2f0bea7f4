/** `init`: from nothing to files that `check` is content with. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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
      [template.replace("your-channel", "ours"), 1],
    ] as const) {
      writeFileSync(join(folder, "matterbridge.toml"), text);
      expect((await cli(["init", ...FLAGS], { folder })).code).toBe(code);
    }
    expect(readFileSync(join(folder, "matterbridge.toml"), "utf8")).toContain("ours");
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

  it("writes nothing that could not be used", async () => {
    const folder = newFolder();
    const { code, err } = await cli(["init", "--slack-channel", "general", "--room", "orchard"], {
      folder,
    });
    expect(code).toBe(1);
    expect(err).toContain("is not the name of a Gitter room");
    expect(existsSync(join(folder, "matterbridge.toml"))).toBe(false);
  });
});
