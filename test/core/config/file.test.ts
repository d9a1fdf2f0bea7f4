import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { stopsDeploy } from "../../../src/core/config/load.ts";
import { createRouting } from "../../../src/core/config/routing.ts";
import { accountId } from "../../../src/core/ids.ts";
import { ACCOUNTS, GATEWAY, load, said } from "./fakes.ts";

const EVERYTHING = readFileSync(
  join(import.meta.dirname, "../../fixtures/config/every-protocol.toml"),
  "utf8",
);

describe("an old file with every protocol", () => {
  it("is used for the gateways that it has for ours", () => {
    const { config } = load(EVERYTHING);
    expect(config?.gateways.map(({ name }) => name)).toEqual(["harbour", "archive"]);
    expect([...config!.accounts.keys()]).toEqual(["slack.pilots", "gitter.harbour"]);
  });

  it("has each other protocol named once, as a warning", () => {
    const others = said(EVERYTHING).filter((each) => each.includes("not supported by Footbridge"));
    expect(others).toHaveLength(20);
    expect(others.every((each) => each.startsWith("warning"))).toBe(true);
  });

  it("gives every setting without effect a reason", () => {
    const silent = said(EVERYTHING).filter((each) => each.includes("has no effect"));
    expect(silent.map((each) => each.split(" ")[2])).toEqual([
      "MediaServerUpload",
      "LogFile",
      "IgnoreFailureOnStart",
      "AppToken",
      "UseTLS",
    ]);
  });

  it("has the secrets of accounts that nobody uses found too", () => {
    const secrets = load(EVERYTHING)
      .problems.filter(stopsDeploy)
      .map(({ where, what }) => `${where} ${what.split(" ")[0]}`);
    expect(secrets).toEqual([
      "[general] MediaServerUpload",
      "[irc.libera] NickServPassword",
      "[xmpp.home] Password",
      "[mattermost.office] Password",
      "[mattermost.office] WebhookURL",
      "[discord.guild] Token",
      "[telegram.group] Token",
      "[matrix.home] Password",
      "[rocketchat.hall] Password",
      "[zulip.org] Token",
      "[nctalk.cloud] Password",
      "[steam.club] Password",
      "[twitch.live] Token",
      "[vk.wall] Token",
      "[harmony.guild] Token",
      "[slack-legacy.old] Token",
      "[api.local] Token",
      "[slack.pilots] AppToken",
    ]);
  });

  it("has no secret's text in what is said about it", () => {
    expect(said(EVERYTHING).join("\n")).not.toMatch(/wharf|hunter2/u);
  });
});

describe("a file", () => {
  it("may begin with a byte order mark", () => {
    expect(load(`\uFEFF${ACCOUNTS}${GATEWAY}`).config).toBeDefined();
  });

  it("may have the line ends of Windows, behind comments too", () => {
    const text = `# ours\n${ACCOUNTS}${GATEWAY}`.replaceAll("\n", "\r\n");
    expect(load(text).config).toBeDefined();
  });

  it("that is not TOML is quoted nowhere: the line may hold a secret", () => {
    const text = '[slack.team]\nToken="xoxb-secret\n';
    expect(said(text).join()).toMatch(/is not TOML: .*column \d+/u);
    expect(said(text).join()).not.toContain("xoxb-secret");
  });

  it("may write one protocol's name in several cases", () => {
    const text = `[Slack.other]\n[slack.TEAM]\nlabel="x"\n[GITTER.x]\n${GATEWAY}`;
    const account = load(text).config?.accounts.get(accountId("slack.team"));
    expect(account?.settings.string("Label")).toBe("x");
  });

  it("may write one account in two cases: its sections count as one", () => {
    const text = `[Slack.team]\nLabel="x"\n[slack.team]\nStripNick=true\n[gitter.x]\n${GATEWAY}`;
    const settings = load(text).config?.accounts.get(accountId("slack.team"))?.settings;
    expect([settings?.string("Label"), settings?.bool("StripNick")]).toEqual(["x", true]);
  });

  it("has a key that is written twice in two cases pointed out", () => {
    expect(said(`[slack.team]\nLabel="a"\nLABEL="b"\n[gitter.x]\n${GATEWAY}`)).toEqual([
      "warning [slack.team]: LABEL is the same setting as Label, which counts: take one of them out",
    ]);
  });

  it("has settings of a whole protocol pointed out: they are inherited by no account", () => {
    expect(said(`[slack]\nLabel="a"\n${ACCOUNTS}${GATEWAY}`)).toEqual([
      "warning [slack]: Label is set for no account: write it under [slack.NAME], or under [general] for all accounts",
    ]);
  });

  it("may set in [general] what belongs to accounts", () => {
    const { config, problems } = load(
      `[general]\nSendInterval=5\nAPIURL="https://x.dev"\n${ACCOUNTS}${GATEWAY}`,
    );
    expect(problems).toEqual([]);
    const settings = config?.accounts.get(accountId("gitter.x"))?.settings;
    expect([settings?.int("SendInterval"), settings?.string("APIURL")]).toEqual([
      5,
      "https://x.dev",
    ]);
  });

  it("has a misspelt section named with the one that was meant", () => {
    expect(said(`[genral]\n${ACCOUNTS}${GATEWAY}`)).toEqual([
      "warning [genral]: is not a section that Footbridge knows: did you mean general?",
    ]);
  });

  it("has accounts that no enabled gateway uses pointed out", () => {
    expect(said(`[gitter.old]\n${ACCOUNTS}${GATEWAY}`)).toEqual([
      "warning [gitter.old]: no enabled gateway uses this account: use it in a [[gateway]], or take it out",
    ]);
  });

  it("that is still the template is told so, for channels and addresses", () => {
    const text = `[slack.team]\n[gitter.x]\nAPIURL="https://gitter.example.org/api"\n${GATEWAY.replace("general", "your-channel")}`;
    expect(
      load(text)
        .problems.filter(stopsDeploy)
        .map(({ what }) => what),
    ).toEqual([
      `"your-channel" is the template's placeholder`,
      `"https://gitter.example.org/api" is the template's placeholder`,
    ]);
  });

  it("of nothing has nothing to relay", () => {
    expect(said("")).toEqual([expect.stringContaining("no gateway is enabled")]);
  });
});

