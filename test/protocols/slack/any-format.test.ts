/**
 * Any tree towards Slack and any message from it. `FORMAT_RUNS` is the number of inputs of each property, as for Gitter
 * (`gitter/shows`) and Matrix (`matrix/any-format`); the long run is
 * `FORMAT_RUNS=1000000 npx vitest run --project node test/protocols/slack/any-format --testTimeout 0`.
 */
import fc from "fast-check";
import type { PhrasingContent, RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import type { Content } from "../../../src/core/content.ts";
import { toText } from "../../../src/core/content.ts";
import { channelId, userId } from "../../../src/core/ids.ts";
import { misleads } from "../../../src/core/writing/links.ts";
import { contentOf } from "../../../src/protocols/slack/content.ts";
import { render } from "../../../src/protocols/slack/send.ts";
import { runs } from "../trees.ts";
import { accountOf } from "./wire.ts";

const EVIL =
  "<!channel> <@U0ALICE> <#C1> &lt;!here&gt; @channel @here ``` ` * _ ~ > < & | : \n \n\n \u202e \u200b \ufe0f 🍎 👨‍👩‍👧 🇩🇪 שלום 林檎 :tada: <https://evil.example|x> bank.example https://bank.example".split(
    " ",
  );
const typed = fc
  .array(fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom(...EVIL), word()), {
    maxLength: 4,
  })
  .map((parts) => parts.join(""));
/** Often of more letters than a message has, and rare: it takes as long as all else together. */
const long = fc.tuple(typed, fc.integer({ min: 1, max: 800 })).map(([a, n]) => `${a} `.repeat(n));
const mostlyShort = fc.oneof({ weight: 15, arbitrary: typed }, { weight: 1, arbitrary: long });
const url = fc.oneof(
  fc.constantFrom(
    "https://x.example/<!channel>",
    "https://evil.example/",
    "javascript:x",
    "<@U1>",
    "mailto:a@b.example",
    "https://bank.example@evil.example",
    "",
  ),
  fc.webUrl(),
  typed,
);

function word() {
  return fc.stringMatching(/^[a-z0-9]{1,12}$/u);
}

const { block } = fc.letrec<{ phrase: PhrasingContent; block: RootContent }>((tie) => {
  const phrases = fc.array(tie("phrase"), { maxLength: 4 });
  const paragraph = phrases.map((children) => ({ type: "paragraph" as const, children }));
  const blocks = fc.array(tie("block"), { maxLength: 3 });
  const node = (value: object) => value as RootContent;
  return {
    phrase: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      typed.map((value): PhrasingContent => ({ type: "text", value })),
      fc.constant<PhrasingContent>({ type: "break" }),
      typed.map((value): PhrasingContent => ({ type: "inlineCode", value })),
      typed.map((value): PhrasingContent => ({ type: "html", value })),
      typed.map((name): PhrasingContent => ({ type: "emoji", name })),
      typed.map((value): PhrasingContent => ({ type: "emoji", name: "x", value })),
      fc
        .tuple(typed, fc.constantFrom("user", "group", "everyone"))
        .map(([label, kind]): PhrasingContent => {
          if (kind === "everyone") return { type: "mention", target: { kind }, label };
          return {
            type: "mention",
            target: kind === "user" ? { kind, id: userId("U1") } : { kind: "group", id: "S1" },
            label,
          };
        }),
      typed.map((label): PhrasingContent => ({
        type: "channelLink",
        channel: channelId("C1"),
        label,
      })),
      fc
        .tuple(fc.integer(), typed)
        .map(([at, fallback]): PhrasingContent => ({ type: "moment", at, fallback })),
      fc.tuple(url, typed).map(([url, alt]): PhrasingContent => ({ type: "image", url, alt })),
      fc
        .tuple(fc.constantFrom("strong", "emphasis", "delete", "underline", "spoiler"), phrases)
        .map(([type, children]): PhrasingContent => ({ type, children })),
      fc
        .tuple(url, phrases)
        .map(([url, children]): PhrasingContent => ({ type: "link", url, children })),
    ),
    block: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      paragraph,
      mostlyShort.map((value) => node({ type: "paragraph", children: [{ type: "text", value }] })),
      phrases.map((children) => node({ type: "heading", depth: 2, children })),
      fc.tuple(mostlyShort, typed).map(([value, lang]) => node({ type: "code", value, lang })),
      fc.constant<RootContent>({ type: "thematicBreak" }),
      fc.array(fc.array(phrases, { maxLength: 3 }), { maxLength: 3 }).map((rows) =>
        node({
          type: "table",
          children: rows.map((cells) => ({
            type: "tableRow",
            children: cells.map((children) => ({ type: "tableCell", children })),
          })),
        }),
      ),
      blocks.map((children) => node({ type: "blockquote", children })),
      fc
        .tuple(
          fc.boolean(),
          fc.nat(20),
          fc.array(fc.tuple(blocks, fc.option(fc.boolean())), { maxLength: 3 }),
        )
        .map(([ordered, start, items]) =>
          node({
            type: "list",
            ordered,
            start,
            children: items.map(([children, checked]) => ({ type: "listItem", checked, children })),
          }),
        ),
    ),
  };
});
const anyContent = fc
  .array(block, { maxLength: 4 })
  .map((children): Content => ({ type: "root", children }));

interface Part {
  text: string;
  blocks?: { elements: Json[] }[];
}
type Json = { readonly [name: string]: unknown };

