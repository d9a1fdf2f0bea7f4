import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { contentOf } from "../../../src/protocols/slack/content.ts";
import { fromBlocks } from "../../../src/protocols/slack/from-blocks.ts";

const text = (value: string) => ({ type: "text", value });
const p = (...children: object[]) => ({ type: "paragraph", children });
const say = (value: string) => p(text(value));
const plain = (value: string) => ({ type: "plain_text", text: value });
const mrkdwn = (value: string) => ({ type: "mrkdwn", text: value });
const read = (...blocks: object[]) => fromBlocks(blocks as never);
const strong = (value: string) => ({ type: "strong", children: [text(value)] });

describe("blocks of apps", () => {
  it("section: its text, its fields and what stands beside it", () => {
    const accessory = { type: "image", image_url: "https://x.example/a.png", alt_text: "an apple" };
    expect(
      read({
        type: "section",
        text: mrkdwn("*Build* of <https://x.example|x>\n\ndone"),
        fields: [mrkdwn("*Branch*\nmain"), plain("3 &amp; 4 *left*")],
        accessory,
      }),
    ).toEqual([
      p(strong("Build"), text(" of "), {
        type: "link",
        url: "https://x.example",
        children: [text("x")],
      }),
      say("done"),
      p(strong("Branch"), { type: "break" }, text("main")),
      say("3 & 4 *left*"),
      p({ type: "image", url: "https://x.example/a.png", alt: "an apple" }),
    ]);
  });

  it("header: a heading, with its emoji", () => {
    expect(read({ type: "header", text: plain("Done :tada:") })).toMatchObject([
      { type: "heading", children: [text("Done "), { type: "emoji", name: "tada" }] },
    ]);
  });

  it("context: small texts and images in one line", () => {
    const image = { type: "image", image_url: "https://x.example/i.png", alt_text: "ivo" };
    expect(
      read({ type: "context", elements: [image, mrkdwn("by *ivo*"), plain("today")] }),
    ).toEqual([
      p(
        { type: "image", url: "https://x.example/i.png", alt: "ivo" },
        text(" "),
        text("by "),
        strong("ivo"),
        text(" "),
        text("today"),
      ),
    ]);
  });

  it("image: its title and the image; one that only Slack knows by its words", () => {
    const image = { type: "image", title: plain("Fruit"), alt_text: "an apple" };
    expect(read({ ...image, image_url: "https://x.example/a.png" })).toEqual([
      say("Fruit"),
      p({ type: "image", url: "https://x.example/a.png", alt: "an apple" }),
    ]);
    expect(read({ ...image, slack_file: { id: "F1" } })).toEqual([say("Fruit"), say("an apple")]);
  });

  it("divider: a line", () => {
    expect(read({ type: "divider" })).toEqual([{ type: "thematicBreak" }]);
  });

  it("actions: the labels of what can be pressed, and links that work", () => {
    const line = read({
      type: "actions",
      elements: [
        { type: "button", text: plain("Approve"), action_id: "a", value: "1" },
        { type: "button", text: plain("Open"), url: "https://x.example" },
        { type: "static_select", placeholder: plain("Pick one"), options: [{ text: plain("x") }] },
        { type: "checkboxes", options: [{ text: plain("A") }, { text: mrkdwn("B") }] },
        { type: "datepicker", initial_date: "2026-11-22" },
      ],
    });
    expect(toText({ type: "root", children: line })).toBe(
      "[Approve] Open (https://x.example) [Pick one] [A] [B] [2026-11-22]",
    );
    const rating = {
      type: "feedback_buttons",
      positive_button: { text: plain("Good"), value: "1" },
      negative_button: { text: plain("Bad"), value: "0" },
    };
    const pressed = read({ type: "context_actions", elements: [rating] });
    expect(toText({ type: "root", children: pressed })).toBe("[Good] [Bad]");
  });

  it("table: rows of cells, aligned as they are", () => {
    const rich = {
      type: "rich_text",
      elements: [
        {
          type: "rich_text_section",
          elements: [{ type: "text", text: "Apple", style: { bold: true } }],
        },
      ],
    };
    expect(
      read({
        type: "table",
        column_settings: [{ align: "left" }, { align: "right" }],
        rows: [
          [
            { type: "raw_text", text: "Fruit" },
            { type: "raw_text", text: "kg" },
          ],
          [rich, { type: "raw_number", value: 7 }],
        ],
      }),
    ).toEqual([
      {
        type: "table",
        align: ["left", "right"],
        children: [
          {
            type: "tableRow",
            children: [
              { type: "tableCell", children: [text("Fruit")] },
              { type: "tableCell", children: [text("kg")] },
            ],
          },
          {
            type: "tableRow",
            children: [
              { type: "tableCell", children: [strong("Apple")] },
              { type: "tableCell", children: [text("7")] },
            ],
          },
        ],
      },
    ]);
  });

  it("markdown: as standard Markdown", () => {
    const markdown = [
      "# Hi :tada:",
      "**a** ~~b~~ [c][1] `d` <b> &lt;",
      "",
      "- [x] e",
      "",
      "```ts",
      "f",
      "```",
      "",
      "[1]: https://x.example",
    ].join("\n");
    expect(read({ type: "markdown", text: markdown })).toMatchObject([
      { type: "heading", depth: 1, children: [text("Hi "), { type: "emoji", name: "tada" }] },
      {
        type: "paragraph",
        children: [
          { type: "strong", children: [text("a")] },
          text(" "),
          { type: "delete", children: [text("b")] },
          text(" "),
          { type: "link", url: "https://x.example", children: [text("c")] },
          text(" "),
          { type: "inlineCode", value: "d" },
          text(" "),
          text("<b>"),
          text(" <"),
        ],
      },
      { type: "list", children: [{ type: "listItem", checked: true }] },
      { type: "code", lang: "ts", value: "f" },
    ]);
    const attack = ">".repeat(12_000);
    expect(read({ type: "markdown", text: attack })).toEqual([say(attack)]);
  });

  it("video: its title with its address, who made it, what it shows", () => {
    const video = {
      type: "video",
      title: plain("How to press"),
      title_url: "https://v.example/1",
      video_url: "https://v.example/embed/1",
      author_name: "ivo",
      provider_name: "Tube",
      description: plain("Slowly."),
      alt_text: "a press",
    };
    expect(read(video)).toEqual([
      p({ type: "link", url: "https://v.example/1", children: [text("How to press")] }),
      say("ivo · Tube"),
      say("Slowly."),
    ]);
  });

  it("input: its label, what is in it, its hint", () => {
    const element = { type: "plain_text_input", placeholder: plain("a name") };
    const input = { type: "input", label: plain("Name"), hint: plain("Yours."), element };
    expect(toText({ type: "root", children: read(input) })).toBe("Name [a name]\nYours.");
  });

  it("file: its name and where it is", () => {
    const file = { title: "Plan", permalink: "https://x.example/plan" };
    expect(read({ type: "file", source: "remote", external_id: "1", file })).toEqual([
      p({ type: "link", url: "https://x.example/plan", children: [text("Plan")] }),
    ]);
    expect(read({ type: "file", source: "remote", external_id: "1" })).toEqual([]);
  });

  it("rich_text: as people write", () => {
    const section = { type: "rich_text_section", elements: [{ type: "text", text: "a" }] };
    expect(read({ type: "rich_text", elements: [section] })).toEqual([say("a")]);
  });

  it("what is not known, and what is new, by its texts in the order of reading", () => {
    const card = {
      type: "card",
      title: mrkdwn("*T*"),
      subtitle: mrkdwn("S"),
      body: mrkdwn("B"),
      actions: [{ type: "button", text: plain("Go") }],
    };
    const container = { type: "container", title: plain("C"), child_blocks: [card] };
    expect(toText({ type: "root", children: read(container) })).toBe("C\nT\nS\nB\n[Go]");
    const task = {
      type: "task_card",
      title: "Dig",
      sources: [{ url: "https://x.example", text: "x" }],
    };
    expect(
      toText({ type: "root", children: read({ type: "plan", title: "Plan", tasks: [task] }) }),
    ).toBe("Plan\nDig\nx (https://x.example)");
  });

  it("never throw, whatever they hold", () => {
    const kinds =
      "section header context image divider actions table markdown video input file rich_text x";
    fc.assert(
      fc.property(fc.constantFrom(...kinds.split(" ")), fc.jsonValue(), (type, value) => {
        const keys = "text fields accessory elements title rows column_settings label element file";
        for (const key of keys.split(" ")) read({ type, [key]: value });
      }),
    );
    let deep: object = { type: "divider" };
    for (let depth = 0; depth < 50_000; depth += 1) deep = { type: "new", elements: [deep] };
    expect(read(deep)).toEqual([]);
  });
});

