/** The set-ups that people break most often: for each, `check` has one error, and the one thing to do about it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, it } from "vitest";

import { ALL_SCOPES } from "../../src/sandbox/slack/state.ts";
import type { SandboxOptions } from "../../src/sandbox/server.ts";
import { cli, configure, footbridge, sandbox, SECRETS } from "./broken-home.ts";

interface Json {
  readonly problems: readonly { readonly severity: string; readonly text: string }[];
  readonly live?: readonly {
    readonly state: string;
    readonly where: string;
    readonly what: string;
    readonly fix?: string;
  }[];
}

/** Everything that is to be mended, a line each: what, then what to do. */
async function checked(
  text: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = ["--live"],
): Promise<readonly string[]> {
  const files = { "matterbridge.toml": text };
  const { code, out } = await cli(["check", "--json", ...args], { files, env });
  const { problems, live = [] } = JSON.parse(out) as Json;
  const wrong = [
    ...problems.map((each) => each.text),
    ...live
      .filter(({ state }) => state === "error" || state === "warning")
      .map(({ where, what, fix }) => `${where}: ${what} -> ${fix}`),
  ];
  expect(code).toBe(
    [...problems, ...live].some((each) => Object.values(each).includes("error")) ? 1 : 0,
  );
  return wrong;
}

interface SetUp {
  readonly options?: SandboxOptions;
  readonly channels?: Parameters<typeof configure>[1];
  readonly env?: Readonly<Record<string, string>>;
  readonly broken?: (services: Awaited<ReturnType<typeof sandbox>>) => void;
}

/** `check --live` of a set-up whose only fault is in what is given here. */
async function live({ options, channels, env = SECRETS, broken }: SetUp) {
  const services = await sandbox(options);
  services.matrix.member("@footbridge:gitter.im", "footbridge/lobby", "join");
  broken?.(services);
  return checked(configure(services, channels), env);
}

const one = (wrong: readonly string[]): string => {
  expect(wrong).toHaveLength(1);
  return wrong[0]!;
};

it("nothing is broken: nothing is to be mended", async () => {
  expect(await live({})).toEqual([]);
});

it("1: the Slack token was revoked, or is another app's: set it anew, by the name of its variable", async () => {
  const wrong = one(await live({ env: { ...SECRETS, MATTERBRIDGE_SLACK_CREW_TOKEN: "xoxb-old" } }));
  expect(wrong).toBe(
    "slack.crew: auth.test: invalid_auth -> set MATTERBRIDGE_SLACK_CREW_TOKEN to the app's Bot User OAuth Token",
  );
});

it("2: a user's token in place of the bot's (not_allowed_token_type): the Bot User OAuth Token", async () => {
  const wrong = one(
    await live({ env: { ...SECRETS, MATTERBRIDGE_SLACK_CREW_TOKEN: "xoxp-person" } }),
  );
  expect(wrong).toContain("Token is not a bot token");
  expect(wrong).toContain("use the Bot User OAuth Token of the app, xoxb-...");
});

it("3: a scope is missing: which one, where it is added, and that the app is to be reinstalled", async () => {
  const scopes = ALL_SCOPES.filter((scope) => scope !== "users:read");
  const wrong = one(await live({ options: { slack: { scopes } } }));
  expect(wrong).toContain("the app lacks the scope users:read -> ");
  expect(wrong).toContain('add users:read, then press "Reinstall to Workspace"');
});

it("4: all posts look like the bot's (no chat:write.customize): what it costs, and the scope", async () => {
  const scopes = ALL_SCOPES.filter((scope) => scope !== "chat:write.customize");
  const wrong = one(await live({ options: { slack: { scopes } } }));
  expect(wrong).toContain("names and faces are not shown");
  expect(wrong).toContain("Bot Token Scopes: add chat:write.customize,");
});

it("5: the bot is not in the private channel (channel_not_found): /invite, with both names", async () => {
  const wrong = one(
    await live({
      options: {
        slack: { channels: [{ id: "G0DEV", name: "dev", isPrivate: true, botIsMember: false }] },
      },
      channels: { slack: "dev" },
    }),
  );
  expect(wrong).toContain("-> invite the bot: /invite @footbridge in #dev");
});

it("6: the channel's name is misspelt: the one that was meant", async () => {
  const wrong = one(await live({ channels: { slack: "genral" } }));
  expect(wrong).toContain('-> did you mean channel="general"?');
});

it("7: the channel is written with its # (channel not found): without it", async () => {
  const wrong = one(await live({ channels: { slack: "#general" } }));
  expect(wrong).toContain('begins with #: write "general"');
});

it("8: the channel is archived: unarchive it", async () => {
  const channels = [{ id: "C0OLD", name: "old", isArchived: true }];
  const wrong = one(await live({ options: { slack: { channels } }, channels: { slack: "old" } }));
  expect(wrong).toContain("#old is archived -> unarchive it, or take it out of the gateway");
});

it("9: a [gitter] section of the years before 2023: a Matrix account's Server and Token", async () => {
  const services = await sandbox();
  const text = configure(services).replace(/Server = .*/u, 'Token = "${OLD}"');
  const wrong = one(await checked(text, { ...SECRETS, OLD: "gone" }));
  expect(wrong).toContain("gitter.im's own API ended in February 2023");
  expect(wrong).toContain('write Server="https://matrix.org"');
});

it("10: the Matrix token has ended: matrix-login, and where the new one goes", async () => {
  const wrong = one(await live({ broken: ({ matrix }) => matrix.tokenWorks(false) }));
  expect(wrong).toMatch(/^gitter\.dock: 401 M_UNKNOWN_TOKEN/u);
  expect(wrong).toContain("-> run: npm run footbridge -- matrix-login http");
  expect(wrong).toContain("set MATTERBRIDGE_GITTER_DOCK_TOKEN to the new token");
});

