/** Edits, deletions and threads over all pairs of the three services, over real HTTP, unchanged against both hosts. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Sandbox } from "../../src/sandbox/server.ts";
import { HOSTS, setUp, type Setup, until } from "./hosts.ts";

const ROOM = "footbridge/lobby";
/** Gitter's stream tells of no change: the room is read again every 20 s. */
const LONG_MS = 120_000;

type Name = "slack" | "gitter" | "matrix";
interface Shown {
  readonly text: string;
  /** What the first message of its thread says. */
  readonly root?: string;
}
interface Side {
  say(text: string, thread?: string): string;
  edit(id: string, text: string): void;
  remove(id: string): void;
  shown(): readonly Shown[];
}

const sidesOf = ({ slack, gitter, matrix }: Sandbox): Record<Name, Side> => {
  const shownOf = (
    all: readonly { id: string; text: string; thread?: string | undefined }[],
  ): readonly Shown[] =>
    all.map(({ text, thread }) => {
      const root = all.find(({ id }) => id === thread)?.text;
      return { text, ...(root === undefined ? {} : { root }) };
    });
  return {
    slack: {
      say: (text, thread) =>
        slack.say("ada", "general", text, thread === undefined ? {} : { thread }).ts,
      edit: (id, text) => void slack.edit("general", id, text),
      remove: (id) => slack.remove("general", id),
      shown: () =>
        shownOf(
          slack
            .messages("general")
            .map(({ ts, text, thread_ts: thread }) => ({ id: ts, text, thread })),
        ),
    },
    gitter: {
      say: (text, thread) =>
        gitter.say("ivo", ROOM, text, thread === undefined ? {} : { thread }).id,
      edit: (id, text) => void gitter.edit(ROOM, id, text),
      remove: (id) => gitter.remove(ROOM, id),
      shown: () =>
        shownOf(
          gitter.messages(ROOM).map(({ id, text, parentId }) => ({ id, text, thread: parentId })),
        ),
    },
    matrix: {
      say: (text, thread) =>
        matrix.say("@mara:gitter.im", ROOM, text, thread === undefined ? {} : { thread }),
      edit: (id, text) => void matrix.edit(ROOM, id, text),
      remove: (id) => matrix.remove(ROOM, id),
      shown: () =>
        shownOf(matrix.messages(ROOM).map(({ id, body, thread }) => ({ id, text: body, thread }))),
    },
  };
};

describe.each(HOSTS)("changes through %s", (_name, start) => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await setUp(start, {}, undefined, "three ways");
  }, 60_000);
  afterAll(() => setup.close());

  it.each(["slack", "gitter", "matrix"] as const)(
    "of %s arrive at both others: an edit, a deletion, a reply in its thread",
    async (from) => {
      const { sandbox } = setup;
      const sides = sidesOf(sandbox);
      const source = sides[from];
      const others = Object.values(sides).filter((side) => side !== source);
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
      source.say(`an answer of ${from}`, root);
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
    const id = slack.say("a story in short", root);
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
      slack.say("on its way", root);
      const answer = () => gitter.shown().find(({ text }) => text.includes("on its way"));
      await until(sandbox, () => answer() !== undefined);
      expect(answer()).toEqual({ text: "Ada\n\n> Ada: where is the release?\n\non its way" });
    } finally {
      await setup.close();
    }
  }, 60_000);
});
