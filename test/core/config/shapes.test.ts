/**
 * Files of the shapes that people have written for Matterbridge in ten years, each with the routing that it must give
 * and all that is said about it. The files themselves are ours: `test/fixtures/config/shapes`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { check } from "../../../src/cli/check.ts";
import { plan } from "../../../src/cli/plan.ts";
import type { Config } from "../../../src/core/config/config.ts";
import { accountId } from "../../../src/core/ids.ts";
import { protocols } from "../../../src/protocols/registry.ts";

const FOLDER = join(import.meta.dirname, "../../fixtures/config/shapes");
const GUILD = "matrix.guild";

type Env = Record<string, string>;
interface Shape {
  readonly env?: Env;
  /** `from -> to (gateway)`, in any order. */
  readonly routes: readonly string[];
  /** Beginnings of all that is said, without the name of the file: `line: where: what`. */
  readonly says?: readonly string[];
}

const way = (from: string, to: string, gateway = "main") => `${from} -> ${to} (gateway ${gateway})`;
const both = (a: string, b: string, gateway = "main") => [way(a, b, gateway), way(b, a, gateway)];
const mesh = (gateway: string, ...all: string[]) =>
  all.flatMap((from) => all.filter((to) => to !== from).map((to) => way(from, to, gateway)));
const OVENS = both("slack.bakers ovens", "gitter.guild bakers/ovens");

const TOWNS = "aachen bath cork delft evora faro ghent hull izmir jena".split(" ");

