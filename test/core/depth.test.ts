/** Content as nobody writes it by hand: it costs its message the formatting, and nobody else anything. */
import type { BlockContent } from "mdast";
import { describe, expect, it } from "vitest";

import type { Content } from "../../src/core/content.ts";
import { channelId } from "../../src/core/ids.ts";
import { shallow } from "../../src/core/shallow.ts";
import { A, B, createWorld } from "./world.ts";

const text = (value: string) => ({ type: "text" as const, value });

/** A line, a link and a line, in so many quotes. */
function nested(depth: number): Content {
  let inner: BlockContent[] = [
    {
      type: "paragraph",
      children: [text("see "), { type: "link", url: "https://x.example", children: [text("it")] }],
    },
    { type: "paragraph", children: [text("end")] },
  ];
  for (let index = 0; index < depth; index += 1) inner = [{ type: "blockquote", children: inner }];
  return { type: "root", children: inner };
}

describe("content that is nested without end", () => {
  it("is taken in as its letters, with those of its links", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1", "", { content: nested(20_000) }));
    await world.run();
    expect(world.services[B]!.posts).toEqual(["create <ann> see it (https://x.example)\nend"]);
  });

  it("is taken in where an answer carries it as what it answers", async () => {
    const world = await createWorld();
    const quoted = { author: world.say(A, "0").author, content: nested(20_000) };
    await world.accept(world.say(A, "1", "yes", { quoted }));
    await world.run();
    expect(world.services[B]!.posts).toHaveLength(1);
  });

  it("stays as it is where a person could have written it", () => {
    const content = nested(20);
    expect(shallow(content)).toBe(content);
  });
});

describe("an event of a history that cannot be taken in", () => {
  it("is left out and counted, and those around it go through", async () => {
    const world = await createWorld();
    await world.accept(world.say(A, "1"));
    await world.run();
    const broken = world.say(A, "3", "", { content: null as unknown as Content });
    world.services[A]!.history = () => ({
      events: [world.say(A, "2"), broken, world.say(A, "4")],
    });
    await world.relay.gap(A, "told");
    await world.run();
    expect(world.services[B]!.posts).toEqual([1, 2, 4].map((id) => `create <ann> text ${id}`));
    expect(world.log).toContain("an event that cannot be taken in was left out");
  });
});

describe("an event of a stream that cannot be taken in", () => {
  it("is left out, and those around it go through", async () => {
    const world = await createWorld();
    const broken = world.say(B, "2", "", { content: null as unknown as Content });
    const items = [world.say(B, "1"), broken, world.say(B, "3")];
    await world.relay.hand({
      account: B,
      channel: channelId("id-town"),
      opened: false,
      items: items.map((event) => JSON.stringify([event])),
    });
    await world.run();
    expect(world.services[A]!.posts).toEqual([1, 3].map((id) => `create <ann> text ${id}`));
    expect(world.log).toContain("an event that cannot be taken in was left out");
  });
});
