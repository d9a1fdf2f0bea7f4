import { inspect } from "node:util";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { coerce } from "../../../src/core/config/coerce.ts";
import { secret } from "../../../src/core/config/secret.ts";
import { accountId } from "../../../src/core/ids.ts";
import { ACCOUNTS, GATEWAY, load, said } from "./fakes.ts";

const team = (section: string, env: Record<string, string> = {}) => {
  const { config, problems } = load(`[slack.team]\n${section}\n[gitter.x]\n${GATEWAY}`, env);
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return config.accounts.get(accountId("slack.team"))!;
};

describe("a secret", () => {
  it("never prints, however it is printed", () => {
    const hidden = secret("xoxb-1");
    const printed = [
      String(hidden),
      hidden.toString(),
      JSON.stringify([hidden]),
      inspect({ hidden }),
    ].join();
    expect(printed).not.toContain("xoxb-1");
    expect(hidden.reveal()).toBe("xoxb-1");
  });

  it("may be a list, and one is a list of one", () => {
    const reveal = (text: string) =>
      team(text)
        .settings.secrets("SigningSecret")
        .map((each) => each.reveal());
    expect(reveal('SigningSecret=["new","old"]')).toEqual(["new", "old"]);
    expect(reveal('SigningSecret="only"')).toEqual(["only"]);
    expect(team('Token="t"').settings.secrets("Token")).toHaveLength(1);
  });

  it("that is empty counts as not set", () => {
    expect(team('Token=""').settings.secret("Token")).toBeUndefined();
  });

  it("whose variable is not set is a warning: the Worker may have it", () => {
    const account = team('Token="${SLACK_TOKEN}"');
    expect(account.settings.secret("Token")).toBeUndefined();
    expect(account.envName("Token")).toBe("SLACK_TOKEN");
    expect(account.envName("SigningSecret")).toBe("MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET");
  });
});

describe("the environment", () => {
  it("writes - and . of a name as _", () => {
    const text = `[slack.my-team]\n[gitter.x]\n${GATEWAY.replace("slack.team", "slack.my-team")}`;
    const { config } = load(text, { MATTERBRIDGE_SLACK_MY_TEAM_LABEL: "env" });
    expect(config?.accounts.get(accountId("slack.my-team"))?.settings.string("Label")).toBe("env");
  });

  it("overrides [general] too, below what the account itself says", () => {
    const env = { MATTERBRIDGE_GENERAL_LABEL: "general", MATTERBRIDGE_GENERAL_STRIPNICK: "1" };
    const { settings } = team('Label="own"', env);
    expect([settings.string("Label"), settings.bool("StripNick")]).toEqual(["own", true]);
  });

  it("counts an empty variable as not set", () => {
    const { settings } = team('Label="own"', { MATTERBRIDGE_SLACK_TEAM_LABEL: "" });
    expect(settings.string("Label")).toBe("own");
  });

  it("is taken literally, dollar signs and all", () => {
    const { settings } = team("", { MATTERBRIDGE_SLACK_TEAM_TOKEN: "a${B}" });
    expect(settings.secret("Token")?.reveal()).toBe("a${B}");
  });

  it("cannot hold pairs, and says so", () => {
    const env = { MATTERBRIDGE_SLACK_TEAM_REPLACENICKS: "a b" };
    expect(said(ACCOUNTS + GATEWAY, env)).toEqual([
      expect.stringContaining("REPLACENICKS has no effect: pairs cannot come from the environment"),
    ]);
  });

  it("has a misspelt variable named with the one that was meant", () => {
    expect(said(ACCOUNTS + GATEWAY, { MATTERBRIDGE_SLACK_TEAM_TOKN: "x" })).toEqual([
      "warning environment: MATTERBRIDGE_SLACK_TEAM_TOKN sets nothing: did you mean MATTERBRIDGE_SLACK_TEAM_TOKEN?",
    ]);
  });

  it("has what Kubernetes puts beside it left alone", () => {
    const env = { MATTERBRIDGE_SERVICE_HOST: "10.0.0.1", MATTERBRIDGE_PORT_80_TCP: "x" };
    expect(said(ACCOUNTS + GATEWAY, env)).toEqual([]);
  });

  it("does not define an account by a variable of a longer name", () => {
    const text = `[slack.team-b]\n[gitter.x]\n${GATEWAY}`;
    expect(said(text, { MATTERBRIDGE_SLACK_TEAM_B_LABEL: "x" })).toContainEqual(
      expect.stringContaining("account slack.team: is used in a gateway but not defined"),
    );
  });
});

