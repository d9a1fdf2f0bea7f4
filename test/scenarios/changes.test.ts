/** Edits, deletions and threads over all pairs of the three services, over real HTTP, unchanged against both hosts. */
import { describe, expect, it } from "vitest";

import type { Sandbox } from "../../src/sandbox/server.ts";
import { HOSTS, setUp, until } from "./hosts.ts";
import { ROOM, sharedSetup } from "./setting.ts";
import { gitterSide, matrixSide, type Side, slackSide } from "./sides.ts";

/** Gitter's stream tells of no change: the room is read again every 20 s. */
const LONG_MS = 120_000;

const sidesOf = (sandbox: Sandbox) => ({
  slack: slackSide(sandbox),
  gitter: gitterSide(sandbox),
  matrix: matrixSide(sandbox),
});

describe.each(HOSTS)("changes through %s", (_name, start) => {
  const setup = sharedSetup(start, {}, undefined, "three ways");

  it.each(["slack", "gitter", "matrix"] as const)(
    "of %s arrive at both others: an edit, a deletion, a reply in its thread",
    async (from) => {
      const { sandbox } = setup;
      const sides = sidesOf(sandbox);
      const source: Side = sides[from];
      const others = Object.values<Side>(sides).filter((side) => side !== source);
      const find = (side: Side, text: string) =>
        side.shown().find((shown) => shown.text.includes(`${text} of ${from}`));
      const everywhere = (isTrue: (side: Side) => boolean) =>
        until(sandbox, () => others.every((side) => isTrue(side)));
      const root = source.say(`a question of ${from}`);
      const typo = source.say(`a typpo of ${from}`);
      const secret = source.say(`a secret of ${from}`);
      await everywhere((side) => find(side, "a secret") !== undefined);
      source.edit(typo, `a typo of ${from}`);
      source.remove(secret);
      source.say(`an answer of ${from}`, { thread: root });
      await everywhere(
        (side) => find(side, "a typo") !== undefined && find(side, "a secret") === undefined,
      );
      await everywhere((side) => find(side, "an answer") !== undefined);
      for (const side of others) {
        expect(find(side, "a typpo")).toBeUndefined();
        expect(find(side, "an answer")?.root).toContain(`a question of ${from}`);
      }
    },
    LONG_MS,
  );

  it("of a message's length add posts in its thread and take them away", async () => {
    const { sandbox } = setup;
    const { slack, gitter } = sidesOf(sandbox);
    const root = slack.say("a long story");
    const id = slack.say("a story in short", { thread: root });
    const parts = () => gitter.shown().filter(({ text }) => text.includes("story in"));
    await until(sandbox, () => parts().length === 1);
    slack.edit(id, Array.from({ length: 500 }, (_each, at) => `story in line ${at}`).join("\n"));
    await until(sandbox, () => parts().some(({ text }) => text.includes("line 499")));
    expect(parts().length).toBeGreaterThan(1);
    expect(new Set(parts().map((part) => part.root))).toEqual(new Set(["Ada a long story"]));
    slack.edit(id, "a story in brief");
    await until(sandbox, () => parts().length === 1);
    expect(parts()[0]?.text).toBe("Ada a story in brief");
  }, 60_000);

  it("bring a reply that Slack also shows in the channel once, into its thread", async () => {
    const { sandbox } = setup;
    const { gitter, matrix } = sidesOf(sandbox);
    const { ts: thread } = sandbox.slack.say("ada", "general", "who brings cake?");
    sandbox.slack.say("ben", "general", "the bakery does", { thread, broadcast: true });
    sandbox.slack.say("ben", "general", "behind the bakery");
    const at = (side: Side, text: string) =>
      side.shown().filter((each) => each.text.includes(text));
    await until(sandbox, () =>
      [gitter, matrix].every((side) => at(side, "behind the bakery").length > 0),
    );
    for (const side of [gitter, matrix]) {
      const [answer, ...more] = at(side, "the bakery does");
      expect(more).toEqual([]);
      expect(answer?.root).toContain("who brings cake?");
    }
  });

  it("put a Matrix reply outside of threads into the thread of what it answers", async () => {
    const { sandbox } = setup;
    const { slack } = sidesOf(sandbox);
    slack.say("who is right");
    const at = () =>
      sandbox.matrix.messages(ROOM).find(({ body }) => body.includes("who is right"));
    await until(sandbox, () => at() !== undefined);
    sandbox.matrix.say("@mara:gitter.im", ROOM, "ask ivo", { replyTo: at()!.id });
    const answer = () => slack.shown().find(({ text }) => text === "ask ivo");
    await until(sandbox, () => answer() !== undefined);
    expect(answer()?.root).toBe("who is right");
  });
});

describe.each(HOSTS)("with PreserveThreading=false through %s", (_name, start) => {
  it("a reply quotes what it answers", async () => {
    const setup = await setUp(start, {}, "SendInterval=0\nPreserveThreading=false");
    try {
      const { sandbox } = setup;
      const { slack, gitter } = sidesOf(sandbox);
      const root = slack.say("where is the release?");
      slack.say("on its way", { thread: root });
      const answer = () => gitter.shown().find(({ text }) => text.includes("on its way"));
      await until(sandbox, () => answer() !== undefined);
      expect(answer()?.text).toBe("Ada\n\n> Ada: where is the release?\n\non its way");
      expect(answer()?.root).toBeUndefined();
    } finally {
      await setup.close();
    }
  }, 60_000);
});