const SHAPES: Readonly<Record<string, Shape>> = {
  "quoted-booleans": {
    routes: both("slack.bakers ovens", "gitter.guild bakers/ovens", "ovens"),
    says: ['27: gateway "cold": is not enabled'],
  },
  "duplicate-names": {
    routes: [
      ...both("slack.bakers ovens", `${GUILD} #ovens:example.org`),
      ...both("slack.bakers flour", `${GUILD} #flour:example.org`),
    ],
    says: ['15: gateway "main": another gateway has the same name'],
  },
  "disabled-unknown": {
    routes: both("slack.bakers general", "gitter.guild bakers/general", "now"),
    says: ['7: gateway "later": is not enabled'],
  },
  "one-way": {
    routes: [
      way("slack.bakers news-east", "gitter.guild bakers/news", "news"),
      way("slack.bakers news-west", "gitter.guild bakers/news", "news"),
      way("slack.bakers talk", "gitter.guild bakers/archive", "talk"),
    ],
  },
  "ten-workspaces": {
    routes: [
      ...mesh("everybody", ...TOWNS.map((town) => `slack.${town} bakers`)),
      ...TOWNS.slice(0, 3).map((town) =>
        way(`slack.${town} reports`, "slack.jena all-reports", "reports"),
      ),
    ],
  },
  "fifty-six-gateways": {
    routes: Array.from({ length: 56 }, (_each, index) => `shop-${index + 1}`).flatMap((shop) =>
      both(`slack.bakers ${shop}`, `gitter.guild bakers/${shop}`, shop),
    ),
  },
  ids: {
    routes: [
      ...both("slack.bakers ID:C0123456789", `${GUILD} !abcdefg:example.org`, "by-id"),
      ...both("slack.bakers ovens", `${GUILD} #ovens:example.org`, "by-name"),
    ],
  },
  variables: {
    env: {
      SITE: "east",
      TEAM: "bakers",
      CHANNEL: "ovens",
      HOME_SERVER: "example.social",
      BAKERS_TOKEN: "xoxb-1",
      BAKERS_SECRET: "s",
      GUILD_TOKEN: "t",
    },
    routes: both("slack.bakers ovens", `${GUILD} #ovens:example.social`, "east"),
  },
  replacements: { routes: OVENS },
  "mixed-case": { routes: both("slack.bakers ovens", "gitter.guild Bakers/Ovens", "Main") },
  "hash-channels": {
    routes: both("slack.bakers general", `${GUILD} #general:example.org`),
    says: ['11: gateway "main": channel "#general" begins with #'],
  },
  "old-gitter": {
    routes: [],
    says: [
      "4: [slack.bakers]: NickFormatter has no effect",
      "5: [slack.bakers]: NicksPerRow has no effect",
      "8: gitter.guild: no APIURL and no Server: gitter.im's own API ended in February 2023",
    ],
  },
  "gitter-as-matrix": {
    routes: [
      ...both("slack.bakers ovens", "matrix.gitter #bakers_ovens:gitter.im", "by-hand"),
      ...both("slack.bakers flour", "gitter.guild bakers/flour", "as-before"),
    ],
  },
  "same-channel": {
    routes: [
      ...both("slack.aachen guild", "gitter.guild bakers/guild", "guild"),
      ...mesh("everywhere", "slack.aachen ovens", "slack.bath ovens", "slack.cork ovens"),
      ...mesh("everywhere", "slack.aachen flour", "slack.bath flour", "slack.cork flour"),
    ],
  },
  inline: { routes: [...OVENS, way("gitter.guild bakers/log", "slack.bakers log", "log")] },
  options: {
    routes: OVENS,
    says: [
      '15: gateway "main": options has no effect',
      '21: gateway "main": options has no effect',
    ],
  },
  "other-protocols": {
    routes: both("slack.bakers ovens", `${GUILD} #ovens:example.org`),
    says: [
      "2: [irc]: is not supported by Footbridge",
      "7: [discord]: is not supported by Footbridge",
      "11: [telegram]: is not supported by Footbridge",
      "14: [api]: is not supported by Footbridge",
      "20: [slack.bakers]: ShowEmbeds is not a setting that Footbridge knows",
      "25: [matrix.guild]: SpoofUsername has no effect",
      "27: [tengo]: scripts are not run",
      '38: gateway "irc": is not enabled',
    ],
  },
  "other-protocol-used": {
    routes: [],
    says: ["22: account discord.guild: is not supported by Footbridge"],
  },
  environment: {
    env: {
      MATTERBRIDGE_GENERAL_REMOTENICKFORMAT: "<{NICK}> ",
      MATTERBRIDGE_SLACK_MY_BAKERS_TOKEN: "xoxb-1",
      MATTERBRIDGE_MATRIX_GUILD_SERVER: "https://matrix.org",
      MATTERBRIDGE_MATRIX_GUILD_STRIPNICK: "",
      // Kubernetes sets these beside a service of that name.
      MATTERBRIDGE_SERVICE_HOST: "10.0.0.1",
    },
    routes: both("slack.my-bakers ovens", `${GUILD} #ovens:example.org`),
  },
  "in-out-pairs": { routes: OVENS },
  "shared-channel": {
    // Of two gateways that lead to one place the first counts: a message comes once.
    routes: [
      way("slack.bakers hub", "gitter.guild bakers/one", "one"),
      way("slack.bakers hub", "gitter.guild bakers/two", "two"),
      way("slack.bakers hub", "slack.bakers hub-archive", "inside"),
      way("gitter.guild bakers/one", "slack.bakers hub", "one"),
      way("gitter.guild bakers/one", "gitter.guild bakers/two", "two"),
      way("gitter.guild bakers/two", "slack.bakers hub", "two"),
      way("gitter.guild bakers/two", "gitter.guild bakers/one", "two"),
    ],
  },
  letters: { routes: both("slack.bakers 공지사항", `${GUILD} #🥐:example.org`, '공지 "news"') },
  windows: { routes: [way("slack.bakers ovens", "gitter.guild bakers/ovens")] },
  broken: { routes: [], says: ["3: the file: is not TOML: Unterminated string"] },
};

function read(name: string, env: Env = SHAPES[name]?.env ?? {}) {
  const text = readFileSync(join(FOLDER, `${name}.toml`), "utf8");
  return check({ file: "x", text, env, protocols, deploy: false });
}
function settingsOf(name: string, account: string) {
  const found = (read(name).config as Config).accounts.get(accountId(account));
  if (found === undefined) throw new Error(`${account} is not there`);
  return found.settings;
}

