/** Raised and lowered text: without its place, the 6 of 10⁶ would be the last digit of 106. */
import type { Leaf } from "./leaves.ts";

const SIGNS: Readonly<Record<"sup" | "sub", ReadonlyMap<string, string>>> = {
  sup: signs("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ"),
  sub: signs("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"),
};
function signs(from: string, to: string): ReadonlyMap<string, string> {
  return new Map(Array.from(from, (sign, index) => [sign, Array.from(to)[index] ?? sign]));
}

/** Those of numbers and names, which are read as well beside them. */
const PLAIN = /^(?:st|nd|rd|th|er|re|e|o|a|tm|sm|r|c|®|™)$/iu;

/** Unicode's own signs where it has them, else behind a sign as people type it. */
export function raised(text: string, tag: "sup" | "sub"): string {
  const around = aroundOf(text, tag);
  return around === undefined ? mapped(text, tag) : around[0] + text + around[1];
}

/** The same for the leaves from `from` on. */
export function raiseLeaves(run: Leaf[], from: number, tag: "sup" | "sub"): void {
  const leaves = run.slice(from);
  const [first] = leaves;
  const last = leaves.at(-1);
  if (first === undefined || last === undefined) return;
  const isText = leaves.every(({ node }) => node.type === "text");
  const around = isText
    ? aroundOf(leaves.map(({ node }) => ("value" in node ? node.value : "")).join(""), tag)
    : ([`${signOf(tag)}(`, ")"] as const);
  if (around === undefined) {
    for (const [index, { node, marks }] of leaves.entries())
      if (node.type === "text")
        run[from + index] = { marks, node: { type: "text", value: mapped(node.value, tag) } };
    return;
  }
  const [before, after] = around;
  if (after !== "") run.push({ marks: last.marks, node: { type: "text", value: after } });
  if (before !== "")
    run.splice(from, 0, { marks: first.marks, node: { type: "text", value: before } });
}

const signOf = (tag: "sup" | "sub"): string => (tag === "sup" ? "^" : "_");

const mapped = (text: string, tag: "sup" | "sub"): string =>
  Array.from(text, (letter) => SIGNS[tag].get(letter) ?? letter).join("");

/** What stands around a text that has no signs of its own; undefined where it has. */
function aroundOf(text: string, tag: "sup" | "sub"): readonly [string, string] | undefined {
  const said = text.trim();
  if (said === "" || PLAIN.test(said)) return ["", ""];
  if (Array.from(said).every((letter) => SIGNS[tag].has(letter))) return undefined;
  return /^[\p{L}\p{N}]+$/u.test(said) ? [signOf(tag), ""] : [`${signOf(tag)}(`, ")"];
}
