/**
 * `convert` of a configuration of matrix-appservice-slack, which was archived in January 2026. It was an application service
 * of a homeserver; Footbridge is a plain account, so that most of it has no counterpart. Pure.
 */
import { GONE, GONE_THERE } from "./convert-gone.ts";
import { type Pair, type Rooms, roomsOfFile, roomsOfQuery } from "./convert-rooms.ts";
import type { Change, Converted } from "./convert-work.ts";

export interface YamlFile {
  readonly value: unknown;
  /** Line of a path of keys and places in lists, from 1. */
  readonly line: (path: readonly (string | number)[]) => number;
}

/** What `ROOMS_QUERY` gave. */
export interface RoomsFile {
  readonly file: string;
  readonly text: string;
}

/** Makes the file that `roomsOfQuery` reads; their names are those of the bridge's schema. Webhook addresses stay in there. */
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

export function convertAppservice({ value, line }: YamlFile, rooms?: RoomsFile): Converted {
  const root = isObject(value) ? value : {};
  const homeserver = isObject(root["homeserver"]) ? root["homeserver"] : {};
  const changes: Change[] = [];
  const say = (path: readonly (string | number)[], what: string, why: string): void =>
    void changes.push({ line: line(path), what, why });

  const server = serverOf(homeserver);
  say(
    ["homeserver", "url"],
    `[matrix.mymatrix] has Server = ${quoted(server)}`,
    `Footbridge logs in as a plain account, over the homeserver's public address: footbridge -- matrix-login ${server}`,
  );
  const { pairs, told } = allRooms(root, line, rooms);
  changes.push(...told);
  const teams = [...new Set(pairs.map(({ team }) => team))];
  const accountOf = (team: string): string =>
    teams.length < 2 || team === "" ? "slack.myteam" : `slack.${team.toLowerCase()}`;
  const admin = textOf(root["matrix_admin_room"]);
  if (admin !== "")
    say(
      ["matrix_admin_room"],
      "is AdminChannel",
      "the bridge says there what is wrong with itself; it takes no commands",
    );
  const gone = (path: readonly string[], why = "Footbridge knows nothing like it"): void =>
    say(path, `${path.join(".")} has no counterpart`, why);
  for (const key of Object.keys(root))
    if (!["homeserver", "rooms", "matrix_admin_room"].includes(key)) gone([key], GONE.get(key));
  for (const key of Object.keys(homeserver))
    if (!["url", "server_name"].includes(key)) gone(["homeserver", key], GONE_THERE.get(key));
  for (const team of teams.length === 0 ? [""] : teams)
    say(
      ["homeserver"],
      `[${accountOf(team)}] needs a Slack app of its own`,
      `${team === "" && teams.length > 1 ? "the workspace of the rooms in the file is not told there, so that they have an account of their own (is it one of the others? Write that one's name). " : ""}The old bridge's app is a classic one or belongs to it: footbridge -- slack-app makes the link to a new one`,
    );
  if (pairs.length === 0)
    say(
      ["homeserver"],
      "the [[gateway]] is a template",
      `which channel goes to which room is in the old bridge's database. Ask it, then convert again with --rooms rooms.txt: ${ROOMS_QUERY}`,
    );

  const names = gatewayNames(pairs);
  const gateways =
    pairs.length === 0
      ? [TEMPLATE]
      : pairs.map((pair, index) => gateway(pair, names[index]!, accountOf(pair.team)));
  const text = [
    "# Converted from a configuration of matrix-appservice-slack. After each change: npm run footbridge -- check\n",
    "[general]",
    'RemoteNickFormat = "{NICK} "',
    ...(admin === "" ? [] : [`AdminChannel = ${quoted(`matrix.mymatrix/${admin}`)}`]),
    "",
    ...(teams.length === 0 ? ["[slack.myteam]\n"] : teams.map((team) => `[${accountOf(team)}]\n`)),
    "[matrix.mymatrix]",
    `Server = ${quoted(server)}`,
    "",
    ...gateways,
  ].join("\n");
  return { text, changes: changes.toSorted((a, b) => a.line - b.line) };
}

/** Of the database and of the file, each with a line for what it does not give. */
function allRooms(
  root: Readonly<Record<string, unknown>>,
  line: YamlFile["line"],
  query: RoomsFile | undefined,
): { readonly pairs: readonly Pair[]; readonly told: readonly Change[] } {
  const none: Rooms = { pairs: [], leftOut: [] };
  const given = query === undefined ? none : roomsOfQuery(query.text);
  const list = root["rooms"];
  const own = Array.isArray(list) ? roomsOfFile(list as readonly unknown[]) : none;
  const told: Change[] = [];
  if (Array.isArray(list))
    told.push({
      line: line(["rooms"]),
      what: `${own.pairs.length} of its ${list.length} rooms have a [[gateway]]`,
      why: "Footbridge needs no tokens and webhooks of single channels: one app in the workspace serves all",
    });
  else if ("rooms" in root)
    told.push({ line: line(["rooms"]), what: "rooms is left out", why: "it is no list" });
  for (const { number, what, why } of own.leftOut)
    told.push({ line: line(["rooms", number - 1]), what: `${what} is left out`, why });
  for (const { number, what, why } of given.leftOut)
    told.push({ file: query!.file, line: number, what: `${what} is left out`, why });
  return { pairs: [...given.pairs, ...own.pairs], told };
}

/** Two workspaces may have a channel of one name, and a gateway's name is its own. */
function gatewayNames(pairs: readonly Pair[]): readonly string[] {
  const taken = new Set<string>();
  return pairs.map(({ name, team }, index) => {
    const own = name === "" ? `room ${index + 1}` : name;
    const tries = [own, ...(team === "" ? [] : [`${own} ${team}`])];
    for (let number = 2; ; number += 1) {
      const free = tries.find((each) => !taken.has(each));
      if (free !== undefined) {
        taken.add(free);
        return free;
      }
      tries.push(`${own} ${number}`);
    }
  });
}

/** JSON's strings are TOML's, but for DEL and halves of characters. */
const quoted = (text: string): string =>
  JSON.stringify(text.toWellFormed()).replaceAll("\u007f", "\\u007f");

/** Its url is often one inside of a machine or cluster; the name leads to the public one by `.well-known`. */
function serverOf(homeserver: Readonly<Record<string, unknown>>): string {
  const url = textOf(homeserver["url"]).replace(/\/+$/u, "");
  const name = textOf(homeserver["server_name"]);
  return url.startsWith("https://") || name === ""
    ? url || "https://matrix.org"
    : `https://${name}`;
}

const gateway = ({ room, channel }: Pair, name: string, account: string): string =>
  `[[gateway]]
name = ${quoted(name)}
enable = true

[[gateway.inout]]
account = "${account}"
channel = "ID:${channel}"

[[gateway.inout]]
account = "matrix.mymatrix"
channel = ${quoted(room)}
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
