/** What `init` writes: a configuration for two channels, and the file for its secrets. Pure. */
import { envPrefixOf } from "../core/config/environment.ts";

export interface Answers {
  /** Name of the Slack account: `myteam`. */
  readonly team: string;
  readonly slackChannel: string;
  /** `org/room`, or a Matrix room: `#room:server`. */
  readonly room: string;
  readonly server: string;
  /** Where Footbridge runs; undefined where that is not known yet. */
  readonly url: string | undefined;
  /** A container without a public address. */
  readonly socketMode: boolean;
}

/** Under which the environment sets a key of an account. */
const variableOf = (account: string, key: string): string =>
  `${envPrefixOf(account)}${key.toUpperCase()}`;

/** Rooms of Gitter are written `org/room`; all others as Matrix does. */
const accountOf = (room: string): string =>
  /^[#!]/u.test(room) ? "matrix.mymatrix" : "gitter.mygitter";

export function configText({ team, slackChannel, room, server, socketMode }: Answers): string {
  const text = (value: string): string => JSON.stringify(value);
  const account = accountOf(room);
  return `# Written by \`npm run footbridge -- init\`. All settings: docs/settings.md.
# After each change: npm run footbridge -- check
# Secrets do not belong here, this file travels with a deploy; they are in .dev.vars, by the names that \`check\` tells.

[general]
# How the author of a message is shown on the other side.
RemoteNickFormat = "{NICK} "

[slack.${team}]
${socketMode ? `# Socket Mode: Footbridge opens the connection to Slack, in the container only.\nAppToken = "\${${variableOf(`slack.${team}`, "AppToken")}}"\n` : ""}
[${account}]
Server = ${text(server)}

# \`in\` only hears, \`out\` only writes, \`inout\` does both.
[[gateway]]
name = "main"
enable = true

[[gateway.inout]]
account = "slack.${team}"
channel = ${text(slackChannel)}

[[gateway.inout]]
account = "${account}"
channel = ${text(room)}
`;
}

/** One line of `.dev.vars`, with where its value is found. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
}

export function variablesOf(answers: Answers, adminToken: string): readonly Variable[] {
  const { team, room, server, url, socketMode } = answers;
  const slack = `slack.${team}`;
  const at = "https://api.slack.com/apps, your app,";
  return [
    {
      name: variableOf(slack, "TOKEN"),
      value: "",
      comment: `${at} OAuth & Permissions: Bot User OAuth Token, xoxb-...`,
    },
    socketMode
      ? {
          name: variableOf(slack, "APPTOKEN"),
          value: "",
          comment: `${at} Basic Information, App-Level Tokens: with connections:write, xapp-...`,
        }
      : {
          name: variableOf(slack, "SIGNINGSECRET"),
          value: "",
          comment: `${at} Basic Information: Signing Secret`,
        },
    {
      name: variableOf(accountOf(room), "TOKEN"),
      value: "",
      comment: `npm run footbridge -- matrix-login ${server} writes it here`,
    },
    {
      name: "ADMIN_TOKEN",
      value: adminToken,
      comment: "for status, tail and dead-letters; made by chance, known to nobody else",
    },
    ...(url === undefined
      ? []
      : [{ name: "PUBLIC_URL", value: url, comment: "where Footbridge runs" }]),
  ];
}
