/** Whom an event on Matrix mentions: those in `m.mentions` (https://spec.matrix.org/latest/client-server-api/#user-and-room-mentions). */
import type { PhrasingContent } from "mdast";
import { describe, expect, it } from "vitest";

import type { Mention } from "../../../src/core/content.ts";
import { channelId, messageId, userId } from "../../../src/core/ids.ts";
import type { Outgoing } from "../../../src/core/ports.ts";
import { renderCalls } from "../../../src/protocols/matrix/send.ts";

const ANN = "@ann:example.org";
const mention = (there?: string): Mention => ({
  type: "mention",
  target: { kind: "user", id: userId("U0ANN") },
  label: "Ann <3",
  ...(there === undefined ? {} : { there: userId(there) }),
});
const text = (value: string): PhrasingContent => ({ type: "text", value });
const said = (...children: PhrasingContent[]) => ({
  channel: channelId("!r:example.org"),
  author: { id: "slack.team/U1", name: "ivo" },
  nick: "",
  content: { type: "root" as const, children: [{ type: "paragraph" as const, children }] },
  emote: false,
  files: [],
});
const contents = (outgoing: Outgoing) =>
  renderCalls(outgoing, false, true).map(
    (call) => ("content" in call ? call.content : {}) as Record<string, unknown>,
  );
const post = (...children: PhrasingContent[]) => contents({ ...said(...children), kind: "create" });

describe("a mention on Matrix", () => {
  it("is a pill, and named in m.mentions, for whom the configuration names", () => {
    expect(post(text("hi "), mention(ANN), text("!"))).toMatchObject([
      {
        body: "hi Ann <3!",
        formatted_body: 'hi <a href="https://matrix.to/#/%40ann%3Aexample.org">Ann &lt;3</a>!',
        "m.mentions": { user_ids: [ANN] },
      },
    ]);
  });

  it("of anybody else is a name, and m.mentions names nobody", () => {
    for (const there of [undefined, "U0ANN", "@room", "ann:example.org"])
      expect(post(mention(there))).toMatchObject([{ body: "@Ann <3", "m.mentions": {} }]);
  });

  it("counts once, and in the first of several parts alone", () => {
    const parts = post(mention(ANN), text(` ${"word ".repeat(12_000)}`), mention(ANN));
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.map((part) => part["m.mentions"])).toEqual([
      { user_ids: [ANN] },
      ...parts.slice(1).map(() => ({})),
    ]);
  });

  it("calls nobody again when its message is edited", () => {
    const edit = { ...said(mention(ANN)), kind: "edit" as const, targets: [messageId("$1")] };
    expect(contents(edit)).toMatchObject([
      { "m.mentions": {}, "m.new_content": { "m.mentions": { user_ids: [ANN] } } },
    ]);
    expect(Object.keys(contents(edit)[0]!["m.mentions"] as object)).toEqual([]);
  });
});
