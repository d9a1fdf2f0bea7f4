/** Any content that a protocol may be given to write, with much in it that means something to some service. */
import fc from "fast-check";
import type { PhrasingContent, Root, RootContent } from "mdast";

import { toText } from "../../src/core/content.ts";
import { channelId, userId } from "../../src/core/ids.ts";

const LONG_RUN = process.env["FORMAT_RUNS"];

/** How often a property is tried: always the same inputs, or `FORMAT_RUNS` of others. */
export const runs = (usual: number): { numRuns: number; seed?: number } =>
  LONG_RUN === undefined ? { numRuns: usual, seed: 1 } : { numRuns: Number(LONG_RUN) };

const SIGNS = fc.constantFrom(
  ..."@ivo @ @/all @room @channel <!channel> <@U1> [a](https://evil.example) ](https://evil.example) [ ] ( ) ` ``` ~~~ ~ ~~ * ** _ __ $ $$ \\ < > <b </b> <https://evil.example> <a@b.co> <!-- --> # #12 org/repo#12 org/repo@6a61175e44 > - + 1. 2) === --- -= | |- |--- :--- : :tada: & &amp; &lt; &#64; ! ![a](b) [x]: www.evil.example evil.example/x https://evil.example/a_b a@b.co ivo word 7 é ñ 🍏 👍🏽 👩‍👩‍👧 🇩🇪 \u200b \u202e \u00a0 \u2028 שלום".split(
    " ",
  ),
  " ",
  "  ",
  "    ",
  "\n",
  "\n\n",
  "\t",
  "\r\n",
  "\u0000",
  "\ud83d",
);
const WORDS = fc.oneof(
  { weight: 8, arbitrary: SIGNS },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 8 }) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
);
const LONG = fc.oneof(
  fc.nat({ max: 800 }).map((count) => "long word ".repeat(count)),
  fc.nat({ max: 5_000 }).map((count) => "x".repeat(count)),
  fc.nat({ max: 900 }).map((count) => "👍🏽*@ivo".repeat(count)),
);
/** Words and signs, as many as fit into a line. */
export const LETTERS = fc.array(WORDS, { maxLength: 6 }).map((parts) => parts.join(""));
/** Among them some that are longer than any message. */
const LONG_LETTERS = fc.oneof({ weight: 20, arbitrary: LETTERS }, { weight: 1, arbitrary: LONG });
const URL = fc.oneof(
  fc.constantFrom(
    "https://good.example",
    "https://good.example/a_b(c)?d=*&e;#f",
    "http://good.example/@ivo",
    "mailto:good@good.example",
    "javascript:alert(1)",
  ),
  fc.webUrl().map((url) => `https://good.example/${encodeURIComponent(url)}`),
);

const trees = (letters: fc.Arbitrary<string>): fc.Arbitrary<Root> => {
  const { block } = fc.letrec<{ phrase: PhrasingContent; block: RootContent }>((tie) => {
    const children = fc.array(tie("phrase"), { maxLength: 3 });
    const blocks = fc.array(tie("block"), { maxLength: 3 });
    const type = fc.constantFrom("strong", "emphasis", "delete", "underline");
    return {
      phrase: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        {
          weight: 6,
          arbitrary: letters.map((value): PhrasingContent => ({ type: "text", value })),
        },
        letters.map((value): PhrasingContent => ({ type: "inlineCode", value })),
        fc.constant<PhrasingContent>({ type: "break" }),
        fc
          .tuple(
            fc.constantFrom(
              { kind: "everyone" as const },
              { kind: "group" as const, id: "S1" },
              { kind: "user" as const, id: userId("U1") },
            ),
            letters,
          )
          .map(([target, label]): PhrasingContent => ({ type: "mention", target, label })),
        letters.map((label): PhrasingContent => ({
          type: "channelLink",
          channel: channelId("C1"),
          label,
        })),
        letters.map((name): PhrasingContent => ({ type: "emoji", name })),
        letters.map((fallback): PhrasingContent => ({ type: "moment", at: 0, fallback })),
        fc
          .tuple(URL, children)
          .map(([url, children]): PhrasingContent => ({ type: "link", url, children })),
        fc.tuple(URL, letters).map(([url, alt]): PhrasingContent => ({ type: "image", url, alt })),
        fc.tuple(type, children).map(([type, children]): PhrasingContent => ({ type, children })),
        fc
          .tuple(letters, children)
          .map(([reason, children]): PhrasingContent => ({ type: "spoiler", reason, children })),
      ),
      block: fc.oneof(
        { depthSize: "small", withCrossShrink: true },
        {
          weight: 4,
          arbitrary: fc
            .array(tie("phrase"), { maxLength: 5 })
            .map((children): RootContent => ({ type: "paragraph", children })),
        },
        fc.tuple(fc.constantFrom(1, 3, 6), children).map(([depth, children]): RootContent => ({
          type: "heading",
          depth: depth as 1,
          children,
        })),
        fc
          .tuple(fc.constantFrom(null, "js", "c++", "a`b"), letters)
          .map(([lang, value]): RootContent => ({ type: "code", lang, value })),
        blocks.map((children): RootContent => ({ type: "blockquote", children: children as [] })),
        fc
          .tuple(
            fc.boolean(),
            fc.constantFrom(1, 3, 998),
            fc.array(fc.tuple(fc.constantFrom(null, true, false), blocks), { maxLength: 3 }),
          )
          .map(([ordered, start, items]): RootContent => ({
            type: "list",
            ordered,
            start: ordered ? start : null,
            children: items.map(([checked, children]) => ({
              type: "listItem",
              checked,
              children: children as [],
            })),
          })),
        fc
          .array(fc.array(children, { maxLength: 3 }), { maxLength: 3 })
          .map((rows): RootContent => ({
            type: "table",
            align: ["right", "center"],
            children: rows.map((cells) => ({
              type: "tableRow",
              children: cells.map((children) => ({ type: "tableCell", children })),
            })),
          })),
        fc.constant<RootContent>({ type: "thematicBreak" }),
      ),
    };
  });

  return fc.array(block, { maxLength: 3 }).map((children): Root => ({ type: "root", children }));
};

export const TREE = trees(LETTERS);
export const LONG_TREE = trees(LONG_LETTERS);
/** Letters and digits that a reader must find again; where links go is not among them. */
export function lettersOf(node: Root | RootContent): string {
  if (
    node.type === "link" ||
    node.type === "root" ||
    !("children" in node || node.type === "image")
  )
    return "children" in node
      ? node.children.map((child) => lettersOf(child)).join("")
      : alphanumeric(toText(node));
  if (node.type === "image") return alphanumeric(node.alt ?? "");
  const inside = node.children.map((child) => lettersOf(child)).join("");
  return node.type === "spoiler" && inside !== ""
    ? alphanumeric(node.reason ?? "") + inside
    : inside;
}

/** Letters that nobody can see are none: where there are no others there is no message. */
export const alphanumeric = (text: string): string =>
  text.toWellFormed().replaceAll(/[^\p{L}\p{N}]|\p{Default_Ignorable_Code_Point}/gu, "");

/** Whether all of `wanted` is in `found`, in order: services add numbers, dashes and addresses of their own. */
export function missing(found: string, wanted: string): string | undefined {
  const letters = Array.from(wanted);
  let at = 0;
  for (const letter of found) if (letter === letters[at]) at += 1;
  return at === letters.length ? undefined : letters.slice(Math.max(0, at - 5), at + 10).join("");
}
