/** Mentions across three services, over real HTTP, unchanged against both hosts: names, and pings by `[[user]]` alone. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  HOSTS,
  seenAtGitter,
  seenAtMatrix,
  seenAtSlack,
  setUp,
  type Setup,
  until,
} from "./hosts.ts";

const ROOM = "footbridge/lobby";
const PILL = '<a href="https://matrix.to/#/@mara:gitter.im">whoever</a>';

describe.each(HOSTS)("mentions through %s", (_name, start) => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await setUp(start, {}, undefined, "three ways");
  }, 60_000);
  afterAll(() => setup.close());
  const shows = (seen: (sandbox: Setup["sandbox"]) => string[], text: string) =>
    until(setup.sandbox, () => seen(setup.sandbox).some((each) => each.includes(text)));
  const atMatrix = (text: string) =>
    setup.sandbox.matrix.messages(ROOM).find(({ body }) => body.includes(text));
  const atGitter = (text: string) =>
    seenAtGitter(setup.sandbox).find((each) => each.includes(text));

  it("of somebody in the table notify at Matrix and at Gitter who it is there", async () => {
    setup.sandbox.slack.say("ben", "general", "@ada one for you");
    await shows(seenAtMatrix, "one for you");
    await shows(seenAtGitter, "one for you");
    expect(atMatrix("one for you")).toMatchObject({
      body: "Ben: Ada one for you",
      content: { "m.mentions": { user_ids: ["@mara:gitter.im"] } },
    });
    expect(atGitter("one for you")).toBe("Ben @mara-dev one for you");
  });

  it("of anybody else, and of everybody, are names that notify nobody", async () => {
    setup.sandbox.slack.say("ada", "general", "@ben not for @room or @/all");
    await shows(seenAtMatrix, "not for");
    await shows(seenAtGitter, "not for");
    expect(atMatrix("not for")?.content["m.mentions"]).toEqual({});
    expect(atMatrix("not for")?.body).not.toContain("@room");
    expect(atGitter("not for")).toBe("Ada @\u200bBen not for @\u200broom or @\u200b/all");
  });

  it("from Matrix notify at Slack who it is there, under the name of the mentioned", async () => {
    const text = "whoever: from Matrix";
    setup.sandbox.matrix.say("@mara:gitter.im", ROOM, text, { html: `${PILL}: from Matrix` });
    await shows(seenAtSlack, "from Matrix");
    await shows(seenAtGitter, "from Matrix");
    expect(seenAtSlack(setup.sandbox).at(-1)).toBe("Mara Devlin: <@U0ADA>: from Matrix");
    expect(atGitter("from Matrix")).toBe("Mara Devlin @mara-dev: from Matrix");
  });

  it("from Gitter's API notify at Slack, and everybody there stays unnotified", async () => {
    setup.sandbox.gitter.say("ivo", ROOM, "@mara-dev and @/all, <!channel>");
    await shows(seenAtSlack, "and");
    expect(seenAtSlack(setup.sandbox).at(-1)).toBe("ivo: <@U0ADA> and @all, &lt;!channel&gt;");
  });
});
