/** `convert`: old configurations become ones that Footbridge can use, and each change is told with its reason. */
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { convertAppservice } from "../../src/cli/convert-appservice.ts";
import { convertToml } from "../../src/cli/convert-toml.ts";
import { LINE, loadConfig } from "../../src/core/config/load.ts";
import { protocols } from "../../src/protocols/registry.ts";
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

  it("takes tokens out of comments and of where no variable can stand, and says so", async () => {
    const text = `# Token="xoxb-commented-out-secret" of Ann
[slack.farm]   # xapp-1-secret, too
AppToken="\${A}"
ReplaceMessages=[["xoxb-inlist-123456","x"],["kept","y"],["xoxb-second-1234567","z"]]
Label="# no comment"
[matrix.m]
Server="https://u:secret@home.example.dev"
`;
    const { out, err } = await convert(text);
    expect(out + err).not.toMatch(/xoxb-|secret,|u:secret/u);
    expect(out).toContain(
      'ReplaceMessages=[["secret-taken-out","x"],["kept","y"],["secret-taken-out","z"]]\nLabel="# no comment"\n',
    );
    expect(err).toContain("old:1: a token in a comment is taken out");
    expect(err).toContain("old:2: a token in a comment is taken out");
    expect(err).toContain("old:4: a secret in ReplaceMessages of [slack.farm] is taken out");
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

  it("finds a gateway's channels in braces, too", async () => {
    const { out } = await convert(
      'gateway=[{name="a",enable=true,inout=[{account="slack-legacy.f",channel="#a"},{account="irc.b",channel="c"}]}]\n[slack-legacy.f]\n[matrix.m]\nServer="https://x.dev"\n',
    );
    expect(out).toContain('enable=false,inout=[{account="slack.f",channel="a"}]');
    const { out: single } = await convert(
      '[[gateway]]\nname="a"\nin={account="slack-legacy.f",channel="#a"}\nout={account="irc.b",channel="c"}\n',
    );
    expect(single).toContain('in={account="slack.f",channel="a"}\nout=[]\n');
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

const FIXTURES = globSync("test/fixtures/config/**/*.toml").filter(
  (file) => !file.endsWith("broken.toml"),
);
it.each(FIXTURES)("%s converts into TOML that loads, with no error that was not there", (file) => {
  const old = readFileSync(file, "utf8");
  const errors = (text: string) =>
    loadConfig(text, {}, protocols)
      .problems.filter(({ severity }) => severity === "error")
      .map(({ where, what }) => `${where} ${what}`);
  const before = new Set(errors(old));
  const after = errors(convertToml(old, protocols).text);
  expect(after.filter((each) => !before.has(each))).toEqual([]);
});

describe("convert of what it cannot read", () => {
  it("names line and column of what is no TOML, as check does", async () => {
    const broken = '[slack.a]\nLabel = "a\n';
    const { code, err } = await convert(broken);
    expect([code, err]).toEqual([1, expect.stringContaining("line 2, column ")]);
    const files = { "matterbridge.toml": broken };
    expect((await cli(["secrets"], { files })).err).toContain("line 2, column ");
  });

  it.each([
    ['slack.one.Token="x"\n', "line 1", "[slack.one]"],
    ['\ngitter={g={Token="x"}}\n', "line 2", "[gitter.g]"],
    ['[slack]\none.Token="x"\ntwo={Token="y"}\n', "line 3", "[slack.two]"],
    ['general={Label="x"}\n', "line 1", "[general]"],
  ])("asks for sections where %j has none, and passes nothing by", async (text, line, section) => {
    const { code, err, out } = await convert(text);
    expect([code, out]).toEqual([1, ""]);
    expect(err).toContain(`${line}: write this as a section of its own, ${section} `);
  });

  it("takes YAML for YAML whatever its texts look like", async () => {
    const { code, out } = await convert(
      `${APPSERVICE}logging:\n  console: |\n    a = b\n    [x]\n`,
    );
    expect([code, out]).toEqual([0, expect.stringContaining("[slack.myteam]")]);
  });

  it("has no use for --rooms beside TOML, and says so", async () => {
    const { code, err } = await convert(CONVERTED, ["--rooms", "rooms.txt"]);
    expect([code, err]).toEqual([1, expect.stringContaining("matrix-appservice-slack's")]);
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

  it("tells each line of the database that becomes no gateway, and why", async () => {
    const rooms = `!a:x.dev|C0123456|T0FARM|general
!dm:x.dev|D0123456|T0FARM|
!hook:x.dev|||
!odd:x.dev|general|T0FARM|
https://hooks.slack.com/services/T0/B0/hook-secret|C0123457|T0FARM|
!a:x.dev|C0123456|T0FARM|general
!t:x.dev|C0123458|"oops"|

`;
    const { out, err } = await convert(APPSERVICE, ["--rooms", "rooms.txt"], rooms);
    expect(out.match(/\[\[gateway\]\]/gu)).toHaveLength(1);
    for (const [line, what, why] of [
      [2, "the room !dm:x.dev", "direct message"],
      [3, "the room !hook:x.dev", "no id of a Slack channel"],
      [4, "the room !odd:x.dev", "no id like C0123456789"],
      [5, "something that is no room", "no room of Matrix"],
      [6, "the room !a:x.dev", "there already"],
      [7, "the room !t:x.dev", "no workspace's id"],
    ] as const)
      expect(err).toMatch(new RegExp(`rooms\\.txt:${line}: ${what} is left out: .*${why}`, "u"));
    expect(out + err).not.toContain("hook-secret");
  });

  it("takes a room by its alias", async () => {
    const { out } = await convert(
      APPSERVICE,
      ["--rooms", "rooms.txt"],
      "#lobby:x.dev|C0123456||\n",
    );
    expect(out).toContain('channel = "#lobby:x.dev"');
  });

  it("tells each room of the file that becomes none, by its line", async () => {
    const old =
      "rooms:\n  - slack_channel_id: C0123456\n    matrix_room_id: '!r:a.dev'\n  - webhook_url: https://hooks.test/room-secret\n    matrix_room_id: '!w:a.dev'\n  - 7\n";
    const { out, err } = await convert(`${APPSERVICE}${old}`);
    expect(err).toContain("old:15: 1 of its 3 rooms have a [[gateway]]");
    expect(err).toContain("old:18: the room !w:a.dev is left out: it has no id of a Slack channel");
    expect(err).toContain("old:20: something that is no room is left out");
    expect(out + err).not.toContain("room-secret");
  });

  it("says of each key of homeserver what became of it", async () => {
    const { err } = await convert(
      APPSERVICE.replace("  url:", "  media_url: http://m\n  max_upload_size: 9\n  url:") +
        "constructor: 1\n",
    );
    expect(err).toContain("constructor has no counterpart: Footbridge knows nothing like it");
    expect(err).toContain("old:4: homeserver.media_url has no counterpart: ");
    expect(err).toContain("old:5: homeserver.max_upload_size has no counterpart: MediaDownload");
  });

  it("gives each gateway a name of its own, and rooms without a workspace an account", async () => {
    const old = "rooms:\n  - slack_channel_id: C0999999\n    matrix_room_id: '!r:a.dev'\n";
    const { folder, err } = await convert(
      `${APPSERVICE}${old}`,
      ["--rooms", "rooms.txt", "--out", "new.toml"],
      "!a:x.dev|C0123456|T0FARM|general\n!b:x.dev|C0123457|T0DEN|general\n!c:x.dev|C0123458|T0DEN|general\n",
    );
    expect(err).not.toContain("same name");
    const { out } = await cli(["plan", "--conf", "new.toml"], { folder });
    expect(
      out.match(/\(gateway .*\)/gu)?.filter((each, at, all) => all.indexOf(each) === at),
    ).toEqual(
      ["general", "general T0DEN", "general 2", "room 4"].map((name) => `(gateway ${name})`),
    );
    expect(out).toContain("slack.myteam ID:C0999999 -> ");
  });

  it("makes a file that loads, whatever is in the old one", () => {
    const odd = fc.string({ unit: "binary" });
    const room = fc.oneof(
      odd,
      fc.constantFrom("!a:x.dev", '!b"\\:x.dev', "!c\u007f:x.dev", "#d:x"),
    );
    const channel = fc.oneof(odd, fc.constantFrom("C0123456", "G0123456", "D0123456", ""));
    const pair = fc.tuple(room, channel, fc.oneof(odd, fc.constantFrom("T0A", "T0B", "")), odd);
    const own = fc.oneof(
      fc.record({ matrix_room_id: room, slack_channel_id: channel }),
      fc.anything(),
    );
    fc.assert(
      fc.property(fc.array(pair), fc.array(own), odd, odd, (given, rooms, url, admin) => {
        const text = given.map((each) => each.join("|")).join("\n");
        const value = { homeserver: { url }, rooms, matrix_admin_room: admin };
        const converted = convertAppservice({ value, line: () => 1 }, { file: "r", text });
        const { problems } = loadConfig(converted.text, {}, protocols);
        const wrong = problems.filter(
          ({ path, what }) => path[0] === LINE || /same name|has no (?:name|channel)/u.test(what),
        );
        expect(wrong).toEqual([]);
      }),
    );
  });
});
