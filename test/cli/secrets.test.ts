/** `secrets`: what stands in the configuration goes where secrets belong, and nothing else changes. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseVars } from "../../src/cli/dev-vars.ts";
import { loadConfig } from "../../src/core/config/load.ts";
import { protocols } from "../../src/protocols/registry.ts";
import { cli, newFolder } from "./broken-home.ts";

const OLD = `\uFEFF# our bridge\r
[slack.crew]   # the workspace
  Token = "xoxb-one#two"  # from Ann
SigningSecret = ["first 'one'",
  "second"]
Label="x"
[gitter.dock]
Server="https://home.test"
token='syt_"x"'
[discord.d]
Token="abc"
[[gateway]]
name="main"
enable=true
inout=[{account="slack.crew",channel="general"},{account="gitter.dock",channel="dock/crew"}]
`;
const VALUES = {
  MATTERBRIDGE_SLACK_CREW_TOKEN: "xoxb-one#two",
  MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: "first 'one'",
  MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET_2: "second",
  MATTERBRIDGE_GITTER_DOCK_TOKEN: 'syt_"x"',
  MATTERBRIDGE_DISCORD_D_TOKEN: "abc",
};

async function move(args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) {
  const folder = newFolder();
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const files = { "matterbridge.toml": OLD, ...more };
  return { ...(await cli(["secrets", ...args], { folder, files })), folder, read };
}

describe("secrets", () => {
  it("puts a variable in the place of each, and leaves comments and spaces alone", async () => {
    const { code, read } = await move();
    expect(code).toBe(0);
    expect(read("matterbridge.toml")).toBe(
      OLD.replace('"xoxb-one#two"', '"${MATTERBRIDGE_SLACK_CREW_TOKEN}"')
        .replace("\"first 'one'\"", '"${MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET}"')
        .replace('"second"', '"${MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET_2}"')
        .replace("'syt_\"x\"'", '"${MATTERBRIDGE_GITTER_DOCK_TOKEN}"')
        .replace('"abc"', '"${MATTERBRIDGE_DISCORD_D_TOKEN}"'),
    );
  });

  it("keeps each in .dev.vars, readable by its owner only, as the CLI and Wrangler read it", async () => {
    const { folder, read } = await move();
    expect(parseVars(read(".dev.vars"))).toEqual(VALUES);
    expect(statSync(join(folder, ".dev.vars")).mode & 0o777).toBe(0o600);
  });

  it("leaves a configuration that reads the very same", async () => {
    const { read } = await move();
    const tokens = (text: string, env: Readonly<Record<string, string>>) =>
      [
        ...(loadConfig(
          text.replace(/\[discord[^[]*/u, ""),
          env,
          protocols,
        ).config?.accounts.values() ?? []),
      ].map(({ settings }) => settings.secret("Token")?.reveal());
    expect(tokens(read("matterbridge.toml"), parseVars(read(".dev.vars")))).toEqual(
      tokens(OLD, {}),
    );
  });

  it("prints the lines for the Worker and no secret", async () => {
    for (const json of [[], ["--json"], ["--dry-run"]]) {
      const { out, err } = await move(json);
      for (const value of Object.values(VALUES)) expect(out + err).not.toContain(value);
    }
    const { out } = await move();
    for (const name of Object.keys(VALUES))
      expect(out).toContain(`npx wrangler secret put ${name}`);
  });

  it("as a Kubernetes Secret is YAML whose strings are whole", async () => {
    const { code, read } = await move(["--to", "kubernetes"]);
    expect(code).toBe(0);
    expect(read("secret.yaml")).toContain(
      `stringData:\n  MATTERBRIDGE_SLACK_CREW_TOKEN: "xoxb-one#two"\n`,
    );
  });

  it("as an env file for docker and kustomize has no quotes, which they would take along", async () => {
    const { read } = await move(["--to", "env-file"]);
    expect(read("secrets.env")).toContain("MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET=first 'one'\n");
  });

  it("changes nothing where .dev.vars has another value under that name", async () => {
    const other = { ".dev.vars": "MATTERBRIDGE_SLACK_CREW_TOKEN=xoxb-newer\n" };
    const { code, err, read } = await move([], other);
    expect(code).toBe(1);
    expect(err).toContain("has another MATTERBRIDGE_SLACK_CREW_TOKEN already");
    expect(read("matterbridge.toml")).toBe(OLD);
    expect(read(".dev.vars")).toBe(other[".dev.vars"]);
  });

  it("run twice does nothing the second time", async () => {
    const { folder, read } = await move();
    const [toml, kept] = [read("matterbridge.toml"), read(".dev.vars")];
    const { code, out } = await cli(["secrets"], { folder });
    expect([code, out]).toEqual([0, "No secret stands in ./matterbridge.toml."]);
    expect([read("matterbridge.toml"), read(".dev.vars")]).toEqual([toml, kept]);
  });

  it("tells a token in a comment, which check refuses before a deploy", async () => {
    const files = { "matterbridge.toml": `${OLD}# Token="xoxb-commented-out-secret"\n` };
    const folder = newFolder();
    const { code, out } = await cli(["secrets"], { folder, files });
    expect([code, out]).toEqual([1, expect.stringContaining("a token in a comment")]);
    const { code: deploy, out: told } = await cli(["check", "--deploy"], { folder });
    expect(deploy).toBe(1);
    expect(told).toMatch(/matterbridge\.toml:16: a comment: what looks like a token/u);
    expect(out + told).not.toContain("commented-out");
  });

  it("says what cannot come from a variable, and leaves it", async () => {
    const folder = newFolder();
    const text = OLD.replace('Label="x"', 'ReplaceMessages=[["xoxb-secret99","x"]]');
    writeFileSync(join(folder, "matterbridge.toml"), text);
    const { code, out } = await cli(["secrets"], { folder });
    expect(code).toBe(1);
    expect(out).toContain("line 6: ReplaceMessages of [slack.crew] cannot come from a variable");
    expect(out).not.toContain("xoxb-secret99");
  });

  it("with --dry-run writes nothing", async () => {
    const { folder, read } = await move(["--dry-run"]);
    expect(read("matterbridge.toml")).toBe(OLD);
    expect(existsSync(join(folder, ".dev.vars"))).toBe(false);
  });
});
