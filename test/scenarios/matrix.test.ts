/** One gateway of Slack, Gitter's own API and Gitter as it is today, over real HTTP, unchanged against both hosts. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { describe, expect, it } from "vitest";

import type { Sandbox } from "../../src/sandbox/server.ts";
import { HOSTS, seenAtGitter, seenAtMatrix, seenAtSlack, setUp, until } from "./hosts.ts";
import { BOT, ROOM, sharedSetup, shows } from "./setting.ts";

const FACE = "<svg xmlns='http://www.w3.org/2000/svg'/>";

/** A face that is at the service itself, as Slack's are. */
const extra = (request: IncomingMessage, response: ServerResponse): boolean => {
  if (request.url !== "/face.svg") return false;
  response.writeHead(200, { "content-type": "image/svg+xml" }).end(FACE);
  return true;
};

describe.each(HOSTS)("three ways through %s", (_name, start) => {
  const setup = sharedSetup(start, { extra }, undefined, "three ways");
  const matrix = () => setup.sandbox.matrix;
  const fromBridge = (text: string) =>
    matrix()
      .messages(ROOM)
      .find((message) => message.sender === BOT && message.body.includes(text));

  it("shows at Gitter and in the Matrix room what somebody says at Slack, under the author's name", async () => {
    const { sandbox } = setup;
    sandbox.slack.say("ada", "general", "hello all");
    await shows(setup, seenAtMatrix, "hello all");
    await shows(setup, seenAtGitter, "hello all");
    expect(fromBridge("hello all")).toMatchObject({ body: "Ada: hello all", shownAs: "Ada" });
  });

  it("shows at Slack and at Gitter what somebody says in the Matrix room", async () => {
    const { sandbox } = setup;
    matrix().say("@mara:gitter.im", ROOM, "hello from Matrix");
    await shows(setup, seenAtSlack, "hello from Matrix");
    await shows(setup, seenAtGitter, "hello from Matrix");
    expect(seenAtSlack(sandbox)).toContain("Mara Devlin: hello from Matrix");
    expect(seenAtMatrix(sandbox).filter((body) => body.includes("hello from"))).toHaveLength(1);
  });

  it("shows in the Matrix room what somebody says at Gitter's API", async () => {
    setup.sandbox.gitter.say("ivo", ROOM, "hello from the stream");
    await shows(setup, seenAtMatrix, "hello from the stream");
    expect(fromBridge("hello from the stream")?.shownAs).toBe("ivo");
  });

  it("shows the author's face in the Matrix room, copied to the homeserver once", async () => {
    const { sandbox } = setup;
    const [ada] = sandbox.slack.seed.people;
    const cleo = { ...ada!, id: "U0CLEO", name: "cleo", avatarUrl: `${sandbox.url}/face.svg` };
    sandbox.slack.state.people.set(cleo.id, cleo);
    for (const text of ["with a face", "with the same face"])
      sandbox.slack.say("cleo", "general", text);
    await shows(setup, seenAtMatrix, "with the same face");
    const faces = ["with a face", "with the same face"].map(
      (text) => fromBridge(text)?.content["com.beeper.per_message_profile"],
    );
    expect(faces).toEqual([
      expect.objectContaining({ avatar_url: "mxc://gitter.im/m0" }),
      expect.objectContaining({ avatar_url: "mxc://gitter.im/m0" }),
    ]);
    expect([...matrix().state.media.values()]).toEqual([{ type: "image/svg+xml", body: FACE }]);
  });

  it("keeps the order of a burst from the Matrix room", async () => {
    const { sandbox } = setup;
    const texts = Array.from({ length: 120 }, (_each, index) => `burst ${index} of Matrix`);
    for (const text of texts) matrix().say("@ivo:gitter.im", ROOM, text);
    const burst = () => seenAtSlack(sandbox).filter((text) => text.includes("of Matrix"));
    await until(sandbox, () => burst().length >= texts.length);
    expect(burst()).toEqual(texts.map((text) => `Ivo Petrov: ${text}`));
  });

  it("answers in the thread, both ways", async () => {
    const { sandbox } = setup;
    const root = sandbox.slack.say("ada", "general", "a question for all");
    await shows(setup, seenAtMatrix, "a question for all");
    sandbox.slack.say("ben", "general", "an answer of Slack", { thread: root.ts });
    await shows(setup, seenAtMatrix, "an answer of Slack");
    const question = fromBridge("a question for all")!.id;
    expect(fromBridge("an answer of Slack")?.thread).toBe(question);
    matrix().say("@mara:gitter.im", ROOM, "an answer of Matrix", { thread: question });
    await shows(setup, seenAtSlack, "an answer of Matrix");
    const answer = sandbox.slack
      .messages("general")
      .find(({ text }) => text === "an answer of Matrix");
    expect(answer?.thread_ts).toBe(root.ts);
  });

  it("carries edits and deletes both ways", async () => {
    const { sandbox } = setup;
    const said = sandbox.slack.say("ada", "general", "a typpo");
    const id = matrix().say("@mara:gitter.im", ROOM, "a misteak");
    await shows(setup, seenAtMatrix, "a typpo");
    await shows(setup, seenAtSlack, "a misteak");
    sandbox.slack.edit("general", said.ts, "a typo");
    matrix().edit(ROOM, id, "a mistake");
    await shows(setup, seenAtMatrix, "a typo");
    await shows(setup, seenAtSlack, "a mistake");
    sandbox.slack.remove("general", said.ts);
    matrix().remove(ROOM, id);
    await until(sandbox, () => fromBridge("a typo") === undefined);
    await until(sandbox, () => !seenAtSlack(sandbox).some((text) => text.includes("a mistake")));
    expect(fromBridge("a typo")).toBeUndefined();
  });

  it("shows the earlier text again where an edit is taken back", async () => {
    const { sandbox } = setup;
    const id = matrix().say("@mara:gitter.im", ROOM, "no regrets");
    await shows(setup, seenAtSlack, "no regrets");
    const edit = matrix().edit(ROOM, id, "some regrets");
    await shows(setup, seenAtSlack, "some regrets");
    matrix().remove(ROOM, edit);
    await shows(setup, seenAtSlack, "no regrets");
    expect(seenAtSlack(sandbox).filter((text) => text.includes("regrets"))).toEqual([
      "Mara Devlin: no regrets",
    ]);
  });

  it("does not carry an edit of somebody else's message", async () => {
    const { sandbox } = setup;
    const id = matrix().say("@mara:gitter.im", ROOM, "mine alone");
    await shows(setup, seenAtSlack, "mine alone");
    matrix().edit(ROOM, id, "forged", "@ivo:gitter.im");
    matrix().say("@ivo:gitter.im", ROOM, "behind the forgery");
    await shows(setup, seenAtSlack, "behind the forgery");
    expect(seenAtSlack(sandbox)).toContain("Mara Devlin: mine alone");
  });

  it("loses nothing and doubles nothing over a restart with more said than one answer holds", async () => {
    const { sandbox } = setup;
    const texts = Array.from({ length: 150 }, (_each, index) => `meanwhile ${index} at Matrix`);
    matrix().say("@mara:gitter.im", ROOM, "before the restart");
    await shows(setup, seenAtSlack, "before the restart");
    const restarted = setup.restart();
    for (const text of texts) matrix().say("@mara:gitter.im", ROOM, text);
    await restarted;
    const seen = () => seenAtSlack(sandbox).filter((text) => text.includes("meanwhile"));
    await until(sandbox, () => seen().length >= texts.length);
    expect(seen()).toEqual(texts.map((text) => `Mara Devlin: ${text}`));
  });

  it("goes on after its place in the stream was forgotten by the homeserver", async () => {
    const { sandbox } = setup;
    matrix().expireSince();
    const texts = Array.from({ length: 5 }, (_each, index) => `after the loss ${index}`);
    for (const text of texts) matrix().say("@ivo:gitter.im", ROOM, text);
    const seen = () => seenAtSlack(sandbox).filter((text) => text.includes("after the loss"));
    await until(sandbox, () => seen().length >= texts.length);
    expect(seen()).toEqual(texts.map((text) => `Ivo Petrov: ${text}`));
  });

  it("follows the room to where it was upgraded to", async () => {
    const { sandbox } = setup;
    const next = matrix().upgrade(ROOM);
    await until(sandbox, () => matrix().state.rooms.get(next)!.state.has(`m.room.member|${BOT}`));
    sandbox.slack.say("ada", "general", "hello new room");
    await shows(setup, seenAtMatrix, "hello new room");
    matrix().say("@ivo:gitter.im", ROOM, "hello from the new room");
    await shows(setup, seenAtSlack, "hello from the new room");
    expect(fromBridge("hello new room")?.room).toBe(next);
  });

  it("deletes in the old room what is deleted at Slack, where the bridge may, and goes on where it may not", async () => {
    const { sandbox } = setup;
    const here = sandbox.matrix.state.aliases.get("#footbridge_lobby:gitter.im")!;
    const said = ["soon regretted", "regretted too"].map((text) =>
      sandbox.slack.say("ada", "general", text),
    );
    await shows(setup, seenAtMatrix, "regretted too");
    const users = { [BOT]: 50 };
    matrix().send("@mara:gitter.im", here, "m.room.power_levels", { users }, "");
    const next = matrix().upgrade(ROOM);
    await until(sandbox, () => matrix().state.rooms.get(next)!.state.has(`m.room.member|${BOT}`));
    sandbox.slack.say("ada", "general", "in the newest room");
    await shows(setup, seenAtMatrix, "in the newest room");
    const left = () =>
      matrix()
        .messages(here)
        .map(({ body }) => body)
        .join();
    sandbox.slack.remove("general", said[0]!.ts);
    await until(sandbox, () => !left().includes("soon regretted"));
    matrix().send("@mara:gitter.im", here, "m.room.power_levels", { users: {} }, "");
    sandbox.slack.remove("general", said[1]!.ts);
    sandbox.slack.say("ada", "general", "behind what stays");
    await shows(setup, seenAtMatrix, "behind what stays");
    expect(left()).toContain("regretted too");
  });
});

describe.each(HOSTS)("a room that the account is in already, through %s", (_name, start) => {
  it("begins at the first start: what was said there before stays there", async () => {
    const setup = await setUp(
      async (services, ...rest) => {
        const sandbox = services as Sandbox;
        if (sandbox.matrix.messages(ROOM).length > 0) return start(sandbox, ...rest);
        sandbox.matrix.member(BOT, ROOM, "join");
        for (const text of ["old one", "old two"])
          sandbox.matrix.say("@mara:gitter.im", ROOM, text);
        return start(sandbox, ...rest);
      },
      {},
      undefined,
      "three ways",
    );
    try {
      const { sandbox } = setup;
      sandbox.matrix.say("@mara:gitter.im", ROOM, "new one");
      await until(sandbox, () => seenAtSlack(sandbox).some((text) => text.includes("new one")));
      await setup.restart();
      sandbox.matrix.say("@mara:gitter.im", ROOM, "new two");
      await until(sandbox, () => seenAtSlack(sandbox).some((text) => text.includes("new two")));
      expect(seenAtSlack(sandbox)).toEqual(["Mara Devlin: new one", "Mara Devlin: new two"]);
    } finally {
      await setup.close();
    }
  }, 60_000);
});
