/** `slack-app`: prints the Slack app to create, as a link and as a manifest. */
import { goodConfig } from "./check-command.ts";
import type { Command, Io } from "./command.ts";
import { envOf } from "./open-config.ts";
import { type SlackApp, slackApps } from "./slack-app.ts";

export const slackAppCommand: Command = {
  name: "slack-app",
  usage: "[ACCOUNT] --url https://... | --socket-mode",
  summary: "the Slack app to create, as a link that fills everything in",
  options: {
    "url URL": "where Footbridge runs (else PUBLIC_URL); npm run deploy prints it",
    "socket-mode": "for a container that has no public address",
  },
  async run(given, io) {
    const config = goodConfig(given, io);
    if (config === undefined) return 1;
    const baseUrl = given.text("url") ?? (envOf(io)["PUBLIC_URL"] || undefined);
    const socketMode = given.flag("socket-mode");
    const apps = slackApps(config, { baseUrl, socketMode, only: given.words[0] });
    if (apps.length === 0 && baseUrl === undefined && !socketMode) {
      io.complain(
        "Where does Footbridge run? Add --url https://footbridge.<your-subdomain>.workers.dev (npm run deploy prints it), or --socket-mode for a container without a public address.",
      );
      return 2;
    }
    if (given.flag("json")) io.print(JSON.stringify(apps, undefined, 2));
    else for (const app of apps) tellApp(app, io);
    if (apps.length > 0) return 0;
    io.complain("No enabled gateway uses a Slack account of that name.");
    return 1;
  },
};

function tellApp({ account, link, appToken, manifest }: SlackApp, io: Io): void {
  io.print(
    `${account}: open this link, choose the workspace, create the app, then "Install to Workspace":\n\n${io.paint("cyan", link)}\n`,
  );
  if (appToken !== undefined)
    io.print(
      `Then make the token that opens its connection: Basic Information, App-Level Tokens, Generate Token and Scopes, with the scope connections:write; it begins with xapp- and goes into ${appToken}.\n`,
    );
  io.print(
    `The same as a manifest, to paste by hand:\n\n${JSON.stringify(manifest, undefined, 2)}\n`,
  );
}
