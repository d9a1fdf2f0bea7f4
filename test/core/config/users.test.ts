/** `[[user]]`: who is who, and what is told about a table that says it wrongly. */
import { describe, expect, it } from "vitest";

import { describeProblems } from "../../../src/cli/problems.ts";
import { loadConfig } from "../../../src/core/config/load.ts";
import { protocols } from "../../../src/protocols/registry.ts";

const HEAD = `[slack.team]
[matrix.home]
Server="https://matrix.org"
[gitter.old]
APIURL="https://gitter.dev/api/v1"
StreamURL="https://gitter.dev/stream/v1"
[[gateway]]
name="g"
enable=true
inout=[{account="slack.team",channel="a"},{account="matrix.home",channel="#a:b.c"},{account="gitter.old",channel="o/r"}]
`;
const load = (text: string, env: Record<string, string> = {}) =>
  loadConfig(HEAD + text, env, protocols);
const users = (text: string, env: Record<string, string> = {}) =>
  load(text, env).config?.users.map((user) => Object.fromEntries(user));
/** All that is said, each with its line; the table begins in line 11. */
const said = (text: string, env: Record<string, string> = {}) =>
  describeProblems("x", HEAD + text, load(text, env).problems).map(
    ({ severity, text }) => `${severity} ${text}`,
  );
const ANN = { "slack.team": "U0123456789", "matrix.home": "@ann:example.org" };

describe("a person", () => {
  it("is one id an account, with a dotted key or a quoted one, whatever its case", () => {
    const dotted =
      '[[user]]\nname="Ann"\nslack.team="U0123456789"\nmatrix.home="@ann:example.org"\n';
    const quoted = '[[User]]\n"Slack.Team"="U0123456789"\n"matrix.home"="@ann:example.org"\n';
    expect([users(dotted), users(quoted)]).toEqual([[ANN], [ANN]]);
    expect([...said(dotted), ...said(quoted)]).toEqual([]);
  });

  it("may be a table of a list", () => {
    const list =
      'user=[{slack.team="U1234",gitter.old="ann"},{slack.team="U5678",gitter.old="bob"}]\n';
    expect(loadConfig(list + HEAD, {}, protocols).config?.users).toHaveLength(2);
  });

  it("may have an id from the environment", () => {
    const text = '[[user]]\nslack.team="${ANN}"\nmatrix.home="@ann:example.org"\n';
    expect(users(text, { ANN: "U0123456789" })).toEqual([ANN]);
    expect(said(text)).toEqual([
      "error x:12: user number 1: slack.team names the variable ANN, which is not set: set ANN in the environment, or write the id",
    ]);
  });

  it.each([
    ['slack.team="@ann"', "write the member id, like U0123456789"],
    ['slack.team="u0123456789"', "write the member id"],
    ['matrix.home="ann:example.org"', 'write the Matrix id, like "@ann:example.org"'],
    ['gitter.old="@ann"', 'write the user name without @, like "mara-dev"'],
    ["slack.team=12", 'write it as text: "..."'],
  ])("with %s has no such id", (line, fix) => {
    const account = line.split("=")[0]!;
    expect(said(`[[user]]\nname="Ann"\n${line}\n`)).toEqual([
      expect.stringContaining(`error x:13: user "Ann": the id of ${account} is not one: ${fix}`),
    ]);
  });

  it("of an account that is not there is told which one was meant", () => {
    expect(said('[[user]]\nslack.taem="U0123456789"\nmatrix.home="@a:b.c"\n')).toEqual([
      'error x:12: user number 1: "slack.taem" is no account of this file: did you mean slack.team?',
    ]);
  });

  it("may be in accounts that no gateway uses at present", () => {
    const text =
      '[slack.later]\n[[user]]\nslack.later="U9999"\nslack.team="U1234"\nmatrix.home="@a:b.c"\n';
    expect(users(text)).toEqual([{ "slack.team": "U1234", "matrix.home": "@a:b.c" }]);
  });

  it("has an id for itself", () => {
    const user = (name: string, id: string) =>
      `[[user]]\nname="${name}"\nslack.team="U1234"\nmatrix.home="${id}"\n`;
    expect(said(user("Ann", "@a:b.c") + user("Bob", "@b:b.c"))).toEqual([
      'error x:17: user "Bob": U1234 of slack.team is user "Ann" already: write each id once',
    ]);
  });

  it("in one account alone is a warning", () => {
    expect(said('[[user]]\nslack.team="U1234"\n')).toEqual([
      expect.stringContaining("warning x:11: user number 1: has an id in fewer than two accounts"),
    ]);
  });

  it("in single brackets is an error that shows the double ones", () => {
    expect(said('[user]\nslack.team="U1234"\n')).toEqual([
      "error x:11: [user]: is not a list of tables: write [[user]], with two brackets",
    ]);
  });
});
