/** The door of the Slack connector. */
import type { AccountConfig, ConnectorDeps, Protocol } from "../../core/config/config.ts";
import { type Connector } from "../../core/ports.ts";
import { refuse, unlessHung } from "../call.ts";
import { createPages } from "../../core/pages.ts";
import { createAskAddress } from "./address.ts";
import { createClient, DEFAULT_API, type Json } from "./client.ts";
import { checkMember, checkSlack, hasSocketMode, slackKeys } from "./config.ts";
import { createDirectory } from "./directory.ts";
import { createFiles } from "./files.ts";
import { readHistory } from "./history.ts";
import { type Identity, parseIdentity } from "./identity.ts";
import { messageId } from "../../core/ids.ts";
import { positionOf, tsAt, tsMs } from "./ids.ts";
import { normalize } from "./normalize.ts";
import { readSaid } from "./said.ts";
import { heedLimits } from "./limits.ts";
import { find, POST, removes, render, send } from "./send.ts";
import { runSocket } from "./socket.ts";
import { createUploads, NOTHING, REMOVE_FILE, UPLOAD } from "./uploads.ts";
import { createWebhook } from "./webhook.ts";

function connect(account: AccountConfig, deps: ConnectorDeps): Connector {
  const unlimited = createClient(account, deps.http);
  const client = { ...unlimited, read: heedLimits(unlimited.read, deps.clock) };
  const asking = { ...client, read: unlessHung(deps.clock, client.read, refuse) };
  const pages = createPages<Json>(deps.clock);
  const directory = createDirectory(asking, deps.clock);
  const files = createFiles(
    asking,
    account.settings.string("APIURL") ?? DEFAULT_API,
    () => account.settings.secret("Token")?.reveal() ?? "",
  );
  let identity: Identity | undefined;
  const uploads = createUploads({
    client,
    files,
    carry: deps.carry,
    clock: deps.clock,
    identity: () => identity,
    post: (args, key) => send(client, { method: POST, args }, key, deps.instance),
  });
  return {
    account: account.id,
    protocol: "slack",
    reacts: true,
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
    normalize: (raw) => uploads.known(normalize(account.id, identity, raw)),
    normalizeItem: () => [],
    history: (channel, since, cursor, alive) =>
      readHistory(
        client,
        { account: account.id, channel, identity, now: deps.clock() },
        since,
        cursor,
        alive,
      ),
    saidAt: tsMs,
    now: (clock) => positionOf(tsAt(clock)),
    profile: directory.profile,
    said: (channel, message) => readSaid(asking, channel, message),
    describe: files.describe,
    file: files.locate,
    label: directory.label,
    render: (outgoing, plainOnly) => render(account, outgoing, plainOnly),
    posts: (call) => call["method"] === POST || call["method"] === UPLOAD,
    removes,
    carries: uploads.carries,
    async call(call, key, tries = 0, sure) {
      switch (call["method"]) {
        case UPLOAD:
          return uploads.upload(call, key, tries, sure);
        case REMOVE_FILE:
          return uploads.remove(call["args"] as Json);
        case NOTHING:
          return { kind: "done" };
        default:
          return send(client, call, key, deps.instance);
      }
    },
    async find(call, key, span, known) {
      if (uploads.carries(call) === undefined)
        return find(client, pages, call, key, span, undefined, identity);
      const message = await uploads.shared(call, key);
      if (message !== undefined) return message;
      const isShare = async (raw: Json): Promise<boolean> =>
        uploads.isShare(call, raw) && !(await known(messageId(String(raw["ts"]))));
      return find(client, pages, call, key, span, isShare, identity);
    },
    ...eventsOf(account, deps),
  };
}

/** By webhook, or by Socket Mode where the account has an app-level token. */
function eventsOf(
  account: AccountConfig,
  deps: ConnectorDeps,
): Pick<Connector, "webhook" | "source"> {
  if (account.settings.secret("AppToken") === undefined)
    return { webhook: createWebhook(account, deps) };
  // A Worker's object is not to be held awake by a connection, and its address is public anyway.
  if (!deps.longLived)
    return {
      webhook: async () => ({
        kind: "refuse",
        status: 503,
        reason: `${account.id}: Socket Mode (AppToken) works in the container only: set ${account.envName("SigningSecret")} in its place, and switch Socket Mode off in the Slack app`,
      }),
    };
  const askAddress = createAskAddress(account, deps.http);
  return { source: { kind: "socket", run: (io) => runSocket(askAddress, io) } };
}

export const slack: Protocol = {
  name: "slack",
  keys: slackKeys,
  check: checkSlack,
  checkUser: checkMember,
  connect,
  requiredSecrets: (account) => ["Token", hasSocketMode(account) ? "AppToken" : "SigningSecret"],
};
