/** A part of a message may be refused for its formatting when others of it stand already. */
import type { ListItem, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import type { Content } from "../../src/core/content.ts";
import { channelId } from "../../src/core/ids.ts";
import type { Outgoing } from "../../src/core/ports.ts";
import { renderCalls as gitter } from "../../src/protocols/gitter/send.ts";
import { renderCalls as matrix } from "../../src/protocols/matrix/send.ts";
import { render as slack } from "../../src/protocols/slack/send.ts";
import { accountOf } from "./slack/wire.ts";

/** 900 words in lists, code and bold text, several posts' worth on every service. */
const words = (from: number, to: number, padding: number): string =>
  Array.from(
    { length: to - from },
    (_each, index) => `w${from + index}${"_".repeat(padding)}`,
  ).join(" ");
const long = (padding: number): Content => ({
  type: "root",
  children: Array.from({ length: 30 }, (_each, index): RootContent => {
    const text = { type: "text" as const, value: words(index * 30, index * 30 + 30, padding) };
    if (index % 3 === 0)
      return { type: "paragraph", children: [{ type: "strong", children: [text] }] };
    if (index % 3 === 1) return { type: "code", value: text.value };
    const item = (value: string): ListItem => ({
      type: "listItem",
      children: [{ type: "paragraph", children: [{ type: "text", value }] }],
    });
    return {
      type: "list",
      children: (index < 15 ? [text.value] : text.value.split(" ")).map(item),
    };
  }),
});
const create = (content: Content): Outgoing => ({
  kind: "create",
  channel: channelId("5f9b1c2e3d4a5b6c7d8e9f00"),
  author: { id: "talk.a/ann", name: "ann" },
  nick: "ann",
  content,
  emote: false,
  files: [],
});
const wordsOf = (calls: readonly object[]): string[][] =>
  calls.map((call) => [...new Set(JSON.stringify(call).match(/w\d+/gu))]);

it("is nothing to show what nobody can see", () => {
  for (const value of ["\u200b", "\u2800", "\u00ad\u00ad", " \n"]) {
    const text: RootContent = { type: "paragraph", children: [{ type: "text", value }] };
    const outgoing = create({ type: "root", children: [text, { type: "code", value }] });
    expect(slack(accountOf({}), outgoing, false)).toEqual([]);
    expect(gitter(outgoing, false)).toEqual([]);
    expect(matrix(outgoing, false, true)).toEqual([]);
  }
});

describe("without formatting a long message is cut in the same places", () => {
  const services = {
    Slack: (plainOnly: boolean) => slack(accountOf({}), create(long(3)), plainOnly),
    Gitter: (plainOnly: boolean) => gitter(create(long(3)), plainOnly),
    Matrix: (plainOnly: boolean) => matrix(create(long(90)), plainOnly, true),
  };
  for (const [name, render] of Object.entries(services))
    it(`at ${name}`, () => {
      const rich = render(false);
      expect(rich.length).toBeGreaterThan(1);
      expect(wordsOf(render(true))).toEqual(wordsOf(rich));
      expect(wordsOf(rich).flat()).toEqual(Array.from({ length: 900 }, (_each, n) => `w${n}`));
    });
});
