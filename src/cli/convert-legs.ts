/** The gateways of an old configuration: which channels stay, and how their names are written now. */
import type { AST } from "toml-eslint-parser";

import { notSpoken, type Work } from "./convert-work.ts";
import { keysOf, linesAround } from "./toml-edit.ts";

const DIRECTIONS = new Set(["in", "out", "inout"]);

export function legEdits(work: Work): void {
  for (const each of work.top.body) {
    if (each.type === "TOMLKeyValue") {
      if (each.value.type === "TOMLArray") sectionEdits(work, nameOf(each), each.value.elements);
      continue;
    }
    const [section = "", , direction = "", , options] = each.resolvedKey.map(String);
    if (section.toLowerCase() === "samechannelgateway") meshEdits(work, each.body);
    if (section.toLowerCase() !== "gateway") continue;
    if (!DIRECTIONS.has(direction.toLowerCase())) gatewayEdits(work, each.body);
    else if (options === undefined) tableEdits(work, each);
    else
      work.edit(linesAround(work.text, ...each.range), {
        line: each.loc.start.line,
        what: "options of a channel are taken out",
        why: "they belong to protocols that Footbridge does not speak",
      });
  }
}

const nameOf = ({ key }: AST.TOMLKeyValue): string => keysOf(key).join(".").toLowerCase();

/** `gateway = [{ name = "...", inout = [...] }]` */
function sectionEdits(work: Work, section: string, elements: readonly AST.TOMLContentNode[]): void {
  for (const each of elements) {
    if (each.type !== "TOMLInlineTable") continue;
    if (section === "gateway") gatewayEdits(work, each.body);
    if (section === "samechannelgateway") meshEdits(work, each.body);
  }
}

function gatewayEdits(work: Work, pairs: readonly AST.TOMLKeyValue[]): void {
  for (const pair of pairs) {
    if (!DIRECTIONS.has(nameOf(pair))) continue;
    if (pair.value.type === "TOMLArray") inlineEdits(work, pair.value);
    // A single one counts as a list of one. What is not spoken then leaves an empty list.
    if (pair.value.type === "TOMLInlineTable") singleEdits(work, pair.value);
  }
}

/** `[[gateway.inout]]` */
function tableEdits(work: Work, table: AST.TOMLTable): void {
  const written = textOf(pairOf(table.body, "account")?.value);
  if (written === undefined) return;
  if (work.accountAfter(written) === undefined)
    work.edit(linesAround(work.text, ...table.range), {
      line: table.loc.start.line,
      what: `${written} ${textOf(pairOf(table.body, "channel")?.value) ?? ""} is taken out of its gateway`,
      why: notSpoken(written.split(".")[0] ?? ""),
    });
  else legPairs(work, table.body);
}

/** `inout = [{ account = "...", channel = "..." }]` */
function inlineEdits(work: Work, array: AST.TOMLArray): void {
  const goes = (each: AST.TOMLContentNode): string | undefined => {
    if (each.type !== "TOMLInlineTable") return undefined;
    const written = textOf(pairOf(each.body, "account")?.value);
    return written !== undefined && work.accountAfter(written) === undefined ? written : undefined;
  };
  takeOut(work, array, goes, "its gateway");
  for (const each of array.elements)
    if (each.type === "TOMLInlineTable" && goes(each) === undefined) legPairs(work, each.body);
}

/** `inout = { account = "...", channel = "..." }` */
function singleEdits(work: Work, table: AST.TOMLInlineTable): void {
  const written = textOf(pairOf(table.body, "account")?.value);
  if (written === undefined || work.accountAfter(written) !== undefined)
    return legPairs(work, table.body);
  const [from, to] = table.range;
  work.edit(
    { from, to, text: "[]" },
    {
      line: table.loc.start.line,
      what: `${written} is taken out of its gateway`,
      why: notSpoken(written.split(".")[0] ?? ""),
    },
  );
}

/** `accounts = ["slack.one", "irc.two"]` */
function meshEdits(work: Work, pairs: readonly AST.TOMLKeyValue[]): void {
  const accounts = pairOf(pairs, "accounts")?.value;
  if (accounts?.type !== "TOMLArray") return;
  const goes = (each: AST.TOMLContentNode): string | undefined => {
    const written = textOf(each);
    return written !== undefined && work.accountAfter(written) === undefined ? written : undefined;
  };
  takeOut(work, accounts, goes, "accounts");
  for (const each of accounts.elements) if (goes(each) === undefined) accountEdit(work, each);
}

/** Takes runs of elements out of an array, each run with the comma that would be too many. */
function takeOut(
  work: Work,
  { elements }: AST.TOMLArray,
  goes: (each: AST.TOMLContentNode) => string | undefined,
  whence: string,
): void {
  for (let first = 0; first < elements.length; first += 1) {
    if (goes(elements[first]!) === undefined) continue;
    let last = first;
    while (last + 1 < elements.length && goes(elements[last + 1]!) !== undefined) last += 1;
    const next = elements[last + 1];
    const before = elements[first - 1];
    const names = elements.slice(first, last + 1).map((each) => goes(each) ?? "");
    work.edit(
      {
        from:
          next === undefined && before !== undefined ? before.range[1] : elements[first]!.range[0],
        to: next === undefined ? elements[last]!.range[1] : next.range[0],
        text: "",
      },
      {
        line: elements[first]!.loc.start.line,
        what: `${names.join(", ")} ${names.length === 1 ? "is" : "are"} taken out of ${whence}`,
        why: [...new Set(names.map((name) => notSpoken(name.split(".")[0] ?? "")))].join(", "),
      },
    );
    first = last;
  }
}

function legPairs(work: Work, pairs: readonly AST.TOMLKeyValue[]): void {
  const account = pairOf(pairs, "account")?.value;
  const channel = pairOf(pairs, "channel")?.value;
  if (account !== undefined) accountEdit(work, account);
  const protocol = work.accountAfter(textOf(account) ?? "")?.split(".")[0];
  const name = textOf(channel);
  if (channel === undefined || name === undefined) return;
  const change = (after: string, why: string): void =>
    work.edit(
      { from: channel.range[0], to: channel.range[1], text: JSON.stringify(after) },
      { line: channel.loc.start.line, what: `channel "${name}" is "${after}"`, why },
    );
  if (protocol === "slack" && name.startsWith("#"))
    change(name.slice(1), "Slack's channels are written without #");
  if (protocol === "matrix" && /^[^\s/#!]+(?:\/[^\s/#!]+){1,2}$/u.test(name))
    change(`#${name.replaceAll("/", "_")}:gitter.im`, "so Gitter's rooms are called at Matrix");
}

function accountEdit(work: Work, node: AST.TOMLContentNode): void {
  const written = textOf(node);
  const after = written === undefined ? undefined : work.accountAfter(written);
  if (written === undefined || after === undefined || !/^slack-legacy\./iu.test(written)) return;
  const [from, to] = node.range;
  const change = {
    line: node.loc.start.line,
    what: `account "${written}" is "${after}"`,
    why: "its section is called so now",
  };
  work.edit({ from, to, text: JSON.stringify(after) }, change);
}

const pairOf = (pairs: readonly AST.TOMLKeyValue[], wanted: string) =>
  pairs.find((pair) => nameOf(pair) === wanted);

const textOf = (node: AST.TOMLContentNode | undefined): string | undefined =>
  node?.type === "TOMLValue" && node.kind === "string" ? node.value : undefined;
