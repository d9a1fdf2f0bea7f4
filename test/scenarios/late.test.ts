/** Events that Slack brings hours late, over real HTTP, unchanged against both hosts. */
import { describe, expect, it } from "vitest";

import { utcText } from "../../src/core/rules/late.ts";
import { add } from "../../src/sandbox/slack/messages.ts";
import { HOSTS, seenAtGitter } from "./hosts.ts";
import { sharedSetup, shows } from "./setting.ts";

const HOUR_MS = 3_600_000;

describe.each(HOSTS)("an event of Slack's, through %s", (_name, start) => {
  const setup = sharedSetup(start);

  /** What Ada said then, of which Slack has told nothing yet. */
  const said = (text: string, at: number) => {
    const { state } = setup.sandbox.slack;
    const channel = [...state.channels.values()].find(({ name }) => name === "general")!;
    return add(state, channel, { user: "U0ADA", text, team: state.seed.teamId }, at);
  };

  it("that comes hours late is relayed once with its time, though Slack sends it again", async () => {
    const { slack } = setup.sandbox;
    const at = Date.now() - 23 * HOUR_MS;
    const { effects } = said("of yesterday", at);
    slack.apply(effects);
    await shows(setup, seenAtGitter, "of yesterday");
    slack.apply(effects);
    slack.say("ada", "general", "of today");
    await shows(setup, seenAtGitter, "of today");
    expect(seenAtGitter(setup.sandbox)).toEqual([
      `Ada [${utcText(at)}] of yesterday`,
      "Ada of today",
    ]);
  }, 60_000);

  it("that comes when history has brought its message is known", async () => {
    const { slack } = setup.sandbox;
    const { effects } = said("without an event", Date.now());
    await setup.restart();
    await shows(setup, seenAtGitter, "without an event");
    slack.apply(effects);
    slack.say("ada", "general", "the last");
    await shows(setup, seenAtGitter, "the last");
    const found = seenAtGitter(setup.sandbox).filter((text) => text.includes("without an event"));
    expect(found).toEqual(["Ada without an event"]);
  }, 60_000);
});
