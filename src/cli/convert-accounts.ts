/** The account sections of an old configuration. */
import type { AST } from "toml-eslint-parser";

import type { KeySpec, Protocol } from "../core/config/config.ts";
import { envPrefixOf } from "../core/config/environment.ts";
import { notSpoken, type Work } from "./convert-work.ts";
import { keysOf, linesAround } from "./toml-edit.ts";

/** Matterbridge had two ways to speak to Slack. */
const OLD_SLACK = "slack-legacy";
const SERVER = "https://matrix.org";
const HOME = "https://api.slack.com/apps";

/** What an account is called from now on. */
export function accountAfter(
  top: AST.TOMLTopLevelTable,
  protocols: readonly Protocol[],
): Work["accountAfter"] {
  const taken = new Set(
    tablesOf(top).map(({ resolvedKey }) => resolvedKey.slice(0, 2).join(".").toLowerCase()),
  );
  return (written) => {
    const [protocol = "", ...rest] = written.trim().toLowerCase().split(".");
    const name = rest.join(".");
    if (protocol !== OLD_SLACK)
      return protocols.some((each) => each.name === protocol) ? `${protocol}.${name}` : undefined;
    return taken.has(`slack.${name}`) ? `slack.${name}-legacy` : `slack.${name}`;
  };
}

const tablesOf = (top: AST.TOMLTopLevelTable): readonly AST.TOMLTable[] =>
  top.body.filter((each) => each.type === "TOMLTable");

export function accountEdits(work: Work, common: readonly KeySpec[]): void {
  for (const table of tablesOf(work.top)) {
    const [first = "", name] = table.resolvedKey.map(String);
    const protocol = first.toLowerCase();
    if (["gateway", "samechannelgateway", "user"].includes(protocol)) continue;
    const here = `[${table.resolvedKey.join(".")}]`;
    const { line } = table.loc.start;
    const remove = (why: string) =>
      work.edit(linesAround(work.text, ...table.range), {
        line,
        what: `${here} is taken out`,
        why,
      });
    if (protocol === "tengo") {
      remove(
        "Tengo scripts are not run; ReplaceMessages and ReplaceNicks do most of what they are used for",
      );
      continue;
    }
    const keys = protocol === "general" ? undefined : specsOf(work, protocol);
    if (protocol !== "general" && keys === undefined) {
      remove(notSpoken(first));
      continue;
    }
    keyEdits(work, table, [...(keys ?? work.protocols.flatMap((each) => each.keys)), ...common]);
    if (name === undefined || table.resolvedKey.length > 2) continue;
    if (protocol === OLD_SLACK) rename(work, table, name);
    if (protocol === OLD_SLACK || protocol === "slack") slackEdits(work, table, name);
    if (protocol === "gitter") gitterEdits(work, table, name);
  }
}

const specsOf = ({ protocols }: Work, protocol: string): readonly KeySpec[] | undefined =>
  protocols.find(({ name }) => name === (protocol === OLD_SLACK ? "slack" : protocol))?.keys;

/** Settings without effect go, each with its reason. */
function keyEdits(work: Work, table: AST.TOMLTable, specs: readonly KeySpec[]): void {
  for (const pair of table.body) {
    const name = keysOf(pair.key).join(".");
    const spec = specs.find((each) => each.name.toLowerCase() === name.toLowerCase());
    if (spec?.unsupported === undefined) continue;
    work.edit(linesAround(work.text, ...pair.range), {
      line: pair.loc.start.line,
      what: `${name} of [${table.resolvedKey.join(".")}] is taken out`,
      why: spec.unsupported,
    });
  }
}

function rename(work: Work, table: AST.TOMLTable, name: string): void {
  const after = work.accountAfter(`${OLD_SLACK}.${name}`) ?? "";
  const [from, to] = table.key.range;
  const { line } = table.loc.start;
  work.edit(
    { from, to, text: after },
    {
      line,
      what: `[${OLD_SLACK}.${name}] is [${after}]`,
      why: "Slack has ended legacy tokens: all workspaces are reached in one way, by an app of their own",
    },
  );
}

const pairOf = (table: AST.TOMLTable, wanted: string): AST.TOMLKeyValue | undefined =>
  table.body.find(({ key }) => keysOf(key).join(".").toLowerCase() === wanted);

function slackEdits(work: Work, table: AST.TOMLTable, name: string): void {
  const prefix = envPrefixOf(
    work.accountAfter(table.resolvedKey.slice(0, 2).join(".")) ?? `slack.${name}`,
  );
  const socket = pairOf(table, "apptoken");
  const token = pairOf(table, "token");
  if (socket !== undefined) return;
  const why = `events come by signed webhooks to an app of yours (${HOME}; footbridge -- slack-app makes its link): its Bot User OAuth Token goes into ${prefix}TOKEN, its Signing Secret into ${prefix}SIGNINGSECRET`;
  const { line } = (token ?? table).loc.start;
  if (token === undefined)
    work.edit(
      { from: table.range[0], to: table.range[0], text: "" },
      { line, what: `[${table.resolvedKey.join(".")}] needs a new Slack app`, why },
    );
  else
    work.edit(linesAround(work.text, ...token.range), {
      line,
      what: `Token of [${table.resolvedKey.join(".")}] is taken out`,
      why: `it is of a classic app or of RTM, which Slack has ended; ${why}`,
    });
}

/** Since February 2023 Gitter's rooms are Matrix rooms, and its tokens are gone. */
function gitterEdits(work: Work, table: AST.TOMLTable, name: string): void {
  const own = pairOf(table, "apiurl");
  const ended = own === undefined || /gitter\.im/iu.test(work.text.slice(...own.range));
  if (!ended || pairOf(table, "server") !== undefined) return;
  const why =
    "Gitter's own API and its tokens ended in February 2023: its rooms are Matrix rooms now";
  for (const key of ["apiurl", "streamurl", "token"]) {
    const pair = pairOf(table, key);
    if (pair === undefined) continue;
    const what = `${keysOf(pair.key).join(".")} of [gitter.${name}] is taken out`;
    work.edit(linesAround(work.text, ...pair.range), { line: pair.loc.start.line, what, why });
  }
  const { to } = linesAround(work.text, ...table.key.range);
  const before = work.text[to - 1] === "\n" ? "" : "\n";
  work.edit(
    { from: to, to, text: `${before}Server = "${SERVER}"\n` },
    {
      line: table.loc.start.line,
      what: `[gitter.${name}] has Server = "${SERVER}"`,
      why: `${why}. Its account's token: footbridge -- matrix-login ${SERVER}; channels stay org/room`,
    },
  );
}
