/** Two channels of one workspace, and two rooms of one homeserver: pairs within a service, unchanged against both hosts. */
import { beforeAll, describe, expect, it } from "vitest";

import { HOSTS, until } from "./hosts.ts";
import { BOT, MARA, ROOM, sharedSetup } from "./setting.ts";
import { matrixSide, type RichSide, slackSide } from "./sides.ts";

const [GENERAL, RANDOM, DEN] = ["general", "random", "footbridge/den"];
const SETTINGS = "SendInterval=0\nShowTopicChange=true\nSyncTopic=true";
/** Every byte there is. */
const BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_each, index) => index));

describe.each(HOSTS)("within one service, through %s", (_name, start) => {
  const setup = sharedSetup(
    start,
    {
      slack: {
        channels: [
          { id: "C0GENERAL", name: GENERAL },
          { id: "C0RANDOM", name: RANDOM },
        ],
      },
      matrix: { rooms: [ROOM, DEN].map((name) => ({ alias: name.replace("/", "_") })) },
    },
    SETTINGS,
    "one service",
  );
  beforeAll(() => {
    const levels = { users: { [BOT]: 50 } };
    for (const room of [ROOM, DEN])
      setup.sandbox.matrix.send(MARA, room, "m.room.power_levels", levels, "");
  });

  const both = (service: string): readonly [RichSide, RichSide] =>
    service === "Slack"
      ? [slackSide(setup.sandbox, GENERAL), slackSide(setup.sandbox, RANDOM)]
      : [matrixSide(setup.sandbox), matrixSide(setup.sandbox, DEN)];
  const found = (side: RichSide, text: string) =>
    side.shown().find((message) => message.text.includes(text));
  const seen = async (side: RichSide, text: string) => {
    await until(setup.sandbox, () => found(side, text) !== undefined);
    return found(side, text)!;
  };

  it("shows a reply that is also sent to the channel so at Slack's other channel", async () => {
    const { slack } = setup.sandbox;
    const { ts: thread } = slack.say("ada", GENERAL, "who comes along?");
    slack.say("ben", GENERAL, "the whole team does", { thread, broadcast: true });
    const copy = () => slack.messages(RANDOM).find(({ text }) => text === "the whole team does");
    await until(setup.sandbox, () => copy() !== undefined);
    const root = slack.messages(RANDOM).find(({ text }) => text === "who comes along?");
    expect(copy()).toMatchObject({ subtype: "thread_broadcast", thread_ts: root?.ts });
  });

  describe.each(["Slack", "Matrix"])("of %s", (service) => {
    it.each([0, 1])(
      "carries edits, deletions, threads and /me from side %i, once",
      async (from) => {
        const sides = both(service);
        const [here, there] = [sides[from]!, sides[1 - from]!];
        const root = here.say(`a question ${from}`);
        const typo = here.say(`a typpo ${from}`);
        const secret = here.say(`a secret ${from}`);
        here.say(`waves ${from}`, { emote: true });
        expect((await seen(there, `waves ${from}`)).emote).toBe(true);
        here.edit(typo, `a typo ${from}`);
        here.remove(secret);
        here.say(`an answer ${from}`, { thread: root });
        expect((await seen(there, `an answer ${from}`)).root).toContain(`a question ${from}`);
        await seen(there, `a typo ${from}`);
        await until(setup.sandbox, () => found(there, `a secret ${from}`) === undefined);
        expect(found(there, `a typpo ${from}`)).toBeUndefined();
        // The copy that comes back to the same account is nobody's news.
        for (const side of sides)
          expect(
            side.shown().filter(({ text }) => text.includes(`a question ${from}`)),
          ).toHaveLength(1);
      },
    );

    it("carries reactions to a message and to its copy, and their removal", async () => {
      const [here, there] = both(service);
      const original = here.say("cake today");
      const { id: copy } = await seen(there, "cake today");
      const tadas = () => [here, there].map((side) => found(side, "cake today")?.tadas);
      const shows = (...wanted: readonly number[]) =>
        until(setup.sandbox, () => tadas().join() === wanted.join());
      here.tada(original);
      await shows(1, 1);
      here.tada(original);
      await shows(0, 0);
      there.tada(copy);
      await shows(1, 1);
      there.tada(copy);
      await shows(0, 0);
    });

    it("carries a file byte by byte", async () => {
      const [here, there] = both(service);
      here.upload("plan.png", BYTES);
      const file = () => there.shown().find((message) => message.file !== undefined)?.file;
      await until(setup.sandbox, () => file() !== undefined);
      expect(file()).toEqual(["plan.png", BYTES]);
    });

    it("sets the topic of the other, tells of it once, and does not set it back", async () => {
      const [here, there] = both(service);
      here.setTopic(`apples at ${service}`);
      await until(setup.sandbox, () => there.topic() === `apples at ${service}`);
      there.say("behind the topic");
      await seen(here, "behind the topic");
      const told = (side: RichSide) =>
        side.shown().filter(({ text }) => text.includes("changed the topic to: apples"));
      expect([told(here).length, told(there).length]).toEqual([0, 1]);
    });
  });
});
