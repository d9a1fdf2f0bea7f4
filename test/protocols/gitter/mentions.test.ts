/** Whom a post on Gitter mentions: `@name`, by https://gitlab.com/gitterHQ/webapp's rule of what a name is. */
import type { PhrasingContent } from "mdast";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Mention } from "../../../src/core/content.ts";
import { userId } from "../../../src/core/ids.ts";
import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";

const mention = (there: string | undefined, label = "Ann"): Mention => ({
  type: "mention",
  target: { kind: "user", id: userId("U0ANN") },
  label,
  ...(there === undefined ? {} : { there: userId(there) }),
});
const text = (value: string): PhrasingContent => ({ type: "text", value });
const written = (nick: string, ...children: PhrasingContent[]) =>
  toGitter({
    nick,
    content: { type: "root", children: [{ type: "paragraph", children }] },
    emote: false,
    files: [],
  }).join("\n");

describe("a mention on Gitter", () => {
  it("is the user name of whom the configuration names", () => {
    expect(written("", text("hi "), mention("ann-dev"), text(": look"))).toBe("hi @ann-dev: look");
  });

  it("of anybody else is a name that calls nobody", () => {
    expect(written("", mention(undefined), text(" hi"))).toBe("@\u200bAnn hi");
    expect(written("", mention("no name!"), text(" hi"))).toBe("@\u200bAnn hi");
  });

  it("ends where it ends, and begins where it begins", () => {
    expect(written("", text("x"), mention("ann"), text("s"))).toBe("x\u200b@ann\u200bs");
    expect(written("", mention("ann"), text("."), text("com"))).toBe("@ann\u200b.com");
  });
});

/** What Gitter takes for a mention: outside code, an at-sign with a name. */
const called = (post: string): string[] =>
  [...post.matchAll(/(?<![\p{L}\p{N}_@/.])@(\/all(?![\w-])|[a-z0-9_\-.:[\]]*[a-z0-9[\]])/giu)].map(
    ([, name]) => name!,
  );

describe("what people write", () => {
  it("calls nobody but those whom the configuration names", () => {
    const letters = fc.string({
      unit: fc.constantFrom("@", "/all", "ann", "a", "*", "_", "`", "[", "]", ".", ":", " ", "\\"),
      maxLength: 12,
    });
    const inline = fc.letrec<{ node: PhrasingContent }>((tie) => ({
      node: fc.oneof(
        { depthSize: "small", maxDepth: 3 },
        letters.map(text),
        fc.constantFrom(mention("bob-dev"), mention(undefined, "all"), mention(undefined)),
        fc.record({
          type: fc.constantFrom("strong" as const, "emphasis" as const, "delete" as const),
          children: fc.array(tie("node"), { maxLength: 3 }),
        }),
      ),
    })).node;
    fc.assert(
      fc.property(fc.array(inline, { maxLength: 6 }), letters, (children, nick) => {
        const names = called(written(nick, ...children));
        expect(names.filter((name) => name !== "bob-dev")).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});
