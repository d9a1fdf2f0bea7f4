import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { fromMessage } from "../../../src/protocols/matrix/from-message.ts";

const HTML = "org.matrix.custom.html";
const read = (content: object): string => toText(fromMessage(content));
const answering = { "m.in_reply_to": { event_id: "$a" } };

describe("a Matrix message", () => {
  it("is its HTML where there is any", () => {
    expect(
      fromMessage({ body: "*a*", format: HTML, formatted_body: "<em>a</em>" }).children,
    ).toEqual([
      {
        type: "paragraph",
        children: [{ type: "emphasis", children: [{ type: "text", value: "a" }] }],
      },
    ]);
  });
  it("is its body without HTML, with breaks and links", () => {
    expect(fromMessage({ body: "a <b>\nhttps://a.example!" }).children).toEqual([
      {
        type: "paragraph",
        children: [
          { type: "text", value: "a <b>" },
          { type: "break" },
          {
            type: "link",
            url: "https://a.example",
            children: [{ type: "text", value: "https://a.example" }],
          },
          { type: "text", value: "!" },
        ],
      },
    ]);
  });
  it("is its body when the format is another", () => {
    expect(read({ body: "a", format: "org.example", formatted_body: "b" })).toBe("a");
  });
  it("is its body when the HTML is too long", () => {
    expect(read({ body: "a", format: HTML, formatted_body: "b".repeat(128 * 1024 + 1) })).toBe("a");
  });
  it("is its body when the HTML shows nothing", () => {
    expect(read({ body: "a", format: HTML, formatted_body: "<p></p>" })).toBe("a");
  });
  it("is empty when there is nothing to read", () => {
    expect(fromMessage({ body: 7, format: HTML, formatted_body: null }).children).toEqual([]);
  });
});

describe("names in a Matrix message", () => {
  const ivo = {
    type: "mention",
    target: { kind: "user", id: "@ivo:a.example" },
    label: "ivo:a.example",
  };
  const named = (body: string, mentions: object) =>
    fromMessage({ body, "m.mentions": { user_ids: [], ...mentions } }).children[0];
  const paragraph = (...children: object[]) => ({ type: "paragraph", children });
  const text = (value: string) => ({ type: "text", value });

  it("are mentions where m.mentions says so", () => {
    expect(named("@ivo:a.example: hi", { user_ids: ["@ivo:a.example"] })).toEqual(
      paragraph(ivo, text(": hi")),
    );
  });
  it("mention everyone where m.mentions says so", () => {
    expect(named("hi @room!", { room: true })).toEqual(
      paragraph(
        text("hi "),
        { type: "mention", target: { kind: "everyone" }, label: "room" },
        text("!"),
      ),
    );
  });
  it("are text where it does not", () => {
    expect(named("@room @ivo:a.example", {})).toEqual(paragraph(text("@room @ivo:a.example")));
  });
  it("are whole names, and none in code and links", () => {
    const user_ids = ["@ivo:a.example"];
    const formatted_body =
      '@ivo:a.example.org <code>@ivo:a.example</code> <a href="https://b.example">@ivo:a.example</a>';
    const read = fromMessage({
      body: "",
      format: HTML,
      formatted_body,
      "m.mentions": { user_ids },
    });
    expect(JSON.stringify(read)).not.toContain("mention");
  });
});

describe("an answer on Matrix", () => {
  it("loses the quote that old clients put in front", () => {
    const body = "> <@ivo:gitter.im> old\n> words\n\nnew\n> mine";
    expect(read({ body, "m.relates_to": answering })).toBe("new\n> mine");
  });
  it("loses the quote of an emote", () => {
    expect(read({ body: "> * <@ivo:gitter.im> waves\n\nnew", "m.relates_to": answering })).toBe(
      "new",
    );
  });
  it("keeps a quote that its author wrote", () => {
    expect(read({ body: "> old\n\nnew", "m.relates_to": answering })).toBe("> old\n\nnew");
  });
  it("keeps the quote in a thread, where the relation is a fallback", () => {
    const relation = { ...answering, rel_type: "m.thread", event_id: "$t", is_falling_back: true };
    const body = "> <@ivo:gitter.im> old\n\nnew";
    expect(read({ body, "m.relates_to": relation })).toBe(body);
  });
  it("is a message like any other without the relation", () => {
    const body = "> <@ivo:gitter.im> old\n\nnew";
    expect(read({ body })).toBe(body);
  });
  it("loses the quote in its HTML", () => {
    const formatted_body = "<mx-reply><blockquote>old</blockquote></mx-reply>new";
    expect(read({ body: "x", format: HTML, formatted_body, "m.relates_to": answering })).toBe(
      "new",
    );
  });
});
