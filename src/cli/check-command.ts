/** `check`, and what it prints; the other commands begin with it where they need a configuration that is good. */
import type { Config } from "../core/config/config.ts";
import { LITERAL_SECRET } from "../core/config/literal-secrets.ts";
import { type Command, type Given, type Io, Misuse } from "./command.ts";
import type { Finding } from "./finding.ts";
import { checkLive } from "./live.ts";
import { hasSocketMode } from "./slack-app.ts";
import { type Opened, openConfig } from "./open-config.ts";

export const checkCommand: Command = {
  name: "check",
  usage: "[--deploy | --live]",
  summary:
    "everything wrong with the configuration, and the secrets it needs; --live asks the services too",
  options: {
    deploy: "as before a deploy: secrets in the file and the template are errors",
    live: "asks Slack, the homeserver and the Footbridge that runs; changes and posts nothing",
    "url URL": "with --live: where Footbridge runs (else PUBLIC_URL)",
    "probe CHANNEL":
      "with --live, as in slack.myteam/test: posts a message there, changes and deletes it again, and tells whether the service does what Footbridge builds on",
  },
  notes:
    "--live needs the secrets here, in the environment or in .dev.vars. It joins no channel and logs nobody in.",
  async run(given, io) {
    const live = given.flag("live") || given.text("probe") !== undefined;
    if (given.text("url") !== undefined && !live)
      throw new Misuse("--url is for --live: add that, or leave it out.");
    const opened = openConfig(given, io, given.flag("deploy"));
    if (opened === undefined) return 1;
    if (given.flag("json")) return printJson(opened, live, given, io);
    tell(opened, given.flag("deploy"), io);
    if (opened.config === undefined || !opened.ok || !live) return opened.ok ? 0 : 1;
    io.print("");
    const found = await look(opened.config, given, io, opened, (finding) => {
      io.progress?.("");
      for (const line of linesOf(finding, io)) io.print(line);
    });
    io.print(`\n${summaryOf(found, io)}`);
    return isWell(found) ? 0 : 1;
  },
};

/** The configuration of a command that needs a good one; undefined, and said why, where it is not. */
export function goodConfig(given: Given, io: Io): Config | undefined {
  const opened = openConfig(given, io);
  if (opened !== undefined && !opened.ok)
    if (given.flag("json")) io.print(JSON.stringify(jsonOf(opened), undefined, 2));
    else tell(opened, false, io);
  return opened?.ok === true ? opened.config : undefined;
}

const jsonOf = ({ ok, lines: problems, missing }: Opened) => ({ ok, problems, missing });

async function printJson(opened: Opened, live: boolean, given: Given, io: Io): Promise<number> {
  const { ok, config } = opened;
  const found =
    live && ok && config !== undefined ? await look(config, given, io, opened) : undefined;
  const well = ok && isWell(found ?? []);
  const all = { ...jsonOf(opened), ok: well, ...(found === undefined ? {} : { live: found }) };
  io.print(JSON.stringify(all, undefined, 2));
  return well ? 0 : 1;
}

async function look(
  config: Config,
  given: Given,
  io: Io,
  { env }: Opened,
  tellOne: (finding: Finding) => void = () => undefined,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const begin = (what: string): void => {
    if (!given.flag("json")) io.progress?.(io.paint("dim", `${what} ...`));
  };
  const url = given.text("url") ?? (env["PUBLIC_URL"] || undefined);
  const probe = given.text("probe");
  for await (const finding of checkLive(config, { url, probe, clock: io.clock, begin })) {
    found.push(finding);
    tellOne(finding);
  }
  return found;
}

/** What could not be found out is not well: it may be broken. */
const isWell = (found: readonly Finding[]): boolean =>
  found.every(({ state }) => state !== "error" && state !== "unknown");

function summaryOf(found: readonly Finding[], { paint }: Io): string {
  const count = (state: Finding["state"]): number =>
    found.filter((each) => each.state === state).length;
  const [bad, unknown] = [count("error"), count("unknown")];
  if (bad + unknown === 0) return paint("green", "All that was asked works.");
  const said = [
    ...(bad > 0 ? [`${bad} to mend: each line above says how.`] : []),
    ...(unknown > 0 ? [`${unknown} could not be found out.`] : []),
  ];
  return paint("red", said.join(" "));
}

const MARKS: Readonly<Record<Finding["state"], string>> = {
  ok: "ok     ",
  warning: "warning",
  error: "error  ",
  unknown: "unknown",
  skipped: "skipped",
};
const COLOURS = {
  ok: "green",
  warning: "yellow",
  error: "red",
  unknown: "yellow",
  skipped: "dim",
} as const;

const linesOf = ({ state, where, what, fix }: Finding, { paint }: Io): string[] => [
  `${paint(COLOURS[state], MARKS[state])} ${where}: ${what}`,
  ...(fix === undefined ? [] : [`          ${paint("bold", "->")} ${fix}`]),
];

/** What one command mends for many lines. */
const hintsOf = (lines: readonly string[]): readonly string[] => [
  ...(lines.some((line) => line.includes(LITERAL_SECRET))
    ? [
        "\nnpm run footbridge -- secrets moves secrets out of the file, and leaves the rest as it is.",
      ]
    : []),
  ...(lines.some((line) => /is not supported by Footbridge|API ended in February 2023/u.test(line))
    ? ["\nnpm run footbridge -- convert rewrites an old configuration, and says what it changed."]
    : []),
];

/** Socket Mode is for the container: there a Worker's commands would lead astray. */
function absentSecrets(
  missing: readonly string[],
  config: Config | undefined,
  deploy: boolean,
): readonly string[] {
  if (missing.length === 0) return [];
  const accounts = [...(config?.accounts.values() ?? [])];
  if (accounts.some(hasSocketMode))
    return [
      "\nSecrets that are not set here. For the container they are environment variables:",
      ...missing.map((name) => `  ${name}`),
    ];
  const puts = missing.map((name) => `  npx wrangler secret put ${name}`);
  return deploy
    ? [
        "\nSecrets that are not set here; the Worker's own are not looked at. What it lacks too:",
        ...puts,
      ]
    : [
        "\nSecrets that are not set here. For the Worker:",
        ...puts,
        "For the container they are environment variables of the same names.",
      ];
}

/** What is wrong, what is missing, and how it stands. */
function tell({ lines, missing, ok, config }: Opened, deploy: boolean, io: Io): void {
  const { print, paint } = io;
  for (const { severity, text } of lines)
    print(
      severity === "error"
        ? `${paint("red", "error  ")} ${text}`
        : `${paint("yellow", "warning")} ${text}`,
    );
  for (const hint of hintsOf(lines.map(({ text }) => text))) print(hint);
  for (const line of absentSecrets(missing, config, deploy)) print(line);
  print(
    ok
      ? `\n${paint("green", "The configuration is good.")}`
      : `\n${paint("red", "The configuration cannot be used yet: mend the errors above.")}`,
  );
}
