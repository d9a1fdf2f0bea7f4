/** `check --live` beyond what people break: that it only looks, what it prints, and the probes. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, it } from "vitest";

import { ALL_SCOPES } from "../../src/sandbox/slack/state.ts";
import { cli, configure, sandbox, SECRETS } from "./broken-home.ts";

const MATRIX = "@footbridge:gitter.im";

describe("check --live", () => {
  it("joins nothing: what can be joined is said to be", async () => {
    const channels = [{ id: "C0DEV", name: "dev", botIsMember: false }];
    const services = await sandbox({ slack: { channels } });
    const { code, out } = await cli(["check", "--live"], {
      files: { "matterbridge.toml": configure(services, { slack: "dev" }) },
      env: SECRETS,
    });
    expect(code).toBe(0);
    expect(out).toContain("slack.crew #dev: is public: the bot joins it by itself");
    expect(services.slack.state.channels.get("C0DEV")?.members).not.toContain("U0FOOTBRIDGE");
    expect(services.matrix.events("footbridge/lobby").map(({ sender }) => sender)).not.toContain(
      MATRIX,
    );
  });

  it("reads secrets from .dev.vars, and says of each that is not there where it goes", async () => {
    const services = await sandbox();
    const { code, out } = await cli(["check", "--live"], {
      files: {
        "matterbridge.toml": configure(services),
        ".dev.vars": "MATTERBRIDGE_SLACK_CREW_TOKEN='xoxb-sandbox' # the bot\n",
      },
    });
    expect(code).toBe(1);
    expect(out).toContain("slack.crew: the Token works; the bot is @footbridge");
    expect(out).toContain(`-> npm run footbridge -- matrix-login ${services.matrixUrl} gets it`);
  });

  it("never prints a secret, in words or in JSON", async () => {
    const services = await sandbox();
    services.slack.failAuth("token_revoked");
    services.matrix.tokenWorks(false);
    const files = { "matterbridge.toml": configure(services) };
    for (const json of [[], ["--json"]]) {
      const { out, err } = await cli(["check", "--live", ...json], { files, env: SECRETS });
      for (const secret of Object.values(SECRETS)) expect(out + err).not.toContain(secret);
    }
  });

  it("shows what it asks while it asks, only where somebody watches, and clears that", async () => {
    const services = await sandbox();
    const shown: string[] = [];
    const files = { "matterbridge.toml": configure(services) };
    const progress = (text: string) => void shown.push(text);
    await cli(["check", "--live", "--json"], { files, env: SECRETS, progress });
    expect(shown).toEqual([]);
    await cli(["check", "--live"], { files, env: SECRETS, progress });
    expect(shown).toContain("asking slack.crew ...");
    expect(shown.at(-1)).toBe("");
  });

  it("is not content where what answers is no service, and nothing could be asked", async () => {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "text/html").end("<h1>Sign in to the network</h1>");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const files = {
      "matterbridge.toml": configure({ slackApiUrl: `${url}/api/`, matrixUrl: url }),
    };
    const { code, out } = await cli(["check", "--live"], { files, env: SECRETS });
    const { code: json } = await cli(["check", "--live", "--json"], { files, env: SECRETS });
    server.close();
    expect([code, json]).toEqual([1, 1]);
    expect(out).toContain("unknown slack.crew: could not be asked");
    expect(out).toContain("2 could not be found out.");
    expect(out).not.toContain("All that was asked works");
  });

  it("asks nobody about a configuration that cannot be used", async () => {
    const services = await sandbox();
    const text = configure(services).replace("enable = true", 'enable = "perhaps"');
    await cli(["check", "--live"], { files: { "matterbridge.toml": text }, env: SECRETS });
    expect(services.calls.most).toBe(0);
  });
});

describe("check --live --probe", () => {
  async function probe(channel: string, options: Parameters<typeof sandbox>[0] = {}) {
    const services = await sandbox(options);
    services.matrix.member(MATRIX, "footbridge/lobby", "join");
    const { code, out } = await cli(["check", "--probe", channel], {
      files: { "matterbridge.toml": configure(services) },
      env: SECRETS,
    });
    return { services, code, out };
  }

  it("finds that Slack does what Footbridge builds on, and leaves nothing there", async () => {
    const { services, code, out } = await probe("slack.crew/general");
    expect(code).toBe(0);
    expect(out).not.toContain("NOT so");
    expect(out.match(/^ok .*#?general: (?:it|a message) .*$/gmu)).toHaveLength(5);
    expect(services.slack.messages("general")).toEqual([]);
  });

  it("finds that the homeserver does, too", async () => {
    const { services, code, out } = await probe("gitter.dock/footbridge/lobby");
    expect(code).toBe(0);
    expect(out).not.toContain("NOT so");
    expect(out).toContain("the same call again makes no second message");
    expect(services.matrix.messages("footbridge/lobby")).toEqual([]);
  });

  it("tells what does not hold, with what follows from it", async () => {
    const scopes = ALL_SCOPES.filter((scope) => scope !== "chat:write.customize");
    const { services, code, out } = await probe("slack.crew/general", { slack: { scopes } });
    expect(code).toBe(1);
    expect(out).toContain("NOT so: it keeps the author's name when it is edited");
    expect(out).not.toContain("All that was asked works");
    expect(services.slack.messages("general")).toEqual([]);
  });

  it("names the accounts there are where the channel has none", async () => {
    const { code, out } = await probe("general");
    expect(code).toBe(1);
    expect(out).toContain("-> write slack.crew/... or gitter.dock/...");
  });
});