describe("a file of the shape", () => {
  it.each(Object.entries(SHAPES))("%s gives the routing that it means", (name, { routes }) => {
    const { config } = read(name);
    expect((config === undefined ? [] : plan(config)).toSorted()).toEqual(routes.toSorted());
  });

  it.each(Object.entries(SHAPES))(
    "%s has that said about it and no more",
    (name, { says = [] }) => {
      const lines = read(name).lines.map(({ text }) => text);
      expect(lines).toEqual(says.map((each) => expect.stringContaining(`x:${each}`)));
    },
  );

  it("that lies in the folder is one of these", () => {
    const files = readdirSync(FOLDER).map((file) => file.replace(/\.toml$/u, ""));
    expect(files.toSorted()).toEqual(Object.keys(SHAPES).toSorted());
  });
});

describe("the settings in these shapes", () => {
  it("are what the text in quotes means", () => {
    const slack = settingsOf("quoted-booleans", "slack.bakers");
    expect([slack.bool("StripNick"), slack.bool("EditDisable"), slack.int("SendInterval")]).toEqual(
      [true, true, 1500],
    );
    const gitter = settingsOf("quoted-booleans", "gitter.guild");
    expect([gitter.bool("StripNick"), gitter.bool("PreserveThreading")]).toEqual([false, false]);
  });

  it("come from [general] where the account has none", () => {
    const delft = settingsOf("ten-workspaces", "slack.delft");
    expect([delft.string("Label"), delft.string("RemoteNickFormat")]).toEqual([
      "Delft",
      "{NICK} ({LABEL}) ",
    ]);
  });

  it("come from variables, and from the environment's own names", () => {
    expect(settingsOf("variables", "slack.bakers").string("RemoteNickFormat")).toBe(
      "[east] {NICK}: ",
    );
    expect(settingsOf("variables", "slack.bakers").secret("Token")?.reveal()).toBe("xoxb-1");
    const guild = settingsOf("environment", "matrix.guild");
    expect([
      guild.string("Server"),
      guild.bool("StripNick"),
      guild.string("RemoteNickFormat"),
    ]).toEqual(["https://matrix.org", true, "<{NICK}> "]);
    expect(settingsOf("environment", "slack.my-bakers").secret("Token")?.reveal()).toBe("xoxb-1");
  });

  it("name the variables that are not set, where they are used", () => {
    const lines = read("variables", { SITE: "east", TEAM: "bakers", CHANNEL: "ovens" }).lines;
    expect(lines.filter(({ severity }) => severity === "error").map(({ text }) => text)).toEqual([
      expect.stringContaining("[[gateway.inout]] number 2 names the variable HOME_SERVER"),
    ]);
    expect(read("variables", {}).lines.map(({ text }) => text)).toContainEqual(
      expect.stringContaining('gateway "${SITE}": its name needs the variable SITE'),
    );
  });

  it("are pairs, however they are written, and an empty list is one", () => {
    const slack = settingsOf("replacements", "slack.bakers");
    expect(slack.pairs("ReplaceMessages")).toEqual([
      ["(?i)ticket-(\\d+)", "https://tickets.bakers.dev/$1"],
      ["(?P<word>flou?r)", "${word}!"],
    ]);
    expect(slack.pairs("ReplaceNicks")).toEqual([["^guest-", ""]]);
    const gitter = settingsOf("replacements", "gitter.guild");
    expect(gitter.pairs("ReplaceNicks")).toEqual([]);
    expect(gitter.strings("IgnoreNicks")).toEqual(["spammer1", "^spam.*bot$"]);
    expect(gitter.strings("IgnoreMessages")).toEqual(["^!", "^/me yawns"]);
  });

  it("are found whatever the case of their keys", () => {
    const { string, bool } = settingsOf("mixed-case", "slack.bakers");
    expect([string("Label"), bool("StripNick"), string("RemoteNickFormat")]).toEqual([
      "B",
      true,
      "{NICK}> ",
    ]);
  });
});
