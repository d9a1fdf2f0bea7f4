/** `secrets`: what stands in the configuration goes where secrets belong, and nothing else changes. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
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
  MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET_1: "first 'one'",
  MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET_2: "second",
  MATTERBRIDGE_GITTER_DOCK_TOKEN: 'syt_"x"',
  MATTERBRIDGE_DISCORD_D_TOKEN: "abc",
};

/** All secrets of the accounts, and what is said of the configuration. */
function secretsOf(text: string, env: Readonly<Record<string, string>>) {
  const { config, problems } = loadConfig(text.replace(/\[discord[^[]*/u, ""), env, protocols);
  const secrets = [...(config?.accounts.values() ?? [])].map(({ settings }) =>
    ["Token", "SigningSecret"].flatMap((key) => settings.secrets(key).map((it) => it.reveal())),
  );
  return { secrets, said: problems.map(({ what }) => what) };
}

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
        .replace("\"first 'one'\"", '"${MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET_1}"')
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
    const after = secretsOf(read("matterbridge.toml"), parseVars(read(".dev.vars")));
    expect(after.secrets).toEqual(secretsOf(OLD, {}).secrets);
    expect(after.secrets[0]).toEqual(["xoxb-one#two", "first 'one'", "second"]);
    expect(after.said).not.toContainEqual(expect.stringContaining("sets nothing"));
  });

  it("gives settings that one variable would override each a name of its own", async () => {
    const text = OLD.replaceAll("slack.crew", "slack.our-crew")
      .replace("[discord.d]", '[slack.our_crew]\nToken="xoxb-two"\n[discord.d]')
      .replace('account="gitter.dock",channel="dock/crew"', 'account="slack.our_crew",channel="x"');
    const { read } = await move([], { "matterbridge.toml": text });
    const { secrets } = secretsOf(read("matterbridge.toml"), parseVars(read(".dev.vars")));
    expect(secrets).toEqual([["xoxb-one#two", "first 'one'", "second"], ["xoxb-two"]]);
  });

  it("keeps who may read the file, and writes to where a link leads", async () => {
    const folder = newFolder();
    const [real, link] = [join(folder, "real.toml"), join(folder, "matterbridge.toml")];
    writeFileSync(real, OLD);
    chmodSync(real, 0o600);
    symlinkSync(real, link);
    expect((await cli(["secrets"], { folder })).code).toBe(0);
    expect(readFileSync(real, "utf8")).not.toContain("xoxb-one");
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o600);
  });

  it("adds to no file that is not one of variables", async () => {
    for (const out of ["good.toml", "matterbridge.toml"]) {
      const { code, err, read } = await move(["--out", out], { "good.toml": OLD });
      expect(code).toBe(1);
      expect(err).toContain(`${out}: is no file of variables`);
      expect([read("good.toml"), read("matterbridge.toml")]).toEqual([OLD, OLD]);
    }
  });

  it("takes the place of the example's placeholder", async () => {
    const example = "MATTERBRIDGE_SLACK_CREW_TOKEN=xoxb-put-the-bot-token-here # at Slack\n";
    const { code, read } = await move([], { ".dev.vars": example });
    expect(code).toBe(0);
    expect(parseVars(read(".dev.vars"))).toEqual(VALUES);
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

  it("for the overlays here names the file that kustomize makes the Secret of", async () => {
    const { out } = await move(["--to", "kubernetes"]);
    expect(out).toContain("kubectl apply -n NAMESPACE -f secret.yaml");
    expect(out).toContain("k8s-fallback/overlays/single/secrets.env");
  });

  it("as an env file for docker and kustomize has no quotes, which they would take along", async () => {
    const { read } = await move(["--to", "env-file"]);
    expect(read("secrets.env")).toContain("MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET_1=first 'one'\n");
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
    expect(out).not.toContain("holds none of them");
  });

  it("with --dry-run writes nothing", async () => {
    const { folder, read } = await move(["--dry-run"]);
    expect(read("matterbridge.toml")).toBe(OLD);
    expect(existsSync(join(folder, ".dev.vars"))).toBe(false);
  });

  it("goes nowhere that is not known, whatever it is called", async () => {
    const { code, err } = await cli(["secrets", "--to", "toString"], { folder: newFolder() });
    expect([code, err]).toEqual([2, expect.stringContaining("--to toString is not known")]);
  });
});
