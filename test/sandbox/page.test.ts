/** What the demo's page shows, and that text stays text. */
import { describe, expect, it } from "vitest";

import { messagesOf } from "../../src/sandbox/matrix/transcript.ts";
import { parseAct } from "../../src/sandbox/page/acts.ts";
import { avatarSvg } from "../../src/sandbox/page/avatar.ts";
import { pageHtml } from "../../src/sandbox/page/html.ts";
import { htmlPieces } from "../../src/sandbox/page/html-pieces.ts";
import { lettersOf, type Piece } from "../../src/sandbox/page/pieces.ts";
import { typedHtml } from "../../src/sandbox/page/typed.ts";
import { viewMatrix, viewSlack, type ViewMessage } from "../../src/sandbox/page/view.ts";
import { startMatrix } from "../../src/sandbox/matrix-service.ts";
import { add, say } from "../../src/sandbox/slack/messages.ts";
import { DEFAULT_SLACK, findChannel, newSlackState } from "../../src/sandbox/slack/state.ts";

const NOW = 1_700_000_000_123;
const AT_SLACK = ({ people, seed }: ReturnType<typeof newSlackState>) => ({
  bot: seed.botUserId,
  people,
});
const ROOM = "footbridge/lobby";

function onSlack(draft: Parameters<typeof add>[2]): ViewMessage {
  const state = newSlackState(DEFAULT_SLACK);
  const channel = findChannel(state, "general");
  if (channel === undefined) throw new Error("no general");
  return viewSlack(add(state, channel, draft, NOW).message, AT_SLACK(state), false);
}

function typedOnSlack(text: string): readonly Piece[] {
  const state = newSlackState(DEFAULT_SLACK);
  const channel = findChannel(state, "general");
  if (channel === undefined) throw new Error("no general");
  const { message } = say(state, channel, "U0ADA", text, {}, NOW);
  return viewSlack(message, AT_SLACK(state), false).pieces;
}

function onMatrix(content: Readonly<Record<string, unknown>>, sender = "@mara:gitter.im") {
  const matrix = startMatrix({}, { clock: () => NOW, changed: () => undefined });
  matrix.send(sender, ROOM, "m.room.message", { msgtype: "m.text", body: "", ...content });
  const [room] = matrix.state.rooms.values();
  const [message] = room === undefined ? [] : messagesOf(room);
  if (message === undefined) throw new Error("no message");
  const people = { bot: "@footbridge:gitter.im", names: new Map([["@mara:gitter.im", "Mara"]]) };
  return viewMatrix(message, people, false);
}

/** Pieces as short HTML, for reading. */
const html = (pieces: readonly Piece[]): string =>
  pieces
    .map((one) =>
      typeof one === "string" ? one : `<${one.tag}>${html(one.children)}</${one.tag}>`,
    )
    .join("");

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
      at: NOW,
    });
    expect(html(message.pieces)).toBe("<p>hi & bye</p>");
  });

  it("show the face that came along, if it is one of the sandbox's own", () => {
    const faceFor = (image_72: string): string =>
      onSlack({ text: "x", username: "ivo [gitter]", icons: { image_72 } }).face;
    expect(faceFor("http://127.0.0.1:8700/avatar/Ivo%20Petrov.svg")).toBe(
      "/avatar/Ivo%20Petrov.svg",
    );
    expect(faceFor("https://tracker.example.com/avatar/a.svg")).toBe("/avatar/ivo.svg");
  });

  it("show the author once, on Gitter", () => {
    const message = onMatrix(
      {
        body: "Ada [slack]: hi",
        format: "org.matrix.custom.html",
        formatted_body:
          "<strong data-mx-profile-fallback>Ada [slack]: </strong><p>hi <b>you</b></p>",
        "com.beeper.per_message_profile": { id: "x", displayname: "Ada [slack]" },
      },
      "@footbridge:gitter.im",
    );
    expect(message).toMatchObject({ name: "Ada", from: "slack" });
    expect(message.user).toBeUndefined();
    expect(html(message.pieces)).toBe("<p>hi <strong>you</strong></p>");
  });
});

