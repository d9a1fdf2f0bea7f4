/** Whom a post on Slack notifies: `user` elements and `<@U...>` in `text` (https://docs.slack.dev/messaging/formatting-message-text). */
import type { PhrasingContent } from "mdast";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Mention } from "../../../src/core/content.ts";
import { channelId, messageId, userId } from "../../../src/core/ids.ts";
import type { Outgoing } from "../../../src/core/ports.ts";
import { render } from "../../../src/protocols/slack/send.ts";
import { accountOf } from "./wire.ts";

const mention = (there?: string, label = "Ann"): Mention => ({
  type: "mention",
  target: { kind: "user", id: userId("@ann:example.org") },
  label,
  ...(there === undefined ? {} : { there: userId(there) }),
});
const text = (value: string): PhrasingContent => ({ type: "text", value });
const said = (...children: PhrasingContent[]) => ({
  channel: channelId("C1"),
  author: { id: "matrix.home/@ivo:example.org", name: "ivo" },
  nick: "ivo",
  content: { type: "root" as const, children: [{ type: "paragraph" as const, children }] },
  emote: false,
  files: [],
});
const argsOf = (outgoing: Outgoing) =>
  render(accountOf(), outgoing, false).map((call) => call["args"] as Record<string, unknown>);
const post = (...children: PhrasingContent[]) => argsOf({ ...said(...children), kind: "create" });

/** The elements of all blocks, however deep. */
function elements(value: unknown): { type: string; user_id?: string }[] {
  if (Array.isArray(value)) return value.flatMap(elements);
  if (typeof value !== "object" || value === null) return [];
  const inside = Object.values(value).flatMap(elements);
  return "type" in value ? [value as { type: string }, ...inside] : inside;
}

describe("a mention on Slack", () => {
  it("is the person's own for whom the configuration names", () => {
    const [args] = post(text("hi "), mention("U0ANN"), text(" & co"));
    expect(args).toMatchObject({ text: "hi <@U0ANN> &amp; co", link_names: false });
    expect(elements(args!["blocks"])).toContainEqual({ type: "user", user_id: "U0ANN" });
  });

  it("of anybody else is a name", () => {
    for (const there of [undefined, "S0GROUP", "channel", "U0ANN>"]) {
      const [args] = post(mention(there, "<!channel>"));
      expect(args!["text"]).toBe("@&lt;!channel&gt;");
      expect(elements(args!["blocks"]).map(({ type }) => type)).not.toContain("user");
    }
  });

  it("stays the person's own in an edit, which notifies nobody anew", () => {
    const edit = { ...said(mention("U0ANN")), kind: "edit" as const, targets: [messageId("1.2")] };
    expect(argsOf(edit)).toMatchObject([{ ts: "1.2", text: "<@U0ANN>", parse: "none" }]);
  });
});

describe("what people write", () => {
  it("notifies nobody but those whom the configuration names", () => {
    const letters = fc.string({
      unit: fc.constantFrom("<", ">", "@", "!", "U0ANN", "here", "channel", "|", "&", " ", "^S1"),
      maxLength: 12,
    });
    const url = letters.map((path) => `https://x.example/${path}`);
    const node = fc.oneof(
      letters.map(text),
      letters.map((label) => mention(undefined, label)),
      fc.constant(mention("U0BOB")),
      fc.record({ url, label: letters }).map(({ url, label }): PhrasingContent => ({
        type: "link",
        url,
        children: [{ type: "text", value: label }],
      })),
      letters.map((value): PhrasingContent => ({ type: "inlineCode", value })),
    );
    fc.assert(
      fc.property(fc.array(node, { maxLength: 6 }), (children) => {
        for (const args of post(...children)) {
          const tokens = [...String(args["text"]).matchAll(/<([^>]*)>/gu)].map(([, each]) => each);
          expect(tokens.filter((each) => each !== "@U0BOB")).toEqual([]);
          const pings = elements(args["blocks"]).filter(({ type }) =>
            ["user", "usergroup", "broadcast", "team"].includes(type),
          );
          expect(pings.filter(({ user_id: id }) => id !== "U0BOB")).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
