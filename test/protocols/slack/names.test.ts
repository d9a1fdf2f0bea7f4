/** What people and the bridge itself are called in a workspace. */
import { describe, expect, it } from "vitest";

import { userId } from "../../../src/core/ids.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
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