it("11: the room is encrypted: another room, as it cannot be switched off", async () => {
  const wrong = one(
    await live({
      channels: { room: "footbridge/secret" },
      broken: ({ matrix }) => {
        matrix.createRoom({ alias: "footbridge_secret", isEncrypted: true });
        matrix.member("@footbridge:gitter.im", "footbridge/secret", "join");
      },
    }),
  );
  expect(wrong).toContain("footbridge/secret: is encrypted -> ");
  expect(wrong).toContain("use a room without encryption");
});

it("12: a room that is not there: check its name", async () => {
  const wrong = one(await live({ channels: { room: "footbridge/loby" } }));
  expect(wrong).toContain("footbridge/loby: does not exist -> check its name in a Matrix client");
});

it("13: the account may not write in the room: which power level it needs, and where it is given", async () => {
  const wrong = one(
    await live({
      broken: ({ matrix }) =>
        void matrix.send(
          "@mara:gitter.im",
          "footbridge/lobby",
          "m.room.power_levels",
          { events_default: 50, users: {} },
          "",
        ),
    }),
  );
  expect(wrong).toContain("joined, but may not write: its power level is 0, messages need 50 -> ");
  expect(wrong).toContain("give @footbridge:gitter.im the power level 50");
});

it("14: the token is another account's than MxID says: which one it is", async () => {
  const services = await sandbox();
  const text = configure(services, { more: 'MxID = "@other:gitter.im"' });
  const wrong = one(await checked(text, SECRETS));
  expect(wrong).toContain("the token belongs to @footbridge:gitter.im, not to @other:gitter.im");
});

it("15: the homeserver's address is wrong: check it", async () => {
  const services = await sandbox();
  const gone = await sandbox();
  await gone.close();
  const text = configure({ ...services, matrixUrl: gone.matrixUrl });
  const wrong = one(await checked(text, SECRETS));
  expect(wrong).toContain("(ECONNREFUSED) -> check the address");
});

/** Everything is well but the Footbridge that Slack's events go to. */
async function deployed(
  env: Readonly<Record<string, string>>,
  { change = (text: string) => text, clock = Date.now } = {},
) {
  const services = await sandbox();
  services.matrix.member("@footbridge:gitter.im", "footbridge/lobby", "join");
  const text = configure(services);
  const url = await footbridge(change(text), env, clock);
  return checked(text, SECRETS, ["--live", "--url", url]);
}

it("16: the Worker has another Signing Secret than the app: copy it, and the line that sets it", async () => {
  expect(await deployed(SECRETS)).toEqual([]);
  const wrong = one(
    await deployed({ ...SECRETS, MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: "another" }),
  );
  expect(wrong).toContain("the Signing Secret there is another than the one here -> ");
  expect(wrong).toContain("npx wrangler secret put MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET");
  expect(wrong).not.toContain("sandbox-signing-secret");
});

it("17: the Worker has no Signing Secret yet: the line that sets it", async () => {
  const { MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: _, ...others } = SECRETS;
  const wrong = one(await deployed(others));
  expect(wrong).toContain(
    "MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET is not set there -> npx wrangler secret put MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET",
  );
});

it("18: the account was renamed and not deployed since: deploy", async () => {
  const change = (text: string) => text.replaceAll("slack.crew", "slack.team");
  const wrong = one(await deployed({ MATTERBRIDGE_SLACK_TEAM_TOKEN: "xoxb-1" }, { change }));
  expect(wrong).toContain("does not know [slack.crew]");
  expect(wrong).toContain("-> deploy this configuration: npm run deploy");
});

it("19: a clock is wrong: set it", async () => {
  const wrong = one(await deployed(SECRETS, { clock: () => Date.now() + 600_000 }));
  expect(wrong).toContain("more than 5 minutes apart -> set this machine's clock");
});

it("20: the address leads somewhere else: the one that npm run deploy printed", async () => {
  const services = await sandbox();
  services.matrix.member("@footbridge:gitter.im", "footbridge/lobby", "join");
  const server = createServer((_request, response) => response.writeHead(404).end("nginx"));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wrong = one(await checked(configure(services), SECRETS, ["--live", "--url", url]));
  server.close();
  expect(wrong).toContain("is no Footbridge (HTTP 404) -> name the address that npm run deploy");
});

it("21: a secret stands in the file: the variable to set in its place, before it is uploaded", async () => {
  const services = await sandbox();
  const text = configure(services).replace("[slack.crew]", '[slack.crew]\nToken = "xoxb-literal"');
  const wrong = one(await checked(text, SECRETS, ["--deploy"]));
  expect(wrong).toContain("matterbridge.toml:2: [slack.crew]: Token is a secret");
  expect(wrong).toContain("take it out and set MATTERBRIDGE_SLACK_CREW_TOKEN instead");
});

it("22: a gateway without enable=true: enable it", async () => {
  const services = await sandbox();
  const wrong = await checked(configure(services).replace("enable = true", ""), SECRETS);
  expect(wrong.filter((line) => line.includes("no gateway is enabled"))).toEqual([
    expect.stringContaining("add a [[gateway]] with enable=true"),
  ]);
});

it("23: an app-level token without its scope: the scope, and where such a token is made", async () => {
  const { MATTERBRIDGE_SLACK_CREW_SIGNINGSECRET: _, ...others } = SECRETS;
  const wrong = await live({
    env: { ...others, MATTERBRIDGE_SLACK_CREW_APPTOKEN: "xapp-sandbox" },
    options: { slack: { appScopes: [] } },
  });
  expect(wrong.filter((line) => line.includes("->"))).toEqual([
    expect.stringContaining("make one with the scope connections:write"),
  ]);
});
