/** A workspace as `check --live` sees it: the token, its scopes by name, each channel; and services of Gitter's own API. */
import type { Connector } from "../core/ports.ts";
import { absent, type Asked, failed, type Finding } from "./finding.ts";
import { callOut, connectTo, type Watch, watch } from "./live-http.ts";
import { hasSocketMode, manifestFor } from "./slack-app.ts";
import { nearest } from "../core/config/nearest.ts";

/** What is lost without a scope; without those that are not named here, the account stands still. */
const LOST: Readonly<Record<string, string>> = {
  "chat:write.customize": "names and faces are not shown, all posts look like the bot's",
  "channels:join": "the bot joins no channel by itself",
  "groups:history": "private channels are not read",
  "files:read": "no files go out of Slack",
  "files:write": "no files come into Slack",
  "reactions:read": "no reactions go out of Slack",
  "reactions:write": "no reactions come into Slack",
  "channels:write.topic": "topics of public channels are not set",
  "groups:write.topic": "topics of private channels are not set",
};

export async function* askSlack(asked: Asked): AsyncGenerator<Finding> {
  const { account, channels, clock } = asked;
  const where = account.id;
  if (account.settings.secret("Token") === undefined)
    return void (yield absent(where, account.envName("Token")));
  const seen = watch(true);
  const connector = connectTo(account, seen.http, clock);
  const identity = await connector.identify();
  connector.remember(identity);
  const { name: bot = "footbridge" } = JSON.parse(identity) as { readonly name?: string };
  yield { state: "ok", where, what: `the Token works; the bot is @${bot}` };
  yield* scopesOf(asked, seen);
  for (const name of channels) yield await channelOf(connector, seen, where, name, bot);
  if (hasSocketMode(account)) yield await socketOf(asked);
}

function* scopesOf({ config, account }: Asked, { answers }: Watch): Generator<Finding> {
  const where = account.id;
  const granted = answers[0]?.answer.header("x-oauth-scopes") ?? undefined;
  if (granted === undefined)
    return yield {
      state: "skipped",
      where,
      what: "the scopes are not known: Slack did not tell them",
    };
  const has = new Set(granted.split(",").map((scope) => scope.trim()));
  const { bot } = manifestFor(config, account, undefined).oauth_config.scopes;
  const lacks = bot.filter((scope) => !has.has(scope));
  const fix = (scopes: readonly string[]): string =>
    `at https://api.slack.com/apps choose the app, OAuth & Permissions, Bot Token Scopes: add ${scopes.join(", ")}, then press "Reinstall to Workspace"`;
  const [needed, wanted] = [
    lacks.filter((scope) => LOST[scope] === undefined),
    lacks.filter((scope) => LOST[scope] !== undefined),
  ];
  if (needed.length > 0)
    yield {
      state: "error",
      where,
      what: `the app lacks the scope${needed.length > 1 ? "s" : ""} ${needed.join(", ")}`,
      fix: fix(lacks),
    };
  if (wanted.length > 0) {
    const losses = wanted.map((scope) => `${scope} (${LOST[scope]})`).join(", ");
    yield {
      state: "warning",
      where,
      what: `the app lacks ${losses}`,
      // One way to mend both.
      ...(needed.length > 0 ? {} : { fix: fix(wanted) }),
    };
  }
  if (lacks.length === 0)
    yield { state: "ok", where, what: `all ${bot.length} scopes are granted` };
}

async function channelOf(
  connector: Connector,
  seen: Watch,
  account: string,
  name: string,
  bot: string,
): Promise<Finding> {
  const where = `${account} #${name.replace(/^#/u, "")}`;
  const before = seen.held.length;
  const found = await connector.resolve(name);
  if (found.kind === "found") return { state: "ok", where, what: "the bot is in it" };
  if (seen.held.length > before)
    return { state: "ok", where, what: "is public: the bot joins it by itself" };
  if (found.kind === "later") return failed(where, new Error(found.reason));
  const near = nearestChannel(seen, name);
  return {
    state: "error",
    where,
    what: found.reason,
    fix:
      near === undefined || !found.reason.startsWith("there is no")
        ? (inviteOf(found.reason, name, bot) ?? found.fix)
        : `did you mean channel="${near}"?`,
  };
}

/** The exact words, where an invitation is what is missing. */
const inviteOf = (reason: string, name: string, bot: string): string | undefined =>
  /^there is no public|not in the private|not_in_channel|channel_not_found/u.test(reason)
    ? `invite the bot: /invite @${bot} in ${name.startsWith("ID:") ? "that channel" : `#${name.replace(/^#/u, "")}`}; if there is no such channel, mend its name in the gateway`
    : undefined;

/** A channel that Slack has told of, and that is written nearly so. */
function nearestChannel({ answers }: Watch, name: string): string | undefined {
  const names = answers.flatMap(({ request, answer }) => {
    if (!request.url.endsWith("/conversations.list")) return [];
    const { channels } = JSON.parse(answer.body) as { readonly channels?: unknown };
    return Array.isArray(channels)
      ? channels.flatMap((each: { readonly name?: unknown }) =>
          typeof each.name === "string" ? [each.name] : [],
        )
      : [];
  });
  return nearest(name.replace(/^#/u, ""), names, 2);
}

/** Whether the app-level token may open a connection. None is opened. */
async function socketOf({ account }: Asked): Promise<Finding> {
  const where = account.id;
  const api = (account.settings.string("APIURL") ?? "").replace(/\/*$/u, "/");
  const token = account.settings.secret("AppToken");
  if (token === undefined) return absent(where, account.envName("AppToken"));
  try {
    const { body } = await callOut({
      method: "POST",
      url: `${api}apps.connections.open`,
      headers: {
        authorization: `Bearer ${token.reveal()}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "",
    });
    const { ok, error } = JSON.parse(body) as { readonly ok?: unknown; readonly error?: unknown };
    if (ok === true) return { state: "ok", where, what: "the AppToken opens connections" };
    return {
      state: "error",
      where,
      what: `the AppToken opens no connection: ${String(error)}`,
      fix: `at https://api.slack.com/apps choose the app, Basic Information, App-Level Tokens: make one with the scope connections:write, and set ${account.envName("AppToken")} to it; Socket Mode has to be on`,
    };
  } catch (error) {
    return failed(where, error);
  }
}

/** A service of Gitter's own API. */
export async function* askGitter({ account, channels, clock }: Asked): AsyncGenerator<Finding> {
  if (account.settings.secret("Token") === undefined)
    return void (yield absent(account.id, account.envName("Token")));
  const seen = watch(true);
  const connector = connectTo(account, seen.http, clock);
  connector.remember(await connector.identify());
  yield { state: "ok", where: account.id, what: "the Token works" };
  for (const name of channels) {
    const where = `${account.id} ${name}`;
    const before = seen.held.length;
    const found = await connector.resolve(name);
    if (found.kind === "found" || seen.held.length > before)
      yield {
        state: "ok",
        where,
        what: found.kind === "found" ? "joined" : "is joined at the start",
      };
    else if (found.kind === "later") yield failed(where, new Error(found.reason));
    else yield { state: "error", where, what: found.reason, fix: found.fix };
  }
}
