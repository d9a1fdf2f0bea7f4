/** Faces and files that a service shows by links only, from the Matrix room, unchanged against both hosts. */
import { describe, expect, it } from "vitest";

import { DEFAULT_GITTER } from "../../src/sandbox/gitter/state.ts";
import { HOSTS, PUBLIC_URL, seenAtGitter, until } from "./hosts.ts";
import { MARA, ROOM, sharedSetup } from "./setting.ts";

const KIM = {
  id: "5f00000000000000000000aa",
  username: "kim",
  displayName: "Kim",
  avatarUrl: "https://avatars.example/kim.png",
};
const PICTURE = "every byte of a small picture";

describe.each(HOSTS)("links to what Matrix has, through %s", (_name, start) => {
  const setup = sharedSetup(
    start,
    { gitter: { people: [...DEFAULT_GITTER.people, KIM] } },
    undefined,
    "three ways",
  );
  const matrix = () => setup.sandbox.matrix;
  /** At the host that runs here. */
  const get = (url: string) => fetch(setup.host().url + url.slice(PUBLIC_URL.length));
  const atSlack = (text: string) =>
    setup.sandbox.slack.messages("general").find((message) => message.text === text);
  const atGitter = (text: string) =>
    seenAtGitter(setup.sandbox).find((each) => each.includes(text));

  it("show Slack an author's own face, the same for each message", async () => {
    const face = matrix().upload(MARA, ROOM, {
      name: "me.png",
      bytes: PICTURE,
      mimetype: "image/png",
    });
    const named = { membership: "join", displayname: "Mara", avatar_url: face.mxc };
    matrix().send(MARA, ROOM, "m.room.member", named, MARA);
    for (const text of ["with my face", "and again"]) matrix().say(MARA, ROOM, text);
    await until(setup.sandbox, () => atSlack("and again") !== undefined);
    const shown = ["with my face", "and again"].map((text) => atSlack(text)?.icons);
    const [link = ""] = Object.values(shown[0] ?? {});
    expect(link.startsWith(`${PUBLIC_URL}/media/`)).toBe(true);
    expect(shown[1]).toEqual(shown[0]);
    const answer = await get(link);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      200,
      "image/png",
      PICTURE,
    ]);
    expect((await get(`${link.slice(0, -1)}x`)).status).toBe(404);
  });

  it("are not needed for a face that is on the web: Slack shows that of Gitter's API itself", async () => {
    setup.sandbox.gitter.say("kim", ROOM, "with a face of Gitter");
    await until(setup.sandbox, () => atSlack("with a face of Gitter") !== undefined);
    const shown = Object.values(atSlack("with a face of Gitter")?.icons ?? {});
    expect(new Set(shown)).toEqual(new Set([KIM.avatarUrl]));
  });

  it("show Gitter a file of the room, until its message is deleted", async () => {
    const file = { name: "map.png", bytes: PICTURE, mimetype: "image/png" };
    const { id } = matrix().upload(MARA, ROOM, file, { caption: "the way" });
    await until(setup.sandbox, () => atGitter("map.png") !== undefined);
    expect(atGitter("map.png")).toMatch(/^Mara the way\n+\[map\.png\]\(/u);
    const [, link = ""] = /\]\((\S+)\)/u.exec(atGitter("map.png") ?? "") ?? [];
    expect(await (await get(link)).text()).toBe(PICTURE);
    matrix().remove(ROOM, id);
    await until(setup.sandbox, () => atGitter("map.png") === undefined);
    expect((await get(link)).status).toBe(404);
  });
});
