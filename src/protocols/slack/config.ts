/** The `[slack.*]` settings. */
import type { AccountConfig, KeySpec } from "../../core/config/config.ts";
import type { Problem } from "../../core/errors.ts";

const leftover = (name: string, unsupported: string): KeySpec => ({
  name,
  type: "string",
  doc: "",
  unsupported,
});

export const slackKeys: readonly KeySpec[] = [
  { name: "Token", type: "secret", doc: "Bot User OAuth Token of the Slack app, xoxb-..." },
  {
    name: "SigningSecret",
    type: "secrets",
    doc: "Signing Secret of the Slack app; a list while it is being rotated.",
  },
  {
    name: "AppToken",
    type: "secret",
    doc: "App-level token of the Slack app, xapp-..., with the scope connections:write: Socket Mode, in the container, in place of SigningSecret.",
  },
  {
    name: "APIURL",
    type: "string",
    default: "https://slack.com/api/",
    doc: "Base address of the Web API.",
  },
  {
    name: "SendInterval",
    type: "int",
    default: 1000,
    doc: "Milliseconds between posts in one channel after a burst of 5. Slack asks for one a second.",
  },
  {
    name: "UseUserName",
    type: "bool",
    doc: "Show people by their user name, which is unique in the workspace, in place of the display name.",
  },
  leftover("WebhookURL", "messages are posted with the bot's Token"),
  leftover("WebhookBindAddress", "events come from Slack's Events API, see SigningSecret"),
  leftover("BindAddress", "events come from Slack's Events API, see SigningSecret"),
  leftover("URL", "it was never used"),
  leftover("UseAPI", "it was never used"),
  leftover("NickFormatter", "it was never used"),
  leftover("NicksPerRow", "it was never used"),
];

/** A person's id in a workspace or in an organisation of several. */
export const isMemberId = (id: string): boolean => /^[UW][A-Z0-9]{2,}$/u.test(id);

export const checkMember = (_account: AccountConfig, id: string): string | undefined =>
  isMemberId(id)
    ? undefined
    : "write the member id, like U0123456789 (in Slack: the profile's menu, Copy member ID)";

export function checkSlack(
  account: AccountConfig,
  channels: readonly string[],
): readonly Problem[] {
  const where = `[${account.id}]`;
  const problems: Problem[] = channels
    .filter((channel) => channel.startsWith("#"))
    .map((channel) => ({
      severity: "warning",
      where,
      what: `the channel is written "${channel}"`,
      fix: `write it without the "#": "${channel.slice(1)}"`,
      path: [],
    }));
  const token = account.settings.secret("Token")?.reveal() ?? "";
  if (token !== "" && /^xox[ps]-|^xapp-/u.test(token))
    problems.push({
      severity: "error",
      where,
      what: "Token is not a bot token",
      fix: "use the Bot User OAuth Token of the app, xoxb-...",
      path: ["Token"],
    });
  problems.push(...checkSocketMode(account));
  const api = account.settings.string("APIURL");
  if (api !== undefined && !/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/iu.test(api))
    problems.push({
      severity: "error",
      where,
      what: "APIURL is not a base URL (no name, password, ? or # belongs in it)",
      fix: "write https://slack.com/api/, or leave it out",
      path: ["APIURL"],
    });
  else if (api !== undefined && /^http:\/\/(?!localhost|127\.|\[::1\])/iu.test(api))
    problems.push({
      severity: "warning",
      where,
      what: "APIURL is not https: the token can be read on the way",
      fix: "write https://",
      path: ["APIURL"],
    });
  if ((account.settings.int("SendInterval") ?? 0) < 0)
    problems.push({
      severity: "error",
      where,
      what: "SendInterval is negative",
      fix: "write 0 or more milliseconds",
      path: ["SendInterval"],
    });
  return problems;
}

/** Whether an app has Socket Mode: there is a token for it, or the file keeps a place for one. */
export const hasSocketMode = ({ settings, names }: AccountConfig): boolean =>
  settings.secret("AppToken") !== undefined ||
  (names("AppToken") && settings.secrets("SigningSecret").length === 0);

/** An app has its events by HTTP or by Socket Mode: while the one is on, the other brings nothing. */
function checkSocketMode(account: AccountConfig): readonly Problem[] {
  if (!hasSocketMode(account)) return [];
  const token = account.settings.secret("AppToken")?.reveal() ?? "";
  const problem = { where: `[${account.id}]`, path: ["AppToken"] };
  const problems: Problem[] = [];
  if (token !== "" && !token.startsWith("xapp-"))
    problems.push({
      ...problem,
      severity: "error",
      what: "AppToken is not an app-level token",
      fix: "use one of the app's App-Level Tokens, xapp-..., with the scope connections:write",
    });
  if (token !== "" && account.settings.secrets("SigningSecret").length > 0)
    problems.push({
      ...problem,
      severity: "error",
      what: "AppToken and SigningSecret are both set, but Slack sends events one way only",
      fix: "keep AppToken for Socket Mode (in the container, without a public address), or SigningSecret for webhooks",
    });
  problems.push({
    ...problem,
    severity: "warning",
    worker: "error",
    what: "AppToken (Socket Mode) works in the container only",
    fix: `for a Worker set ${account.envName("SigningSecret")} in its place, and switch Socket Mode off in the Slack app`,
  });
  return problems;
}
