/** `slack-app`: the manifest of the Slack app that a configuration needs, and the link that creates it. */
import type { AccountConfig, Config } from "../core/config/config.ts";
import { protocols } from "../protocols/registry.ts";
import { slackManifest } from "../protocols/slack/manifest.ts";

export interface SlackApp {
  readonly account: string;
  /** The variable that takes the app-level token, where the app has Socket Mode. */
  readonly appToken?: string;
  readonly manifest: object;
  /** Opens Slack's "create an app" with everything filled in. */
  readonly link: string;
}

export interface SlackAppOptions {
  /** Where Footbridge runs. */
  readonly baseUrl: string | undefined;
  readonly socketMode: boolean;
  /** Of this account alone, by its id or name. */
  readonly only?: string | undefined;
}

/** Whether an account's app is to have Socket Mode: there is a token for it, or the file keeps a place for one. */
export const hasSocketMode = (account: AccountConfig): boolean =>
  protocols
    .find(({ name }) => name === account.protocol)
    ?.requiredSecrets(account)
    .includes("AppToken") === true;

/** Where Slack sends the events of an account. */
export const eventsUrl = (base: string, name: string): string =>
  `${base.replace(/\/+$/u, "")}/slack/${encodeURIComponent(name)}/events`;

/** Of the accounts in Socket Mode, and of all others where it is known where Footbridge runs. */
export function slackApps(
  config: Config,
  { baseUrl, socketMode, only }: SlackAppOptions,
): SlackApp[] {
  return [...config.accounts.values()]
    .filter(
      ({ protocol, id, name }) =>
        protocol === "slack" && (only === undefined || only === id || only === name),
    )
    .flatMap((account) => {
      const { id, name, envName } = account;
      const bySocket = socketMode || hasSocketMode(account);
      if (!bySocket && baseUrl === undefined) return [];
      const requestUrl = bySocket ? undefined : eventsUrl(baseUrl ?? "", name);
      const manifest = manifestFor(config, account, requestUrl);
      const link = `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest))}`;
      return [
        { account: id, ...(bySocket ? { appToken: envName("AppToken") } : {}), manifest, link },
      ];
    });
}

/** The app that an account needs. */
export const manifestFor = (
  config: Config,
  { settings }: AccountConfig,
  requestUrl: string | undefined,
) =>
  slackManifest({
    name: "Footbridge",
    requestUrl,
    setsTopics: settings.bool("SyncTopic"),
    hearsMembers:
      !settings.bool("NoSendJoinPart") &&
      [...config.accounts.values()].some((each) => each.settings.bool("ShowJoinPart")),
  });