describe("a gateway", () => {
  it("reads #general as general, and says so", () => {
    const text = ACCOUNTS + GATEWAY.replace('"general"', '"#general"');
    expect(said(text)).toEqual([
      'warning gateway "main": channel "#general" begins with #: write "general"; it is read so',
    ]);
    expect(
      createRouting(load(text).config!).destinations(accountId("slack.team"), "general"),
    ).toHaveLength(1);
  });

  it("takes accounts and channels from variables", () => {
    const text = ACCOUNTS + GATEWAY.replace('"general"', '"ID:${CHANNEL}"');
    expect(load(text, { CHANNEL: "C1" }).config?.gateways[0]?.legs[0]?.channel).toBe("ID:C1");
    expect(said(text)).toContainEqual(
      expect.stringContaining("variable CHANNEL, which is not set"),
    );
  });

  it("takes a single table for a list of one", () => {
    const text = `${ACCOUNTS}[[gateway]]\nname="g"\nenable=true\n[gateway.in]\naccount="slack.team"\nchannel="a"\n[gateway.out]\naccount="gitter.x"\nchannel="o/r"\n`;
    expect(load(text).config?.gateways[0]?.legs).toMatchObject([
      { account: "slack.team", in: true, out: false },
      { account: "gitter.x", in: false, out: true },
    ]);
  });

  it("has misspelt keys named, its own and its channels'", () => {
    const text = `${ACCOUNTS}${GATEWAY.replace("enable=true", "enable=true\ninuot=[]")}chanel="x"\noptions={}\n`;
    expect(said(text)).toEqual([
      expect.stringContaining("inuot is not a setting that Footbridge knows: did you mean inout?"),
      expect.stringContaining("chanel is not a setting"),
      expect.stringContaining("options has no effect"),
    ]);
  });

  it("that shares its name with another is a warning", () => {
    expect(said(ACCOUNTS + GATEWAY + GATEWAY)).toEqual([
      'warning gateway "main": another gateway has the same name: give each its own name; both are used',
    ]);
  });

  it("of one unsupported leg has one error, and none for what follows from it", () => {
    const text = ACCOUNTS + GATEWAY.replace("gitter.x", "irc.libera").replace("org/room", "#a");
    expect(said(text).filter((each) => each.startsWith("error"))).toEqual([
      "error account irc.libera: is not supported by Footbridge: supported: slack, gitter; take it out of the gateway",
    ]);
  });

  it("of an account that is nearly defined names it", () => {
    expect(said(`[slack.taem]\n[gitter.x]\n${GATEWAY}`)).toContainEqual(
      expect.stringContaining("did you mean slack.taem?"),
    );
  });

  it("in single brackets is an error that shows the double ones", () => {
    expect(said(`${ACCOUNTS}[gateway]\nname="a"`)).toContainEqual(
      "error [gateway]: is not a list of tables: write [[gateway]], with two brackets",
    );
  });

  it("connects nothing across the channels of a samechannelgateway", () => {
    const text = `${ACCOUNTS}[[samechannelgateway]]\nname="s"\nenable="true"\naccounts=["slack.team","gitter.x"]\nchannels="a/b c/d"\n`;
    const routing = createRouting(load(text).config!);
    expect(routing.destinations(accountId("slack.team"), "a/b")).toEqual([
      { account: "gitter.x", channel: "a/b", gateway: "s" },
    ]);
  });
});

describe("routing", () => {
  it("puts the directions of one channel in several gateways together", () => {
    const gateway = (name: string, slack: string, gitter: string, room: string) =>
      `[[gateway]]\nname="${name}"\nenable=true\n${slack}=[{account="slack.team",channel="a"}]\n${gitter}=[{account="gitter.x",channel="${room}"}]\n`;
    const text = ACCOUNTS + gateway("one", "in", "out", "o/1") + gateway("two", "out", "in", "o/2");
    const routing = createRouting(load(text).config!);
    expect(routing.legs(accountId("slack.team"))).toMatchObject([
      { channel: "a", in: true, out: true },
    ]);
    expect(routing.sources().map(({ channel }) => channel)).toEqual(["a", "o/2"]);
    expect(routing.destinations(accountId("slack.team"), "a").map((to) => to.channel)).toEqual([
      "o/1",
    ]);
  });
});
