import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Protocol } from "../../../src/core/config/config.ts";
import { loadConfig } from "../../../src/core/config/load.ts";
import { createRouting } from "../../../src/core/config/routing.ts";
import { accountId } from "../../../src/core/ids.ts";

const protocol = (name: string): Protocol => ({
  name,
  keys: [
    { name: "Token", type: "secret", doc: "" },
    { name: "SigningSecret", type: "secrets", doc: "" },
    { name: "SendInterval", type: "int", default: 700, doc: "" },
    { name: "WebhookURL", type: "string", doc: "", unsupported: "it is not used any more" },
  ],
  check: () => [],
  connect: () => {
    throw new Error("not in this test");
  },
  requiredSecrets: () => ["Token"],
});
const protocols = [protocol("slack"), protocol("gitter")];

const GATEWAY = `
[[gateway]]
name="main"
enable=true
[[gateway.inout]]
account="slack.team"
channel="general"
[[gateway.inout]]
account="gitter.x"
channel="org/room"
`;
const ACCOUNTS = "[slack.team]\n[gitter.x]\n";
const load = (text: string, env: Record<string, string> = {}) => loadConfig(text, env, protocols);
const settingsOf = (text: string, env: Record<string, string> = {}, id = "slack.team") => {
  const { config, problems } = load(`${text}\n${GATEWAY}`, env);
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return config.accounts.get(accountId(id))!.settings;
};
const said = (text: string, env: Record<string, string> = {}) =>
  load(text, env).problems.map(
    ({ severity, where, what, fix }) => `${severity} ${where}: ${what}: ${fix}`,
  );

describe("the configuration", () => {
  it("reads keys and accounts whatever their case", () => {
    expect(settingsOf('[Slack.Team]\nLABEL="x"\n[gitter.x]').string("Label")).toBe("x");
  });

  it("takes a setting from [general] where the account has none, and false counts as set", () => {
    const settings = settingsOf(
      '[general]\nStripNick=true\nLabel="g"\n[slack.team]\nStripNick=false\n[gitter.x]',
    );
    expect([settings.bool("StripNick"), settings.string("Label")]).toEqual([false, "g"]);
  });

  it("lets the environment override the file, with Matterbridge's names", () => {
    const settings = settingsOf('[slack.team]\nLabel="file"\n[gitter.x]', {
      MATTERBRIDGE_SLACK_TEAM_LABEL: "env",
      MATTERBRIDGE_SLACK_TEAM_TOKEN: "xoxb",
    });
    expect([settings.string("Label"), settings.secret("Token")?.reveal()]).toEqual(["env", "xoxb"]);
  });

  it("needs no section for an account that the environment defines", () => {
    const env = { MATTERBRIDGE_SLACK_TEAM_TOKEN: "a", MATTERBRIDGE_GITTER_X_TOKEN: "b" };
    expect(load(GATEWAY, env).config?.accounts.size).toBe(2);
  });

  it.each([
    ['"true"', true],
    ['"1"', true],
    ["true", true],
    ['"false"', false],
    ["0", false],
  ])("reads %s as the boolean that Matterbridge reads", (text, value) => {
    expect(settingsOf(`[slack.team]\nStripNick=${text}\n[gitter.x]`).bool("StripNick")).toBe(value);
  });

  it("reads a number that is written as text", () => {
    expect(settingsOf('[slack.team]\nSendInterval="5"\n[gitter.x]').int("SendInterval")).toBe(5);
  });

  it("reads replacements as pairs and as an array of tables", () => {
    const pairs = settingsOf('[slack.team]\nReplaceMessages=[["a","b"]]\n[gitter.x]').pairs(
      "ReplaceMessages",
    );
    const tables = settingsOf(
      '[slack.team]\n[[slack.team.ReplaceMessages]]\nsearch="a"\nreplace="b"\n[gitter.x]',
    ).pairs("ReplaceMessages");
    expect([pairs, tables]).toEqual([[["a", "b"]], [["a", "b"]]]);
  });

  it("fills in ${VAR} and says which variable is not set", () => {
    expect(settingsOf('[slack.team]\nLabel="${X}y"\n[gitter.x]', { X: "x" }).string("Label")).toBe(
      "xy",
    );
    expect(said(`[slack.team]\nLabel="\${X}"\n[gitter.x]\n${GATEWAY}`)).toContainEqual(
      expect.stringContaining("variable X, which is not set"),
    );
  });

  it("takes a secret whose variable is empty as one that is still to be filled in", () => {
    const text = '[slack.team]\nToken="${T}"\nSigningSecret=["${T}"]\n[gitter.x]';
    const settings = settingsOf(text, { T: "" });
    expect([settings.secret("Token"), settings.secrets("SigningSecret")]).toEqual([undefined, []]);
  });

  it("keeps a secret from being printed", () => {
    const settings = settingsOf(ACCOUNTS, { MATTERBRIDGE_SLACK_TEAM_TOKEN: "xoxb-1" });
    expect(
      JSON.stringify({ token: settings.secret("Token") }) + String(settings.secret("Token")),
    ).not.toContain("xoxb");
  });
});

