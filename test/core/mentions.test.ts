/** Whom a mention calls: nobody, but those whom `[[user]]` names. */
import { describe, expect, it } from "vitest";

import type { Mention } from "../../src/core/content.ts";
import { accountId, userId } from "../../src/core/ids.ts";
import { addressMentions, createPeople } from "../../src/core/rules/mentions.ts";

const SLACK = accountId("slack.team");
const OTHER = accountId("slack.other");
const MATRIX = accountId("matrix.home");
const people = createPeople([
  new Map([
    [SLACK, "U0ANN"],
    [MATRIX, "@ann:example.org"],
  ]),
]);
const user = (id: string, more: Partial<Mention> = {}): Mention => ({
  type: "mention",
  target: { kind: "user", id: userId(id) },
  ...more,
});

function addressed(mention: Mention, from = SLACK, to = MATRIX, source = {}): Mention {
  const content = {
    type: "root" as const,
    children: [{ type: "paragraph" as const, children: [mention] }],
  };
  const [paragraph] = addressMentions(content, people, from, to, source).children;
  const [found] = paragraph?.type === "paragraph" ? paragraph.children : [];
  if (found?.type !== "mention") throw new Error("no mention is left");
  return found;
}

describe("a mention", () => {
  it("calls the same person at the destination, both ways", () => {
    expect(addressed(user("U0ANN", { label: "Ann" }))).toEqual(
      user("U0ANN", { label: "Ann", there: userId("@ann:example.org") }),
    );
    expect(addressed(user("@ann:example.org"), MATRIX, SLACK).there).toBe("U0ANN");
  });

  it("calls nobody whom the table does not know, or not in that account", () => {
    expect(addressed(user("U0BOB", { label: "Ann" }))).not.toHaveProperty("there");
    expect(addressed(user("U0ANN"), OTHER)).not.toHaveProperty("there");
    expect(addressed(user("U0ANN"), SLACK, OTHER)).not.toHaveProperty("there");
  });

  it("of a group or of everybody stays a name", () => {
    const group: Mention = { type: "mention", target: { kind: "group", id: "U0ANN" } };
    const all: Mention = { type: "mention", target: { kind: "everyone" }, label: "U0ANN" };
    expect([addressed(group), addressed(all)]).toEqual([group, all]);
  });

  it("goes by what the source calls people in the configuration", () => {
    const source = { personOf: (mention: Mention) => mention.label };
    expect(addressed(user("5f1a", { label: "u0ann" }), SLACK, MATRIX, source).there).toBe(
      "@ann:example.org",
    );
  });

  it("takes no address from outside", () => {
    expect(addressed(user("U0BOB", { there: userId("U0ANN") }))).not.toHaveProperty("there");
  });

  it("shows a name in which nothing is hidden", () => {
    expect(addressed(user("U0BOB", { label: "@@Ev\u202eil\n" })).label).toBe("Evil");
  });
});