const parts = (content: Content, plainOnly: boolean): Part[] =>
  render(
    accountOf(),
    {
      kind: "create",
      channel: channelId("C0GENERAL"),
      author: { id: "gitter.a/1", name: "ivo" },
      nick: "ivo",
      content,
      emote: false,
      files: [],
    },
    plainOnly,
  ).map((call) => call["args"] as Part);

/** Every object in a value, wherever it is. */
const objectsIn = (value: unknown): Json[] =>
  typeof value !== "object" || value === null
    ? []
    : [
        ...(Array.isArray(value) ? [] : [value as Json]),
        ...Object.values(value).flatMap(objectsIn),
      ];

/** What a node of the tree shows, written down again: links by their label. */
function shown(node: Content | RootContent): string {
  if (node.type === "link") {
    const label = node.children.map(shown).join("");
    return label.trim() === "" ? node.url : label;
  }
  if (node.type === "image") return (node.alt ?? "").trim() === "" ? node.url : (node.alt ?? "");
  return "children" in node ? node.children.map((each) => shown(each)).join("") : toText(node);
}

/** Letters and digits, in whatever form a cut or a table left them. */
const letters = (text: string): string[] => text.match(/[\p{L}\p{N}]/gu) ?? [];
const unescape = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Whether all of `some` are in `all`, in their order. */
function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let found = 0;
  for (const each of all) if (each === some[found]) found += 1;
  return found === some.length;
}

/** Slack's limits; nothing in it is empty, as Slack refuses that. */
function fits({ text, blocks = [] }: Part): void {
  expect(text.length).toBeLessThanOrEqual(4_000);
  expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(12_500);
  for (const { elements } of blocks) expect(elements.length).toBeLessThanOrEqual(50);
  for (const each of objectsIn(blocks))
    if (each["text"] === "" || (each["elements"] as unknown[] | undefined)?.length === 0)
      expect.unreachable(`empty: ${JSON.stringify(each)}`);
}

function pingsNobody({ text, blocks = [] }: Part): void {
  expect(text).not.toMatch(/[<>]/u);
  expect(unescape(text).length).toBeLessThanOrEqual(text.length);
  for (const { type } of objectsIn(blocks)) if (PINGS.has(type)) expect.unreachable(String(type));
}
const PINGS = new Set<unknown>(["user", "usergroup", "team", "broadcast", "channel"]);

/** No link that was not in the content, and none that is not what it says. */
function linksWhatWasLinked({ blocks = [] }: Part, urls: ReadonlySet<unknown>): void {
  for (const each of objectsIn(blocks)) {
    if (each["type"] !== "link") continue;
    expect(urls).toContain(each["url"]);
    expect(each["url"]).toMatch(/^(?:https?:\/\/|mailto:)/iu);
    if (each["text"] !== undefined)
      expect(misleads(each["text"] as string, each["url"] as string)).toBe(false);
  }
}

describe("any tree", () => {
  it("fits, pings nobody, links to nothing else and loses no letter", () => {
    fc.assert(
      fc.property(anyContent, fc.boolean(), (content, plainOnly) => {
        const urls = new Set(objectsIn(content).map((each) => each["url"]));
        const all = parts(content, plainOnly);
        for (const part of all) {
          fits(part);
          pingsNobody(part);
          linksWhatWasLinked(part, urls);
        }
        const text = all.map((part) => unescape(part.text)).join("");
        expect(isWithin(letters(shown(content)), letters(text))).toBe(true);
      }),
      runs(200),
    );
  });
});

describe("any message of Slack's", () => {
  const style = fc.option(
    fc.record(
      {
        bold: fc.boolean(),
        italic: fc.boolean(),
        strike: fc.boolean(),
        underline: fc.boolean(),
        code: fc.boolean(),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  );
  const element = fc.oneof(
    fc.record({ type: fc.constant("text"), text: typed, style }),
    fc.record({ type: fc.constant("link"), url: fc.webUrl(), text: word(), style }),
    fc.record({ type: fc.constant("hologram"), text: typed }),
  );
  const elements = fc.array(element, { maxLength: 5 });
  const sections = elements.map((each) => ({ type: "rich_text_section", elements: each }));
  const anyBlock = fc.oneof(
    sections,
    fc.record({
      type: fc.constantFrom("rich_text_quote", "rich_text_preformatted"),
      border: fc.constantFrom(0, 1),
      elements,
    }),
    fc.record({
      type: fc.constant("rich_text_list"),
      style: fc.constantFrom("bullet", "ordered"),
      indent: fc.nat(9),
      offset: fc.nat(9),
      border: fc.constantFrom(0, 1),
      elements: fc.array(sections, { maxLength: 3 }),
    }),
  );
  const message = fc
    .array(anyBlock, { maxLength: 5 })
    .map((each) => ({ type: "message", blocks: [{ type: "rich_text", elements: each }] }));

  it("loses no letter, and has nobody in it who was not addressed", () => {
    fc.assert(
      fc.property(message, (each) => {
        const tree = contentOf(each);
        const texts = objectsIn(each).map(({ text }) => (typeof text === "string" ? text : ""));
        expect(isWithin(letters(texts.join(" ")), letters(shown(tree)))).toBe(true);
        expect(JSON.stringify(tree)).not.toMatch(/"type":"(?:mention|channelLink)"/u);
      }),
      runs(200),
    );
  });

  it("goes to another workspace with all its letters", () => {
    fc.assert(
      fc.property(message, (each) => {
        const tree = contentOf(each);
        const text = parts(tree, false).map((part) => unescape(part.text));
        expect(isWithin(letters(shown(tree)), letters(text.join("")))).toBe(true);
      }),
      runs(200),
    );
  });
});