describe("formatting", () => {
  it("is what a person typed on Slack", () => {
    expect(html(typedOnSlack("*a* _b_ `c` @ben\n- d\n  1. e\n> f\n```\ng\n```"))).toBe(
      "<p><strong>a</strong> <em>b</em> <code>c</code> <mention>@Ben</mention></p>" +
        "<ul><li>d</li></ul><ol><li>e</li></ol><blockquote><p>f</p></blockquote><pre>g</pre>",
    );
  });

  it("is what a person typed on Gitter, as its clients send it", () => {
    expect(typedHtml("just words, https://x.example")).toBeUndefined();
    expect(typedHtml("**a** ||b|| <u>c</u> <img src=x>")).toBe(
      "<p><strong>a</strong> <span data-mx-spoiler>b</span> <u>c</u> &lt;img src=x&gt;</p>",
    );
    expect(typedHtml("- [x] a\n  1. b\n\n| c |\n|---|\n| d |")).toBe(
      "<ul><li>☑ a<ol><li>b</li></ol></li></ul>" +
        "<table><thead><tr><th>c</th></tr></thead><tbody><tr><td>d</td></tr></tbody></table>",
    );
  });

  it("is read from Matrix by a closed list of elements", () => {
    const read = htmlPieces(
      '<h2>a</h2><script>b</script><span data-mx-spoiler="c">d</span><pre><code class="language-js">e</code></pre><ol start="3"><li>f</li></ol>',
    );
    expect(html(read)).toBe("<h4>a</h4>b<spoiler>d</spoiler><pre>e</pre><ol><li>f</li></ol>");
    expect(read).toContainEqual({ tag: "spoiler", children: ["d"], about: "c" });
    expect(read).toContainEqual({ tag: "pre", children: ["e"], about: "js" });
  });

  it("makes no link of a script address", () => {
    expect(html(htmlPieces('<a href="javascript:alert(1)">x</a>'))).toBe("x");
    const elements = [{ type: "link", url: "javascript:alert(1)", text: "x" }];
    const blocks = [{ type: "rich_text", elements: [{ type: "rich_text_section", elements }] }];
    expect(html(onSlack({ text: "x", blocks }).pieces)).toBe("<p>x</p>");
  });
});

describe("more than text", () => {
  it("shows an emote as such, on both sides", () => {
    expect(onSlack({ text: "waves", subtype: "me_message", user: "U0ADA" }).emote).toBe(true);
    expect(onMatrix({ msgtype: "m.emote", body: "waves" })).toMatchObject({
      name: "Mara",
      user: "@mara:gitter.im",
      emote: true,
    });
  });

  it("shows a picture, and any other file as a name, from this server only", () => {
    const file = (mimetype: string) =>
      onMatrix({
        msgtype: "m.file",
        body: "a.png",
        url: "mxc://gitter.im/p1",
        info: { mimetype },
      }).files;
    expect(file("image/png")).toEqual([
      { name: "a.png", path: "/demo/file/gitter/p1", isImage: true },
    ]);
    expect(file("image/svg+xml")).toMatchObject([{ isImage: false }]);
    const files = [{ id: "F1", name: "b.txt", mimetype: "text/plain" }];
    expect(onSlack({ text: "", user: "U0ADA", files }).files).toEqual([
      { name: "b.txt", path: "/demo/file/slack/F1", isImage: false },
    ]);
  });

  it("shows reactions as signs, and a reply with its thread", () => {
    const reactions = [
      { name: "tada", users: ["U0ADA"], count: 1 },
      { name: "party_apple", users: ["U0BEN"], count: 1 },
    ];
    const message = onSlack({ text: "x", user: "U0BEN", reactions, thread_ts: "1.0" });
    expect(message.reactions.map(({ shown }) => shown)).toEqual(["🎉", ":party_apple:"]);
    expect(message.thread).toBe("1.0");
  });
});

describe("what the browser sends", () => {
  it("is one of the things that people can do, or nothing", () => {
    const parse = (value: object) =>
      parseAct(JSON.stringify({ side: "slack", user: "U0ADA", ...value }))?.act;
    expect(parse({ kind: "say", text: "hi" })).toEqual({ kind: "say", text: "hi" });
    expect(parse({ kind: "react", id: "1", emoji: "tada" })).toMatchObject({ emoji: "tada" });
    for (const wrong of [
      { kind: "say", text: "" },
      { kind: "say", text: "x".repeat(5_000) },
      { kind: "edit", text: "x" },
      { kind: "react", id: "1", emoji: "poop" },
      { kind: "drop" },
      { kind: "say", text: "hi", side: "irc" },
    ])
      expect([wrong, parse(wrong)]).toEqual([wrong, undefined]);
    expect(parseAct("{")).toBeUndefined();
  });
});

describe("markup", () => {
  it("holds nothing of a name but its text", () => {
    const evil = { id: "1", name: '"><script>alert(1)</script>', face: "/avatar/x.svg" };
    const page = pageHtml({
      slackChannel: evil.name,
      gitterRoom: evil.name,
      slackPeople: [evil],
      gitterPeople: [evil],
    });
    expect(page).not.toContain("<script>alert(1)");
  });

  it("keeps all letters of what it shows", () => {
    expect(lettersOf(htmlPieces("<p>a<br>b</p><ul><li>c</li></ul>"))).toBe("a\nbc");
  });

  it("draws a face for any name, however strange", () => {
    expect(avatarSvg('<script>"')).not.toContain("<script>");
    expect(avatarSvg("Ada Moreno")).toContain(">AM<");
    expect(avatarSvg("?!")).toContain(">?<");
  });
});
