/** What can stand in `[gitter.x]`. */
import type { AccountConfig, KeySpec } from "../../core/config/config.ts";
import type { Problem } from "../../core/errors.ts";

/** Milliseconds between posts in one room: 100 requests a minute is all an account has, for all its rooms. */
export const SEND_INTERVAL_MS = 600;

export const keys: readonly KeySpec[] = [
  {
    name: "Token",
    type: "secret",
    doc: "Personal access token of the account that the bridge speaks as.",
  },
  {
    name: "APIURL",
    type: "string",
    doc: "Base of the REST API of a service that speaks Gitter's own API, with its version: https://gitter.example.org/api/v1.",
  },
  {
    name: "StreamURL",
    type: "string",
    doc: "Base of the streaming API, with its version: https://stream.gitter.example.org/v1.",
  },
  {
    name: "SendInterval",
    type: "int",
    doc: "Milliseconds between posts in one room after a burst of 5; 0 = unpaced. Without it 600 with APIURL, 0 with Server.",
  },
  {
    name: "UseUserName",
    type: "bool",
    doc: "Without effect.",
    unsupported: "Gitter messages are always shown with the user name",
  },
  {
    name: "SpoofUsername",
    type: "bool",
    doc: "Without effect.",
    unsupported:
      "Gitter has no sender names of one's own; RemoteNickFormat puts the author into the text",
  },
  {
    name: "NoTLS",
    type: "bool",
    doc: "Without effect.",
    unsupported: "whether TLS is used is told by APIURL and StreamURL: https or http",
  },
  {
    name: "SkipTLSVerify",
    type: "bool",
    doc: "Without effect.",
    unsupported: "certificates are always verified",
  },
];

const GONE =
  "gitter.im's own API ended in February 2023 and its tokens with it; its rooms are Matrix rooms now";
const WRITE_SERVER =
  'write Server="https://matrix.org" and, as Token, that of a Matrix account (npm run footbridge -- matrix-login https://matrix.org); the channels stay org/room. Or, for a service that speaks Gitter\'s own API: APIURL="https://.../v1", StreamURL="https://.../v1" and Token';

/** Checks across keys, and of room names. */
export function check(account: AccountConfig, channels: readonly string[]): readonly Problem[] {
  return [...checkService(account), ...channels.flatMap((name) => checkRoom(account, name))];
}

function checkService(account: AccountConfig): readonly Problem[] {
  const { settings } = account;
  const error = (what: string, fix: string, key?: string): Problem => ({
    severity: "error",
    where: account.id,
    what,
    fix,
    path: key === undefined ? [] : [key],
  });
  const api = settings.string("APIURL");
  if (api === undefined) return [error(`no APIURL and no Server: ${GONE}`, WRITE_SERVER)];
  const problems: Problem[] = [];
  const stream = settings.string("StreamURL");
  if (stream === undefined)
    problems.push(
      error(
        "StreamURL is missing: messages are received by the streaming API",
        'write StreamURL="https://.../v1", the base in front of /rooms/...',
      ),
    );
  for (const [key, url] of [
    ["APIURL", api],
    ["StreamURL", stream],
  ] as const) {
    if (url === undefined) continue;
    if (!/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i.test(url))
      problems.push(
        error(
          `${key} is not a base URL (no name, password, ? or # belongs in it)`,
          "write http(s)://host/path/v1, nothing behind",
          key,
        ),
      );
    else if (/^https?:\/\/([a-z0-9-]+\.)?gitter\.im([:/]|$)/i.test(url))
      problems.push(error(`${key} is ${url}: ${GONE}`, WRITE_SERVER, key));
    else if (/^http:/i.test(url) && !/^http:\/\/(localhost|127\.|\[::1\])/i.test(url))
      problems.push({
        ...error(`${key} is not https: the token can be read on the way`, "write https://", key),
        severity: "warning",
      });
  }
  const interval = settings.int("SendInterval");
  if (interval !== undefined && interval < 0)
    problems.push(
      error("SendInterval is negative", "write 0 or more milliseconds", "SendInterval"),
    );
  return problems;
}

/** A user name, as it stands behind an `@`. */
export const isUserName = (name: string): boolean => /^[a-z0-9_\-.:[\]]*[a-z0-9[\]]$/iu.test(name);

export const checkUser = (_account: AccountConfig, id: string): string | undefined =>
  isUserName(id) ? undefined : 'write the user name without @, like "mara-dev"';

function checkRoom(account: AccountConfig, name: string): readonly Problem[] {
  if (/^[^\s/#@]+(\/[^\s/#@]+){1,2}$/.test(name)) return [];
  const matrix = /^#?([^_\s]+)_(.+):gitter\.im$/.exec(name);
  return [
    {
      severity: "error",
      where: account.id,
      what: `channel "${name}" is not the name of a Gitter room`,
      fix:
        matrix === null
          ? 'write org/room, as in channel="orchard/cider"'
          : `write org/room: perhaps channel="${matrix[1]}/${matrix[2]}"`,
      path: [],
    },
  ];
}
