/** Reactions between Slack and Matrix, with Gitter's API in the same gateway, over real HTTP, unchanged against both hosts. */
import { describe, expect, it } from "vitest";

import { HOSTS, seenAtGitter, until } from "./hosts.ts";
import { BOT, IVO, MARA, ROOM, sharedSetup } from "./setting.ts";

describe.each(HOSTS)("reactions through %s", (_name, start) => {
  const setup = sharedSetup(
    start,
    { slack: { customEmoji: ["partyparrot"] } },
    undefined,
    "three ways",
  );

  const slack = () => setup.sandbox.slack;
  const matrix = () => setup.sandbox.matrix;
  /** Who holds what at a message of a room; reactions that were taken back are gone. */
  const atMatrix = (id: string) =>
    matrix()
      .events(ROOM)
      .flatMap(({ type, sender, content }) => {
        const to = content["m.relates_to"] as { event_id?: string; key?: string } | undefined;
        return type === "m.reaction" && to?.event_id === id ? [`${sender} ${to.key}`] : [];
      });
  const atSlack = (ts: string) =>
    slack()
      .messages("general")
      .find((message) => message.ts === ts)
      ?.reactions?.map(({ name, users }) => `${name} ${users.join(" ")}`) ?? [];
  const copyAtMatrix = async (text: string): Promise<string> => {
    const found = () =>
      matrix()
        .messages(ROOM)
        .find(({ body }) => body.includes(text));
    await until(setup.sandbox, () => found() !== undefined);
    return found()!.id;
  };
  const copyAtSlack = async (text: string): Promise<string> => {
    const found = () =>
      slack()
        .messages("general")
        .find((message) => message.text.includes(text));
    await until(setup.sandbox, () => found() !== undefined);
    return found()!.ts;
  };

  it("shows several people's reaction at Slack once in the room, until the last takes it back", async () => {
    const said = slack().say("ada", "general", "cake today");
    const copy = await copyAtMatrix("cake today");
    slack().react("ada", "general", said.ts, "tada");
    slack().react("ben", "general", said.ts, "tada");
    await until(setup.sandbox, () => atMatrix(copy).length > 0);
    slack().react("ada", "general", said.ts, "tada", false);
    // What comes behind it tells that it is dealt with.
    slack().react("ben", "general", said.ts, "heart");
    await until(setup.sandbox, () => atMatrix(copy).length > 1);
    expect(atMatrix(copy)).toEqual([`${BOT} 🎉`, `${BOT} ❤\ufe0f`]);
    slack().react("ben", "general", said.ts, "tada", false);
    await until(setup.sandbox, () => atMatrix(copy).length < 2);
    expect(atMatrix(copy)).toEqual([`${BOT} ❤\ufe0f`]);
  });

  it("shows a reaction in the room at Slack, skin tone and all, and its redaction", async () => {
    const id = matrix().say(MARA, ROOM, "shall we?");
    const copy = await copyAtSlack("shall we?");
    const reaction = matrix().react(IVO, ROOM, id, "👍🏼");
    matrix().react(MARA, ROOM, id, ":partyparrot:");
    await until(setup.sandbox, () => atSlack(copy).length > 1);
    expect(atSlack(copy)).toEqual(["+1::skin-tone-3 U0FOOTBRIDGE", "partyparrot U0FOOTBRIDGE"]);
    matrix().remove(ROOM, reaction);
    await until(setup.sandbox, () => atSlack(copy).length < 2);
    expect(atSlack(copy)).toEqual(["partyparrot U0FOOTBRIDGE"]);
  });

  it("brings a reaction to a copy to the message itself", async () => {
    const said = slack().say("ben", "general", "the original");
    const copy = await copyAtMatrix("the original");
    matrix().react(MARA, ROOM, copy, "🚀");
    await until(setup.sandbox, () => atSlack(said.ts).length > 0);
    expect(atSlack(said.ts)).toEqual(["rocket U0FOOTBRIDGE"]);
    expect(atMatrix(copy)).toEqual([`${MARA} 🚀`]);
  });

  it("goes on after what has no name at Slack, and says nothing of it at Gitter", async () => {
    const id = matrix().say(MARA, ROOM, "any words?");
    const copy = await copyAtSlack("any words?");
    matrix().react(IVO, ROOM, id, "LGTM");
    matrix().react(IVO, ROOM, id, "✅");
    await until(setup.sandbox, () => atSlack(copy).length > 0);
    expect(atSlack(copy)).toEqual(["white_check_mark U0FOOTBRIDGE"]);
    expect(seenAtGitter(setup.sandbox).filter((text) => /LGTM|✅/u.test(text))).toEqual([]);
  });

  it("finds out what happened while it was down", async () => {
    const said = slack().say("ada", "general", "good night");
    const copy = await copyAtMatrix("good night");
    await setup.host().kill();
    slack().react("ben", "general", said.ts, "wave");
    const reaction = matrix().react(MARA, ROOM, copy, "😴");
    await setup.restart();
    await until(setup.sandbox, () => atMatrix(copy).length > 1 && atSlack(said.ts).length > 1);
    expect(atMatrix(copy)).toEqual([`${MARA} 😴`, `${BOT} 👋`]);
    matrix().remove(ROOM, reaction);
    await until(setup.sandbox, () => atSlack(said.ts).length < 2);
    expect(atSlack(said.ts)).toEqual(["wave U0BEN"]);
  });
});
