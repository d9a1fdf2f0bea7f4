/** `convert`: old configurations become ones that Footbridge can use, and each change is told with its reason. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { cli, newFolder } from "./broken-home.ts";

const MATTERBRIDGE = `# The bridge of the orchard
[slack-legacy.farm]   # since 2016
Token="xoxp-old-secret"
PreserveThreading=true
ShowUserTyping=true

[discord.den]
Token="discord-secret"

[gitter.dock]
Token="gitter-secret"

[matrix.home]
Server="https://home.example.dev"
Token="syt_kept"   # Ann's

[tengo]
OutMessage="script.tengo"

[[gateway]]
name="one"
enable=true
  [[gateway.inout]]
  account="slack-legacy.farm"
  channel="#general"
  [[gateway.inout]]
  account="discord.den"
  channel="general"
  # the room
  [[gateway.inout]]
  account="gitter.dock"
  channel="orchard/cider"

[[gateway]]
name="two"
enable=true
inout=[{account="discord.den",channel="a"}, {account="slack-legacy.farm",channel="b"}, {account="matrix.home",channel="orchard/pears"}]

[[gateway]]
name="three"
enable=true
inout=[{account="slack-legacy.farm",channel="c"}, {account="discord.den",channel="c"}]
`;
const CONVERTED = `# The bridge of the orchard
[slack.farm]   # since 2016
PreserveThreading=true


[gitter.dock]
Server = "https://matrix.org"

[matrix.home]
Server="https://home.example.dev"
Token="\${MATTERBRIDGE_MATRIX_HOME_TOKEN}"   # Ann's


[[gateway]]
name="one"
enable=true
  [[gateway.inout]]
  account="slack.farm"
  channel="general"
  # the room
  [[gateway.inout]]
  account="gitter.dock"
  channel="orchard/cider"

[[gateway]]
name="two"
enable=true
inout=[{account="slack.farm",channel="b"}, {account="matrix.home",channel="#orchard_pears:gitter.im"}]

[[gateway]]
name="three"
enable=false
inout=[{account="slack.farm",channel="c"}]
`;

async function convert(text: string, args: readonly string[] = [], rooms = "") {
  const folder = newFolder();
  writeFileSync(join(folder, "old"), text);
  writeFileSync(join(folder, "rooms.txt"), rooms);
  return { folder, ...(await cli(["convert", "old", ...args], { folder })) };
}

describe("convert of a Matterbridge configuration", () => {
  it("rewrites what is otherwise now, takes out what is not spoken, and leaves the rest alone", async () => {
    const { out } = await convert(MATTERBRIDGE);
    expect(out).toBe(CONVERTED);
  });

  it("makes a file that check can use", async () => {
    const { code, folder } = await convert(MATTERBRIDGE, ["--out", "new.toml"]);
    expect(code).toBe(0);
    const { code: checked, out } = await cli(["plan", "--conf", "new.toml"], { folder });
    expect(checked).toBe(0);
    expect(out).toContain("slack.farm general -> gitter.dock orchard/cider (gateway one)");
    expect(out).toContain("matrix.home #orchard_pears:gitter.im -> slack.farm b (gateway two)");
  });

  it("tells each change with the old line and why", async () => {
    const { err } = await convert(MATTERBRIDGE);
    for (const [line, what, why] of [
      [2, "[slack-legacy.farm] is [slack.farm]", "Slack has ended legacy tokens"],
      [3, "Token of [slack-legacy.farm] is taken out", "MATTERBRIDGE_SLACK_FARM_SIGNINGSECRET"],
      [5, "ShowUserTyping of [slack-legacy.farm] is taken out", "who is typing"],
      [7, "[discord.den] is taken out", "Footbridge does not speak discord"],
      [10, '[gitter.dock] has Server = "https://matrix.org"', "February 2023"],
      [15, "Token of [matrix.home] is ${MATTERBRIDGE_MATRIX_HOME_TOKEN}", "footbridge -- secrets"],
      [17, "[tengo] is taken out", "Tengo scripts are not run"],
      [25, 'channel "#general" is "general"', "without #"],
      [26, "discord.den general is taken out of its gateway", "does not speak discord"],
      [37, 'channel "orchard/pears" is "#orchard_pears:gitter.im"', "at Matrix"],
      [41, 'gateway "three" is switched off', "nothing is left"],
    ] as const) {
      const told = err.split("\n").find((each) => each.startsWith(`old:${line}: ${what}`));
      expect(told, what).toContain(why);
    }
  });

  it("takes no secret along, into the file or the report", async () => {
    for (const args of [[], ["--json"]]) {
      const { out, err } = await convert(MATTERBRIDGE, args);
      expect(out + err).not.toMatch(/secret"|-secret|syt_kept/u);
    }
  });

  it("finds nothing to do in one that Footbridge reads as it is", async () => {
    const { err, out } = await convert(
      CONVERTED.replace("[slack.farm]", '[slack.farm]\nAppToken="${A}"'),
    );
    expect(err).toContain("Nothing is to be changed");
    expect(out).toContain("[slack.farm]");
  });

  it("keeps two accounts apart that would have one name", async () => {
    const { out } = await convert(
      '[slack.farm]\n[slack-legacy.farm]\n[[gateway]]\nname="a"\ninout=[{account="slack-legacy.farm",channel="a"}]\n',
    );
    expect(out).toContain("[slack.farm-legacy]");
    expect(out).toContain('account="slack.farm-legacy"');
  });

  it("of a mesh keeps the accounts that are spoken", async () => {
    const { out } = await convert(
      '[[samechannelgateway]]\nname="m"\nenable=true\naccounts=["irc.a","slack-legacy.x", "irc.b","gitter.y","irc.c"]\nchannels=["a"]\n',
    );
    expect(out).toContain('accounts=["slack.x", "gitter.y"]');
  });

  it("overwrites nothing", async () => {
    const { code, err, folder } = await convert(MATTERBRIDGE, ["--out", "rooms.txt"], "mine");
    expect(code).toBe(1);
    expect(err).toContain("rooms.txt is there already");
    expect(readFileSync(join(folder, "rooms.txt"), "utf8")).toBe("mine");
  });

  it("of what is neither TOML nor that YAML says so, and writes nothing", async () => {
    for (const text of ["a: 1\n", "hello", "[a\n"]) {
      const { code, err, folder } = await convert(text, ["--out", "new.toml"]);
      expect(code).toBe(1);
      expect(err).toContain("old cannot be converted: ");
      expect(existsSync(join(folder, "new.toml"))).toBe(false);
    }
  });
});

const APPSERVICE = `# slack bridge
homeserver:
  server_name: orchard.example.dev
  url: http://synapse:8008
username_prefix: "slack_"
db:
  engine: postgres
  connectionString: "postgresql://u:db-secret@localhost/x"
matrix_admin_room: "!admin:orchard.example.dev"
rtm:
  enable: true
oauth2:
  client_id: "1"
  client_secret: "oauth-secret"
`;
const ROOMS = `!aaa:orchard.example.dev|C0123456|T0FARM|general
!bbb:orchard.example.dev|C0765432|T0DEN|
!ccc:orchard.example.dev||T0DEN|nothing
`;

describe("convert of matrix-appservice-slack's", () => {
  it("makes a gateway of each channel and room of its database, and an account of each workspace", async () => {
    const { code, out, folder } = await convert(
      APPSERVICE,
      ["--rooms", "rooms.txt", "--out", "new.toml"],
      ROOMS,
    );
    expect([code, out]).toEqual([0, expect.any(String)]);
    const { out: plan } = await cli(["plan", "--conf", "new.toml"], {
      folder,
      env: { MATTERBRIDGE_MATRIX_MYMATRIX_TOKEN: "t" },
    });
    expect(plan.split("\n").filter((line) => line.startsWith("slack"))).toEqual([
      "slack.t0farm ID:C0123456 -> matrix.mymatrix !aaa:orchard.example.dev (gateway general)",
      "slack.t0den ID:C0765432 -> matrix.mymatrix !bbb:orchard.example.dev (gateway room 2)",
    ]);
    const text = readFileSync(join(folder, "new.toml"), "utf8");
    expect(text).toContain('Server = "https://orchard.example.dev"');
    expect(text).toContain('AdminChannel = "matrix.mymatrix/!admin:orchard.example.dev"');
  });

  it("says of each of its keys by line what became of it", async () => {
    const { err } = await convert(APPSERVICE);
    for (const [line, key] of [
      [5, "username_prefix"],
      [6, "db"],
      [10, "rtm"],
      [12, "oauth2"],
    ] as const)
      expect(err).toContain(`old:${line}: ${key} has no counterpart: `);
    expect(err).toContain("psql -AtF");
  });

  it("without the database is the template, which no deploy takes", async () => {
    const { folder } = await convert(APPSERVICE, ["--out", "new.toml"]);
    expect((await cli(["check", "--deploy", "--conf", "new.toml"], { folder })).code).toBe(1);
  });

  it("takes the rooms of its first versions out of the file", async () => {
    const old =
      "rooms:\n  - slack_channel_id: C0123456\n    slack_api_token: xoxb-room-secret\n    matrix_room_id: '!r:a.dev'\n";
    const { out, err } = await convert(`${APPSERVICE}${old}`);
    expect(out).toContain('channel = "ID:C0123456"');
    expect(out).toContain('channel = "!r:a.dev"');
    expect(out + err).not.toContain('secret"');
    expect(out + err).not.toMatch(/db-secret|oauth-secret|room-secret/u);
  });
});
