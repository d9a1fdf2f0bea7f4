/** `init` as a command: a few questions, `matterbridge.toml` and `.dev.vars`, and the link to the Slack app. */
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { messageOf } from "../core/errors.ts";
import { loadConfig } from "../core/config/load.ts";
import { isExampleSecret } from "../core/config/template.ts";
import { protocols } from "../protocols/registry.ts";
import type { Command, Io } from "./command.ts";
import { DEV_VARS, parseVars, quoted, withVariable } from "./dev-vars.ts";
import { ask, MATRIX } from "./init-ask.ts";
import { type Answers, configText, type Variable, variablesOf } from "./init.ts";
import { slackApps } from "./slack-app.ts";

export const initCommand: Command = {
  name: "init",
  usage: "",
  summary:
    "asks four questions, writes matterbridge.toml and .dev.vars, gives the Slack app's link",
  options: {
    "slack-channel NAME": "without #, or ID:C0123456789",
    "room ROOM": "org/room at Gitter, or #room:server at Matrix",
    "server URL": `homeserver of the bridge's Matrix account (default ${MATRIX})`,
    "team NAME": "what the Slack account is called in the configuration (default myteam)",
    "url URL": "where Footbridge will run",
    "socket-mode": "a container without a public address",
  },
  notes:
    "With --slack-channel and --room it asks nothing. It never overwrites what you have written.",
  async run(given, io) {
    const file = given.text("conf") ?? "matterbridge.toml";
    const at = resolve(io.folder, file);
    if (existsSync(at) && !isTemplate(readFileSync(at, "utf8"))) {
      io.complain(
        `${file} is there already, and it is no longer the template: nothing was written. Move it away, or name another with --conf FILE.`,
      );
      return 1;
    }
    const answers = await ask(given, io);
    if (answers === undefined) {
      io.complain("Cancelled: nothing was written.");
      return 1;
    }
    const text = configText(answers);
    const { config, problems } = loadConfig(text, {}, protocols);
    const wrong = problems.filter(({ severity }) => severity === "error");
    if (config === undefined) {
      for (const { what, fix } of wrong) io.complain(`${what}: ${fix}`);
      io.complain("Nothing was written.");
      return 1;
    }
    let added: readonly string[];
    try {
      // First, as a second `init` adds what is missing here, but takes the place of no configuration.
      added = addVariables(
        resolve(io.folder, DEV_VARS),
        variablesOf(answers, randomBytes(24).toString("base64url")),
      );
    } catch (error) {
      io.complain(`${DEV_VARS} cannot be written: ${messageOf(error)}. Nothing was written.`);
      return 1;
    }
    writeFileSync(at, text);
    const { url: baseUrl, socketMode } = answers;
    const [app] = slackApps(config, { baseUrl, socketMode });
    if (given.flag("json")) {
      io.print(
        JSON.stringify({ file, variables: added, slackApp: app?.link ?? null }, undefined, 2),
      );
      return 0;
    }
    io.print(
      io.paint("green", `\n${file} is written, and in ${DEV_VARS} a place for each secret.`),
    );
    for (const line of nextSteps(answers, file, app?.link, io)) io.print(line);
    return 0;
  },
};

/** SHA-256 of `matterbridge.toml` as it comes: the file itself is what is written over. */
const TEMPLATE = "5e80c897231ed6c23f6f336f91f3f8f5cb2ce535ccf466b9a24cb25f592f08f9";

/** Whether nobody has written anything into it yet, not even a comment. */
const isTemplate = (text: string): boolean =>
  createHash("sha256").update(text.replaceAll("\r\n", "\n")).digest("hex") === TEMPLATE;

/**
 * Adds what is not there; what is there stays, but where it is nothing and there is something better. Returns the names
 * that were added.
 */
function addVariables(file: string, variables: readonly Variable[]): readonly string[] {
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const known = parseVars(before);
  const added = variables.filter(({ name }) => known[name] === undefined);
  const empty = variables.filter(({ name, value }) => value !== "" && isUnset(known[name]));
  const kept = empty.reduce(
    (text, { name, value }) => withVariable(text, name, quoted(value) ?? ""),
    before,
  );
  const lines = added.map(
    ({ name, value, comment }) => `# ${comment}\n${name}=${quoted(value) ?? ""}\n`,
  );
  const mode = 0o600;
  const end = kept === "" || kept.endsWith("\n") ? "" : "\n";
  if (existsSync(file)) chmodSync(file, mode);
  writeFileSync(file, kept + end + lines.join(""), { mode });
  return added.map(({ name }) => name);
}

/** There, and still to be filled in. */
const isUnset = (value: string | undefined): boolean =>
  value !== undefined && (value === "" || isExampleSecret(value));

/** With the secrets of `.dev.vars`, by the Node that `npm ci` brought along where it did. */
const start = (file: string): string =>
  `npx -c "node --env-file=${DEV_VARS} src/hosts/node/main.ts${file === "matterbridge.toml" ? "" : ` --conf ${file}`}"`;

function nextSteps(
  answers: Answers,
  file: string,
  link: string | undefined,
  io: Io,
): readonly string[] {
  const { server, socketMode, url } = answers;
  const deploy = socketMode
    ? [`Start it with these secrets: ${start(file)}`]
    : [
        "Deploy: npx wrangler login, then npm run deploy",
        `Give it the secrets: npx wrangler secret bulk ${DEV_VARS}`,
      ];
  const app =
    link === undefined
      ? [
          "Create the Slack app: npm run footbridge -- slack-app --url <the address that the deploy prints>",
        ]
      : [
          `Create the Slack app by this link, and install it to your workspace:\n     ${io.paint("cyan", link)}`,
        ];
  const fill = `Write its token${socketMode ? "s" : " and Signing Secret"} into ${DEV_VARS}, where comments say what goes where`;
  const login = `Log the Matrix account in: npm run footbridge -- matrix-login ${server}`;
  const check = `Check it all: npm run footbridge -- check --live${socketMode || url !== undefined ? "" : " --url <that address>"}`;
  const steps =
    link === undefined
      ? [login, deploy[0]!, ...app, fill, ...deploy.slice(1), check]
      : [...app, fill, login, ...deploy, check];
  return ["Next:", ...steps.map((step, index) => `  ${index + 1}. ${step}`)];
}
