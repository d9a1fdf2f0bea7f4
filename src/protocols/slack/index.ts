/** The door of the Slack connector. */
import type { AccountConfig, ConnectorDeps, Protocol } from "../../core/config/config.ts";
import { type Connector } from "../../core/ports.ts";
import { createClient } from "./client.ts";
import { checkMember, checkSlack, slackKeys } from "./config.ts";
import { createDirectory } from "./directory.ts";
import { readHistory } from "./history.ts";
import { type Identity, parseIdentity } from "./identity.ts";
import { positionOf, tsAt } from "./ids.ts";
import { normalize } from "./normalize.ts";
import { readSaid } from "./said.ts";
import { find, POST, removes, render, send } from "./send.ts";
import { createWebhook } from "./webhook.ts";

function connect(account: AccountConfig, deps: ConnectorDeps): Connector {
  const client = createClient(account, deps.http);
  const directory = createDirectory(client, deps.clock);
  let identity: Identity | undefined;
  return {
    account: account.id,
    protocol: "slack",
    sendIntervalMs: account.settings.int("SendInterval") ?? 1000,
    async identify() {
      const body = await client.read("auth.test", {});
      return JSON.stringify({
        user: body["user_id"],
        name: body["user"],
        bot: body["bot_id"],
        team: body["team_id"],
      });
    },
    remember(text) {
      identity = parseIdentity(text);
    },
    // Slackbot speaks for the service itself.
    ownNames: () => ["Slackbot", ...(identity?.name === undefined ? [] : [identity.name])],
    resolve: directory.resolve,
    normalize: (raw) => normalize(account.id, identity, raw),
    normalizeItem: () => [],
    history: (channel, since, cursor) =>
      readHistory(client, { account: account.id, channel, identity }, since, cursor),
    now: (clock) => positionOf(tsAt(clock)),
    profile: directory.profile,
    said: (channel, message) => readSaid(client, channel, message),
    label: directory.label,
    render: (outgoing, plainOnly) => render(account, outgoing, plainOnly),
    posts: (call) => call["method"] === POST,
    removes,
    call: (call, key) => send(client, call, key, deps.instance),
    find: (call, key, after) => find(client, call, key, after),
    webhook: createWebhook(account, deps),
  };
}

export const slack: Protocol = {
  name: "slack",
  keys: slackKeys,
  check: checkSlack,
  checkUser: checkMember,
  connect,
  requiredSecrets: () => ["Token", "SigningSecret"],
};
