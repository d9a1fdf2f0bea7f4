/** What can stand in `[matrix.x]`, and in `[gitter.x]` with `Server`. */
import type { AccountConfig, KeySpec } from "../../core/config/config.ts";
import type { Problem } from "../../core/errors.ts";
import { serverUrl } from "./discovery.ts";
import { isUserId } from "./ids.ts";
import { candidates } from "./rooms.ts";
import type { Naming } from "./rooms.ts";

export const keys: readonly KeySpec[] = [
  {
    name: "Server",
    type: "string",
    doc: "Homeserver of the bridge's Matrix account: https://matrix.org. Where it tells its API's address by .well-known, that is used.",
  },
  {
    name: "Token",
    type: "secret",
    doc: "Access token of the Matrix account that the bridge speaks as: npm run footbridge -- matrix-login SERVER.",
  },
  {
    name: "MxID",
    type: "string",
    doc: "The account's Matrix id, @footbridge:example.org. Not needed; when given, a token of another account is refused.",
  },
  {
    name: "Login",
    type: "string",
    doc: "User name, to log in with Password where there is no Token. Only in the container: a Worker would log in all the time.",
  },
  { name: "Password", type: "secret", doc: "Password of Login. Only in the container." },
  {
    name: "UseUserName",
    type: "bool",
    doc: "Show people by their Matrix id (mara:example.org) in place of the name they chose.",
  },
  {
    name: "NoHomeServerSuffix",
    type: "bool",
    doc: "Leave the homeserver out of ids that stand for names: mara in place of mara:example.org.",
  },
  { name: "HTMLDisable", type: "bool", doc: "Post plain text only, without HTML." },
  {
    name: "SendInterval",
    type: "int",
    default: 0,
    doc: "Milliseconds between posts in one room after a burst of 5; 0 = unpaced.",
  },
  {
    name: "KeepQuotedReply",
    type: "bool",
    doc: "Without effect.",
    unsupported:
      "replies are relayed as replies, without the quote that old clients put into the text",
  },
  {
    name: "SpoofUsername",
    type: "bool",
    doc: "Without effect.",
    unsupported:
      "the author's name goes with each message (MSC4144); the account's own name is left alone",
  },
  {
    name: "UseMSC4144",
    type: "bool",
    doc: "Without effect.",
    unsupported: "the author's name always goes with each message (MSC4144)",
  },
  {
    name: "DisableMarkdownParsing",
    type: "bool",
    doc: "Without effect.",
    unsupported: "formatting is converted, never parsed from text",
  },
  ...["DeviceID", "SessionFile", "PickleKey", "RecoveryKey"].map((name): KeySpec => ({
    name,
    type: "string",
    doc: "Without effect.",
    unsupported: "encrypted rooms are not supported",
  })),
];

/** Checks across keys, and of room names. */
export function check(
  account: AccountConfig,
  channels: readonly string[],
  naming: Naming,
): readonly Problem[] {
  return [
    ...checkServer(account),
    ...checkLogin(account),
    ...channels.flatMap((name) => checkRoom(account, name, naming)),
  ];
}

const problemOf =
  (account: AccountConfig, severity: Problem["severity"]) =>
  (what: string, fix: string, key?: string): Problem => ({
    severity,
    where: account.id,
    what,
    fix,
    path: key === undefined ? [] : [key],
  });

function checkServer(account: AccountConfig): readonly Problem[] {
  const error = problemOf(account, "error");
  const server = account.settings.string("Server");
  if (server === undefined || server === "")
    return [
      error(
        "Server is missing",
        'write Server="https://matrix.org", the homeserver of the account',
      ),
    ];
  const url = serverUrl(server);
  if (!/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/iu.test(url))
    return [
      error("Server is not the address of a homeserver", 'write Server="https://host"', "Server"),
    ];
  if (/\/_matrix(\/|$)/u.test(url))
    return [error("Server holds a path of the API", 'write Server="https://host" alone', "Server")];
  if (/^http:/iu.test(url) && !/^http:\/\/(localhost|127\.|\[::1\])/iu.test(url))
    return [
      problemOf(account, "warning")(
        "Server is not https: the token can be read on the way",
        "write https://",
        "Server",
      ),
    ];
  return [];
}

function checkLogin(account: AccountConfig): readonly Problem[] {
  const { settings } = account;
  const error = problemOf(account, "error");
  const problems: Problem[] = [];
  const mxid = settings.string("MxID");
  if (mxid !== undefined && mxid !== "" && !isUserId(mxid))
    problems.push(error("MxID is not a Matrix id", 'write MxID="@name:server"', "MxID"));
  const login = settings.string("Login");
  if (login !== undefined && login !== "" && settings.secret("Token") === undefined)
    problems.push({
      ...problemOf(account, "warning")(
        "Login and Password work in the container only: a Worker starts too often to log in each time",
        `for a Worker set ${account.envName("Token")}: npm run footbridge -- matrix-login ${settings.string("Server") ?? "SERVER"}`,
        "Login",
      ),
      worker: "error",
    });
  const interval = settings.int("SendInterval");
  if (interval !== undefined && interval < 0)
    problems.push(
      error("SendInterval is negative", "write 0 or more milliseconds", "SendInterval"),
    );
  return problems;
}

function checkRoom(account: AccountConfig, name: string, naming: Naming): readonly Problem[] {
  if (candidates(name, naming).length > 0) return [];
  const error = problemOf(account, "error");
  if (naming === "gitter")
    return [
      error(
        `channel "${name}" is not the name of a Gitter room`,
        'write org/room, as in channel="orchard/cider"; it is joined as #orchard_cider:gitter.im',
      ),
    ];
  const gitter = /^[^\s/#]+(\/[^\s/#]+){1,2}$/u.test(name);
  return [
    error(
      `channel "${name}" is not the name of a Matrix room`,
      gitter
        ? `write channel="#${name.replaceAll("/", "_")}:gitter.im"`
        : 'write channel="#room:server" or channel="!id:server"',
    ),
  ];
}
