/** The command line as people run it: a process of its own, with a file and an environment. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "footbridge-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = `[slack.crew]
[gitter.dock]
APIURL="https://gitter.dock.dev/v1"
StreamURL="https://stream.dock.dev/v1"
[[gateway]]
name="main"
enable=true
inout=[{account="slack.crew",channel="general"},{account="gitter.dock",channel="dock/crew"}]
`;
const SECRETS = {
  MATTERBRIDGE_SLACK_CREW_TOKEN: "xoxb-1",
  MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: "s",
  MATTERBRIDGE_GITTER_DOCK_TOKEN: "g",
};

const inPlace = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
function run(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "src/cli/main.ts"), ...args],
    { cwd: folder, env, encoding: "utf8" },
  );
  return { status, stdout, stderr };
}

describe("check", () => {
  it("is content with a good file and all its secrets", () => {
    const { status, stdout } = run(["check", "--conf", inPlace("good.toml", GOOD)], SECRETS);
    expect({ status, stdout }).toEqual({ status: 0, stdout: "\nThe configuration is good.\n" });
  });

  it("names each secret that is missing with the command that sets it, and does not fail", () => {
    const { status, stdout } = run(["check", "--conf", inPlace("good.toml", GOOD)]);
    expect(status).toBe(0);
    expect(stdout.match(/npx wrangler secret put \w+/gu)).toEqual(
      Object.keys(SECRETS).map((name) => `npx wrangler secret put ${name}`),
    );
  });

  it("names the variable that a secret's ${...} stands for", () => {
    const text = GOOD.replace("[slack.crew]", '[slack.crew]\nToken="${BOT_TOKEN}"');
    const { status, stdout } = run([
      "check",
      "--conf",
      inPlace("matterbridge.toml", text),
      "--deploy",
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain("npx wrangler secret put BOT_TOKEN\n");
  });

  it("prints every problem with file and line, and fails", () => {
    const text = GOOD.replace("[slack.crew]", '[slack.crew]\nStripNik=true\nUseFullName="maybe"');
    const { status, stdout } = run(["check", "--conf", inPlace("bad.toml", text)]);
    expect(status).toBe(1);
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      "warning bad.toml:2: [slack.crew]: StripNik is not a setting that Footbridge knows: did you mean StripNick?",
      "error   bad.toml:3: [slack.crew]: UseFullName is not true or false: write UseFullName=true",
    ]);
  });

  it("prints the line of what is no TOML", () => {
    const { status, stdout } = run(["check", "--conf", inPlace("broken.toml", "[a]\nb=\n")]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^error {3}broken\.toml:2: the file: is not TOML/u);
  });

  it("lets a literal secret pass with a warning, but not before a deploy", () => {
    const text = GOOD.replace("[slack.crew]", '[slack.crew]\nToken="xoxb-literal"');
    const args = ["check", "--conf", inPlace("matterbridge.toml", text)];
    expect(run(args).status).toBe(0);
    const { status, stdout } = run([...args, "--deploy"]);
    expect(status).toBe(1);
    expect(stdout).toContain("error   ./matterbridge.toml:2: [slack.crew]: Token is a secret");
    expect(stdout).not.toContain("xoxb-literal");
  });

  it("stops the deploy of the template as it comes, and of one whose service is an example", () => {
    const template = readFileSync(join(root, "matterbridge.toml"), "utf8");
    const half = template
      .replaceAll(/your-(channel|org)/gu, "ours")
      .replaceAll("https://matrix.org", "https://matrix.example.org");
    for (const [name, text] of Object.entries({ template, half })) {
      inPlace("matterbridge.toml", text);
      expect([name, run(["check"]).status, run(["check", "--deploy"]).status]).toEqual([
        name,
        0,
        1,
      ]);
    }
  });

  it("asks for no signing secret where Slack's app has Socket Mode, and stops its deploy", () => {
    const { MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: _, ...others } = SECRETS;
    const env = { ...others, MATTERBRIDGE_SLACK_CREW_APPTOKEN: "xapp-1" };
    const args = ["check", "--conf", inPlace("matterbridge.toml", GOOD)];
    const { status, stdout } = run(args, env);
    expect(status).toBe(0);
    expect(stdout).toBe("\nThe configuration is good.\n");
    const deploy = run([...args, "--deploy"], env);
    expect(deploy.status).toBe(1);
    expect(deploy.stdout).toContain("works in the container only");
  });

  it("before a deploy says that it does not see what the Worker has", () => {
    inPlace("matterbridge.toml", GOOD);
    expect(run(["check", "--deploy"]).stdout).toContain("the Worker's own are not looked at");
  });

  it("before a deploy looks at no other file than the one that is deployed", () => {
    inPlace(
      "matterbridge.toml",
      GOOD.replace("[slack.crew]", '[slack.crew]\nToken="xoxb-literal"'),
    );
    const other = inPlace("good.toml", GOOD);
    for (const named of [
      run(["check", "--deploy", "--conf", other]),
      run(["check", "--deploy"], { FOOTBRIDGE_CONFIG: other }),
    ]) {
      expect(named.status).toBe(1);
      expect(named.stderr).toContain("good.toml is not what a deploy takes along");
    }
  });

  it("warns of an ADMIN_TOKEN that can be guessed or sent by nobody", () => {
    const args = ["check", "--conf", inPlace("good.toml", GOOD)];
    const said = (token: string) => run(args, { ...SECRETS, ADMIN_TOKEN: token }).stdout;
    expect(said("short")).toContain("ADMIN_TOKEN is shorter than 16 characters");
    expect(said("ein sehr langes Paßwort")).toContain("ADMIN_TOKEN has signs that no header");
    expect(said("0123456789abcdef")).not.toContain("ADMIN_TOKEN");
  });

  it("tells programs the same as JSON", () => {
    const { stdout } = run(["check", "--json", "--conf", inPlace("good.toml", GOOD)]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [], missing: { length: 3 } });
  });
});

describe("the file", () => {
  it("is --conf's, Matterbridge's -conf's, FOOTBRIDGE_CONFIG's, then matterbridge.toml", () => {
    const plan = (channel: string) => inPlace(`${channel}.toml`, GOOD.replace("general", channel));
    const heard = (args: readonly string[], env: Record<string, string> = {}) =>
      /slack\.crew (\w+) ->/u.exec(run(["plan", ...args], env).stdout)?.[1];
    const env = { FOOTBRIDGE_CONFIG: plan("three") };
    plan("matterbridge");
    expect(heard(["--conf", plan("one")], env)).toBe("one");
    expect(heard(["-conf", plan("two")], env)).toBe("two");
    expect(heard([], env)).toBe("three");
    expect(heard([], { FOOTBRIDGE_CONFIG: "" })).toBe("matterbridge");
  });

  it("that is not there is named, with the way out", () => {
    const { status, stderr } = run(["check", "--conf", "none.toml"]);
    expect(status).toBe(1);
    expect(stderr).toContain("none.toml is not there");
    const { stdout } = run(["check", "--json", "--conf", "none.toml"]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: expect.stringContaining("none") });
  });
});

describe("the other commands", () => {
  const conf = () => ["--conf", inPlace("good.toml", GOOD)];

  it("plan prints who hears whom", () => {
    expect(
      run(["plan", ...conf()])
        .stdout.trimEnd()
        .split("\n"),
    ).toEqual([
      "slack.crew general -> gitter.dock dock/crew (gateway main)",
      "gitter.dock dock/crew -> slack.crew general (gateway main)",
    ]);
  });

  it("urls prints where Slack is to send events", () => {
    expect(run(["urls", ...conf()], { PUBLIC_URL: "https://bridge.dev/" }).stdout).toBe(
      "Events URL of slack.crew: https://bridge.dev/slack/crew/events\n",
    );
  });

  it("slack-app prints a link that carries the whole manifest", () => {
    const { stdout } = run(["slack-app", "crew", "--url", "https://bridge.dev", ...conf()]);
    const link = /https:\/\/api\.slack\.com\S+/u.exec(stdout)?.[0] ?? "";
    const manifest: unknown = JSON.parse(new URL(link).searchParams.get("manifest_json") ?? "");
    expect(manifest).toMatchObject({
      settings: {
        event_subscriptions: { request_url: "https://bridge.dev/slack/crew/events" },
      },
    });
  });

  it("slack-app asks for topics and members where the configuration shows them", () => {
    const file = inPlace("shows.toml", `${GOOD}[general]\nSyncTopic=true\nShowJoinPart=true\n`);
    const { stdout } = run(["slack-app", "--url", "https://bridge.dev", "--conf", file]);
    const manifest = decodeURIComponent(stdout);
    expect(manifest).toContain("channels:write.topic");
    expect(manifest).toContain("member_joined_channel");
  });

  it("slack-app --socket-mode needs no address, and tells where the app-level token comes from", () => {
    const { status, stdout } = run(["slack-app", "--socket-mode", ...conf()]);
    expect(status).toBe(0);
    const link = /https:\/\/api\.slack\.com\S+/u.exec(stdout)?.[0] ?? "";
    const manifest: unknown = JSON.parse(new URL(link).searchParams.get("manifest_json") ?? "");
    expect(manifest).toMatchObject({ settings: { socket_mode_enabled: true } });
    expect(stdout).not.toContain("request_url");
    expect(stdout).toContain("connections:write");
    expect(stdout).toContain("MATTERBRIDGE_SLACK_CREW_APPTOKEN");
  });

  it("slack-app without an address says what it needs", () => {
    expect(run(["slack-app", ...conf()])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("--socket-mode"),
    });
  });

  it("urls says that Socket Mode needs none", () => {
    const env = { MATTERBRIDGE_SLACK_CREW_APPTOKEN: "xapp-1" };
    expect(run(["urls", ...conf()], env).stdout).toBe(
      "slack.crew has Socket Mode and needs no Events URL.\n",
    );
  });

  it("slack-app of an account that is not there fails", () => {
    expect(run(["slack-app", "deck", "--url", "https://b.dev", ...conf()]).status).toBe(1);
  });

  it("help is what a wrong command gets too, with a code of its own", () => {
    expect(run(["help"]).stdout).toContain("npm run footbridge -- check");
    expect(run(["chekc"])).toMatchObject({ status: 2, stderr: expect.stringContaining("chekc") });
  });
});
