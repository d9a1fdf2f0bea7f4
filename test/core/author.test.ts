/** Names and faces: what of them comes from the source, what from the destination, and what from neither. */
import { describe, expect, it } from "vitest";

import type { Settings } from "../../src/core/config/config.ts";
import { accountId, userId } from "../../src/core/ids.ts";
import type { Connector, Profile } from "../../src/core/ports.ts";
import { faced, showAuthor } from "../../src/core/stages/author.ts";
import { A, B, createWorld } from "./world.ts";

const settings = (values: Record<string, string | boolean | [string, string][]>): Settings => ({
  string: (key) => values[key] as string | undefined,
  bool: (key) => values[key] === true,
  int: () => undefined,
  strings: () => [],
  pairs: (key) => (values[key] as [string, string][] | undefined) ?? [],
  secret: () => undefined,
  secrets: () => [],
});
type Values = Parameters<typeof settings>[0];

const shown = (
  profile: Profile,
  options: {
    from?: Values;
    to?: Values;
    own?: string[];
    nick?: string;
    there?: Pick<Connector, "showsFace">;
  } = {},
) =>
  showAuthor(
    {
      account: accountId("talk.town"),
      author: { id: userId("U1") },
      profile,
      nick: options.nick ?? profile.name,
      route: { gateway: "g", name: "dev" },
    },
    settings(options.from ?? {}),
    settings({ RemoteNickFormat: "<{NICK}> ", ...options.to }),
    { ownNames: () => options.own ?? [], ...options.there },
  );

describe("an author at a destination", () => {
  it("has the format, StripNick and icon of the destination, and the label and nick rules of the source", () => {
    const from: Values = {
      RemoteNickFormat: "no",
      StripNick: false,
      Label: "L",
      ReplaceNicks: [["^ab$", "Ab"]],
    };
    const to: Values = {
      RemoteNickFormat: "{LABEL} {NICK} of {CHANNEL}: ",
      StripNick: true,
      IconURL: "https://x.example/{NICK}.png",
      Label: "no",
    };
    expect(shown({ name: "a-b" }, { from, to })).toEqual({
      author: { id: "talk.town/U1", name: "Ab" },
      nick: "L Ab of dev: ",
      avatarUrl: "https://x.example/a-b.png",
    });
  });

  it("keeps the face of the profile, and has none without IconURL", () => {
    const to = { IconURL: "https://x.example/{NICK}" };
    const face = { name: "Ann", avatarUrl: "https://x.example/ann.png" };
    expect(shown(face, { to }).avatarUrl).toBe("https://x.example/ann.png");
    expect(shown({ name: "Ann" })).not.toHaveProperty("avatarUrl");
  });

  it("has the drawn face where the destination cannot show the own one", () => {
    const face = { name: "Ann", avatarUrl: "mxc://example.org/ann" };
    const to = { IconURL: "https://x.example/{NICK}" };
    expect(shown(face, { to }).avatarUrl).toBe("https://x.example/Ann");
    expect(shown(face, { to, there: { showsFace: () => true } }).avatarUrl).toBe(face.avatarUrl);
    expect(shown(face)).not.toHaveProperty("avatarUrl");
  });

  it("that a bot speaks for has the face of the bot only where there is no IconURL, and an identity of its own", () => {
    const bot = { name: "relay", avatarUrl: "https://x.example/relay.png" };
    const to = { IconURL: "https://x.example/{NICK}" };
    expect(shown(bot, { nick: "ann", to })).toMatchObject({
      author: { id: "talk.town/U1/ann", name: "ann" },
      avatarUrl: "https://x.example/ann",
    });
    expect(shown(bot, { nick: "ann" }).avatarUrl).toBe("https://x.example/relay.png");
  });

  it("is never called what the bridge is called there", () => {
    expect(shown({ name: "Relаy-Bot" }, { own: ["relaybot"] }).nick).toBe(
      "<Relаy-Bot (not the bridge)> ",
    );
    expect(shown({ name: "footbridge" }).nick).toBe("<footbridge (not the bridge)> ");
  });
});

describe("a face that only its own service shows", () => {
  const MXC = "mxc://example.org/ann";
  const links = {
    of: async (ref: object) => `https://b.example/${JSON.stringify(ref)}`,
    lifeMs: 1,
  };
  const event = { account: accountId("matrix.home"), sentAt: 1_750_000_000_000 };
  const source = { face: () => Promise.reject(new Error("not asked")) };
  const faceOf = async (
    avatarUrl: string,
    {
      from = source,
      there = {},
      link = true,
    }: Partial<Record<"from" | "there", object>> & {
      link?: boolean;
    } = {},
  ) =>
    (await faced(link ? { links } : {}, event, { name: "Ann", avatarUrl }, from, there)).avatarUrl;

  it("is a link to this bridge where the other side shows web addresses", async () => {
    expect(JSON.parse((await faceOf(MXC))!.slice("https://b.example/".length))).toMatchObject({
      account: "matrix.home",
      face: MXC,
    });
  });

  it("stays what it is where it can be shown so, or nobody reaches this bridge", async () => {
    expect(await faceOf(MXC, { there: { showsFace: () => true } })).toBe(MXC);
    expect(await faceOf(MXC, { link: false })).toBe(MXC);
    expect(await faceOf(MXC, { from: {} })).toBe(MXC);
    expect(await faceOf("https://x.example/a")).toBe("https://x.example/a");
  });
});

describe("the name that is chosen", () => {
  const post = async (values: Record<string, unknown>, profile: Profile, id = "u1") => {
    const world = await createWorld({ settings: values, profile });
    await world.accept(world.say(A, "1", "hi", { author: { id: userId(id) } }));
    await world.run();
    return world.services[B]!.posts;
  };
  const ann = { name: "Ann", fullName: "Ann Lee", userName: "ann.lee" };

  it("is the display name, the full name with UseFullName, the user name with UseUserName", async () => {
    expect(await post({}, ann)).toEqual(["create <Ann> hi"]);
    expect(await post({ UseFullName: true }, ann)).toEqual(["create <Ann Lee> hi"]);
    expect(await post({ UseUserName: true }, ann)).toEqual(["create <ann.lee> hi"]);
  });

  it("is the display name where the service knows no other", async () => {
    const values = { UseFullName: true, UseUserName: true };
    expect(await post(values, { name: "Ann" })).toEqual(["create <Ann> hi"]);
  });

  it("is not what the destination calls the bridge", async () => {
    expect(await post({}, { name: "B" })).toEqual(["create <B (not the bridge)> hi"]);
  });
});
