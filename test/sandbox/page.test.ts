/** What the demo's page shows, and that text stays text. */
import { describe, expect, it } from "vitest";

import { DEFAULT_GITTER, newGitterState } from "../../src/sandbox/gitter/state.ts";
import { add as addGitter } from "../../src/sandbox/gitter/messages.ts";
import { avatarSvg } from "../../src/sandbox/page/avatar.ts";
import { pageHtml } from "../../src/sandbox/page/html.ts";
import { parseMarkdown } from "../../src/sandbox/page/markdown.ts";
import { viewGitter, viewSlack, type ViewMessage } from "../../src/sandbox/page/view.ts";
import { add, say } from "../../src/sandbox/slack/messages.ts";
import { DEFAULT_SLACK, findChannel, newSlackState } from "../../src/sandbox/slack/state.ts";

const NOW = 1_700_000_000_123;

function onSlack(draft: Parameters<typeof add>[2]): ViewMessage {
  const state = newSlackState(DEFAULT_SLACK);
  const channel = findChannel(state, "general");
  if (channel === undefined) throw new Error("no general");
  return viewSlack(add(state, channel, draft, NOW).message, state.people, false);
}

function onGitter(text: string): ViewMessage {
  const state = newGitterState(DEFAULT_GITTER);
  const [room] = state.rooms.values();
  const bot = state.people.get(DEFAULT_GITTER.bot.id);
  if (room === undefined || bot === undefined) throw new Error("no room or bot");
  return viewGitter(addGitter(state, room, bot, { text }, NOW).message, bot.id, false);
}

describe("relayed messages", () => {
  it("show the author and where it was written, on Slack", () => {
    const message = onSlack({
      text: "hi &amp; bye",
      username: "Mara Devlin [gitter]",
      bot_id: "B",
    });
    expect(message).toMatchObject({
      name: "Mara Devlin",
      from: "gitter",
      face: "/avatar/Mara%20Devlin.svg",
      parts: [{ text: "hi & bye" }],
      at: NOW,
    });
  });

  it("show the face that came along, if it is one of the sandbox's own", () => {
    const faceFor = (image_72: string): string =>
      onSlack({ text: "x", username: "ivo [gitter]", icons: { image_72 } }).face;
    expect(faceFor("http://127.0.0.1:8700/avatar/Ivo%20Petrov.svg")).toBe(
      "/avatar/Ivo%20Petrov.svg",
    );
    expect(faceFor("https://tracker.example.com/avatar/a.svg")).toBe("/avatar/ivo.svg");
  });

  it.each(["**Ada Moreno** [slack] hi", "Ada Moreno [slack] hi", "**Ada Moreno** \\[slack\\] hi"])(
    "show the author and where it was written, on Gitter: %s",
    (text) => {
      expect(onGitter(text)).toMatchObject({
        name: "Ada Moreno",
        from: "slack",
        face: "/avatar/Ada%20Moreno.svg",
        parts: [{ text: "hi" }],
      });
    },
  );
});

describe("emotes", () => {
  it("show as such on both sides", () => {
    expect(onSlack({ text: "waves", subtype: "me_message", user: "U0ADA" }).emote).toBe(true);
    expect(onGitter("*Ada Moreno [slack] waves*")).toMatchObject({
      name: "Ada Moreno",
      parts: [{ text: "waves" }],
      emote: true,
    });
  });
});

describe("styles", () => {
  it("are those that a person typed on Slack", () => {
    const state = newSlackState(DEFAULT_SLACK);
    const channel = findChannel(state, "general");
    if (channel === undefined) throw new Error("no general");
    const { message } = say(state, channel, "U0ADA", "*a* _b_ `c` @ben", {}, NOW);
    expect(viewSlack(message, state.people, false).parts).toEqual([
      { text: "a", style: "bold" },
      { text: " " },
      { text: "b", style: "italic" },
      { text: " " },
      { text: "c", style: "code" },
      { text: " " },
      { text: "@Ben", style: "mention" },
    ]);
  });

  it("are read from Markdown, with escapes", () => {
    expect(parseMarkdown("**a** *b* `c` \\*d\\* snake_case [e](https://example.com/)")).toEqual([
      { text: "a", style: "bold" },
      { text: " " },
      { text: "b", style: "italic" },
      { text: " " },
      { text: "c", style: "code" },
      { text: " " },
      { text: "*" },
      { text: "d" },
      { text: "*" },
      { text: " snake_case " },
      { text: "e", href: "https://example.com/" },
    ]);
  });

  it("make no link of a script address", () => {
    expect(parseMarkdown("[x](javascript:alert(1))").some(({ href }) => href !== undefined)).toBe(
      false,
    );
    const elements = [{ type: "link", url: "javascript:alert(1)", text: "x" }];
    const blocks = [{ type: "rich_text", elements: [{ type: "rich_text_section", elements }] }];
    expect(onSlack({ text: "x", blocks }).parts).toEqual([{ text: "x" }]);
  });
});

describe("markup", () => {
  it("holds nothing of a name but its text", () => {
    const evil = { id: "1", name: '"><script>alert(1)</script>', face: "/avatar/x.svg" };
    const html = pageHtml({
      slackChannel: evil.name,
      gitterRoom: evil.name,
      slackPeople: [evil],
      gitterPeople: [evil],
    });
    expect(html).not.toContain("<script>alert(1)");
  });

  it("draws a face for any name, however strange", () => {
    expect(avatarSvg('<script>"')).not.toContain("<script>");
    expect(avatarSvg("Ada Moreno")).toContain(">AM<");
    expect(avatarSvg("?!")).toContain(">?<");
  });
});
