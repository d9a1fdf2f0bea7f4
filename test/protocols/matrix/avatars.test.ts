import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { deliveryKey, messageId } from "../../../src/core/ids.ts";
import type { Outgoing } from "../../../src/core/ports.ts";
import { answer, bodyOf, FACE, HOME, refused, ROOM, world } from "./fake.ts";

const URL = "https://avatars.example/mara.png";
const said = {
  channel: ROOM,
  author: { id: "slack.team/U1", name: "mara" },
  nick: "mara: ",
  avatarUrl: URL,
  content: plain("hi"),
  emote: false,
  files: [],
};
const create: Outgoing = { kind: "create", ...said };
const edit: Outgoing = { kind: "edit", ...said, targets: [messageId("$1")] };

function faces(copied?: (nth: number) => ReturnType<typeof answer> | Error) {
  const made = world([answer(200, { event_id: "$new" })], copied === undefined ? {} : { copied });
  const post = async (outgoing: Outgoing = create) => {
    const [call] = made.connector.render(outgoing, false);
    expect(await made.connector.call(call!, deliveryKey("k"))).toMatchObject({ kind: "done" });
    const body = bodyOf(made.requests.at(-1)!);
    const content = (body["m.new_content"] ?? body) as Record<string, unknown>;
    return content["com.beeper.per_message_profile"] as Record<string, unknown>;
  };
  return { post, ...made };
}

describe("an author's face", () => {
  it("is copied to the homeserver and goes with the message", async () => {
    const { post, copies } = faces();
    expect(await post()).toMatchObject({ displayname: "mara", avatar_url: FACE });
    expect(copies).toMatchObject([
      {
        from: URL,
        to: {
          method: "POST",
          url: `${HOME}/_matrix/media/v3/upload?filename=avatar`,
          headers: { authorization: "Bearer t0ken" },
        },
        limits: { type: "image/" },
      },
    ]);
  });
  it("is copied once for all messages", async () => {
    const { post, copies } = faces();
    await post();
    expect(await post()).toMatchObject({ avatar_url: FACE });
    expect(copies).toHaveLength(1);
  });
  it("of somebody on Matrix is there already", async () => {
    const { post, copies } = faces();
    const own = { ...create, avatarUrl: "mxc://elsewhere.example/ann" };
    expect(await post(own)).toMatchObject({ avatar_url: "mxc://elsewhere.example/ann" });
    expect(copies).toEqual([]);
  });
  it.each([
    ["cannot be had", new Error("no image")],
    ["is refused by the homeserver", refused(413, "M_TOO_LARGE")],
    ["gets no address", answer(200, {})],
    ["gets an address that is none", answer(200, { content_uri: 7 })],
  ])("that %s does not keep the message back", async (_what, reply) => {
    expect(await faces(() => reply).post()).not.toHaveProperty("avatar_url");
  });
  it("that could not be had is asked for again only after a while", async () => {
    const { post, copies, clock } = faces((nth) =>
      nth === 1 ? new Error("away") : answer(200, { content_uri: FACE }),
    );
    await post();
    await post();
    expect(copies).toHaveLength(1);
    clock.now += 2 * 3_600_000;
    expect(await post()).toMatchObject({ avatar_url: FACE });
  });
  it("stands in the new content of an edit", async () => {
    expect(await faces().post(edit)).toMatchObject({ avatar_url: FACE });
  });
});
