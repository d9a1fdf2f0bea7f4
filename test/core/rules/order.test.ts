/** The order of the rules, as a destination sees it: ignore, replace, extract, strip, replace the nick, format. */
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { userId } from "../../../src/core/ids.ts";
import { A, B, createWorld } from "../world.ts";

async function posts(settings: Record<string, unknown>, text: string, nick = "ann") {
  const world = await createWorld({ settings });
  await world.accept(world.say(A, "1", text, { author: { id: userId(nick) } }));
  await world.run();
  return world.services[B]!.posts;
}

describe("the rules of a message", () => {
  it("ignore what was written, not what replacements make of it", async () => {
    const settings = { IgnoreMessages: ["ignored"], ReplaceMessages: [["fine", "ignored"]] };
    expect(await posts(settings, "fine")).toEqual(["create <ann> ignored"]);
    expect(await posts(settings, "ignored")).toEqual([]);
  });

  it("ignore by the name that people see, before it is stripped or replaced", async () => {
    const settings = { IgnoreNicks: ["^b-t$"], StripNick: true, ReplaceNicks: [["bob", "b-t"]] };
    expect(await posts(settings, "x", "b-t")).toEqual([]);
    expect(await posts(settings, "x", "bob")).toEqual(["create <b-t> x"]);
  });

  it("replace before nicks are extracted", async () => {
    const settings = {
      ReplaceMessages: [["\\{(\\w+)\\}", "<$1>"]],
      ExtractNicks: [["^relay$", "^<(\\w+)> "]],
      ReplaceNicks: [["eve", "Eve"]],
    };
    expect(await posts(settings, "{eve} hi", "relay")).toEqual(["create <Eve> hi"]);
  });

  it("apply once to a message, however many destinations and retries it has", async () => {
    const world = await createWorld({ settings: { ReplaceMessages: [["a", "aa"]] } });
    world.services[B]!.script.push(() => ({ kind: "later", reason: "busy" }));
    await world.accept(world.say(A, "1", "a"));
    await world.run(60_000);
    expect(world.services[B]!.posts).toEqual(["create <ann> aa"]);
  });
});

describe("an edit", () => {
  const edited = async (settings: Record<string, unknown>, text: string) => {
    const world = await createWorld({ settings });
    const { kind: _, ...said } = world.say(A, "1", "hi");
    await world.accept({ ...said, kind: "message.created" });
    await world.run();
    await world.accept({ ...said, kind: "message.edited", version: "2", content: plain(text) });
    await world.run(1_000);
    return world.services[B]!.posts.slice(1);
  };

  it("ends in EditSuffix, inside its last paragraph", async () => {
    expect(await edited({ EditSuffix: " (edited)" }, "ho")).toEqual(["edit <ann> ho (edited)"]);
  });

  it("is not relayed with EditDisable, nor posted anew", async () => {
    expect(await edited({ EditDisable: true }, "ho")).toEqual([]);
  });

  it("goes through the same rules as its message", async () => {
    const settings = { ReplaceMessages: [["o", "0"]], IgnoreMessages: ["^!"] };
    expect(await edited(settings, "ho")).toEqual(["edit <ann> h0"]);
    expect(await edited(settings, "!ho")).toEqual([]);
  });
});
