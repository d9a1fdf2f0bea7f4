/** `plan` and `urls`: what a configuration comes to. */
import { goodConfig } from "./check-command.ts";
import type { Command } from "./command.ts";
import { envOf } from "./open-config.ts";
import { plan } from "./plan.ts";
import { eventsUrl, hasSocketMode } from "./slack-app.ts";

export const planCommand: Command = {
  name: "plan",
  usage: "",
  summary: "who hears whom",
  async run(given, io) {
    const config = goodConfig(given, io);
    if (config === undefined) return 1;
    const lines = plan(config);
    if (given.flag("json")) io.print(JSON.stringify(lines, undefined, 2));
    else for (const line of lines) io.print(line);
    return 0;
  },
};

export const urlsCommand: Command = {
  name: "urls",
  usage: "[--url URL]",
  summary: "where Slack is to send events",
  options: { "url URL": "where Footbridge runs (else PUBLIC_URL)" },
  async run(given, io) {
    const config = goodConfig(given, io);
    if (config === undefined) return 1;
    const base =
      given.text("url") ?? (envOf(io)["PUBLIC_URL"] || "https://<your Worker's address>");
    const urls = [...config.accounts.values()]
      .filter(({ protocol }) => protocol === "slack")
      .map((account) => ({
        account: account.id,
        url: hasSocketMode(account) ? undefined : eventsUrl(base, account.name),
      }));
    if (given.flag("json")) io.print(JSON.stringify(urls, undefined, 2));
    else
      for (const { account, url } of urls)
        io.print(
          url === undefined
            ? `${account} has Socket Mode and needs no Events URL.`
            : `Events URL of ${account}: ${url}`,
        );
    return 0;
  },
};