describe("what is wrong with a configuration", () => {
  it("is told all at once", () => {
    const problems = said(
      '[slack.team]\nStripNick="maybe"\nIgnoreNicks="("\n[[gateway]]\nname="a"\nenable=true\n[[gateway.inout]]\naccount="slack.team"\nchannel="x"\n[[gateway.inout]]\naccount="irc.y"\nchannel="#x"',
    );
    expect(problems.filter((each) => each.startsWith("error"))).toHaveLength(3);
  });

  it("is a line number where the file is not TOML", () => {
    expect(load("a=1\nb=\n").problems[0]?.path).toEqual(["@line", 2]);
  });

  it("is a protocol that Footbridge does not speak, with the ones it does", () => {
    const text = GATEWAY.replace("gitter.x", "irc.x") + ACCOUNTS;
    expect(said(text)).toContainEqual(
      expect.stringContaining("irc.x: is not supported by Footbridge: supported: slack, gitter"),
    );
  });

  it("is only a warning while no enabled gateway uses that protocol", () => {
    const { config, problems } = load(`[irc.x]\nNick="a"\n${ACCOUNTS}${GATEWAY}`);
    expect(config).toBeDefined();
    expect(problems).toMatchObject([{ severity: "warning", where: "[irc]" }]);
  });

  it("is a misspelt key, with the nearest one", () => {
    expect(said(`[slack.team]\nStripNik=true\n[gitter.x]\n${GATEWAY}`)).toEqual([
      "warning [slack.team]: StripNik is not a setting that Footbridge knows: did you mean StripNick?",
    ]);
  });

  it("is a key without effect, with the reason", () => {
    expect(said(`[slack.team]\nwebhookurl="x"\n[gitter.x]\n${GATEWAY}`)).toEqual([
      "warning [slack.team]: webhookurl has no effect: it is not used any more",
    ]);
  });

  it("is a token in a comment, by its line; a # in a text begins none", () => {
    const text = `# Token="xoxb-in-a-comment"
[general]
Label = "a # b"
RemoteNickFormat = """
# {NICK}: """ # xapp-behind-it
`;
    const found = loadConfig(text, {}, protocols).problems.filter(
      ({ where }) => where === "a comment",
    );
    expect(found.map(({ path, what }) => [path[1], what])).toEqual([
      [1, "what looks like a token is a secret that stands in the file"],
      [5, "what looks like a token is a secret that stands in the file"],
    ]);
  });

  it("is a secret in the file, with the variable to use instead", () => {
    expect(said(`[slack.team]\nToken="xoxb"\n[gitter.x]\n${GATEWAY}`)).toEqual([
      "warning [slack.team]: Token is a secret that stands in the file: take it out and set MATTERBRIDGE_SLACK_TEAM_TOKEN instead",
    ]);
  });

  it("is an account that nothing defines", () => {
    expect(said(`[slack.team]\n${GATEWAY}`)).toContainEqual(
      expect.stringContaining("add a section [gitter.x]"),
    );
  });

  it("is not looked for in a gateway that is off", () => {
    const off =
      '[[gateway]]\nname="off"\nenable=false\n[[gateway.inout]]\naccount="nothing.here"\nchannel="x"\n';
    expect(load(`${ACCOUNTS}${GATEWAY}${off}`).config?.gateways).toHaveLength(1);
  });

  it("is a gateway with a single channel", () => {
    expect(
      said(
        '[slack.team]\n[[gateway]]\nname="a"\nenable=true\n[[gateway.inout]]\naccount="slack.team"\nchannel="x"',
      ),
    ).toContainEqual(expect.stringContaining("nothing to relay between"));
  });

  it("never is a crash, whatever the file says", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc
            .array(
              fc.constantFrom(
                ...`[[gateway]]|[slack.team]|[slack]|[general]|name="a"|enable=true|inout=[{account="slack.team",channel="x"}]|inout=1|Token=1|StripNick=[]|gateway=2|ReplaceMessages=[[1]]|a=2020-01-01|b=9999999999999999999`.split(
                  "|",
                ),
              ),
            )
            .map((lines) => lines.join("\n")),
        ),
        (text) => {
          loadConfig(text, {}, protocols);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("routing", () => {
  const three = `${ACCOUNTS}[slack.other]\n[[gateway]]\nname="g"\nenable=true\nin=[{account="slack.team",channel="a"}]\nout=[{account="gitter.x",channel="o/r"}]\ninout=[{account="slack.other",channel="b"}]\n`;
  const route = (text: string, account: string, channel: string) =>
    createRouting(load(text).config!)
      .destinations(accountId(account), channel)
      .map((to) => `${to.account} ${to.channel}`);

  it("sends from in and inout to out and inout, never back", () => {
    expect(route(three, "slack.team", "a")).toEqual(["slack.other b", "gitter.x o/r"].reverse());
    expect(route(three, "slack.other", "b")).toEqual(["gitter.x o/r"]);
    expect(route(three, "gitter.x", "o/r")).toEqual([]);
  });

  it("takes a channel that is listed in and out for inout", () => {
    const text = `${ACCOUNTS}[[gateway]]\nname="g"\nenable=true\nin=[{account="slack.team",channel="a"},{account="gitter.x",channel="o/r"}]\nout=[{account="slack.team",channel="a"},{account="gitter.x",channel="o/r"}]`;
    expect(route(text, "gitter.x", "o/r")).toEqual(["slack.team a"]);
  });

  it("names a place once that two gateways reach", () => {
    expect(route(`${ACCOUNTS}${GATEWAY}${GATEWAY}`, "slack.team", "general")).toEqual([
      "gitter.x org/room",
    ]);
  });

  it("connects the same channel of all accounts in a samechannelgateway", () => {
    const text = `${ACCOUNTS}[slack.other]\n[[samechannelgateway]]\nname="s"\nenable=true\naccounts=["slack.team","slack.other"]\nchannels=["x","y"]`;
    expect(route(text, "slack.team", "x")).toEqual(["slack.other x"]);
  });
});
