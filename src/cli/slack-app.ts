/** `slack-app`: the manifest of the Slack app that a configuration needs, and the link that creates it. */
import type { Config } from "../core/config/config.ts";
import { slackManifest } from "../protocols/slack/manifest.ts";

export interface SlackApp {
  readonly account: string;
  readonly manifest: object;
  /** Opens Slack's "create an app" with everything filled in. */
  readonly link: string;
}

export function slackApps(config: Config, baseUrl: string, only?: string): SlackApp[] {
  return [...config.accounts.values()]
    .filter(
      ({ protocol, id, name }) =>
        protocol === "slack" && (only === undefined || only === id || only === name),
    )
    .map(({ id, name, settings }) => {
      const manifest = slackManifest({
        name: "Footbridge",
        requestUrl: `${baseUrl.replace(/\/+$/u, "")}/slack/${encodeURIComponent(name)}/events`,
        setsTopics: settings.bool("SyncTopic"),
        hearsMembers:
          !settings.bool("NoSendJoinPart") &&
          [...config.accounts.values()].some((each) => each.settings.bool("ShowJoinPart")),
      });
      const link = `https://api.slack.com/apps?new_app=1&manifest_json=${encodeURIComponent(JSON.stringify(manifest))}`;
      return { account: id, manifest, link };
    });
}