describe("a setting", () => {
  it("has groups of its pattern, not variables, in a replacement", () => {
    const { settings } = team('ReplaceMessages=[["(?P<word>a)","${word}${1}"]]');
    expect(settings.pairs("ReplaceMessages")).toEqual([["(?P<word>a)", "${word}${1}"]]);
  });

  it("of whitespace-separated text is a list", () => {
    expect(team('IgnoreNicks="a  b\\tc"').settings.strings("IgnoreNicks")).toEqual(["a", "b", "c"]);
  });

  it("that cannot be read in [general] is told once, where it stands", () => {
    const problems = said(`[general]\nStripNick="q"\nIgnoreNicks="("\n${ACCOUNTS}${GATEWAY}`);
    expect(problems).toEqual([
      "error [general]: StripNick is not true or false: write StripNick=true",
      expect.stringContaining("error [general]: IgnoreNicks has a pattern"),
    ]);
  });

  it.each([
    'IgnoreNicks="(?=x)"',
    'IgnoreMessages="ok ("',
    'ReplaceMessages=[["\\\\1","x"]]',
    'ReplaceNicks=[["[z-a]","x"]]',
  ])("that RE2 does not understand is an error: %s", (line) => {
    expect(said(`[slack.team]\n${line}\n[gitter.x]\n${GATEWAY}`)).toEqual([
      expect.stringMatching(/^error \[slack\.team\]: .* has a pattern/u),
    ]);
  });

  it("of ExtractNicks has two patterns, and the second exactly one group", () => {
    const extract = (pair: string) =>
      `[slack.team]\nExtractNicks=[${pair}]\n[gitter.x]\n${GATEWAY}`;
    expect(said(extract('["relay","^<(.*?)> "]'))).toEqual([]);
    for (const pair of ['["(","(a)"]', '["a","("]', '["a","b"]', '["a","(b)(c)"]'])
      expect(said(extract(pair))).toEqual([
        expect.stringMatching(/^error \[slack\.team\]: ExtractNicks has a pattern/u),
      ]);
  });

  it("of a format has misspelt placeholders and Tengo's named", () => {
    const format =
      'RemoteNickFormat="{nick} {CHANEL} {TENGO}{NICK}"\nIconURL="https://x.dev/{Who}"';
    expect(said(`[slack.team]\n${format}\n[gitter.x]\n${GATEWAY}`)).toEqual([
      "warning [slack.team]: RemoteNickFormat has {nick}, which is no placeholder and is shown as it is: did you mean {NICK}?",
      "warning [slack.team]: RemoteNickFormat has {CHANEL}, which is no placeholder and is shown as it is: did you mean {CHANNEL}?",
      "warning [slack.team]: RemoteNickFormat has {TENGO}, which stays empty: Tengo scripts are not run: take it out",
      "warning [slack.team]: IconURL has {Who}, which is no placeholder and is shown as it is: take it out",
    ]);
  });

  it("is read without a throw, whatever the value is", () => {
    const table: object = Object.create(null);
    const types = ["string", "bool", "int", "strings", "pairs", "secret", "secrets"] as const;
    for (const type of types)
      for (const value of [table, [table], 10n ** 30n, Number.NaN, new Date(0), [[[1]]], null])
        expect(() => coerce(type, value)).not.toThrow();
  });

  it("of any words never breaks the reading", () => {
    fc.assert(
      fc.property(fc.constantFrom("Label", "Token", "IgnoreNicks"), fc.string(), (key, text) => {
        load(`[slack.team]\n${key}=${JSON.stringify(text)}\n[gitter.x]\n${GATEWAY}`);
      }),
    );
  });

  it("nested without end is wrong, not a crash", () => {
    const deep = `Label=${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    expect(said(`[slack.team]\n${deep}\n[gitter.x]\n${GATEWAY}`)).toEqual([
      expect.stringContaining("Label is not text"),
    ]);
  });
});
