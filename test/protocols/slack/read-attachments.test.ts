import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromAttachments } from "../../../src/protocols/slack/from-attachments.ts";

const text = (value: string) => ({ type: "text", value });
const p = (...children: object[]) => ({ type: "paragraph", children });
const say = (value: string) => p(text(value));
const strong = (...children: object[]) => ({ type: "strong", children });
const read = (...attachments: object[]) => fromAttachments(attachments as never);

describe("what an app attached", () => {
  it("is read in the order in which Slack shows it", () => {
    expect(
      read({
        fallback: "not shown",
        color: "#36a64f",
        pretext: "*New* ticket",
        author_name: "ivo",
        author_link: "https://x.example/ivo",
        title: "Ticket &amp; more",
        title_link: "https://x.example/7",
        text: "It _leaks_.\n\nAt the <https://x.example/press|press>.",
        fields: [
          { title: "Priority", value: "*high*", short: true },
          { title: "", value: "no title" },
          { title: "Log", value: "```a```" },
        ],
        image_url: "https://x.example/a.png",
        thumb_url: "https://x.example/thumb.png",
        actions: [
          { type: "button", text: "Close" },
          { type: "button", text: "Open", url: "https://x.example" },
        ],
        footer: "Tracker",
        ts: 1_795_348_800,
      }),
    ).toEqual([
      p(strong(text("New")), text(" ticket")),
      p({ type: "link", url: "https://x.example/ivo", children: [text("ivo")] }),
      p(strong({ type: "link", url: "https://x.example/7", children: [text("Ticket & more")] })),
      p(text("It "), { type: "emphasis", children: [text("leaks")] }, text(".")),
      p(
        text("At the "),
        { type: "link", url: "https://x.example/press", children: [text("press")] },
        text("."),
      ),
      p(strong(text("Priority")), text(": "), strong(text("high"))),
      say("no title"),
      p(strong(text("Log"))),
      { type: "code", value: "a" },
      p({ type: "image", url: "https://x.example/a.png", alt: "" }),
      p(text("["), text("Close"), text("]"), text(" "), {
        type: "link",
        url: "https://x.example",
        children: [text("Open")],
      }),
      p({
        type: "emphasis",
        children: [
          text("Tracker"),
          text(" · "),
          { type: "moment", at: 1_795_348_800_000, fallback: "2026-11-22 12:00 UTC" },
        ],
      }),
    ]);
  });

  it("is its fallback where it says nothing else", () => {
    expect(read({ color: "danger", fallback: "Build &lt;7&gt; failed" })).toEqual([
      say("Build <7> failed"),
    ]);
  });

  it("is its blocks where it has some, behind its pretext", () => {
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "from blocks" } }];
    expect(
      read({ pretext: "see", blocks, fallback: "[no preview available]", text: "old" }),
    ).toEqual([say("see"), say("from blocks")]);
  });

  it("may be only a small picture or a title's address", () => {
    expect(read({ thumb_url: "https://x.example/t.png" })).toEqual([
      p({ type: "image", url: "https://x.example/t.png", alt: "" }),
    ]);
    expect(read({ title_link: "https://x.example" })).toEqual([
      p(strong({ type: "link", url: "https://x.example", children: [text("https://x.example")] })),
    ]);
  });

  it("never makes reading throw", () => {
    const keys = "pretext title text fields blocks actions footer ts files message_blocks is_share";
    fc.assert(
      fc.property(fc.constantFrom(...keys.split(" ")), fc.jsonValue(), (key, value) => {
        read({ [key]: value }, { is_share: true, [key]: value });
      }),
    );
  });
});

describe("an unfolded link", () => {
  it("is not said once more", () => {
    expect(
      read(
        { from_url: "https://x.example", title: "X", text: "about x" },
        { original_url: "https://x.example", title: "X" },
        { is_app_unfurl: true, title: "X" },
        { is_msg_unfurl: true, text: "another message" },
      ),
    ).toEqual([]);
  });
});

describe("a shared message", () => {
  const share = {
    is_share: true,
    is_msg_unfurl: true,
    from_url: "https://orchard.slack.com/archives/C1/p1",
    author_name: "Alice",
    text: "the *press* is ready",
    fallback: "[November 22nd] Alice: the press is ready",
  };

  it("is quoted, with its author", () => {
    expect(read(share)).toEqual([
      {
        type: "blockquote",
        children: [
          p(strong(text("Alice"))),
          p(text("the "), strong(text("press")), text(" is ready")),
        ],
      },
    ]);
  });

  it("is read from its blocks where they came with it, and names its files", () => {
    const elements = [
      { type: "rich_text_section", elements: [{ type: "text", text: "*literally*" }] },
    ];
    const message_blocks = [{ message: { blocks: [{ type: "rich_text", elements }] } }];
    const files = [{ id: "F1", name: "press.jpg", permalink: "https://x.example/press.jpg" }];
    expect(read({ ...share, message_blocks, files })).toEqual([
      {
        type: "blockquote",
        children: [
          p(strong(text("Alice"))),
          say("*literally*"),
          p({ type: "link", url: "https://x.example/press.jpg", children: [text("press.jpg")] }),
        ],
      },
    ]);
  });

  it("is its fallback where nothing of it came", () => {
    expect(read({ is_share: true, fallback: "Alice: hi" })).toEqual([say("Alice: hi")]);
  });
});
