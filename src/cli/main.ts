/** The command line: `npm run footbridge -- COMMAND`. Exit codes: 0 well, 1 something to mend, 2 wrong use. */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { messageOf } from "../core/errors.ts";
import { protocols } from "../protocols/registry.ts";
import { check } from "./check.ts";
import { configPath } from "./config-path.ts";
import { LoginFailed } from "./matrix-login-api.ts";
import { matrixLogin } from "./matrix-login.ts";
import { isOperation, operate } from "./operate.ts";
import { plan } from "./plan.ts";
import { hasSocketMode, slackApps } from "./slack-app.ts";

const HELP = `Footbridge relays chat between Slack and Gitter.

  npm run footbridge -- check [--deploy]          everything wrong with the configuration, and the secrets it needs
  npm run footbridge -- plan                      who hears whom
  npm run footbridge -- slack-app [ACCOUNT] --url https://... | --socket-mode
                                                  the Slack app to create, as a link; --socket-mode: for a container
                                                  that has no public address
  npm run footbridge -- urls                      where Slack is to send events
  npm run footbridge -- matrix-login SERVER [--account gitter.x] [--password] [--show]
                                                  a token of the bridge's Matrix account: by the browser, or by password
  npm run footbridge -- status                    of a Footbridge that runs: what works, what waits, what is paused and why
  npm run footbridge -- dead-letters [--text]     messages that were given up, and why; --text shows what was said
  npm run footbridge -- replay ID... | --all      sends them once more, with the time at which they were said
  npm run footbridge -- discard ID... | --all     throws them away
  npm run footbridge -- export FILE               moves a bridge: its state into a file, and from then on it relays nothing
  npm run footbridge -- import FILE               gives that to another, which was started with AWAIT_IMPORT=1 and goes on
  npm run footbridge -- resume                    after an export: relays again where it was
  npm run footbridge -- help

  --conf FILE   the configuration (default: FOOTBRIDGE_CONFIG, then ./matterbridge.toml or a container's)
  --json        for programs
  --url URL     where Footbridge runs (default: PUBLIC_URL, then http://127.0.0.1:8080); status, dead-letters, replay
                export and the like ask there with ADMIN_TOKEN from the environment or .dev.vars
`;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    // Matterbridge's own spelling is -conf.
    args: args.map((arg) => arg.replace(/^-conf\b/u, "--conf")),
    allowPositionals: true,
    options: {
      conf: { type: "string" },
      json: { type: "boolean" },
      deploy: { type: "boolean" },
      url: { type: "string" },
      "socket-mode": { type: "boolean" },
      account: { type: "string" },
      password: { type: "boolean" },
      show: { type: "boolean" },
      all: { type: "boolean" },
      text: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  const [command = "help", account] = positionals;
  if (values.help === true || command === "help") {
    print(HELP);
    return 0;
  }
  if (isOperation(command))
    return operate({
      operation: command,
      ids: positionals.slice(1),
      all: values.all === true,
      text: values.text === true,
      json: values.json === true,
      url: values.url,
      env: { ...readDevVars(), ...process.env },
      print,
      complain: (text) => void process.stderr.write(`${text}\n`),
    });
  if (!["check", "plan", "slack-app", "urls", "matrix-login"].includes(command)) {
    process.stderr.write(`There is no command "${command}".\n\n${HELP}`);
    return 2;
  }
  const file = configPath(args, process.env);
  if (command === "matrix-login") return login(positionals[1], file, values);
  if (!existsSync(file)) {
    process.stderr.write(
      `${file} is not there: write one (the template is matterbridge.toml), or name yours with --conf FILE.\n`,
    );
    return 1;
  }
  // Wrangler reads local secrets from .dev.vars; a check here must see what it sees.
  const env = { ...readDevVars(), ...process.env };
  const checked = check({
    file,
    text: readFileSync(file, "utf8"),
    env,
    protocols,
    deploy: values.deploy === true,
  });
  if (command === "check" && values.json === true) {
    print(
      JSON.stringify(
        { ok: checked.ok, problems: checked.lines, missing: checked.missing },
        undefined,
        2,
      ),
    );
    return checked.ok ? 0 : 1;
  }
  if (command === "check" || !checked.ok) {
    for (const { severity, text } of checked.lines)
      print(`${severity === "error" ? "error  " : "warning"} ${text}`);
    if (checked.missing.length > 0) {
      print("\nSecrets that are not set here. For the Worker:");
      for (const name of checked.missing) print(`  npx wrangler secret put ${name}`);
      print("For the container they are environment variables of the same names.");
    }
    print(
      checked.ok
        ? "\nThe configuration is good."
        : "\nThe configuration cannot be used yet: mend the errors above.",
    );
    if (command === "check" || !checked.ok) return checked.ok ? 0 : 1;
  }
  const { config } = checked;
  if (config === undefined) return 1;
  switch (command) {
    case "plan":
      for (const line of plan(config)) print(line);
      return 0;
    case "urls": {
      const base = values.url ?? process.env["PUBLIC_URL"] ?? "https://<your Worker's address>";
      for (const account of config.accounts.values())
        if (account.protocol === "slack")
          print(
            hasSocketMode(account, false)
              ? `${account.id} has Socket Mode and needs no Events URL.`
              : `Events URL of ${account.id}: ${base.replace(/\/+$/u, "")}/slack/${encodeURIComponent(account.name)}/events`,
          );
      return 0;
    }
    default: {
      const baseUrl = values.url ?? process.env["PUBLIC_URL"];
      const socketMode = values["socket-mode"] === true;
      const apps = slackApps(config, { baseUrl, socketMode, only: account });
      if (apps.length === 0 && baseUrl === undefined && !socketMode) {
        process.stderr.write(
          "Where does Footbridge run? Add --url https://footbridge.<your-subdomain>.workers.dev (npm run deploy prints it), or --socket-mode for a container without a public address.\n",
        );
        return 2;
      }
      if (values.json === true) print(JSON.stringify(apps, undefined, 2));
      else
        for (const app of apps) {
          print(
            `${app.account}: open this link, choose the workspace, create the app, then "Install to Workspace":\n\n${app.link}\n`,
          );
          if (app.appToken !== undefined)
            print(
              `Then make the token that opens its connection: Basic Information, App-Level Tokens, Generate Token and Scopes, with the scope connections:write; it begins with xapp- and goes into ${app.appToken}.\n`,
            );
          print(
            `The same as a manifest, to paste by hand:\n\n${JSON.stringify(app.manifest, undefined, 2)}\n`,
          );
        }
      if (apps.length > 0) return 0;
      process.stderr.write("No enabled gateway uses a Slack account of that name.\n");
      return 1;
    }
  }
}

async function login(
  server: string | undefined,
  file: string,
  values: { readonly account?: string; readonly password?: boolean; readonly show?: boolean },
): Promise<number> {
  if (server === undefined) {
    process.stderr.write(
      "Which homeserver? Write: npm run footbridge -- matrix-login https://matrix.org\n",
    );
    return 2;
  }
  try {
    await matrixLogin({
      server,
      file,
      account: values.account,
      password: values.password === true,
      show: values.show === true,
      env: { ...readDevVars(), ...process.env },
      protocols,
      terminal: {
        input: process.stdin,
        interactive: process.stdin.isTTY,
        write: (text) => void process.stdout.write(text),
      },
      print,
    });
    return 0;
  } catch (error) {
    if (!(error instanceof LoginFailed)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function readDevVars(): Record<string, string> {
  if (!existsSync(".dev.vars")) return {};
  const pairs = [
    ...readFileSync(".dev.vars", "utf8").matchAll(
      /^[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*"?([^"\r\n]*)"?[ \t]*\r?$/gmu,
    ),
  ];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n\n${HELP}`);
  process.exitCode = 2;
}
