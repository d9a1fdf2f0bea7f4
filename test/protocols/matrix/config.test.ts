import { describe, expect, it } from "vitest";

import { loadConfig, stopsDeploy } from "../../../src/core/config/load.ts";
import { protocols } from "../../../src/protocols/registry.ts";

const SLACK = {
  MATTERBRIDGE_SLACK_TEAM_TOKEN: "xoxb-1",
  MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET: "s",
};
const TOKENS = {
  ...SLACK,
  MATTERBRIDGE_MATRIX_X_TOKEN: "syt_1",
  MATTERBRIDGE_GITTER_X_TOKEN: "syt_1",
};
const file = (account: string, channel: string, lines: string) => `[slack.team]
[${account}]
${lines}
[[gateway]]
name="main"
enable=true
[[gateway.inout]]
account="slack.team"
channel="general"
[[gateway.inout]]
account="${account}"
channel="${channel}"
`;
const load = (account: string, channel: string, lines: string, env: object = TOKENS) =>
  loadConfig(file(account, channel, lines), { ...env }, protocols);
const problems = (...args: Parameters<typeof load>) =>
  load(...args).problems.map(
    ({ severity, where, what, fix }) => `${severity} ${where}: ${what}: ${fix}`,
  );
const secretsOf = (account: string, channel: string, lines: string) => {
  const { config } = load(account, channel, lines, SLACK);
  const found = [...config!.accounts.values()].find(({ id }) => id === account)!;
  return protocols.find(({ name }) => name === found.protocol)?.requiredSecrets(found);
};

const ROOM = "#cider:example.org";
const SERVER = 'Server="https://matrix.org"';

describe("[matrix.x]", () => {
  it("takes Server and a Token", () => {
    expect(problems("matrix.x", ROOM, SERVER)).toEqual([]);
  });
  it("takes the section of an old file that logs in by MxID and Token", () => {
    const old = `${SERVER}\nMxID="@bridge:matrix.org"\nNoHomeServerSuffix=true\nHTMLDisable=true\nUseUserName=true\nRemoteNickFormat="{NICK}: "`;
    const { config } = load("matrix.x", ROOM, old);
    const settings = [...config!.accounts.values()].find(
      ({ protocol }) => protocol === "matrix",
    )?.settings;
    expect(problems("matrix.x", ROOM, old)).toEqual([]);
    expect([
      settings?.bool("NoHomeServerSuffix"),
      settings?.bool("HTMLDisable"),
      settings?.bool("UseUserName"),
      settings?.string("MxID"),
    ]).toEqual([true, true, true, "@bridge:matrix.org"]);
  });
  it("asks for Server, with the line to write", () => {
    expect(problems("matrix.x", ROOM, "").join()).toContain(
      'Server is missing: write Server="https://matrix.org"',
    );
  });
  it("cannot work without a Token when there is no Login", () => {
    expect(secretsOf("matrix.x", ROOM, SERVER)).toEqual(["Token"]);
  });
  it.each([
    ["https://matrix.org?x=1", "not the address"],
    ["https://user:pass@matrix.org", "not the address"],
    ["https://matrix org", "not the address"],
    ["https://matrix.org/_matrix/client/v3", "path of the API"],
  ])("refuses %s as Server", (server, what) => {
    expect(problems("matrix.x", ROOM, `Server="${server}"`).join()).toContain(what);
  });
  it.each(["matrix.org", "matrix.org:8448", "http://localhost:8008", "http://127.0.0.1:8008"])(
    "takes %s as Server",
    (server) => {
      expect(problems("matrix.x", ROOM, `Server="${server}"`)).toEqual([]);
    },
  );
  it("warns of a token that travels in the open", () => {
    expect(problems("matrix.x", ROOM, 'Server="http://matrix.example"')).toEqual([
      expect.stringMatching(/^warning matrix\.x: Server is not https/),
    ]);
  });
  it("refuses an MxID that is none", () => {
    expect(problems("matrix.x", ROOM, `${SERVER}\nMxID="bridge"`).join()).toContain(
      'MxID is not a Matrix id: write MxID="@name:server"',
    );
  });
  it("refuses a negative interval", () => {
    expect(problems("matrix.x", ROOM, `${SERVER}\nSendInterval=-1`).join()).toContain("negative");
  });
  it("takes rooms by alias and by id", () => {
    for (const room of [ROOM, "!abc:example.org", "!v12"])
      expect(problems("matrix.x", room, SERVER)).toEqual([]);
  });
  it("shows how a room of Gitter's is written", () => {
    expect(problems("matrix.x", "orchard/cider", SERVER).join()).toContain(
      'write channel="#orchard_cider:gitter.im"',
    );
  });
  it("shows how a room is written", () => {
    expect(problems("matrix.x", "cider", SERVER).join()).toContain(
      'write channel="#room:server" or channel="!id:server"',
    );
  });
  it.each([
    "KeepQuotedReply=true",
    "SpoofUsername=true",
    "UseMSC4144=true",
    "DisableMarkdownParsing=true",
    'DeviceID="ABC"',
    'SessionFile="matrix.db"',
    'PickleKey="x"',
    'RecoveryKey="x"',
  ])("warns that %s has no effect, with the reason", (line) => {
    expect(problems("matrix.x", ROOM, `${SERVER}\n${line}`)).toContainEqual(
      expect.stringMatching(
        new RegExp(`^warning .*${line.split("=")[0]} has no effect: .{20}`, "u"),
      ),
    );
  });
});

