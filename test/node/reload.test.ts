/** A configuration that changes while a real process relays by it. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import type { Letter } from "../../src/core/letters.ts";
import type { Report } from "../../src/core/report.ts";
import { pairsOf, sandboxOf } from "../scenarios/pairs.ts";
import { ADMIN_TOKEN, configOf, setUp, type Setup, startNode, until } from "../scenarios/hosts.ts";

const PAIRS = pairsOf(3);
let setup: Setup;
afterEach(() => setup.close());

/** As an editor and a ConfigMap do it: at once. */
function write(text: string): void {
  const file = join(setup.dataDir, "matterbridge.toml");
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}
const ask = async <Answer>(path: string): Promise<Answer> => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await (await fetch(setup.host().url + path, { headers })).json()) as Answer;
};
const configNow = async () => (await ask<Report>("/admin/status")).config!;
/** Resolves once the process has looked at what was written. */
async function noticed(): Promise<Report["config"]> {
  const before = await configNow();
  for (;;) {
    const now = await configNow();
    if (now.since > before.since || now.refused !== undefined) return now;
    await until(setup.sandbox, () => true);
  }
}
/** The configuration without its pairs from this one on. */
const firstPairs = (count: number): string =>
  configOf(setup.sandbox)
    .split("[[gateway]]")
    .slice(0, count + 1)
    .join("[[gateway]]");

const atGitter = (pair: number): string[] =>
  setup.sandbox.gitter
    .messages(PAIRS[pair]!.room)
    .flatMap(({ text }) => (text.startsWith("Ada ") ? [text.slice(4)] : []));
const atSlack = (pair: number): string[] =>
  setup.sandbox.slack
    .messages(PAIRS[pair]!.channel)
    .flatMap(({ username, text }) => (username === undefined ? [] : [text]));

describe("a configuration that changes while messages flow", () => {
  it("is taken over again and again, and nothing is lost, doubled or out of order", async () => {
    const options = sandboxOf(PAIRS, 20);
    // Slack promises no order; here it keeps one, so that what is out of order is our doing.
    setup = await setUp(startNode, {
      ...options,
      slack: { ...options.slack, orderWaitMs: 60_000 },
    });
    const { sandbox } = setup;
    const each = 60;
    const wanted = (side: string) => Array.from({ length: each }, (_each, nth) => `${side} ${nth}`);
    for (let nth = 0; nth < each; nth += 1)
      for (const { channel, room } of PAIRS) {
        sandbox.slack.say("ada", channel, `s ${nth}`);
        sandbox.gitter.say("ivo", room, `g ${nth}`);
      }
    const arrived = () =>
      PAIRS.reduce((sum, _pair, nth) => sum + atGitter(nth).length + atSlack(nth).length, 0);
    const all = 2 * each * PAIRS.length;
    for (const share of [0.2, 0.6]) {
      await until(sandbox, () => arrived() >= share * all);
      process.kill(setup.host().pid!, "SIGHUP");
    }
    await until(sandbox, () => arrived() >= all);
    expect(PAIRS.map((_pair, nth) => atGitter(nth))).toEqual(PAIRS.map(() => wanted("s")));
    expect(PAIRS.map((_pair, nth) => atSlack(nth))).toEqual(PAIRS.map(() => wanted("g")));
  }, 60_000);

  it("stops what was taken out of it at once, and keeps what waited for that as a dead letter", async () => {
    setup = await setUp(startNode, sandboxOf(PAIRS, 0));
    const { sandbox } = setup;
    sandbox.gitter.fault({
      method: "POST chatMessages",
      times: 1,
      fault: { kind: "429", retryAfterS: 99 },
    });
    sandbox.slack.say("ada", PAIRS[2]!.channel, "waits");
    await until(sandbox, () => sandbox.slack.deliveries.length === 1);
    write(firstPairs(2));
    await noticed();
    await until(sandbox, () => sandbox.gitter.streams.count(PAIRS[2]!.room) === 0);
    sandbox.gitter.say("ivo", PAIRS[2]!.room, "not for Slack any more");
    sandbox.slack.say("ada", PAIRS[2]!.channel, "not for Gitter any more");
    sandbox.gitter.say("ivo", PAIRS[0]!.room, "on");
    sandbox.slack.say("ada", PAIRS[0]!.channel, "on");
    await until(sandbox, () => atGitter(0).length > 0 && atSlack(0).length > 0);
    expect([atGitter(2), atSlack(2)]).toEqual([[], []]);
    let letters: readonly Letter[] = [];
    while (letters.length === 0)
      ({ letters } = await ask<{ letters: Letter[] }>("/admin/dead-letters?text=1"));
    expect(letters.map(({ text, reason }) => [text, reason])).toEqual([
      ["waits", `"${PAIRS[2]!.room}" of gitter.g is no longer configured`],
    ]);
  }, 60_000);

  it("relays what was put into it, and finds copies from before for edits", async () => {
    setup = await setUp(startNode, sandboxOf(PAIRS, 0));
    const { sandbox } = setup;
    const said = sandbox.slack.say("ada", PAIRS[0]!.channel, "befor");
    await until(sandbox, () => atGitter(0).length > 0);
    write(firstPairs(1));
    await noticed();
    write(configOf(sandbox));
    await noticed();
    await until(sandbox, () => sandbox.gitter.streams.count() === PAIRS.length);
    sandbox.slack.edit(PAIRS[0]!.channel, said.ts, "before");
    sandbox.gitter.say("ivo", PAIRS[2]!.room, "back");
    await until(sandbox, () => atGitter(0)[0] === "before" && atSlack(2).length > 0);
    expect([atGitter(0), atSlack(2)]).toEqual([["before"], ["back"]]);
  }, 60_000);

  it("changes nothing where it cannot be used, and status says why", async () => {
    setup = await setUp(startNode, sandboxOf(PAIRS, 0));
    const { sandbox } = setup;
    write(
      `${configOf(sandbox)}\n[[gateway]]\nname="new"\nenable=true\ninout=[{account="irc.x",channel="#x"}]\n`,
    );
    const config = await noticed();
    expect(config?.refused?.errors).toContainEqual(expect.stringContaining("irc.x"));
    sandbox.slack.say("ada", PAIRS[1]!.channel, "still here");
    await until(sandbox, () => atGitter(1).length > 0);
    expect(atGitter(1)).toEqual(["still here"]);
  }, 60_000);
});
