/**
 * `convert` of a configuration of matrix-appservice-slack, which was archived in January 2026. It was an application service
 * of a homeserver; Footbridge is a plain account, so that most of it has no counterpart. Pure.
 */
import type { Change, Converted } from "./convert-work.ts";

export interface YamlFile {
  readonly value: unknown;
  /** Line of a path of keys, from 1. */
  readonly line: (path: readonly (string | number)[]) => number;
}

/** A channel and its room, as the bridge had them in its database. */
interface Pair {
  readonly room: string;
  readonly channel: string;
  readonly team: string;
  readonly name: string;
}

/** What becomes of each top-level key that has no counterpart. */
const GONE: Readonly<Record<string, string>> = {
  username_prefix: "there are no ghost users: the author's name and face go with each message",
  db: "Footbridge keeps its own state; of the old database only the pairs of channels and rooms are needed",
  dbdir: "Footbridge keeps its own state",
  rtm: "Slack has ended RTM for new apps: events come by webhook, or by Socket Mode in the container",
  slack_hook_port: "the Worker has an address of its own; the container listens on PORT",
  inbound_uri_prefix:
    "Slack's events go to <where Footbridge runs>/slack/<account>/events: footbridge -- urls",
  oauth2: "each workspace has an app of its own, made from a link: footbridge -- slack-app",
  puppeting: "nobody is puppeted: the bridge speaks for all",
  provisioning: "channels are configured in the file",
  team_sync: "channels and rooms are named one by one in [[gateway]]",
  encryption: "encrypted rooms are refused",
  bot_profile: "set the name and face of the Matrix account in a Matrix client",
  logging: "LOG_LEVEL decides what is logged",
  enable_metrics: "/metrics is always there, behind ADMIN_TOKEN",
  tls: "put a proxy with TLS in front of the container; the Worker has it",
  rmau_limit: "there is no such limit",
  auth_interval_ms: "tokens are tried when they are used",
  matrix_admin_room_commands: "there are no commands in a room",
};

/** Makes the file that `pairsOf` reads; their names are those of the bridge's schema. Webhook addresses stay in there. */
const ROOMS_QUERY =
  "psql -AtF '|' -c \"SELECT roomid, r->>'id', r->>'slack_team_id', r->>'name' FROM (SELECT roomid, COALESCE(json::json->'remote', json::json) r FROM rooms) x\" DATABASE > rooms.txt";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Whether a file is one of that bridge's. */
export const isAppservice = (value: unknown): boolean =>
  isObject(value) &&
  isObject(value["homeserver"]) &&
  ["username_prefix", "slack_hook_port", "rtm", "inbound_uri_prefix"].some((key) => key in value);

/** `rooms`: what `ROOMS_QUERY` gave; lines that are none of it are left out. */
export function convertAppservice({ value, line }: YamlFile, rooms: string): Converted {
  const root = isObject(value) ? value : {};
  const homeserver = isObject(root["homeserver"]) ? root["homeserver"] : {};
  const changes: Change[] = [];
  const say = (path: readonly (string | number)[], what: string, why: string): void =>
    void changes.push({ line: line(path), what, why });

  const server = serverOf(homeserver);
  say(
    ["homeserver", "url"],
    `[matrix.mymatrix] has Server = "${server}"`,
    `Footbridge logs in as a plain account, over the homeserver's public address: footbridge -- matrix-login ${server}`,
  );
  const pairs = [...pairsOf(rooms), ...oldRooms(root["rooms"])];
  const teams = [...new Set(pairs.map(({ team }) => team))];
  const accountOf = (team: string): string =>
    teams.length < 2 ? "slack.myteam" : `slack.${team.toLowerCase()}`;
  if ("rooms" in root)
    say(
      ["rooms"],
      "each of its rooms is a [[gateway]]",
      "Footbridge needs no tokens and webhooks of single channels: one app in the workspace serves all",
    );
  const admin = textOf(root["matrix_admin_room"]);
  if (admin !== "")
    say(
      ["matrix_admin_room"],
      "is AdminChannel",
      "the bridge says there what is wrong with itself; it takes no commands",
    );
  for (const key of Object.keys(root)) {
    if (["homeserver", "rooms", "matrix_admin_room"].includes(key)) continue;
    say([key], `${key} has no counterpart`, GONE[key] ?? "Footbridge knows nothing like it");
  }
  for (const team of teams.length === 0 ? [""] : teams)
    say(
      ["homeserver"],
      `[${accountOf(team)}] needs a Slack app of its own`,
      "the old bridge's app is a classic one or belongs to it: footbridge -- slack-app makes the link to a new one",
    );
  if (pairs.length === 0)
    say(
      ["homeserver"],
      "the [[gateway]] is a template",
      `which channel goes to which room is in the old bridge's database. Ask it, then convert again with --rooms rooms.txt: ${ROOMS_QUERY}`,
    );

  const gateways =
    pairs.length === 0
      ? [TEMPLATE]
      : pairs.map((pair, index) => gateway(pair, index, accountOf(pair.team)));
  const text = [
    "# Converted from a configuration of matrix-appservice-slack. After each change: npm run footbridge -- check\n",
    "[general]",
    'RemoteNickFormat = "{NICK} "',
    ...(admin === "" ? [] : [`AdminChannel = ${JSON.stringify(`matrix.mymatrix/${admin}`)}`]),
    "",
    ...(teams.length === 0 ? ["[slack.myteam]\n"] : teams.map((team) => `[${accountOf(team)}]\n`)),
    "[matrix.mymatrix]",
    `Server = ${JSON.stringify(server)}`,
    "",
    ...gateways,
  ].join("\n");
  return { text, changes: changes.toSorted((a, b) => a.line - b.line) };
}

/** Its url is often one inside of a machine or cluster; the name leads to the public one by `.well-known`. */
function serverOf(homeserver: Readonly<Record<string, unknown>>): string {
  const url = textOf(homeserver["url"]).replace(/\/+$/u, "");
  const name = textOf(homeserver["server_name"]);
  return url.startsWith("https://") || name === ""
    ? url || "https://matrix.org"
    : `https://${name}`;
}

/** Lines of `!room:server|C0123|T0123|general`. */
const pairsOf = (text: string): readonly Pair[] =>
  text.split("\n").flatMap((line) => {
    const [room = "", channel = "", team = "", name = ""] = line.trim().split("|");
    const isPair = /^!\S+$/u.test(room) && /^[CG][A-Z0-9]{6,}$/u.test(channel);
    return isPair ? [{ room, channel, team, name }] : [];
  });

/** Its first versions had the rooms in the file. */
const oldRooms = (rooms: unknown): readonly Pair[] =>
  (Array.isArray(rooms) ? (rooms as readonly unknown[]) : []).flatMap((each) => {
    if (!isObject(each)) return [];
    const room = textOf(each["matrix_room_id"]);
    const channel = textOf(each["slack_channel_id"]);
    return room === "" || channel === "" ? [] : [{ room, channel, team: "", name: "" }];
  });

const gateway = ({ room, channel, name }: Pair, index: number, account: string): string =>
  `[[gateway]]
name = ${JSON.stringify(name === "" ? `room ${index + 1}` : name)}
enable = true

[[gateway.inout]]
account = "${account}"
channel = "ID:${channel}"

[[gateway.inout]]
account = "matrix.mymatrix"
channel = ${JSON.stringify(room)}
`;

const TEMPLATE = `[[gateway]]
name = "main"
enable = true

[[gateway.inout]]
account = "slack.myteam"
channel = "your-channel"

[[gateway.inout]]
account = "matrix.mymatrix"
channel = "#your-channel:example.org"
`;
