/** Mentions across three services, over real HTTP, unchanged against both hosts: names, and pings by `[[user]]` alone. */
import { describe, expect, it } from "vitest";

import { HOSTS, seenAtGitter, seenAtMatrix, seenAtSlack } from "./hosts.ts";
import { ROOM, sharedSetup, shows } from "./setting.ts";

const PILL = '<a href="https://matrix.to/#/@mara:gitter.im">whoever</a>';

describe.each(HOSTS)("mentions through %s", (_name, start) => {
  const setup = sharedSetup(start, {}, undefined, "three ways");
  const atMatrix = (text: string) =>
    setup.sandbox.matrix.messages(ROOM).find(({ body }) => body.includes(text));
  const atGitter = (text: string) =>
    seenAtGitter(setup.sandbox).find((each) => each.includes(text));

  it("of somebody in the table notify at Matrix and at Gitter who it is there", async () => {
    setup.sandbox.slack.say("ben", "general", "@ada one for you");
    await shows(setup, seenAtMatrix, "one for you");
    await shows(setup, seenAtGitter, "one for you");
    expect(atMatrix("one for you")).toMatchObject({
      body: "Ben: Ada one for you",
      content: { "m.mentions": { user_ids: ["@mara:gitter.im"] } },
    });
    expect(atGitter("one for you")).toBe("Ben @mara-dev one for you");
  });

  it("of anybody else, and of everybody, are names that notify nobody", async () => {
    setup.sandbox.slack.say("ada", "general", "@ben not for @room or @/all");
    await shows(setup, seenAtMatrix, "not for");
    await shows(setup, seenAtGitter, "not for");
    expect(atMatrix("not for")?.content["m.mentions"]).toEqual({});
    expect(atMatrix("not for")?.body).not.toContain("@room");
    expect(atGitter("not for")).toBe("Ada @\u200bBen not for @\u200broom or @\u200b/all");
  });

  it("from Matrix notify at Slack who it is there, under the name of the mentioned", async () => {
    const text = "whoever: from Matrix";
    setup.sandbox.matrix.say("@mara:gitter.im", ROOM, text, { html: `${PILL}: from Matrix` });
    await shows(setup, seenAtSlack, "from Matrix");
    await shows(setup, seenAtGitter, "from Matrix");
    expect(seenAtSlack(setup.sandbox).at(-1)).toBe("Mara Devlin: <@U0ADA>: from Matrix");
    expect(atGitter("from Matrix")).toBe("Mara Devlin @mara-dev: from Matrix");
  });

  it("from Gitter's API notify at Slack, and everybody there stays unnotified", async () => {
    setup.sandbox.gitter.say("ivo", ROOM, "@mara-dev and @/all, <!channel>");
    await shows(setup, seenAtSlack, "and");
    expect(seenAtSlack(setup.sandbox).at(-1)).toBe("ivo: <@U0ADA> and @all, &lt;!channel&gt;");
  });
});