describe("Login and Password", () => {
  const LOGIN = `${SERVER}\nLogin="bridge"`;
  const ENV = { ...SLACK, MATTERBRIDGE_MATRIX_X_PASSWORD: "hunter2" };
  it("are enough for the container, with a warning", () => {
    const { config } = load("matrix.x", ROOM, LOGIN, ENV);
    expect(config?.warnings.map(({ what }) => what)).toEqual([
      expect.stringContaining("work in the container only"),
    ]);
  });
  it("stop a deploy, with the command to run", () => {
    const [stop] = load("matrix.x", ROOM, LOGIN, ENV).problems.filter(stopsDeploy);
    expect(stop?.fix).toContain("MATTERBRIDGE_MATRIX_X_TOKEN");
    expect(stop?.fix).toContain("matrix-login https://matrix.org");
  });
  it("cannot work without the password", () => {
    expect(secretsOf("matrix.x", ROOM, LOGIN)).toEqual(["Password"]);
  });
  it("say nothing beside a Token, which is used", () => {
    expect(problems("matrix.x", ROOM, LOGIN)).toEqual([]);
  });
});

describe("[gitter.x] with Server", () => {
  it("takes rooms as ten years of Gitter configurations have them", () => {
    for (const room of ["orchard/cider", "Orchard/Cider", "orchard/cider/press", ROOM])
      expect(problems("gitter.x", room, SERVER)).toEqual([]);
  });
  it("shows how a room is written", () => {
    expect(problems("gitter.x", "cider", SERVER).join()).toContain(
      'write org/room, as in channel="orchard/cider"',
    );
  });
  it("can log in too, in the container", () => {
    const { config } = load("gitter.x", "orchard/cider", `${SERVER}\nLogin="bridge"`, {
      ...SLACK,
      MATTERBRIDGE_GITTER_X_PASSWORD: "hunter2",
    });
    expect(config?.warnings).toHaveLength(1);
  });
});

describe("[gitter.x] as it was", () => {
  it("is told what became of Gitter, and the lines to write", () => {
    const found = problems("gitter.x", "orchard/cider", "").join();
    expect(found).toMatch(/^error gitter\.x: .*February 2023/u);
    expect(found).toContain('write Server="https://matrix.org"');
    expect(found).toContain("matrix-login https://matrix.org");
    expect(found).toContain("the channels stay org/room");
  });
  it("may still name a service that speaks Gitter's own API", () => {
    const lines = 'APIURL="https://chat.example/v1"\nStreamURL="https://chat.example/v1"';
    expect(problems("gitter.x", "orchard/cider", lines)).toEqual([]);
  });
});
