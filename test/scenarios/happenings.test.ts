/** `/me`, topics, joins and leaves between all three, over real HTTP, unchanged against both hosts. */
import { describe, expect, it } from "vitest";

import { DEFAULT_GITTER } from "../../src/sandbox/gitter/state.ts";
import { HOSTS, seenAtGitter, seenAtMatrix, seenAtSlack, until } from "./hosts.ts";
import { BOT, IVO, MARA, ROOM, sharedSetup, shows } from "./setting.ts";

const SETTINGS = ["SendInterval=0", "ShowJoinPart=true", "ShowTopicChange=true", "SyncTopic=true"];

describe.each(HOSTS)("what happens beside talk, through %s", (_name, start) => {
  const rooms = DEFAULT_GITTER.rooms.map((room) => ({ ...room, botIsAdmin: true }));
  const setup = sharedSetup(start, { gitter: { rooms } }, SETTINGS.join("\n"), "three ways");

  it("shows a /me of each as one on both other sides", async () => {
    const { slack, gitter, matrix } = setup.sandbox;
    slack.say("ada", "general", "waves from Slack", { emote: true });
    matrix.say(MARA, ROOM, "waves from Matrix", { msgtype: "m.emote" });
    gitter.say("ivo", ROOM, "@ivo waves from Gitter", { emote: true });
    expect(await shows(setup, seenAtGitter, "from Slack")).toEqual(["*Ada waves from Slack*"]);
    expect(await shows(setup, seenAtGitter, "from Matrix")).toEqual([
      "*Mara Devlin waves from Matrix*",
    ]);
    await shows(setup, seenAtMatrix, "from Slack");
    await shows(setup, seenAtMatrix, "from Gitter");
    expect(
      matrix
        .messages(ROOM)
        .filter(({ sender, body }) => sender === BOT && /waves/u.test(body))
        .map(({ msgtype, shownAs }) => `${msgtype} ${shownAs}`)
        .toSorted(),
    ).toEqual(["m.emote Ada", "m.emote ivo"]);
    await shows(setup, seenAtSlack, "from Matrix");
    await shows(setup, seenAtSlack, "from Gitter");
    const italic = slack
      .messages("general")
      .filter(({ username, text }) => username !== undefined && /waves/u.test(text))
      .map(({ username, blocks }) => `${username} ${JSON.stringify(blocks).includes("italic")}`);
    expect(italic.toSorted()).toEqual(["Mara Devlin true", "ivo true"]);
  });

  it("tells of a topic and sets it, where the bridge may", async () => {
    const { slack, gitter, matrix } = setup.sandbox;
    const topic = () => matrix.state.rooms.values().next().value?.state.get("m.room.topic|");
    slack.describe("ada", "general", "topic", "apples &amp; pears");
    await shows(setup, seenAtMatrix, "Ada changed the topic to: apples & pears");
    await shows(setup, seenAtGitter, "Ada changed the topic to: apples & pears");
    await until(setup.sandbox, () => gitter.state.rooms.values().next().value?.topic !== "");
    expect(gitter.state.rooms.values().next().value?.topic).toBe("apples & pears");
    // The bridge's account is no moderator of the Matrix room yet; what comes behind does not wait for that.
    slack.say("ada", "general", "behind the topic");
    await shows(setup, seenAtMatrix, "behind the topic");
    expect(topic()).toBeUndefined();

    const [owner] = matrix.seed.people;
    const levels = { users: { [BOT]: 50 } };
    matrix.send(owner!.id, ROOM, "m.room.power_levels", levels, "");
    slack.describe("ben", "general", "topic", "cherries");
    await until(setup.sandbox, () => topic() !== undefined);
    expect(topic()?.event).toMatchObject({ sender: BOT, content: { topic: "cherries" } });

    matrix.send(MARA, ROOM, "m.room.topic", { topic: "plums" }, "");
    await until(setup.sandbox, () => slack.state.channels.get("C0GENERAL")?.topic === "plums");
    expect(await shows(setup, seenAtSlack, "plums")).toContain(
      "U0FOOTBRIDGE: Mara Devlin changed the topic to: plums",
    );
    // What the bridge sets itself is told nowhere.
    expect(seenAtMatrix(setup.sandbox).filter((text) => text.includes("plums"))).toEqual([]);
  });

  it("tells who comes and goes, in both directions, and not of itself", async () => {
    const { slack, matrix } = setup.sandbox;
    slack.member("cleo", "general", true);
    await shows(setup, seenAtMatrix, "cleo joined");
    await shows(setup, seenAtGitter, "cleo joined");
    slack.member("cleo", "general", false);
    await shows(setup, seenAtMatrix, "cleo left");
    matrix.member(IVO, ROOM, "leave");
    await shows(setup, seenAtSlack, "Ivo Petrov left");
    matrix.member(IVO, ROOM, "join");
    await shows(setup, seenAtSlack, "Ivo Petrov joined");
    // A new face or name is no join.
    const renamed = { membership: "join", displayname: "Ivo the Great" };
    matrix.send(IVO, ROOM, "m.room.member", renamed, IVO);
    matrix.say(IVO, ROOM, "new name");
    await shows(setup, seenAtSlack, "new name");
    const told = (seen: string[]) => seen.filter((text) => /joined|left/u.test(text));
    expect(
      told(seenAtSlack(setup.sandbox)).filter((text) => text.startsWith("U0FOOTBRIDGE: ")),
    ).toEqual(["U0FOOTBRIDGE: Ivo Petrov left", "U0FOOTBRIDGE: Ivo Petrov joined"]);
    expect(told(seenAtMatrix(setup.sandbox))).toEqual(["cleo joined", "cleo left"]);
    expect(matrix.messages(ROOM).find(({ body }) => body === "cleo joined")).toMatchObject({
      msgtype: "m.notice",
    });
  });
});
