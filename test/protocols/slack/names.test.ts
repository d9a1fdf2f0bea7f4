/** What people and the bridge itself are called in a workspace. */
import { describe, expect, it } from "vitest";

import { type Content, toText } from "../../../src/core/content.ts";
import { channelId, userId } from "../../../src/core/ids.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { no, ok, world } from "./scripted.ts";
import { accountOf, hmac, noFiles, NOW, quiet, secret } from "./wire.ts";

/** A Slack that gives each method one answer. */
const connectorOf = (answers: Record<string, object>) =>
  slack.connect(accountOf({ Token: secret("xoxb-test"), APIURL: "https://slack.example/api/" }), {
    http: ({ url }) => {
      const body = { ok: true, ...answers[url.replace("https://slack.example/api/", "")] };
      return Promise.resolve({ status: 200, header: () => null, body: JSON.stringify(body) });
    },
    hmac,
    clock: () => NOW,
    log: quiet,
    instance: "i-1",
    longLived: true,
    ...noFiles,
  });

describe("names", () => {
  const user = (display: string, real = "Alice Orchard") => ({
    user: { id: "U0ALICE", name: "alice", profile: { display_name: display, real_name: real } },
  });

  it("are the display name, else the real name, else the handle", async () => {
    for (const [display, real, name] of [
      ["ali", "Alice Orchard", "ali"],
      ["", "Alice Orchard", "Alice Orchard"],
      ["", "", "alice"],
    ] as const) {
      const { connector } = world({ "users.info": [ok(user(display, real))] });
      expect(await connector.profile({ id: userId("U0ALICE") })).toMatchObject({ name });
    }
  });

  it("are asked for once an hour", async () => {
    const { connector, asked, time } = world({ "users.info": () => ok(user("ali")) });
    await connector.profile({ id: userId("U0ALICE") });
    time.now += 3_599_000;
    await connector.profile({ id: userId("U0ALICE") });
    expect(asked).toHaveLength(1);
    time.now += 2_000;
    await connector.profile({ id: userId("U0ALICE") });
    expect(asked).toHaveLength(2);
  });

  it("are what the message carried when Slack does not know the user", async () => {
    const { connector } = world({ "users.info": () => no("user_not_found") });
    const id = userId("U0FOREIGN");
    expect(await connector.profile({ id, name: "carla" })).toEqual({ name: "carla" });
    expect(await connector.profile({ id })).toEqual({ name: "U0FOREIGN" });
  });

  it("of bots come with their posts, or are asked for", async () => {
    const { connector, asked } = world({ "bots.info": [ok({ bot: { name: "Buildbot" } })] });
    expect(await connector.profile({ id: userId("B0CI"), name: "CI" })).toEqual({ name: "CI" });
    expect(asked).toHaveLength(0);
    expect(await connector.profile({ id: userId("B0BUILD") })).toEqual({ name: "Buildbot" });
  });

  it("are not kept when Slack could not answer", async () => {
    const { connector } = world({
      "users.info": [{ status: 503, body: "" }, ok(user("ali"))],
    });
    const ask = () => connector.profile({ id: userId("U0ALICE") });
    await expect(ask()).rejects.toMatchObject({ outcome: { kind: "later" } });
    expect(await ask()).toMatchObject({ name: "ali" });
  });

  it("are not asked for before Slack wants to be asked again, whoever is in a hurry", async () => {
    const { connector, asked, time } = world({
      "users.info": [{ status: 429, body: "", headers: { "retry-after": "9" } }, ok(user("ali"))],
    });
    const ask = () => connector.profile({ id: userId("U0ALICE") });
    await expect(ask()).rejects.toMatchObject({ outcome: { kind: "later", retryAfterMs: 9_000 } });
    time.now += 4_000;
    await expect(ask()).rejects.toMatchObject({ outcome: { kind: "later", retryAfterMs: 5_000 } });
    expect(asked).toHaveLength(1);
    time.now += 5_000;
    expect(await ask()).toMatchObject({ name: "ali" });
  });

  it("are filled into mentions and links to channels", async () => {
    const { connector } = world({
      "users.info": () => ok(user("ali")),
      "conversations.info": () => ok({ channel: { id: "C0CELLAR", name: "cellar" } }),
    });
    const content: Content = {
      type: "root",
      children: [
        {
          type: "paragraph",
          children: [
            { type: "mention", target: { kind: "user", id: userId("U0ALICE") } },
            { type: "channelLink", channel: channelId("C0CELLAR") },
          ],
        },
      ],
    };
    expect(toText(await connector.label(content))).toBe("@ali#cellar");
  });
});

describe("names in a workspace", () => {
  it("come with the full name and the user name, for the settings that show those", async () => {
    const profile = { display_name: "ali", real_name: "Alice Orchard" };
    const user = { id: "U0ALICE", name: "alice", profile };
    const connector = connectorOf({ "users.info": { user } });
    expect(await connector.profile({ id: userId("U0ALICE") })).toEqual({
      name: "ali",
      fullName: "Alice Orchard",
      userName: "alice",
    });
  });

  it("of the bridge and of Slackbot are for nobody else", async () => {
    const me = { user_id: "U0BRIDGE", bot_id: "B0BRIDGE", user: "relay" };
    const connector = connectorOf({ "auth.test": me });
    connector.remember(await connector.identify());
    expect(connector.ownNames?.()).toEqual(["Slackbot", "relay"]);
  });
});