describe("what a message says", () => {
  const said = (message: object) => toText(contentOf({ type: "message", ...message }));
  const section = (value: string) => ({ type: "section", text: mrkdwn(value) });

  it("is what its blocks say: its text is for notifications then", () => {
    expect(said({ text: "Build failed", blocks: [section("Build *failed* on main")] })).toBe(
      "Build failed on main",
    );
    const rich = {
      type: "rich_text",
      elements: [{ type: "rich_text_section", elements: [{ type: "text", text: "a" }] }],
    };
    expect(said({ text: "a b", blocks: [rich, section("b")] })).toBe("a\nb");
  });

  it("is its text where no block says anything", () => {
    expect(said({ text: "*hello*" })).toBe("hello");
    expect(said({ text: "hello", blocks: [] })).toBe("hello");
    expect(said({ text: "hello", blocks: [{ type: "rich_text", elements: [] }] })).toBe("hello");
  });

  it("is both where blocks only show things", () => {
    const button = { type: "button", text: plain("Approve") };
    expect(said({ text: "Deploy?", blocks: [{ type: "actions", elements: [button] }] })).toBe(
      "Deploy?\n[Approve]",
    );
  });

  it("is also what is attached to it", () => {
    expect(said({ text: "Build", attachments: [{ text: "failed" }] })).toBe("Build\nfailed");
    expect(said({ text: "", attachments: [{ fallback: "failed" }] })).toBe("failed");
  });
});
